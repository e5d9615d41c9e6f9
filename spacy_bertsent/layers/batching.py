"""Rows of wordpieces into padded micro-batches of similar length."""

from typing import List, Sequence


def batch_by_length(lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
    """Group rows so that little padding is computed.

    lengths (Sequence[int]): Pieces of each row. max_pieces (int): Most pieces of a batch, padding included; a longer
    row stands alone.
    RETURNS (List[List[int]]): Indices of the rows of each batch, shortest rows first; each row once.
    """
    batches: List[List[int]] = []
    batch: List[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Sorted, so row i is the longest: the batch would be padded to its length.
        if batch and (len(batch) + 1) * lengths[i] > max_pieces:
            batches.append(batch)
            batch = []
        batch.append(i)
    if batch:
        batches.append(batch)
    return batches
