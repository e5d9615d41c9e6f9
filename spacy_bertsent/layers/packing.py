"""Rows of wordpieces laid end to end: matrix products see no padding, attention sees little."""

from functools import partial
from itertools import chain
from typing import Any, List, NamedTuple, Optional, Sequence

import numpy
import torch

from .pieces import Row

# Lengths that attention is padded to. On the CPU, products of matrices of other sizes take two to three times as long.
ALIGNMENT = 16
# What a number of pieces is filled up to, below a limit and from there on: on the CPU, each number that was not met yet
# costs the libraries below time to prepare (`benchmarks/passes.py`).
FINE, LIMIT, COARSE = 16, 256, 32


class Group(NamedTuple):
    """Rows that attend in one product.

    start (int): First piece of the padded group. rows (int), length (int): Its shape.
    mask (Optional[torch.Tensor]): (rows, 1, 1, length) bool, True for real pieces. None where all are.
    """

    start: int
    rows: int
    length: int
    mask: Optional[torch.Tensor]


class Packing(NamedTuple):
    """Rows end to end.

    ids, types, positions (torch.Tensor): (pieces,) of all rows, and of what they are filled up with.
    starts (torch.Tensor): (rows,) first piece of each.
    groups (List[Group]): How attention sees them.
    pad (Optional[torch.Tensor]): (padded pieces,) where each padded piece comes from. None where nothing is padded.
    unpad (Optional[torch.Tensor]): (pieces,) where each piece went.
    n_pieces (int): Of the rows. What follows them is not read.
    offsets (Optional[torch.Tensor]): (rows + 1,) int32, where each row starts, and the end; where there are no groups.
    longest (int): Pieces of the longest row.
    """

    ids: torch.Tensor
    types: torch.Tensor
    positions: torch.Tensor
    starts: torch.Tensor
    groups: List[Group]
    pad: Optional[torch.Tensor]
    unpad: Optional[torch.Tensor]
    n_pieces: int
    offsets: Optional[torch.Tensor] = None
    longest: int = 0


def pack_rows(
    rows: Sequence[Row],
    *,
    first_position: int = 0,
    device: Any = "cpu",
    alignment: int = ALIGNMENT,
    grouped: bool = True,
    filled: bool = False,
) -> Packing:
    """Lay rows end to end.

    rows (Sequence[Row]): At least one; best sorted by length, since neighbours attend together.
    first_position (int): Index of a row's first position. device (torch.device): Where the tensors go.
    alignment (int): Attention is padded to multiples of it. grouped (bool): False leaves the groups out, for attention
        that needs only to know where rows start.
    filled (bool): Add pieces that nobody reads (`fill_up`). For attention in groups alone.
    RETURNS (Packing): In the order of the rows.
    """
    lengths = numpy.asarray([len(row.ids) for row in rows], dtype="int64")
    ends = lengths.cumsum()
    starts = ends - lengths
    n = int(ends[-1])
    n_more = fill_up(n) - n if filled else 0
    more = [0] * n_more
    ids = numpy.fromiter(chain(*(row.ids for row in rows), more), dtype="int64", count=n + n_more)
    types = numpy.fromiter(chain(*(row.types for row in rows), more), dtype="int64", count=n + n_more)
    positions = numpy.full(n + n_more, first_position)
    positions[:n] += numpy.arange(n) - numpy.repeat(starts, lengths)

    put = partial(put_array, device=torch.device(device))
    if not grouped:
        offsets = put(numpy.concatenate([[0], ends]).astype("int32"))
        longest = int(lengths.max())
        return Packing(put(ids), put(types), put(positions), put(starts), [], None, None, n, offsets, longest)
    widths = -(-lengths // alignment) * alignment
    cuts = numpy.flatnonzero(numpy.diff(widths)) + 1
    groups: List[Group] = []
    pad, unpad = [], []
    size = 0
    for first, last in zip([0, *cuts], [*cuts, len(rows)]):
        width = int(widths[first])
        places = numpy.arange(width)
        real = places < lengths[first:last, None]
        # A padded place repeats the row's first piece: finite, and masked.
        pad.append((starts[first:last, None] + places * real).ravel())
        unpad.append(size + numpy.flatnonzero(real))
        mask = None if real.all() else put(real[:, None, None, :])
        groups.append(Group(size, int(last - first), width, mask))
        size += real.size
    # What was added gets what the first piece attends to: finite, and nobody reads it.
    unpad.append(numpy.zeros(n_more, dtype="int64"))
    exact = size == n and not n_more
    return Packing(
        put(ids), put(types), put(positions), put(starts), groups,
        None if exact else put(numpy.concatenate(pad)), None if exact else put(numpy.concatenate(unpad)), n,
    )  # fmt: skip


def put_array(array: numpy.ndarray, device: torch.device) -> torch.Tensor:
    """RETURNS (torch.Tensor): A copy on a device, which does not wait for what the device computes."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def fill_up(n: int) -> int:
    """RETURNS (int): At least n: one of a few numbers."""
    step = FINE if n < LIMIT else COARSE
    return -(-n // step) * step
