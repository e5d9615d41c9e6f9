"""Attention over rows of any length that are laid end to end: torch's own kernel for it, on CUDA."""

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F

from .packing import Packing

try:
    from torch.nn.attention.varlen import varlen_attn
except ImportError:  # an older torch
    varlen_attn = None  # type: ignore[assignment]


def attend_varlen(qkv: torch.Tensor, packing: Packing, n_heads: int, *, cls_only: bool) -> torch.Tensor:
    """Let each row attend to itself. Nothing is padded.

    qkv (torch.Tensor): (pieces, 3 * width) queries, keys and values. packing (Packing): With `offsets`.
    n_heads (int): The width is divided by. cls_only (bool): Of each row, the first piece alone asks.
    RETURNS (torch.Tensor): (pieces, width), or (rows, width).
    """
    assert packing.offsets is not None
    q, k, v = qkv.view(len(qkv), 3, n_heads, -1).unbind(1)
    offsets, longest = packing.offsets, packing.longest
    if cls_only:
        q, q_longest = q[packing.starts], 1
        q_offsets = torch.arange(len(offsets), dtype=offsets.dtype, device=offsets.device)
    else:
        q_offsets, q_longest = offsets, longest
    output: Any = varlen_attn(q.contiguous(), k.contiguous(), v.contiguous(), q_offsets, offsets, q_longest, longest)
    return torch.flatten(output, 1)


@cache
def has_varlen(device: torch.device, dtype: torch.dtype) -> bool:
    """Try the kernel on two short rows, beside plain attention.

    device (torch.device), dtype (torch.dtype): Of the encoder.
    RETURNS (bool): Whether it runs there and gives the same.
    """
    if varlen_attn is None or device.type != "cuda" or dtype not in (torch.bfloat16, torch.float16):
        return False
    generator = torch.Generator().manual_seed(0)
    qkv = torch.randn(5, 3 * 64, generator=generator).to(device, dtype)
    offsets = torch.tensor([0, 2, 5], dtype=torch.int32, device=device)
    packing = Packing(offsets, offsets, offsets, offsets[:2], [], None, None, 5, offsets, 3)
    try:
        found = attend_varlen(qkv, packing, 2, cls_only=False)
    except (RuntimeError, TypeError, ValueError):
        return False
    expected = torch.cat([attend_row(part, 2) for part in (qkv[:2], qkv[2:])])
    return torch.allclose(found.float(), expected.float(), atol=0.02)


def attend_row(qkv: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Plain attention in one row, as `attend_varlen` in many. RETURNS (torch.Tensor): (pieces, width)."""
    q, k, v = qkv.view(len(qkv), 3, n_heads, -1).permute(1, 2, 0, 3)
    return F.scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1)
