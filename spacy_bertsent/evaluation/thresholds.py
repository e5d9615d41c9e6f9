"""Choosing the threshold of each emotion."""

from typing import Dict, Sequence

import numpy
from spacy.tokens import Doc

from .alignment import check_alignment
from .items import collect_emotions
from .predictions import Predictions


def tune_thresholds(gold: Sequence[Doc], predictions: Predictions) -> Dict[str, float]:
    """Find the threshold of each emotion with the best F1. Scores on these texts are then too good.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): Of it.
    RETURNS (Dict[str, float]): Of all labels of the predictions; a label that no text has keeps its threshold.
    RAISES (ValueError): BS071 or BS072 if the predictions are not those of the corpus.
    """
    check_alignment(gold, predictions)
    thresholds = {label: predictions.thresholds.get(label, 0.5) for label in predictions.labels.get("emotions", [])}
    marks = collect_emotions(gold, predictions)
    if marks is not None:
        for i, label in enumerate(marks.labels):
            known = marks.known[:, i]
            if label in thresholds and marks.gold[known, i].any():
                thresholds[label] = search_threshold(marks.scores[known, i], marks.gold[known, i])
    return thresholds


def search_threshold(scores: numpy.ndarray, gold: numpy.ndarray) -> float:
    """Find the threshold with the best F1: all that differ in their predictions are tried.

    scores (numpy.ndarray): (n,) Probabilities; those at or above the threshold count.
    gold (numpy.ndarray): (n,) Which are right, at least one.
    RETURNS (float): In the middle between two scores; 0.5 where that is as good. Of equally good ones, the nearest to
        0.5.
    """
    order = numpy.argsort(-scores, kind="stable")
    ranked, hits = scores[order], numpy.cumsum(gold[order])
    # The best n are predicted, where the next score is lower.
    lower = numpy.append(ranked[1:], 0.0)
    f_scores = 2 * hits / (numpy.arange(1, len(scores) + 1) + gold.sum())
    f_scores[:-1][ranked[1:] == ranked[:-1]] = -1.0
    best = numpy.flatnonzero(f_scores == f_scores.max())
    found = [_choose_between(float(lower[i]), float(ranked[i])) for i in best]
    return min(found, key=lambda threshold: abs(threshold - 0.5))


def get_f_score(scores: numpy.ndarray, gold: numpy.ndarray, threshold: float) -> float:
    """RETURNS (float): F1 of the scores that reach the threshold; 0 where nothing is right."""
    predicted = scores >= threshold
    total = int(predicted.sum() + gold.sum())
    return 2 * int((predicted & gold).sum()) / total if total else 0.0


def _choose_between(low: float, high: float) -> float:
    """RETURNS (float): 0.5 if it parts the two, else about their middle, with as few decimals as will do."""
    if low < 0.5 <= high:
        return 0.5
    middle = (low + high) / 2
    # Ten are what spaCy's JSON keeps.
    for decimals in range(2, 11):
        short = round(middle, decimals)
        if abs(short - middle) <= (high - low) / 4:
            return short
    return middle
