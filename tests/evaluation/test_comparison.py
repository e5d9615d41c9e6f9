import sys

import numpy
import pytest
from scipy.stats import binom

from spacy_bertsent.evaluation.comparison import compare_predictions, run_mcnemar

from .util import find, hot, make_doc, make_random_corpus, predict, predict_gold


def test_mcnemar_by_hand() -> None:
    # Ten both right, eight only the first, one only the second, three neither.
    a = numpy.asarray([True] * 10 + [True] * 8 + [False] * 4)
    b = numpy.asarray([True] * 10 + [False] * 8 + [True] + [False] * 3)
    found = run_mcnemar(a, b)
    # Nine coins: P(at most one head) = (1 + 9) / 512, twice.
    assert found == {"only_a": 8, "only_b": 1, "p": pytest.approx(2 * 10 / 512)}
    assert run_mcnemar(b, a)["p"] == found["p"]
    assert run_mcnemar(a, a) == {"only_a": 0, "only_b": 0, "p": 1.0}
    many = numpy.arange(100) < 60
    assert run_mcnemar(many, ~many)["p"] == pytest.approx(2 * binom.cdf(40, 100, 0.5))


def test_by_hand() -> None:
    gold = [make_doc(x, "positive") for x in "abcd"]
    first = predict(gold, polarity=[hot(x, 0.8) for x in ("positive", "positive", "positive", "negative")])
    second = predict(gold, polarity=[hot(x, 0.8) for x in ("positive", "negative", "neutral", "positive")])
    found = compare_predictions(gold, first, second, n_resamples=200)
    polarity = found["sections"]["polarity"]
    accuracy = polarity["measures"]["accuracy"]
    assert (accuracy["a"], accuracy["b"], accuracy["difference"]) == (0.75, 0.5, 0.25)
    assert -1.0 <= accuracy["interval"][0] < 0.25 < accuracy["interval"][1] <= 1.0
    assert accuracy["p"] > 0.3
    assert polarity["n"] == 4 and polarity["mcnemar"] == {"only_a": 2, "only_b": 1, "p": 1.0}
    assert polarity["measures"]["log_loss"]["difference"] == pytest.approx(numpy.log(0.8 / 0.1) / 4 * (1 - 2), abs=1e-4)
    assert polarity["measures"]["ece"]["interval"] is None and polarity["measures"]["ece"]["p"] is None
    assert list(found["sections"]) == ["polarity"] and found["missing"] == {}
    assert found["texts"] == 4 and found["bootstrap"] == {"n_resamples": 200, "seed": 0}


def test_a_system_and_itself() -> None:
    gold = make_random_corpus(50)
    predictions = predict_gold(gold, gold[1:] + gold[:1])
    found = compare_predictions(gold, predictions, predictions, n_resamples=50)
    assert set(found["sections"]) == {
        "polarity", "emotions", "aspects.given", "aspects.masked", "aspects.extraction", "aspects.end_to_end",
    }  # fmt: skip
    for section in found["sections"].values():
        for name, row in section["measures"].items():
            assert row["difference"] == 0.0 and row["a"] == row["b"], name
            assert row["interval"] in ([0.0, 0.0], None) and row["p"] in (1.0, None)


def test_a_clear_difference_is_found() -> None:
    gold = make_random_corpus(120)
    found = compare_predictions(
        gold, predict_gold(gold, gold), predict_gold(gold, gold[1:] + gold[:1]), n_resamples=200
    )
    for name in ("polarity", "emotions", "aspects.given", "aspects.extraction", "aspects.end_to_end"):
        measures = found["sections"][name]["measures"]
        for row in measures.values():
            if row["interval"] is not None:
                assert row["difference"] > 0 and row["interval"][0] > 0 and row["p"] == pytest.approx(1 / 201)
        if "mcnemar" in found["sections"][name]:
            assert found["sections"][name]["mcnemar"]["p"] < 1e-6
    assert found["sections"]["aspects.masked"]["mcnemar"]["p"] == 1.0
    assert found["sections"]["polarity"]["measures"]["ece"]["difference"] < 0


def test_labels_of_the_systems_may_differ() -> None:
    gold = [make_doc(x, "positive") for x in "ab"]
    first = predict(gold, polarity=[hot("positive"), hot("positive")])
    second = predict(gold, polarity=[[0.1, 0.9], [0.1, 0.9]])
    second.labels = {**second.labels, "polarity": ["good", "positive"]}
    section = compare_predictions(gold, first, second, n_resamples=10)["sections"]["polarity"]
    assert section["measures"]["accuracy"]["b"] == 1.0


def test_what_only_one_predicts() -> None:
    gold = [make_doc("a", "positive", {"joy": 1.0}, [(0, 1, "positive", "")])]
    first = predict(gold, polarity=[hot("positive")], emotions=[[1.0, 0.0]])
    second = predict(gold, polarity=[hot("negative")], given=[[find(gold[0], 0, 1, "positive")]])
    found = compare_predictions(gold, first, second, n_resamples=10)
    assert list(found["sections"]) == ["polarity"]
    assert found["missing"] == {"aspects.given": "predicted by B only", "emotions": "predicted by A only"}
    third = predict(gold, emotions=[[0.0, 0.0]])
    with pytest.raises(ValueError, match="BS072.*nothing is predicted by both"):
        compare_predictions(gold, second, third)
    with pytest.raises(ValueError, match="BS071"):
        compare_predictions(gold, first, predict([make_doc("b")], polarity=[hot("positive")]))


def test_scipy_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(ValueError, match="BS075.*scipy"):
        run_mcnemar(numpy.ones(1) > 0, numpy.ones(1) > 0)
