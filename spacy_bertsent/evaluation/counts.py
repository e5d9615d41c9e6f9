"""Measures that come from sums over texts, so that they can be computed for many resamples of the texts at once."""

from typing import Callable, Dict, NamedTuple

import numpy

from .items import Choices, Marks, Matches

MeasuresT = Dict[str, numpy.ndarray]


class Counts(NamedTuple):
    """What measures are computed from.

    table (numpy.ndarray): (texts, columns) What each text adds.
    measure (Callable): Turns sums, (k, columns), into the measures, (k,) each.
    """

    table: numpy.ndarray
    measure: Callable[[numpy.ndarray], MeasuresT]


def count_choices(choices: Choices) -> Counts:
    """RETURNS (Counts): Of the texts that have items: how often which label was taken for which."""
    size = len(choices.labels)
    texts, rows = numpy.unique(choices.texts, return_inverse=True)
    table = numpy.zeros((len(texts), size * size))
    numpy.add.at(table, (rows, choices.gold * size + choices.predicted), 1.0)
    return Counts(table, measure_choices)


def measure_choices(sums: numpy.ndarray) -> MeasuresT:
    """Compute accuracy and macro-F1, the mean over labels that occur in gold or predictions.

    sums (numpy.ndarray): (k, labels * labels) Confusion matrices by rows, gold before predicted.
    RETURNS (MeasuresT): (k,) each.
    """
    size = int(round(sums.shape[1] ** 0.5))
    matrices = sums.reshape(-1, size, size)
    right = matrices.diagonal(axis1=1, axis2=2)
    total = matrices.sum(axis=1) + matrices.sum(axis=2)
    n_seen = (total > 0).sum(axis=1)
    accuracy = _divide(right.sum(axis=1), matrices.sum(axis=(1, 2)))
    return {"accuracy": accuracy, "macro_f1": _divide(_divide(2 * right, total).sum(axis=1), n_seen)}


def count_marks(marks: Marks) -> Counts:
    """RETURNS (Counts): Of each text: its hits, gold and predictions of each label, Jaccard, all right, and 1."""
    both = marks.gold & marks.predicted
    n_union = (marks.gold | marks.predicted).sum(axis=1)
    jaccard = numpy.where(n_union == 0, 1.0, _divide(both.sum(axis=1), n_union))
    columns = [both, marks.gold, marks.predicted, jaccard[:, None], marks.right[:, None], numpy.ones((len(both), 1))]
    return Counts(numpy.concatenate(columns, axis=1).astype("d"), measure_marks)


def measure_marks(sums: numpy.ndarray) -> MeasuresT:
    """Compute the measures of emotions.

    sums (numpy.ndarray): (k, 3 * labels + 3) See `count_marks`.
    RETURNS (MeasuresT): (k,) each. Macro-F1 is the mean over all labels; one that nobody has or predicts counts as 0.
    """
    both, gold, predicted = numpy.split(sums[:, :-3], 3, axis=1)
    n_texts = sums[:, -1]
    return {
        "macro_f1": _divide(2 * both, gold + predicted).mean(axis=1),
        "micro_f1": _divide(2 * both.sum(axis=1), (gold + predicted).sum(axis=1)),
        "jaccard": _divide(sums[:, -3], n_texts),
        "subset_accuracy": _divide(sums[:, -2], n_texts),
    }


def count_matches(matches: Matches) -> Counts:
    """RETURNS (Counts): Of each text: spans in both, in gold, predicted."""
    table = numpy.stack([matches.both, matches.gold, matches.predicted], axis=1)
    return Counts(table.astype("d"), measure_matches)


def measure_matches(sums: numpy.ndarray) -> MeasuresT:
    """RETURNS (MeasuresT): (k,) Precision, recall and F1, 0 where there is nothing. sums (numpy.ndarray): (k, 3)."""
    both, gold, predicted = sums.T
    return {
        "precision": _divide(both, predicted),
        "recall": _divide(both, gold),
        "f1": _divide(2 * both, gold + predicted),
    }


def _divide(a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    """RETURNS (numpy.ndarray): a / b, 0 where b is 0."""
    return numpy.divide(a, b, out=numpy.zeros(numpy.shape(a)), where=b > 0)
