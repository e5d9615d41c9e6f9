"""The forward pass of BERT's family over packed rows."""

import math
from typing import Any, Callable, List, NamedTuple, Tuple, cast

import torch
import torch.nn.functional as F
from torch.nn import LayerNorm

from .dropout import drop_values
from .families import EncoderParts, LayerParts
from .packing import Group, Packing
from .varlen import attend_varlen


class LayerWeights(NamedTuple):
    """The matrices of one layer in the type that products are computed in, each with its bias.

    attend: (3 * width, width), query, key and value in one product.
    """

    attend: Tuple[torch.Tensor, torch.Tensor]
    output: Tuple[torch.Tensor, torch.Tensor]
    up: Tuple[torch.Tensor, torch.Tensor]
    down: Tuple[torch.Tensor, torch.Tensor]


def cast_weights(parts: EncoderParts, dtype: torch.dtype) -> List[LayerWeights]:
    """Cast the matrices of all layers, once for many rows. With gradients where they are enabled."""

    def make(layer: LayerParts) -> LayerWeights:
        linears = (layer.query, layer.key, layer.value)
        attend = torch.cat([x.weight for x in linears]), torch.cat([x.bias for x in linears])
        pairs = [attend, *((x.weight, x.bias) for x in (layer.output, layer.up, layer.down))]
        return LayerWeights(*((weight.to(dtype), bias.to(dtype)) for weight, bias in pairs))

    return [make(layer) for layer in parts.layers]


def embed(parts: EncoderParts, packing: Packing, words: torch.Tensor) -> torch.Tensor:
    """Sum and normalise the embeddings. words (torch.Tensor): (pieces, width). RETURNS (torch.Tensor): The same."""
    # In the order of the transformers library, so that float32 sums are equal.
    if parts.types is not None:
        words = words + F.embedding(packing.types, parts.types.weight)
    return cast(torch.Tensor, parts.dropout(parts.norm(words + F.embedding(packing.positions, parts.positions.weight))))


FinishT = Callable[[LayerParts, LayerWeights, torch.Tensor, torch.Tensor], torch.Tensor]


def finish_layer(layer: LayerParts, weights: LayerWeights, x: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
    """Compute all of a layer that follows its attention.

    x (torch.Tensor): (rows or pieces, width) float32, what came in. attended (torch.Tensor): The same shape.
    RETURNS (torch.Tensor): The same shape, float32.
    """
    y = F.linear(attended, *weights.output)
    if layer.output_dropout is not None:
        y = layer.output_dropout(y)
    x = _normalise(layer.output_norm, x, y)
    y = F.linear(layer.activation(F.linear(x.to(weights.up[0].dtype), *weights.up)), *weights.down)
    return _normalise(layer.norm, x, layer.down_dropout(y))


def run_layers(
    parts: EncoderParts,
    weights: List[LayerWeights],
    packing: Packing,
    x: torch.Tensor,
    *,
    tokens: bool,
    fused: bool,
    finish: FinishT = finish_layer,
) -> torch.Tensor:
    """Run all layers.

    Rows are laid end to end, so that linear layers compute real pieces alone (as in "padding-free" or "unpadded" BERT,
    Zhai et al. 2022, https://arxiv.org/abs/2210.03052); attention pads within groups of like length. Where only [CLS]
    is read, the last layer computes its row alone, which is exact.

    parts (EncoderParts): The encoder. weights (List[LayerWeights]): From `cast_weights`.
    packing (Packing): The rows. x (torch.Tensor): (pieces, width), from `embed`.
    tokens (bool): Give all pieces, not [CLS] alone. fused (bool): Use torch's fused attention.
    finish (Callable): `finish_layer`, or what it was compiled to.
    RETURNS (torch.Tensor): (pieces, width) float32, or (rows, width).
    """
    for i, (layer, matrices) in enumerate(zip(parts.layers, weights)):
        cls_only = not tokens and i == len(weights) - 1
        qkv = F.linear(x.to(matrices.attend[0].dtype), *matrices.attend)
        attended = _attend(layer, qkv, packing, parts.n_heads, cls_only, fused)
        x = finish(layer, matrices, x[packing.starts] if cls_only else x, attended)
    # Of [CLS] alone, there are no more rows than that.
    return x[: packing.n_pieces].float()


def _normalise(norm: LayerNorm, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    # The residual stream stays in float32: in bfloat16 it would lose four times as much as the products do. Nobody else
    # has seen `y`: to add in place takes three quarters of the time.
    total = x + y if torch.is_grad_enabled() else y.float().add_(x)
    return F.layer_norm(total, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


def _attend(
    layer: LayerParts, qkv: torch.Tensor, packing: Packing, n_heads: int, cls_only: bool, fused: bool
) -> torch.Tensor:
    """RETURNS (torch.Tensor): (pieces, width), or (rows, width)."""
    if packing.offsets is not None:
        return attend_varlen(qkv, packing, n_heads, cls_only=cls_only)
    width = qkv.shape[1] // 3
    padded = qkv if packing.pad is None else _Pad.apply(qkv, packing.pad, packing.unpad, packing.n_pieces)
    outputs = []
    for group in packing.groups:
        part = padded[group.start : group.start + group.rows * group.length]
        q, k, v = part.view(group.rows, group.length, 3, n_heads, width // n_heads).permute(2, 0, 3, 1, 4)
        if cls_only:
            q = q[:, :, :1]
        p = layer.attention_dropout if layer.down_dropout.training else 0.0
        output = _attend_group(q, k, v, group, p, fused)
        outputs.append(output.transpose(1, 2).reshape(-1, width))
    joined = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
    if cls_only or packing.pad is None:
        return joined
    return cast(torch.Tensor, _Unpad.apply(joined, packing.unpad, packing.n_pieces))


def _attend_group(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, group: Group, p: float, fused: bool
) -> torch.Tensor:
    if fused and not p:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=group.mask)
    scores = torch.matmul(q, k.transpose(-1, -2)) * (1 / math.sqrt(q.shape[-1]))
    if group.mask is not None:
        scores = scores.masked_fill(~group.mask, -math.inf)
    shares = scores.softmax(-1)
    return torch.matmul(drop_values(shares, p) if p else shares, v)


class _Pad(torch.autograd.Function):
    """Copy pieces to their padded places. Their gradients come back from there: padded places have none, nor have the
    pieces after the first n, which stand at somebody else's place."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, pad: torch.Tensor, unpad: torch.Tensor, n: int) -> torch.Tensor:
        ctx.unpad, ctx.n = unpad, n
        return x.index_select(0, pad)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Tuple[torch.Tensor, None, None, None]:
        grad = grads[0].index_select(0, ctx.unpad)
        grad[ctx.n :] = 0
        return grad, None, None, None


class _Unpad(torch.autograd.Function):
    """Copy real pieces out of padded places; the others get a gradient of zero."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, unpad: torch.Tensor, n: int) -> torch.Tensor:
        ctx.n_padded, ctx.unpad, ctx.n = x.shape[0], unpad, n
        return x.index_select(0, unpad)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Tuple[torch.Tensor, None, None]:
        zeros = grads[0].new_zeros(ctx.n_padded, grads[0].shape[1])
        return zeros.index_copy_(0, ctx.unpad[: ctx.n], grads[0][: ctx.n]), None, None
