from itertools import chain, combinations
from typing import Iterator, List

from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.batching import batch_by_length, cut_by_length, cut_evenly


@given(lengths=st.lists(st.integers(1, 100), max_size=60), max_pieces=st.integers(1, 300))
def test_each_row_once_in_batches_that_fit(lengths: List[int], max_pieces: int) -> None:
    batches = batch_by_length(lengths, max_pieces)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(flat)
    for batch in batches:
        padded = len(batch) * max(lengths[i] for i in batch)
        assert len(batch) == 1 or padded <= max_pieces


def test_no_rows_no_batches() -> None:
    assert batch_by_length([], 100) == []


def test_small_rows_share_a_batch() -> None:
    assert batch_by_length([3, 10, 3, 9], 20) == [[0, 2], [3, 1]]


def test_a_pass_is_worth_some_padding() -> None:
    assert batch_by_length([10, 12, 40], 1000, pass_cost=5) == [[0, 1], [2]]
    assert batch_by_length([10, 12, 40], 1000, pass_cost=1) == [[0], [1], [2]]
    assert batch_by_length([10, 12, 40], 1000, pass_cost=100) == [[0, 1, 2]]


def partitions(rows: List[int]) -> Iterator[List[List[int]]]:
    """All ways to cut sorted rows into neighbouring groups of whole lengths."""
    places = [i for i in range(1, len(rows)) if rows[i] != rows[i - 1]]
    for chosen in chain.from_iterable(combinations(places, n) for n in range(len(places) + 1)):
        bounds = [0, *chosen, len(rows)]
        yield [rows[a:b] for a, b in zip(bounds, bounds[1:])]


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12), pass_cost=st.integers(0, 30))
def test_no_other_cut_costs_less(lengths: List[int], pass_cost: int) -> None:
    def cost(batches: List[List[int]]) -> int:
        return sum(len(rows) * max(rows) + pass_cost for rows in batches)

    batches = [[lengths[i] for i in batch] for batch in batch_by_length(lengths, 1000, pass_cost=pass_cost)]
    assert cost(batches) == min(map(cost, partitions(sorted(lengths))))


@given(lengths=st.lists(st.integers(1, 100), max_size=60), max_pieces=st.integers(1, 300))
def test_cut_rows_are_sorted_and_fit(lengths: List[int], max_pieces: int) -> None:
    batches = cut_by_length(lengths, max_pieces)
    flat = [i for batch in batches for i in batch]
    assert sorted(flat) == list(range(len(lengths)))
    assert [lengths[i] for i in flat] == sorted(lengths)
    for batch, after in zip(batches, [*batches[1:], None]):
        pieces = sum(lengths[i] for i in batch)
        assert len(batch) == 1 or pieces <= max_pieces
        if after is not None:
            assert pieces + lengths[after[0]] > max_pieces, "full"


@given(lengths=st.lists(st.integers(1, 100), min_size=1, max_size=60), n_batches=st.integers(1, 12))
def test_even_batches_are_sorted_and_alike(lengths: List[int], n_batches: int) -> None:
    batches = cut_evenly(lengths, n_batches)
    flat = [i for batch in batches for i in batch]
    assert sorted(flat) == list(range(len(lengths)))
    assert [lengths[i] for i in flat] == sorted(lengths)
    assert all(batches) and len(batches) <= n_batches
    share = sum(lengths) / n_batches
    assert all(sum(lengths[i] for i in batch) < share + max(lengths) for batch in batches)


def test_even_batches_by_hand() -> None:
    assert cut_evenly([4, 1, 1, 2, 4], 3) == [[1, 2, 3], [0], [4]]
    assert cut_evenly([100, 1], 4) == [[1, 0]]
