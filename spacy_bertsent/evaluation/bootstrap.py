"""Intervals by resampling texts. Not aspects: those of one text depend on each other."""

from typing import Any, Dict, List, NamedTuple, Optional

import numpy

from .counts import Counts


class Difference(NamedTuple):
    """One measure of two systems.

    a (float), b (float): Its values. difference (float): a - b.
    interval (Optional[List[float]]): Of the difference, at 95 %. p (Optional[float]): See `get_p_value`.
    """

    a: float
    b: float
    difference: float
    interval: Optional[List[float]]
    p: Optional[float]


# Draws that are held at once.
CHUNK = 2_000_000
LEVEL = 0.95


def resample(table: numpy.ndarray, n_resamples: int, seed: int) -> numpy.ndarray:
    """Draw texts with replacement, as many as there are, and sum what they add.

    table (numpy.ndarray): (texts, columns). n_resamples (int): How often. seed (int): Of the draws.
    RETURNS (numpy.ndarray): (n_resamples, columns) Sums.
    SOURCE: Efron (1979), https://doi.org/10.1214/aos/1176344552
    """
    n_texts = len(table)
    rng = numpy.random.default_rng(seed)
    size = max(1, CHUNK // n_texts)
    sums = [numpy.zeros((0, table.shape[1]))]
    for start in range(0, n_resamples, size):
        n_rows = min(size, n_resamples - start)
        draws = rng.integers(n_texts, size=(n_rows, n_texts)) + numpy.arange(n_rows)[:, None] * n_texts
        times = numpy.bincount(draws.ravel(), minlength=n_rows * n_texts).reshape(n_rows, n_texts)
        sums.append(times @ table)
    return numpy.concatenate(sums)


def get_interval(values: numpy.ndarray, level: float = LEVEL) -> List[float]:
    """RETURNS (List[float]): The percentile interval: low, high. values (numpy.ndarray): (n,) Of the resamples."""
    low, high = numpy.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return [float(low), float(high)]


def get_intervals(counts: Counts, n_resamples: int, seed: int) -> Dict[str, List[float]]:
    """RETURNS (Dict[str, List[float]]): The interval of each measure; empty without resamples."""
    if n_resamples < 1:
        return {}
    values = counts.measure(resample(counts.table, n_resamples, seed))
    return {name: get_interval(value) for name, value in values.items()}


def get_values(counts: Counts, n_resamples: int, seed: int) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The measures of all texts, and their `intervals`."""
    values = counts.measure(counts.table.sum(axis=0, keepdims=True))
    intervals = get_intervals(counts, n_resamples, seed)
    return {**{name: float(value[0]) for name, value in values.items()}, "intervals": intervals}


def compare_counts(a: Counts, b: Counts, *, n_resamples: int, seed: int) -> Dict[str, Difference]:
    """Compare two systems on the same texts, drawn together.

    a (Counts), b (Counts): Of the same texts in the same order. n_resamples (int), seed (int): See `resample`.
    RETURNS (Dict[str, Difference]): By measure; without intervals where there are no resamples.
    """
    # Side by side, so that both get the same texts.
    table, width = numpy.concatenate([a.table, b.table], axis=1), a.table.shape[1]
    sums = numpy.concatenate([table.sum(axis=0, keepdims=True), resample(table, n_resamples, seed)])
    values_a, values_b = a.measure(sums[:, :width]), b.measure(sums[:, width:])
    result = {}
    for name in values_a:
        differences = values_a[name] - values_b[name]
        observed, drawn = float(differences[0]), differences[1:]
        interval, p = (get_interval(drawn), get_p_value(drawn, observed)) if n_resamples else (None, None)
        result[name] = Difference(float(values_a[name][0]), float(values_b[name][0]), observed, interval, p)
    return result


def get_p_value(differences: numpy.ndarray, observed: float) -> float:
    """Compute how often a difference at least as large as the observed one would come about by the choice of texts.

    Two-sided; the differences of the resamples are moved to the mean 0 that they would have if the systems were alike.

    differences (numpy.ndarray): (n,) Of the resamples. observed (float): That of the whole corpus.
    RETURNS (float): At least 1 / (n + 1).
    SOURCE: Koehn (2004), https://aclanthology.org/W04-3250; the move: Berg-Kirkpatrick et al. (2012),
        https://aclanthology.org/D12-1091
    """
    # A little less: equal differences may differ in the last bit.
    is_larger = numpy.abs(differences - observed) >= abs(observed) - 1e-12
    return float((is_larger.sum() + 1) / (len(differences) + 1))
