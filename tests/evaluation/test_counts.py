"""What is counted for resamples gives the same as scikit-learn."""

import numpy
import pytest
from sklearn import metrics

from spacy_bertsent.evaluation.counts import Counts, count_choices, count_marks, count_matches, measure_choices
from spacy_bertsent.evaluation.items import Choices, Marks, Matches


def get_measures(counts: Counts) -> dict:
    return {name: x[0] for name, x in counts.measure(counts.table.sum(axis=0, keepdims=True)).items()}


def make_choices(gold: list, predicted: list, texts: list, n_labels: int = 4) -> Choices:
    scores = numpy.eye(n_labels)[predicted]
    arrays = [numpy.asarray(x) for x in (gold, predicted)]
    return Choices([str(i) for i in range(n_labels)], *arrays, scores, numpy.asarray(texts))


def test_each_text_adds_its_items() -> None:
    counts = count_choices(make_choices([0, 1, 0], [0, 0, 1], [7, 3, 7], n_labels=2))
    # Text 3: gold 1, predicted 0. Text 7: gold 0, predicted 0 and 1.
    assert counts.table.tolist() == [[0, 0, 1, 0], [1, 1, 0, 0]]
    assert get_measures(counts) == {"accuracy": pytest.approx(1 / 3), "macro_f1": pytest.approx(0.25)}


def test_nothing_drawn() -> None:
    assert {name: x.tolist() for name, x in measure_choices(numpy.zeros((1, 9))).items()} == {
        "accuracy": [0.0],
        "macro_f1": [0.0],
    }


@pytest.mark.parametrize("seed", range(20))
def test_choices_as_scikit_learn(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    n_items = int(rng.integers(1, 40))
    gold, predicted = rng.integers(0, int(rng.integers(1, 5)), n_items), rng.integers(0, 4, n_items)
    found = get_measures(count_choices(make_choices(gold, predicted, rng.integers(0, 9, n_items))))
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(gold, predicted))
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(gold, predicted, average="macro"))


@pytest.mark.parametrize("seed", range(20))
def test_marks_as_scikit_learn(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    shape = (int(rng.integers(1, 30)), int(rng.integers(2, 6)))
    gold, predicted = (rng.random(shape) < rng.random() for _ in range(2))
    labels = [str(i) for i in range(shape[1])]
    marks = Marks(labels, numpy.ones(shape, dtype="bool"), gold, predicted, numpy.zeros(shape), numpy.arange(shape[0]))
    found = get_measures(count_marks(marks))
    settings = {"zero_division": 0.0}
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(gold, predicted, average="macro", **settings))
    assert found["micro_f1"] == pytest.approx(metrics.f1_score(gold, predicted, average="micro", **settings))
    jaccard = metrics.jaccard_score(gold, predicted, average="samples", zero_division=1.0)
    assert found["jaccard"] == pytest.approx(jaccard)
    assert found["subset_accuracy"] == pytest.approx(metrics.accuracy_score(gold, predicted))


def test_matches_by_hand() -> None:
    counts = count_matches(Matches(numpy.asarray([1, 0]), numpy.asarray([2, 2]), numpy.asarray([1, 2])))
    assert get_measures(counts) == {
        "precision": pytest.approx(1 / 3),
        "recall": pytest.approx(1 / 4),
        "f1": pytest.approx(2 / 7),
    }
    nothing = numpy.zeros(1, dtype="i8")
    assert get_measures(count_matches(Matches(nothing, nothing, nothing))) == {"precision": 0, "recall": 0, "f1": 0}
