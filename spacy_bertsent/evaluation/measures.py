"""The measures of each word, as plain data. What scikit-learn has is taken from there."""

from typing import Any, Dict, Optional, Sequence, Tuple

import numpy

from ..errors import Errors
from .bootstrap import get_intervals, get_values
from .calibration import get_calibration_error
from .counts import count_choices, count_marks, count_matches
from .items import Choices, Marks, Matches

MeasuresT = Dict[str, Any]
# Scores are rounded to five decimals: none is taken as less likely than that.
SMALLEST = 1e-5


def score_choices(choices: Choices, *, n_resamples: int = 0, seed: int = 0) -> MeasuresT:
    """Score one label per item.

    choices (Choices): At least one. n_resamples (int), seed (int): For the intervals, see `resample`.
    RETURNS (MeasuresT): The section `polarity` of the report. Macro-F1 is the mean over labels that occur in gold or
        predictions; AUC (one label against the rest) and average precision are means over the labels for which they
        are defined. ECE is that of the chosen label's probability, log loss is in nats.
    RAISES (ValueError): BS075 without scikit-learn.
    """
    metrics = import_metrics()
    gold, predicted, places = choices.gold, choices.predicted, range(len(choices.labels))
    columns = metrics.precision_recall_fscore_support(gold, predicted, labels=places, zero_division=0.0)
    counts = count_choices(choices)
    aucs, precisions = [], []
    for i in places:
        auc, precision = _score_ranking(gold == i, choices.scores[:, i])
        aucs.append(auc)
        precisions.append(precision)
    return {
        "n": len(gold),
        "accuracy": float(metrics.accuracy_score(gold, predicted)),
        "macro_f1": float(metrics.f1_score(gold, predicted, average="macro", zero_division=0.0)),
        "micro_f1": float(metrics.f1_score(gold, predicted, average="micro", zero_division=0.0)),
        "auc": _mean(aucs),
        "average_precision": _mean(precisions),
        "ece": get_calibration_error(choices.scores.max(axis=1), choices.right),
        "log_loss": _get_log_loss(gold, choices.scores),
        "per_label": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
            for label, p, r, f, n in zip(choices.labels, *columns)
        },
        "confusion": {
            "labels": list(choices.labels),
            "rows": counts.table.sum(axis=0).astype("i8").reshape(len(places), -1).tolist(),
        },
        "intervals": get_intervals(counts, n_resamples, seed),
    }


def score_marks(
    marks: Marks, *, thresholds: Optional[Dict[str, float]] = None, n_resamples: int = 0, seed: int = 0
) -> MeasuresT:
    """Score any number of labels per text. What was not annotated is neither right nor wrong.

    marks (Marks): At least one text. thresholds (Optional[Dict[str, float]]): Those of the predictions.
    n_resamples (int), seed (int): For the intervals, see `resample`.
    RETURNS (MeasuresT): The section `emotions` of the report. Macro-F1 is the mean over all annotated labels; one that
        no text has and that is not predicted counts as 0. ECE: the mean over labels of the error of the label's own
        probability.
    RAISES (ValueError): BS075 without scikit-learn.
    """
    metrics = import_metrics()
    per_label: Dict[str, MeasuresT] = {}
    errors, losses = [], []
    for i, label in enumerate(marks.labels):
        known = marks.known[:, i]
        gold, predicted, scores = marks.gold[known, i], marks.predicted[known, i], marks.scores[known, i]
        p, r, f, _ = metrics.precision_recall_fscore_support(gold, predicted, average="binary", zero_division=0.0)
        auc, precision = _score_ranking(gold, scores)
        per_label[label] = {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(gold.sum())}
        per_label[label].update(auc=auc, ap=precision)
        errors.append(get_calibration_error(scores, gold))
        losses.append(_get_log_loss(gold.astype("i8"), numpy.stack([1 - scores, scores], axis=1)))
    return {
        "n": len(marks.gold),
        "macro_f1": float(numpy.mean([row["f1"] for row in per_label.values()])),
        "micro_f1": float(metrics.f1_score(marks.gold.ravel(), marks.predicted.ravel(), zero_division=0.0)),
        "jaccard": _get_jaccard(metrics, marks),
        "subset_accuracy": float(marks.right.mean()),
        "auc": _mean([row["auc"] for row in per_label.values()]),
        "average_precision": _mean([row["ap"] for row in per_label.values()]),
        "ece": float(numpy.mean(errors)),
        "log_loss": _mean(losses),
        "thresholds": {label: float((thresholds or {}).get(label, 0.5)) for label in marks.labels},
        "per_label": per_label,
        "intervals": get_intervals(count_marks(marks), n_resamples, seed),
    }


def score_matches(matches: Matches, *, n_resamples: int = 0, seed: int = 0) -> MeasuresT:
    """Score spans that were found, summed over texts.

    matches (Matches): At least one text. n_resamples (int), seed (int): For the intervals, see `resample`.
    RETURNS (MeasuresT): A section such as `aspects.extraction` of the report.
    """
    values = get_values(count_matches(matches), n_resamples, seed)
    return {**values, "n_gold": int(matches.gold.sum()), "n_predicted": int(matches.predicted.sum())}


def import_metrics() -> Any:
    """RETURNS (Any): `sklearn.metrics`. RAISES (ValueError): BS075 if it is not installed."""
    try:
        from sklearn import metrics
    except ImportError as e:
        raise ValueError(Errors.BS075.format(package="scikit-learn")) from e
    return metrics


def _score_ranking(gold: numpy.ndarray, scores: numpy.ndarray) -> Tuple[Optional[float], Optional[float]]:
    """RETURNS (Tuple): ROC-AUC, None where all or no items have the label; average precision, None where none has."""
    metrics = import_metrics()
    if not gold.any():
        return None, None
    auc = None if gold.all() else float(metrics.roc_auc_score(gold, scores))
    return auc, float(metrics.average_precision_score(gold, scores))


def _get_jaccard(metrics: Any, marks: Marks) -> float:
    # A column that nobody has changes nothing, and lets a single label pass as several.
    gold, predicted = (numpy.pad(x, ((0, 0), (0, 1))) for x in (marks.gold, marks.predicted))
    return float(metrics.jaccard_score(gold, predicted, average="samples", zero_division=1.0))


def _get_log_loss(gold: numpy.ndarray, scores: numpy.ndarray) -> Optional[float]:
    """RETURNS (Optional[float]): In nats; None for a single label."""
    if scores.shape[1] < 2:
        return None
    chances = numpy.clip(scores, SMALLEST, 1.0)
    chances /= chances.sum(axis=1, keepdims=True)
    return float(import_metrics().log_loss(gold, chances, labels=range(scores.shape[1])))


def _mean(values: Sequence[Optional[float]]) -> Optional[float]:
    """RETURNS (Optional[float]): Mean of those that are defined; None if none is."""
    defined = [value for value in values if value is not None]
    return float(numpy.mean(defined)) if defined else None
