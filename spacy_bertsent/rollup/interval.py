from functools import lru_cache
from math import sqrt
from typing import Optional, Tuple

LEVEL = 0.95
IntervalT = Tuple[float, float]


def get_net_interval(positive: int, negative: int, rated: int) -> Optional[IntervalT]:
    """Estimate how far the share of positive mentions minus that of negative ones may be from what was counted.

    The Wilson intervals of both shares are combined with the correlation that the shares of one whole have. It takes
    mentions as independent; those of one text or author are not, so it is rather too narrow.

    positive (int), negative (int): Mentions. rated (int): Mentions that have a sentiment.
    RETURNS (Optional[IntervalT]): Low and high at 95 %, in [-1, 1]; None without mentions, or without SciPy.
    SOURCE: Zou and Donner (2008), https://doi.org/10.1002/sim.3095; the shares: Wilson (1927),
        https://doi.org/10.1080/01621459.1927.10502953
    """
    if not rated:
        return None
    shares = [positive / rated, negative / rated]
    intervals = [get_wilson_interval(count, rated) for count in (positive, negative)]
    if intervals[0] is None or intervals[1] is None:
        return None
    (low, high), (other_low, other_high) = intervals[0], intervals[1]
    correlation = _correlate(positive, negative, rated)
    down = _combine(shares[0] - low, other_high - shares[1], correlation)
    up = _combine(high - shares[0], shares[1] - other_low, correlation)
    net = shares[0] - shares[1]
    return max(-1.0, net - down), min(1.0, net + up)


@lru_cache(maxsize=100_000)
def get_wilson_interval(count: int, total: int) -> Optional[IntervalT]:
    """RETURNS (Optional[IntervalT]): Of a share, at 95 %. None without SciPy, which is an extra."""
    try:
        from scipy.stats import binomtest
    except ImportError:
        return None
    interval = binomtest(count, total).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def _correlate(positive: int, negative: int, rated: int) -> float:
    # Two shares that make up the whole: one is what the other leaves, also where one of them is 0.
    if positive + negative == rated:
        return -1.0
    return -sqrt(positive * negative / ((rated - positive) * (rated - negative)))


def _combine(a: float, b: float, correlation: float) -> float:
    # Rounding may leave the least bit below 0.
    return sqrt(max(0.0, a * a + b * b - 2 * correlation * a * b))
