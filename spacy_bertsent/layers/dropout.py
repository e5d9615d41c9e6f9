"""Dropout that does not wait for random numbers."""

from typing import Any, Tuple, cast

import torch


class ByteDropout(torch.nn.Module):
    """Drop values as `torch.nn.Dropout` does, with one random byte a value on the CPU.

    torch draws one random number for each value, one after the other, which costs about a fifth of a training step of a
    small encoder. Here one 64-bit number serves eight values. The probability is rounded to 1/256, and what is kept is
    scaled for that probability, so the expected value is exact. On other devices it is torch's own.

    p (float): Probability of a value to become 0.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return drop_values(x, self.p) if self.training else x


def drop_values(x: torch.Tensor, p: float) -> torch.Tensor:
    """Set a share of the values to 0 and scale the others: see `ByteDropout`."""
    cut = round(p * 256)
    if cut == 0:
        return x
    if x.device.type != "cpu" or cut == 256:
        return torch.nn.functional.dropout(x, p, training=True)
    return cast(torch.Tensor, _Drop.apply(x, cut))


class _Drop(torch.autograd.Function):
    """Two passes over the values in place of four, and a mask of bytes is all that is kept."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, cut: int) -> torch.Tensor:
        n = x.numel()
        numbers = torch.empty((n + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
        ctx.dropped = numbers.view(torch.uint8)[:n].view(x.shape) < cut
        # The scale as a number and not in the mask: in bfloat16 it would be rounded, for all values alike.
        ctx.scale = 256 / (256 - cut)
        return (x * ctx.scale).masked_fill_(ctx.dropped, 0)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Tuple[torch.Tensor, None]:
        return (grads[0] * ctx.scale).masked_fill_(ctx.dropped, 0), None


def replace_dropout(module: torch.nn.Module) -> None:
    """Put `ByteDropout` in the place of each `torch.nn.Dropout` of a module."""
    for name, child in module.named_children():
        if type(child) is torch.nn.Dropout:
            setattr(module, name, ByteDropout(child.p))
        else:
            replace_dropout(child)
