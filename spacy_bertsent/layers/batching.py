"""Rows of wordpieces into padded micro-batches of similar length."""

from typing import List, Sequence

import numpy

# What one more forward pass costs, in pieces: it is worth this much padding.
PASS_COST = 192


def batch_by_length(lengths: Sequence[int], max_pieces: int, *, pass_cost: int = PASS_COST) -> List[List[int]]:
    """Group rows so that little is computed in vain: padding and, so that batches are not tiny, passes.

    Rows are sorted and cut where the sum of padded pieces and the cost of the passes is least (dynamic programming over
    the distinct lengths: a shortest path, exact for groups that fit one batch).

    lengths (Sequence[int]): Pieces of each row. max_pieces (int): Most pieces of a batch, padding included; a longer
        row stands alone. pass_cost (int): What a pass costs beside its pieces, in pieces.
    RETURNS (List[List[int]]): Indices of the rows of each batch, shortest rows first; each row once.
    """
    if not len(lengths):
        return []
    array = numpy.asarray(lengths, dtype="int64")
    order = numpy.argsort(array, kind="stable")
    distinct, counts = numpy.unique(array, return_counts=True)
    ends = numpy.concatenate([[0], numpy.cumsum(counts)])
    per_batch = numpy.maximum(1, max_pieces // distinct)
    # best[k]: least cost of the rows with the k shortest lengths; cut[k]: where their last group starts.
    best = numpy.zeros(len(distinct) + 1, dtype="int64")
    cut = numpy.zeros(len(distinct) + 1, dtype="int64")
    for k in range(1, len(distinct) + 1):
        rows = ends[k] - ends[:k]
        costs = best[:k] + rows * distinct[k - 1] - (-rows // per_batch[k - 1]) * pass_cost
        cut[k] = costs.argmin()
        best[k] = costs[cut[k]]
    groups = []
    k = len(distinct)
    while k:
        groups.append((int(ends[cut[k]]), int(ends[k]), int(per_batch[k - 1])))
        k = int(cut[k])
    flat = order.tolist()
    return [flat[i : min(i + size, end)] for start, end, size in reversed(groups) for i in range(start, end, size)]


def cut_by_length(lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
    """Group rows that are laid end to end, so that padding costs nothing: sorted, and cut where a pass is full.

    lengths (Sequence[int]): Pieces of each row. max_pieces (int): Most pieces of a batch; a longer row stands alone.
    RETURNS (List[List[int]]): Indices of the rows of each batch, shortest rows first; each row once.
    """
    array = numpy.asarray(lengths, dtype="int64")
    order = numpy.argsort(array, kind="stable")
    ends = array[order].cumsum()
    batches, start, done = [], 0, 0
    while start < len(order):
        end = max(start + 1, int(numpy.searchsorted(ends, done + max_pieces, side="right")))
        batches.append(order[start:end].tolist())
        start, done = end, int(ends[end - 1])
    return batches


def cut_evenly(lengths: Sequence[int], n_batches: int) -> List[List[int]]:
    """Group rows into batches of about as many pieces each, to be run at the same time.

    lengths (Sequence[int]): Pieces of each row, at least one. n_batches (int): How many are wanted; long rows may give
        fewer.
    RETURNS (List[List[int]]): Indices of the rows of each batch, shortest rows first; each row once.
    """
    array = numpy.asarray(lengths, dtype="int64")
    order = numpy.argsort(array, kind="stable")
    starts = array[order].cumsum() - array[order]
    shares = numpy.arange(1, n_batches) * (int(array.sum()) / n_batches)
    return [part.tolist() for part in numpy.split(order, numpy.searchsorted(starts, shares)) if len(part)]
