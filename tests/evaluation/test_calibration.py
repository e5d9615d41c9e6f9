from typing import List, Tuple

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.evaluation.calibration import get_calibration_error


def test_by_hand() -> None:
    # Bins of 0.2: {0.1}, {0.3, 0.4}, {0.9, 1.0, 0.95}.
    confidence = numpy.asarray([0.1, 0.3, 0.4, 0.9, 1.0, 0.95])
    right = numpy.asarray([False, True, False, True, True, False])
    gaps = [1 / 6 * 0.1, 2 / 6 * abs(0.5 - 0.35), 3 / 6 * abs(2 / 3 - 0.95)]
    assert get_calibration_error(confidence, right, n_bins=5) == pytest.approx(sum(gaps))


def test_fifteen_bins_closed_above() -> None:
    # 0.2 = 3 / 15 ends the third bin, 0.21 is in the fourth: their gaps do not cancel.
    assert get_calibration_error(numpy.asarray([0.2, 0.21]), numpy.asarray([True, False])) == pytest.approx(1.01 / 2)
    # In one bin they do: 0.5 right of 0.195 expected.
    assert get_calibration_error(numpy.asarray([0.2, 0.19]), numpy.asarray([True, False])) == pytest.approx(0.305)


def test_extremes() -> None:
    ones, zeros = numpy.ones(4), numpy.zeros(4)
    assert get_calibration_error(ones, ones == 1) == 0.0
    assert get_calibration_error(ones, ones == 0) == 1.0
    assert get_calibration_error(zeros, zeros == 1) == 0.0
    assert get_calibration_error(zeros[:0], zeros[:0] == 1) == 0.0


def test_a_calibrated_system_has_little_error() -> None:
    rng = numpy.random.default_rng(0)
    confidence = rng.random(50_000)
    right = rng.random(50_000) < confidence
    assert get_calibration_error(confidence, right) < 0.01
    assert get_calibration_error(numpy.sqrt(confidence), right) == pytest.approx(2 / 3 - 1 / 2, abs=0.01)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_as_defined(items: List[Tuple[float, bool]]) -> None:
    confidence, right = numpy.asarray([x for x, _ in items]), numpy.asarray([x for _, x in items])
    expected = 0.0
    for i in range(15):
        bin_ = [(c, r) for c, r in items if i / 15 < c <= (i + 1) / 15 or c == 0 == i]
        if bin_:
            gap = abs(sum(r for _, r in bin_) / len(bin_) - sum(c for c, _ in bin_) / len(bin_))
            expected += len(bin_) / len(items) * gap
    assert get_calibration_error(confidence, right) == pytest.approx(expected, abs=1e-9)
