"""Self-attention over sequences of rows, as a thinc layer."""

from typing import Any, Callable, List, Optional, Sequence, Tuple, cast

import numpy
from thinc.api import Model, glorot_uniform_init
from thinc.types import Floats2d, Ragged

from ..errors import Errors
from .batching import batch_by_length

# Most padded rows whose attention is computed at a time.
MAX_ROWS = 4096


def self_attention(n_heads: int) -> Model[Ragged, Ragged]:
    """Let the rows of each sequence look at each other.

    Source: Vaswani et al. (2017), https://arxiv.org/abs/1706.03762, section 3.2; without the output projection and with
    a final tanh, as in the published code of LCF-BERT.

    n_heads (int): Number of heads, of which the width is a multiple.
    RETURNS (Model[Ragged, Ragged]): Sequences of the same lengths and width; no sequence sees another.
    RAISES (ValueError): BS097 at its initialization, if the width is no multiple.
    """
    dims: Any = {"nO": None, "nI": None}
    params: Any = {"W": None, "b": None}
    return Model("self_attention", forward, init=init, attrs={"n_heads": n_heads}, dims=dims, params=params)


def forward(model: Model[Ragged, Ragged], X: Ragged, is_train: bool) -> Tuple[Ragged, Callable[[Ragged], Ragged]]:
    ops, xp = model.ops, cast(Any, model.ops.xp)
    W, b, n_heads = cast(Floats2d, model.get_param("W")), model.get_param("b"), model.attrs["n_heads"]
    rows = cast(Any, X.dataXd)
    projected = ops.gemm(rows, W, trans2=True) + b  # (rows, query, key and value of each head)
    lengths = ops.to_numpy(X.lengths).tolist()
    out = xp.zeros_like(rows)
    saved = []
    for index, mask in _make_groups(lengths):
        index, mask = xp.asarray(index), xp.asarray(mask)
        query, key, value = _split_heads(projected[index], n_heads)  # (sequences, heads, pieces, width / heads)
        scale = query.shape[-1] ** -0.5
        scores = query @ key.transpose(0, 1, 3, 2) * scale
        scores = xp.where(mask[:, None, None, :], scores, -1e9).astype(rows.dtype)
        weights = xp.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        out[index[mask]] = _join_heads(weights @ value)[mask]
        if is_train:
            saved.append((index, mask, query, key, value, weights, scale))
    Y = xp.tanh(out)

    def backprop(dY: Ragged) -> Ragged:
        d_out = cast(Any, dY.dataXd) * (1 - Y * Y)
        d_projected = xp.zeros_like(projected)
        for index, mask, query, key, value, weights, scale in saved:
            d_group = xp.where(mask[:, :, None], d_out[index], 0).astype(d_out.dtype)
            (d_mixed,) = _split_heads(d_group, n_heads, 1)
            d_value = weights.transpose(0, 1, 3, 2) @ d_mixed
            d_weights = d_mixed @ value.transpose(0, 1, 3, 2)
            d_scores = weights * (d_weights - (d_weights * weights).sum(axis=-1, keepdims=True)) * scale
            d_query, d_key = d_scores @ key, d_scores.transpose(0, 1, 3, 2) @ query
            d_parts = xp.concatenate([_join_heads(d) for d in (d_query, d_key, d_value)], axis=-1)
            d_projected[index[mask]] = d_parts[mask]
        model.inc_grad("W", ops.gemm(d_projected, rows, trans1=True))
        model.inc_grad("b", d_projected.sum(axis=0))
        return Ragged(ops.gemm(d_projected, W), X.lengths)

    return Ragged(Y, X.lengths), backprop


def init(model: Model[Ragged, Ragged], X: Optional[Ragged] = None, Y: Optional[Ragged] = None) -> None:
    if X is not None:
        model.set_dim("nI", cast(Any, X.dataXd).shape[1])
    width, n_heads = model.get_dim("nI"), model.attrs["n_heads"]
    if width % n_heads:
        raise ValueError(Errors.BS097.format(n_heads=n_heads, width=width))
    model.set_dim("nO", width)
    parts: List[Any] = [glorot_uniform_init(model.ops, (width, width)) for _ in range(3)]
    model.set_param("W", cast(Any, model.ops.xp).concatenate(parts))
    model.set_param("b", model.ops.alloc1f(3 * width))


def _make_groups(lengths: Sequence[int]) -> List[Tuple[numpy.ndarray, numpy.ndarray]]:
    """Group sequences of similar length. RETURNS (List[Tuple[numpy.ndarray, numpy.ndarray]]): Of each group the row at
    each place, and whether there is one, both (sequences, longest)."""
    starts = numpy.cumsum([0, *lengths])
    groups = []
    for group in batch_by_length(lengths, MAX_ROWS):
        sizes = numpy.asarray([lengths[i] for i in group])[:, None]
        places = numpy.arange(sizes.max())[None]
        mask = places < sizes
        groups.append((numpy.where(mask, starts[group][:, None] + places, 0), mask))
    return groups


def _split_heads(rows: Any, n_heads: int, n_parts: int = 3) -> List[Any]:
    """RETURNS (List[Any]): Each part as (sequences, heads, pieces, width / heads)."""
    n, longest, width = rows.shape
    parts = rows.reshape(n, longest, n_parts, n_heads, width // (n_parts * n_heads))
    return [parts[:, :, i].transpose(0, 2, 1, 3) for i in range(n_parts)]


def _join_heads(heads: Any) -> Any:
    n, _, longest, _ = heads.shape
    return heads.transpose(0, 2, 1, 3).reshape(n, longest, -1)
