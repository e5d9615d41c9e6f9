"""The scores of training are those of scikit-learn, on 1,000 random corpora (the AUC on every fifth)."""

from typing import Any, Dict, Iterator, List, Tuple

import numpy
import pytest
import sklearn
import spacy
from sklearn import metrics
from spacy.tokens import Doc
from spacy.training import Example

from spacy_bertsent.metrics import mean_jaccard, score_labels, score_sets
from spacy_bertsent.scorers import score_emotions, score_polarity

VOCAB = spacy.blank("en").vocab
LABELS = ["a", "b", "c", "d"]


def make_example(gold: Dict[str, float], predicted: Dict[str, float]) -> Example:
    docs = [Doc(VOCAB, words=["x"]) for _ in range(2)]
    docs[0].cats, docs[1].cats = predicted, gold
    return Example(*docs)


def mean_auc(gold: numpy.ndarray, scores: numpy.ndarray) -> float:
    """As the scorers: 0 for a label that all or no texts have."""
    columns = [(gold[:, i], scores[:, i]) for i in range(gold.shape[1])]
    return sum(metrics.roc_auc_score(g, s) if 0 < g.sum() < len(g) else 0.0 for g, s in columns) / len(columns)


def check_labels(per_type: Dict[str, Any], columns: Tuple[numpy.ndarray, ...], labels: List[str]) -> None:
    table = numpy.asarray([[per_type[label][x] for label in labels] for x in "prf"])
    numpy.testing.assert_allclose(table, columns[:3], atol=1e-9)


@pytest.fixture(autouse=True)
def fast() -> Iterator[None]:
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        yield


@pytest.mark.parametrize("seed", range(10))
def test_polarity(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    for i in range(50):
        n_texts, n_labels = int(rng.integers(1, 12)), int(rng.integers(2, 5))
        labels = LABELS[:n_labels]
        gold = rng.integers(0, n_labels, n_texts)
        # Few values, so that there are equal ones.
        scores = rng.integers(1, 5, (n_texts, n_labels)) / 5
        predicted = scores.argmax(axis=1)
        examples = [
            make_example(
                {f"polarity:{x}": float(x == labels[g]) for x in labels},
                {f"polarity:{x}": float(s) for x, s in zip(labels, row)},
            )
            for g, row in zip(gold, scores)
        ]
        found = score_polarity(examples, labels=labels)
        columns = metrics.precision_recall_fscore_support(gold, predicted, labels=range(n_labels), zero_division=0.0)
        check_labels(found["polarity_per_type"], columns, labels)
        assert found["polarity_acc"] == pytest.approx(metrics.accuracy_score(gold, predicted))
        assert found["polarity_f"] == pytest.approx(metrics.f1_score(gold, predicted, average="macro"))
        if i % 5 == 0:
            assert found["polarity_auc"] == pytest.approx(mean_auc(numpy.eye(n_labels)[gold], scores))
        accuracy, macro, per_type = score_labels([labels[i] for i in gold], [labels[i] for i in predicted], labels)
        assert (accuracy, macro, per_type) == tuple(found[f"polarity_{x}"] for x in ("acc", "f", "per_type"))


@pytest.mark.parametrize("seed", range(10, 20))
def test_emotions(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    for i in range(50):
        n_texts, n_labels = int(rng.integers(1, 12)), int(rng.integers(2, 5))
        labels = LABELS[:n_labels]
        gold = rng.random((n_texts, n_labels)) < rng.random()
        scores = rng.integers(0, 6, gold.shape) / 5
        limits = rng.integers(1, 6, n_labels) / 5
        predicted = scores >= limits
        examples = [
            make_example(
                {f"emotion:{x}": float(g) for x, g in zip(labels, truth)},
                {f"emotion:{x}": float(s) for x, s in zip(labels, row)},
            )
            for truth, row in zip(gold, scores)
        ]
        found = score_emotions(examples, labels=labels, thresholds=dict(zip(labels, limits.tolist())))
        columns = metrics.precision_recall_fscore_support(gold, predicted, zero_division=0.0)
        check_labels(found["emotions_per_type"], columns, labels)
        assert found["emotions_f"] == pytest.approx(columns[2].mean())
        micro = metrics.f1_score(gold, predicted, average="micro", zero_division=0.0)
        assert found["emotions_micro"] == pytest.approx(micro)
        jaccard = metrics.jaccard_score(gold, predicted, average="samples", zero_division=1.0)
        assert found["emotions_jaccard"] == pytest.approx(jaccard)
        if i % 5 == 0:
            assert found["emotions_auc"] == pytest.approx(mean_auc(gold, scores))
        sets = [[{x for x, y in zip(labels, row) if y} for row in table] for table in (gold, predicted)]
        assert mean_jaccard(*sets) == pytest.approx(jaccard)
        assert score_sets(*sets).fscore == pytest.approx(micro)
