import numpy
import pytest

from spacy_bertsent.evaluation import bootstrap
from spacy_bertsent.evaluation.bootstrap import (
    compare_counts,
    get_interval,
    get_intervals,
    get_p_value,
    get_values,
    resample,
)
from spacy_bertsent.evaluation.counts import Counts, MeasuresT


def measure_share(sums: numpy.ndarray) -> MeasuresT:
    return {"share": sums[:, 0] / sums[:, 1]}


def count_share(hits: numpy.ndarray, sizes: numpy.ndarray) -> Counts:
    return Counts(numpy.stack([hits, sizes], axis=1).astype("d"), measure_share)


def test_as_many_texts_are_drawn_as_there_are() -> None:
    table = numpy.eye(5)
    sums = resample(table, 300, seed=0)
    assert sums.shape == (300, 5)
    assert (sums.sum(axis=1) == 5).all() and sums.max() > 1, "with replacement"
    assert sums.mean(axis=0) == pytest.approx(numpy.ones(5), abs=0.2)
    assert (resample(table, 300, seed=0) == sums).all() and (resample(table, 300, seed=1) != sums).any()
    assert resample(table, 0, seed=0).shape == (0, 5)


def test_the_size_of_a_chunk_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    table = numpy.arange(21.0).reshape(7, 3)
    whole = resample(table, 50, seed=3)
    monkeypatch.setattr(bootstrap, "CHUNK", 30)
    assert (resample(table, 50, seed=3) == whole).all()


def test_interval() -> None:
    low, high = get_interval(numpy.arange(1001) / 1000)
    assert (low, high) == (pytest.approx(0.025), pytest.approx(0.975))
    assert get_interval(numpy.ones(10)) == [1.0, 1.0]


def test_intervals_of_measures() -> None:
    counts = count_share(numpy.asarray([1, 0, 1, 1]), numpy.ones(4))
    values = get_values(counts, 500, seed=0)
    low, high = values["intervals"]["share"]
    assert values["share"] == 0.75 and 0.0 <= low < 0.75 < high <= 1.0
    assert get_intervals(counts, 500, seed=0) == values["intervals"]
    assert get_intervals(counts, 0, seed=0) == {} == get_values(counts, 0, seed=0)["intervals"]


def test_intervals_cover_what_they_should() -> None:
    """Of 300 samples of 120 texts, nine in ten or more intervals hold the true share; 95 % are promised."""
    rng = numpy.random.default_rng(0)
    covered = 0
    for seed in range(300):
        counts = count_share(rng.random(120) < 0.7, numpy.ones(120))
        low, high = get_intervals(counts, 200, seed)["share"]
        covered += low <= 0.7 <= high
    assert 0.90 <= covered / 300 <= 0.98


def test_texts_are_drawn_and_not_aspects() -> None:
    """Four aspects in each text that share its fate: the interval must be twice as wide as for single ones."""
    rng = numpy.random.default_rng(1)
    hits = (rng.random(400) < 0.5).astype("d")
    texts = get_intervals(count_share(4 * hits, numpy.full(400, 4.0)), 1000, seed=0)["share"]
    items = get_intervals(count_share(numpy.repeat(hits, 4), numpy.ones(1600)), 1000, seed=0)["share"]
    assert (texts[1] - texts[0]) / (items[1] - items[0]) == pytest.approx(2.0, rel=0.15)


def test_p_value() -> None:
    drawn = numpy.asarray([0.1, 0.2, 0.3, 0.4, 0.2])
    # Moved by 0.24: -0.14, -0.04, 0.06, 0.16, -0.04; none reaches 0.24.
    assert get_p_value(drawn, 0.24) == pytest.approx(1 / 6)
    # Moved by 0.15: -0.05, 0.05, 0.15, 0.25, 0.05; two reach 0.15.
    assert get_p_value(drawn, 0.15) == pytest.approx(3 / 6)
    assert get_p_value(-drawn, -0.15) == pytest.approx(3 / 6), "two-sided"
    assert get_p_value(numpy.zeros(9), 0.0) == 1.0


def test_pairs_are_drawn_together() -> None:
    hits = numpy.random.default_rng(2).random(100) < 0.6
    counts = count_share(hits, numpy.ones(100))
    same = compare_counts(counts, counts, n_resamples=200, seed=0)["share"]
    assert same == (counts.table[:, 0].mean(), counts.table[:, 0].mean(), 0.0, [0.0, 0.0], 1.0)
    # One that is right on ten more texts, and wrong on none that the other has right.
    more = hits.copy()
    more[numpy.flatnonzero(~hits)[:10]] = True
    better = compare_counts(count_share(more, numpy.ones(100)), counts, n_resamples=500, seed=0)["share"]
    assert better.difference == pytest.approx(0.1)
    assert better.interval is not None and 0.03 < better.interval[0] < 0.1 < better.interval[1] < 0.17
    assert better.p is not None and better.p < 0.01
    bare = compare_counts(counts, counts, n_resamples=0, seed=0)["share"]
    assert bare.interval is None and bare.p is None


def test_p_values_of_equal_systems_are_spread_evenly() -> None:
    rng = numpy.random.default_rng(3)
    values = []
    for seed in range(200):
        a, b = (count_share(rng.random(150) < 0.7, numpy.ones(150)) for _ in range(2))
        p = compare_counts(a, b, n_resamples=100, seed=seed)["share"].p
        assert p is not None
        values.append(p)
    assert numpy.mean([p <= 0.05 for p in values]) == pytest.approx(0.05, abs=0.04)
    assert numpy.mean(values) == pytest.approx(0.5, abs=0.07)
