from pathlib import Path

import pytest

from .conftest import ScriptT


def test_operations_of_a_text_by_hand(script: ScriptT) -> None:
    # One layer, 2 wide, 3 inside, 5 pieces: 5 x (4 x 2 x 2 + 2 x 2 x 3) products and 2 x 25 x 2 of attention, two each.
    assert script("peak").count_flops([5], (1, 2, 3)) == 2 * (5 * (16 + 12) + 100)
    assert script("peak").count_flops([5, 5], (3, 2, 3)) == 6 * 480


def test_sizes_are_read_from_the_weights(script: ScriptT, weights: Path) -> None:
    assert script("peak").read_sizes(weights) == (2, 32, 64)


def test_peak_is_measured_for_engines_that_have_one(script: ScriptT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(script("peak"), "SIZE", 64)
    found = script("peak").probe(["fp32", "unknown"], seconds=0.0)
    assert list(found) == ["fp32"] and found["fp32"] > 1e6


def test_the_largest_move_counts(script: ScriptT) -> None:
    moved = script("peak").get_moved({"fp32": 100.0, "bf16": 200.0}, {"fp32": 105.0, "bf16": 150.0})
    assert moved == pytest.approx(0.25)
