from typing import Any, Dict, List

import pytest

from spacy_bertsent.evaluation.report import make_report
from spacy_bertsent.evaluation.report_tables import MEASURES, SECTIONS, list_remarks, make_tables, show_value

from .util import find, hot, make_doc, make_random_corpus, predict, predict_gold


def make_small_report(**settings: Any) -> Dict[str, Any]:
    """Three of four right; aspects with a control."""
    gold = [make_doc(x, "positive", {"joy": 1.0, "anger": 0.0}, [(0, 1, "neutral", "")]) for x in "abcd"]
    predictions = predict(
        gold,
        polarity=[hot(x, 0.8) for x in ("positive", "positive", "positive", "neutral")],
        emotions=[[0.9, 0.1], [0.9, 0.9], [0.1, 0.1], [0.9, 0.1]],
        given=[[find(doc, 0, 1, "neutral")] for doc in gold],
        masked=[[hot(x)] for x in ("neutral", "neutral", "positive", "positive")],
        found=[[find(doc, 0, 1, "neutral")] for doc in gold[:3]] + [[]],
    )
    predictions.thresholds = {"anger": 0.95}
    return make_report(gold, predictions, **settings)


def test_overview() -> None:
    table = make_tables(make_small_report(n_resamples=0))[0]
    assert table.header == ["Score (%)", "Measure", "n", "Value [95 % interval]"] and table.n_words == 2
    rows = {(word, measure): (n, value) for word, measure, n, value in table.rows}
    assert rows[("Polarity", "accuracy")] == ("4", "75.0")
    assert ("Polarity", "micro-F1") not in rows, "the accuracy, again"
    assert ("Polarity", "ROC-AUC") not in rows, "not defined: all are positive"
    assert rows[("Polarity", "log loss (nats)")] == ("4", f"{(3 * 0.22314 + 2.30259) / 4:.3f}")
    assert rows[("Emotions", "all labels right")] == ("4", "75.0")
    assert rows[("Aspects found", "recall")] == ("4", "75.0")
    assert rows[("Aspects found, with sentiment", "precision")] == ("4", "100.0")
    names = [measure for word, measure in rows if word == "Aspect sentiment"]
    assert names[:6] == [
        "accuracy", "accuracy, aspect masked", "accuracy, difference",
        "macro-F1", "macro-F1, aspect masked", "macro-F1, difference",
    ]  # fmt: skip
    assert rows[("Aspect sentiment", "accuracy, aspect masked")] == ("4", "50.0")
    assert rows[("Aspect sentiment", "accuracy, difference")] == ("4", "+50.0")


def test_labels_confusion_and_slices() -> None:
    tables = make_tables(make_small_report(n_resamples=0))
    assert [table.header[0] for table in tables] == [
        "Score (%)",
        "Polarity (%)",
        "Polarity: gold in rows, predicted in columns",
        "Emotions (%)",
        "Aspect sentiment (%)",
        "Aspect sentiment: gold in rows, predicted in columns",
    ]
    assert tables[1].header == ["Polarity (%)", "Precision", "Recall", "F1", "In gold"]
    assert tables[1].rows[0] == ["positive", "100.0", "75.0", "85.7", "4"]
    assert tables[2].header[1:] == ["positive", "neutral", "negative"]
    assert tables[2].rows[0] == ["positive", "3", "1", "0"]
    assert tables[3].header[4:] == ["ROC-AUC", "Average precision", "In gold", "Threshold"]
    assert tables[3].rows == [
        ["joy", "100.0", "75.0", "85.7", "-", "100.0", "4", "0.5"],
        ["anger", "0.0", "0.0", "0.0", "-", "-", "0", "0.95"],
    ]
    short = make_tables(make_small_report(n_resamples=0), per_label=False)
    assert [table.header[0] for table in short] == [tables[i].header[0] for i in (0, 2, 5)]


def test_slices() -> None:
    gold = make_random_corpus(60)
    report = make_report(gold, predict_gold(gold, gold), n_resamples=20)
    tables = {table.header[0]: table for table in make_tables(report, per_label=False)[-3:]}
    assert tables["Polarity (%)"].header == ["Polarity (%)", "Part", "n", "accuracy", "macro-F1"]
    assert tables["Emotions (%)"].header[3:] == ["macro-F1", "Jaccard"]
    table = tables["Aspect sentiment (%)"]
    assert table.header[3:] == ["accuracy", "macro-F1", "masked accuracy"]
    parts: List[List[str]] = [row for row in table.rows if row[0] == "aspects of the text"]
    assert [row[1] for row in parts] == ["one", "several of equal sentiment", "several of different sentiment"]
    assert sum(int(row[2]) for row in parts) == report["aspects"]["given"]["n"]
    assert {row[3] for row in table.rows} == {"100.0 [100.0, 100.0]"}


def test_values() -> None:
    section = {"accuracy": 0.8234, "macro_f1": None, "log_loss": 0.41234, "intervals": {"accuracy": [0.801, 0.8418]}}
    assert show_value(section, "accuracy") == "82.3 [80.1, 84.2]"
    assert show_value(section, "macro_f1") == show_value(section, "auc") == "-"
    assert show_value(section, "log_loss") == "0.412"
    assert show_value({"f1": -0.01, "intervals": {"f1": [-0.021, 0.004]}}, "f1", signed=True) == "-1.0 [-2.1, +0.4]"


def test_remarks() -> None:
    assert list_remarks(make_small_report(n_resamples=10)) == [
        "In brackets: 95 % intervals, from 10 bootstrap resamples of the texts.",
        "Aspect masked: asked without saying which aspect is meant. The difference needs the aspect.",
        "Polarity: gold lacks labels that may be predicted, they are always wrong: neutral, negative.",
        "Aspect sentiment: gold lacks labels that may be predicted, they are always wrong: positive, negative.",
        "Aspects found: 3, in gold 4.",
        "Aspects found, with sentiment: 3, in gold 4.",
    ]
    gold = [make_doc("a", "mixed", {"pride": 1.0, "joy": 1.0}), make_doc("b", "neutral")]
    predictions = predict(gold, polarity=[hot("positive"), None], emotions=[[1.0, 1.0], None])
    predictions.about["choice_among"] = ["positive", "neutral"]
    assert list_remarks(make_report(gold, predictions, n_resamples=0)) == [
        "Polarity and aspect sentiment are chosen among: positive, neutral.",
        "Polarity: gold has labels that are never predicted, they count as wrong: mixed.",
        "Polarity: gold lacks labels that may be predicted, they are always wrong: positive, negative.",
        "Polarity: 1 without a prediction, they count as wrong.",
        "Emotions: gold has labels that are never predicted, they count as wrong: pride.",
        "Emotions: gold lacks labels that may be predicted, they are not scored: anger.",
        "Not scored: aspects (not annotated in the corpus).",
    ]


@pytest.mark.parametrize("word", ["polarity", "emotions", "aspects.given", "aspects.extraction"])
def test_each_measure_has_words(word: str) -> None:
    section: Any = make_small_report(n_resamples=0)
    for key in word.split("."):
        section = section[key]
    assert word in SECTIONS
    others = {"n", "n_gold", "n_predicted", "unanswered"}
    assert {key for key, value in section.items() if isinstance(value, (int, float))} - others <= set(MEASURES)
