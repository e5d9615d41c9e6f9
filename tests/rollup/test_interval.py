import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.rollup.interval import get_net_interval, get_wilson_interval


def test_without_neutral_it_is_that_of_one_share() -> None:
    # Wilson for 7 of 10: 0.3968 to 0.8922; net = 2 * share - 1.
    assert get_wilson_interval(7, 10) == pytest.approx((0.3968, 0.8922), abs=1e-4)
    assert get_net_interval(7, 3, 10) == pytest.approx((2 * 0.3968 - 1, 2 * 0.8922 - 1), abs=2e-4)


def test_one_mention_says_little() -> None:
    # Wilson for 1 of 1: 1 / (1 + 1.96 ** 2) = 0.2065 to 1.
    assert get_net_interval(1, 0, 1) == pytest.approx((2 * 0.2065 - 1, 1.0), abs=1e-3)
    low, high = get_net_interval(0, 0, 1) or (0.0, 0.0)
    assert low == pytest.approx(-high) and high > 0.7


def test_worked_by_hand() -> None:
    # Shares 0.4 and 0.2 of 20, Wilson 0.2188 to 0.6134 and 0.0807 to 0.4160, correlation -sqrt(8 * 4 / (12 * 16)).
    # Down: sqrt(0.1812 ** 2 + 0.2160 ** 2 + 2 * 0.4082 * 0.1812 * 0.2160); up: the same of 0.2134 and 0.1193.
    assert get_net_interval(8, 4, 20) == pytest.approx((0.2 - 0.3338, 0.2 + 0.2839), abs=2e-4)


def test_nothing_rated() -> None:
    assert get_net_interval(0, 0, 0) is None


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    get_wilson_interval.cache_clear()
    assert get_net_interval(3, 1, 5) is None
    get_wilson_interval.cache_clear()


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_it_holds_the_net_and_mirrors(positive: int, neutral: int, negative: int) -> None:
    rated = positive + neutral + negative
    if not rated:
        return
    interval, mirrored = get_net_interval(positive, negative, rated), get_net_interval(negative, positive, rated)
    assert interval is not None and mirrored is not None
    assert -1 <= interval[0] <= (positive - negative) / rated + 1e-9
    assert (positive - negative) / rated - 1e-9 <= interval[1] <= 1
    assert interval == pytest.approx((-mirrored[1], -mirrored[0]))
