import sys

import numpy
import pytest

from spacy_bertsent.evaluation.items import Choices, Marks, Matches
from spacy_bertsent.evaluation.measures import import_metrics, score_choices, score_marks, score_matches

LABELS = ["a", "b", "c"]


def make_choices() -> Choices:
    """Gold a, a, b, b, a; predicted a, b, b, b, c. No item of gold has c."""
    scores = [[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.9, 0.0], [0.3, 0.7, 0.0], [0.2, 0.2, 0.6]]
    gold, predicted = [0, 0, 1, 1, 0], [0, 1, 1, 1, 2]
    return Choices(LABELS, numpy.asarray(gold), numpy.asarray(predicted), numpy.asarray(scores), numpy.arange(5))


def test_choices_by_hand() -> None:
    found = score_choices(make_choices())
    assert found["n"] == 5
    assert found["accuracy"] == found["micro_f1"] == pytest.approx(0.6)
    # a: p 1, r 1/3; b: p 2/3, r 1; c: 0, and it counts since it is predicted.
    assert found["macro_f1"] == pytest.approx((0.5 + 0.8 + 0.0) / 3)
    assert found["per_label"] == {
        "a": {"precision": 1.0, "recall": pytest.approx(1 / 3), "f1": pytest.approx(0.5), "support": 3},
        "b": {"precision": pytest.approx(2 / 3), "recall": 1.0, "f1": pytest.approx(0.8), "support": 2},
        "c": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
    }
    assert found["confusion"] == {"labels": LABELS, "rows": [[1, 1, 1], [0, 2, 0], [0, 0, 0]]}
    # a: of 6 pairs 5 are in order (0.2 < 0.3); b: all. c is in no gold: not defined, left out.
    assert found["auc"] == pytest.approx((5 / 6 + 1) / 2)
    # a: hits at ranks 1, 2 and 4; b: at 1 and 2.
    assert found["average_precision"] == pytest.approx(((1 + 1 + 3 / 4) / 3 + 1) / 2)
    chances = [0.7, 0.4, 0.9, 0.7, 0.2]
    assert found["log_loss"] == pytest.approx(-numpy.mean(numpy.log(chances)), abs=1e-4)
    assert found["intervals"] == {}


def test_calibration_of_choices_by_hand() -> None:
    # Chosen with 0.7, 0.5, 0.9, 0.7, 0.6. Bins by 15ths: 0.6 ends the ninth, the two of 0.7 share the eleventh.
    gaps = [abs(2 - 1.4), 0.5, 0.1, 0.6]
    assert score_choices(make_choices())["ece"] == pytest.approx(sum(gaps) / 5)


def test_choices_with_one_label() -> None:
    ones = numpy.zeros(3, dtype="i8")
    found = score_choices(Choices(["a"], ones, ones, numpy.ones((3, 1)), numpy.arange(3)), n_resamples=10)
    assert found["accuracy"] == found["macro_f1"] == found["average_precision"] == 1.0
    assert found["auc"] is None and found["log_loss"] is None, "not defined"
    assert found["intervals"] == {"accuracy": [1.0, 1.0], "macro_f1": [1.0, 1.0]}


def make_marks() -> Marks:
    """Joy, fear and love; fear is not annotated in the last text, nobody loves."""
    known = [[True, True, True], [True, True, True], [True, False, True]]
    gold = [[True, False, False], [True, True, False], [False, False, False]]
    predicted = [[True, True, False], [False, True, False], [False, False, False]]
    scores = [[0.9, 0.6, 0.1], [0.2, 0.7, 0.1], [0.3, 0.9, 0.1]]
    arrays = [numpy.asarray(x) for x in (known, gold, predicted, scores)]
    return Marks(["joy", "fear", "love"], *arrays, numpy.arange(3))


def test_marks_by_hand() -> None:
    found = score_marks(make_marks(), thresholds={"joy": 0.4})
    joy, fear, love = (found["per_label"][label] for label in ("joy", "fear", "love"))
    # Joy: 0.9 above 0.3, 0.2 not; hits at ranks 1 and 3. Fear: only two texts.
    assert joy == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
        "auc": 0.5,
        "ap": pytest.approx((1 + 2 / 3) / 2),
    }
    assert fear == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1, "auc": 1.0, "ap": 1.0}
    assert love == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0, "auc": None, "ap": None}
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3), "a label that nobody has counts as 0"
    assert found["micro_f1"] == pytest.approx(2 / 3)
    assert found["jaccard"] == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert found["subset_accuracy"] == pytest.approx(1 / 3)
    assert found["auc"] == pytest.approx(0.75) and found["average_precision"] == pytest.approx((5 / 6 + 1) / 2)
    # Each probability is alone in its bin, but the three of love: joy 0.1, 0.8, 0.3; fear 0.6, 0.3; love 0.1.
    assert found["ece"] == pytest.approx((1.2 / 3 + 0.9 / 2 + 0.1) / 3)
    losses = [numpy.log([0.9, 0.2, 0.7]).mean(), numpy.log([0.4, 0.7]).mean(), numpy.log(0.9)]
    assert found["log_loss"] == pytest.approx(-numpy.mean(losses))
    assert found["thresholds"] == {"joy": 0.4, "fear": 0.5, "love": 0.5}


def test_marks_with_one_label() -> None:
    whole = make_marks()
    marks = Marks(["joy"], *(x[:, :1] for x in (whole.known, whole.gold, whole.predicted, whole.scores)), whole.texts)
    found = score_marks(marks, n_resamples=20)
    assert found["jaccard"] == pytest.approx(2 / 3) and found["macro_f1"] == found["micro_f1"] == pytest.approx(2 / 3)
    assert set(found["intervals"]) == {"macro_f1", "micro_f1", "jaccard", "subset_accuracy"}


def test_matches() -> None:
    found = score_matches(Matches(*(numpy.asarray(x) for x in ([1, 0], [2, 2], [1, 2]))), n_resamples=50)
    assert (
        found["precision"] == pytest.approx(1 / 3) and found["recall"] == 0.25 and found["f1"] == pytest.approx(2 / 7)
    )
    assert (found["n_gold"], found["n_predicted"]) == (4, 3)
    assert found["intervals"]["precision"] == [0.0, 1.0]


def test_scikit_learn_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ValueError, match=r"BS075.*scikit-learn.*\n.*pip install .spacy-bertsent\[evaluation\]"):
        import_metrics()
