from typing import List, Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.retry import run_halving


class Memory:
    """Doubles numbers, at most some at a time."""

    def __init__(self, room: int, error: type = torch.cuda.OutOfMemoryError):
        self.room = room
        self.error = error
        self.sizes: List[int] = []

    def __call__(self, items: Sequence[int]) -> List[int]:
        self.sizes.append(len(items))
        if len(items) > self.room:
            raise self.error("out of memory")
        return [2 * x for x in items]


@given(st.integers(1, 40), st.integers(1, 40))
def test_everything_is_run_once_and_in_order(n_items: int, room: int) -> None:
    memory = Memory(room)
    parts = list(run_halving(memory, range(n_items)))
    assert [x for part, _ in parts for x in part] == list(range(n_items))
    assert [y for _, output in parts for y in output] == [2 * x for x in range(n_items)]
    assert all(len(part) <= room for part, _ in parts)


def test_what_fits_is_run_at_once() -> None:
    memory = Memory(8)
    assert len(list(run_halving(memory, range(8)))) == 1
    assert memory.sizes == [8]


def test_halves() -> None:
    memory = Memory(2)
    assert [list(part) for part, _ in run_halving(memory, range(7))] == [[0], [1, 2], [3, 4], [5, 6]]
    assert memory.sizes == [7, 3, 1, 2, 4, 2, 2]


@pytest.mark.parametrize("error", [MemoryError, RuntimeError])
def test_item_that_fails_alone_fails(error: type) -> None:
    with pytest.raises(error, match="out of memory"):
        list(run_halving(Memory(0, error), range(4)))


def test_other_errors_are_not_tried_again() -> None:
    memory = Memory(1, ValueError)
    with pytest.raises(ValueError, match="out of memory"):
        list(run_halving(memory, range(4)))
    assert memory.sizes == [4]
