from typing import List

from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.batching import batch_by_length


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
