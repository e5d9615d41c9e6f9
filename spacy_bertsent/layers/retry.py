"""A forward pass that does not fit is made in two halves."""

from typing import Callable, Iterator, Sequence, Tuple, TypeVar

import torch

ItemT = TypeVar("ItemT")
OutT = TypeVar("OutT")


def run_halving(
    run: Callable[[Sequence[ItemT]], OutT], items: Sequence[ItemT]
) -> Iterator[Tuple[Sequence[ItemT], OutT]]:
    """Run something over a batch; where memory is too small or the device fails, over its halves, and so on.

    run (Callable[[Sequence[ItemT]], OutT]): Takes some of the items. Without side effects: it may be called again.
    items (Sequence[ItemT]): At least one.
    YIELDS (Tuple[Sequence[ItemT], OutT]): Neighbouring items that were run together, and what they gave; in order.
    RAISES: What `run` raised for an item alone.
    """
    try:
        output = run(items)
    except (MemoryError, RuntimeError):
        if len(items) == 1:
            raise
        output = None
    if output is not None:
        yield items, output
        return
    # Outside of the handler: the exception holds the frames, and with them the tensors that filled the memory.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(items) // 2
    yield from run_halving(run, items[:middle])
    yield from run_halving(run, items[middle:])
