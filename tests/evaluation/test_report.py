import json
from typing import Any, Dict, List

import numpy
import pytest

from spacy_bertsent.evaluation.comparison import compare_predictions
from spacy_bertsent.evaluation.predictions import Found
from spacy_bertsent.evaluation.report import get_measure, make_report
from spacy_bertsent.evaluation.report_tables import list_remarks, make_tables
from spacy_bertsent.evaluation.restriction import restrict_labels

from .util import LABELS, find, hot, make_doc, make_random_corpus, predict, predict_gold

PERFECT = {
    "polarity": ("accuracy", "macro_f1", "micro_f1", "auc", "average_precision"),
    "emotions": ("macro_f1", "micro_f1", "jaccard", "subset_accuracy", "auc", "average_precision"),
    "aspects.given": ("accuracy", "macro_f1", "micro_f1", "auc", "average_precision"),
    "aspects.extraction": ("precision", "recall", "f1"),
    "aspects.end_to_end": ("precision", "recall", "f1"),
}


def test_gold_in_gives_one() -> None:
    gold = make_random_corpus(60)
    report = make_report(gold, predict_gold(gold, gold), n_resamples=50)
    for section, names in PERFECT.items():
        for name in names:
            assert get_measure(report, f"{section}.{name}") == 1.0, (section, name)
        intervals: Any = report
        for key in section.split("."):
            intervals = intervals[key]
        assert all(x == [1.0, 1.0] for x in intervals["intervals"].values()) and intervals["intervals"]
    for section in ("polarity", "emotions", "aspects.given"):
        assert get_measure(report, f"{section}.ece") == 0.0
        assert get_measure(report, f"{section}.log_loss") == pytest.approx(0.0, abs=1e-4)
    for parts in report["slices"].values():
        for groups in parts.values():
            assert all(row["macro_f1"] == 1.0 for row in groups.values())
    assert report["missing"] == {}
    assert report["polarity"]["n"] == sum("polarity:positive" in doc.cats for doc in gold)
    assert json.loads(json.dumps(report, allow_nan=False)) == report, "plain JSON"


def test_shuffled_gold_gives_chance() -> None:
    """Three labels of equal frequency, two emotions of one half: 600 texts are within six points of it."""
    gold = make_random_corpus(600)
    order = numpy.random.default_rng(1).permutation(len(gold))
    report = make_report(gold, predict_gold(gold, [gold[i] for i in order]), n_resamples=0, slices=False)
    # A tenth has no prediction.
    assert report["polarity"]["accuracy"] == pytest.approx(0.9 / 3, abs=0.06)
    assert report["polarity"]["unanswered"] == pytest.approx(54, abs=20)
    assert report["polarity"]["auc"] == pytest.approx(0.5, abs=0.06)
    assert report["aspects"]["given"]["accuracy"] == pytest.approx(1 / 3, abs=0.06)
    assert report["aspects"]["masked"]["accuracy"] == pytest.approx(1 / 3, abs=0.06)
    assert report["emotions"]["auc"] == pytest.approx(0.5, abs=0.06)
    assert report["emotions"]["subset_accuracy"] == pytest.approx(0.25, abs=0.06)


def test_aspects_by_hand() -> None:
    gold = [
        make_doc("a b c d", aspects=[(0, 1, "positive", ""), (2, 3, "negative", "FOOD")]),
        make_doc("a b c d", aspects=[(1, 3, "neutral", "")]),
        make_doc("a b", aspects=[]),
        make_doc("a b"),
    ]
    given = [
        [find(gold[0], 0, 1, "positive"), find(gold[0], 2, 3, "positive", "FOOD")],
        [find(gold[1], 1, 3, "neutral")],
        [],
        None,
    ]
    found = [
        [find(gold[0], 0, 1, "positive"), find(gold[0], 2, 3, "positive"), find(gold[0], 3, 4, "neutral")],
        [find(gold[1], 1, 3, "neutral")],
        [find(gold[2], 0, 1, "negative")],
        [find(gold[3], 0, 1, "negative")],
    ]
    masked = [[hot("negative")] * 2, [hot("negative")], [], None]
    aspects = make_report(gold, predict(gold, given=given, found=found, masked=masked), n_resamples=100)["aspects"]
    # Found: three of three, five found in annotated texts. With sentiment: two.
    assert {k: aspects["extraction"][k] for k in ("precision", "recall", "f1", "n_gold", "n_predicted")} == {
        "precision": pytest.approx(3 / 5), "recall": 1.0, "f1": pytest.approx(6 / 8), "n_gold": 3, "n_predicted": 5,
    }  # fmt: skip
    assert {k: aspects["end_to_end"][k] for k in ("precision", "recall", "f1", "n_gold", "n_predicted")} == {
        "precision": pytest.approx(2 / 5), "recall": pytest.approx(2 / 3), "f1": pytest.approx(4 / 8),
        "n_gold": 3, "n_predicted": 5,
    }  # fmt: skip
    # positive: p 1/2, r 1; neutral: 1; negative: 0
    assert aspects["given"]["accuracy"] == pytest.approx(2 / 3)
    assert aspects["given"]["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    # negative: p 1/3, r 1; the others 0
    assert aspects["masked"]["accuracy"] == pytest.approx(1 / 3)
    assert aspects["masked"]["macro_f1"] == pytest.approx((1 / 2) / 3)
    assert aspects["given_minus_masked"]["accuracy"] == pytest.approx(1 / 3)
    low, high = aspects["given_minus_masked"]["intervals"]["accuracy"]
    # The first text alone: no difference. The second alone: all.
    assert (low, high) == (pytest.approx(0.0), pytest.approx(1.0))


def test_missing_words_are_said() -> None:
    gold = [make_doc("a", "positive", aspects=[(0, 1, "", "")])]
    report = make_report(gold, predict(gold, polarity=[hot("positive")], found=[[Found(0, 1, "", hot("neutral"))]]))
    assert report["emotions"] is None and report["aspects"]["given"] is None
    assert report["aspects"]["extraction"]["f1"] == 1.0 and report["aspects"]["end_to_end"] is None
    assert report["missing"] == {
        "emotions": "not annotated in the corpus",
        "aspects.given": "not annotated in the corpus",
        "aspects.masked": "not annotated in the corpus",
        "aspects.end_to_end": "not annotated in the corpus",
    }
    gold = [make_doc("a", "positive", {"joy": 1.0}, [(0, 1, "positive", "")])]
    report = make_report(gold, predict(gold, polarity=[hot("positive")]))
    assert report["missing"] == {"emotions": "not predicted", "aspects": "not predicted"}
    report = make_report(gold, predict(gold, given=[[find(gold[0], 0, 1, "positive")]]))
    assert {k: v for k, v in report["missing"].items() if k.startswith("aspects")} == dict.fromkeys(
        ("aspects.masked", "aspects.extraction", "aspects.end_to_end"), "not predicted"
    )


def test_nothing_to_score() -> None:
    gold = [make_doc("a", "positive")]
    with pytest.raises(ValueError, match="BS072.*polarity not predicted, emotions not annotated"):
        make_report(gold, predict(gold, emotions=[[1.0, 0.0]]))


def test_another_corpus() -> None:
    gold = [make_doc("a", "positive"), make_doc("b", "positive")]
    with pytest.raises(ValueError, match="BS071"):
        make_report(gold[:1], predict(gold, polarity=[hot("positive")] * 2))


def test_labels_that_do_not_meet_are_shown() -> None:
    gold = [make_doc("a", "mixed", {"pride": 1.0}), make_doc("b", "positive", {"joy": 1.0, "pride": 0.0})]
    report = make_report(gold, predict(gold, polarity=[hot("neutral"), None], emotions=[[1.0, 1.0], None]))
    polarity, emotions = report["polarity"], report["emotions"]
    assert polarity["only_in_gold"] == ["mixed"] and polarity["only_predicted"] == ["neutral", "negative"]
    assert polarity["unanswered"] == 1 and polarity["accuracy"] == 0.0
    assert polarity["per_label"]["mixed"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert polarity["confusion"]["labels"] == [*LABELS, "mixed", "(none)"]
    assert polarity["confusion"]["rows"][3] == [0, 1, 0, 0, 0] and polarity["confusion"]["rows"][0] == [0, 0, 0, 0, 1]
    assert emotions["only_in_gold"] == ["pride"] and emotions["only_predicted"] == ["anger"]
    assert emotions["unanswered"] == 1 and list(emotions["per_label"]) == ["joy", "pride"]
    # Joy was found where it is not annotated: neither right nor wrong.
    assert emotions["per_label"]["joy"]["precision"] == 0.0 and emotions["micro_f1"] == 0.0
    assert emotions["per_label"]["pride"]["support"] == 1


def test_two_labels_in_gold_of_three() -> None:
    gold = [make_doc(x) for x in "abc"]
    for doc, label in zip(gold, ("positive", "negative", "negative")):
        doc.cats = {f"polarity:{x}": float(x == label) for x in ("positive", "negative")}
    report = make_report(gold, predict(gold, polarity=[hot("positive"), hot("neutral"), hot("negative")]))
    assert report["polarity"]["accuracy"] == pytest.approx(2 / 3)
    # positive 1, negative 2/3, neutral 0: it is predicted.
    assert report["polarity"]["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert report["polarity"]["only_predicted"] == ["neutral"]


def test_settings() -> None:
    gold = make_random_corpus(40)
    predictions = predict_gold(gold, gold[1:] + gold[:1])
    settings = ((100, 0), (100, 0), (100, 1), (0, 0))
    reports: List[Dict[str, Any]] = [make_report(gold, predictions, n_resamples=n, seed=s) for n, s in settings]
    assert reports[0] == reports[1], "the same seed"
    assert reports[0]["polarity"]["intervals"] != reports[2]["polarity"]["intervals"]
    assert reports[0]["polarity"]["accuracy"] == reports[2]["polarity"]["accuracy"]
    assert reports[3]["polarity"]["intervals"] == {} and reports[3]["bootstrap"] == {"n_resamples": 0, "seed": 0}
    for section in (reports[0]["polarity"], reports[0]["emotions"], reports[0]["aspects"]["given"]):
        for name, (low, high) in section["intervals"].items():
            assert low <= section[name] <= high, name
    assert make_report(gold, predictions, slices=False, n_resamples=0)["slices"] == {}
    assert set(reports[0]["slices"]) == {"polarity", "emotions", "aspects"}


def test_get_measure() -> None:
    report = {"polarity": {"accuracy": 0.5, "n": 2}, "aspects": {"given": {"accuracy": 1}, "masked": None}}
    assert get_measure(report, "polarity.accuracy") == 0.5
    assert get_measure(report, "aspects.given.accuracy") == 1.0
    for name in ("polarity", "polarity.f", "aspects.masked.accuracy", "emotions.jaccard", "polarity.accuracy.x"):
        assert get_measure(report, name) is None


def test_categories() -> None:
    gold = [
        make_doc("a b", aspects=[(0, 2, "positive", "FOOD")]),
        make_doc("a b", aspects=[(0, 2, "positive", "PRICE")]),
    ]
    found = [[find(gold[0], 0, 2, "positive", "FOOD")], [find(gold[1], 0, 2, "negative", "PRICE")]]
    report = make_report(gold, predict(gold, contexts=[[(0, 3)]] * 2, categories=found), n_resamples=0)
    assert get_measure(report, "categories.detection.f1") == 1.0
    assert get_measure(report, "categories.joint.f1") == 0.5
    rows = [row for row in make_tables(report)[0].rows if row[0].startswith("Categories")]
    assert rows[2] == ["Categories", "F1", "2", "100.0"] and rows[-1] == [
        "Categories, with sentiment",
        "F1",
        "2",
        "50.0",
    ]
    assert "Categories: 2, in gold 2." in list_remarks(report)
    both = [predict(gold, categories=x) for x in (found, [found[0], []])]
    measures = compare_predictions(gold, *both, n_resamples=10)["sections"]["categories.detection"]["measures"]
    assert (measures["recall"]["a"], measures["recall"]["b"]) == (1.0, 0.5)
    chosen = restrict_labels(both[0], ["positive", "neutral"])
    assert get_measure(make_report(gold, chosen, n_resamples=0), "categories.joint.f1") == 1.0


def test_categories_that_gold_does_not_have() -> None:
    gold = [make_doc("a b", "positive", aspects=[(0, 1, "positive", "")])]
    report = make_report(gold, predict(gold, polarity=[hot("positive")], categories=[[]]), n_resamples=0)
    assert report["categories"] is None and report["missing"]["categories"] == "not annotated in the corpus"
    assert "Not scored: categories (not annotated in the corpus)." in list_remarks(report)
