"""One vector for each aspect from the pieces around it: its [CLS] row, joined with a second one."""

from typing import Any, Callable, Sequence, Tuple, cast

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..types import AspectRows
from .local_context import check_focus, weigh_context

POOLINGS = ("mean", "max")
InT = AspectRows
OutT = Floats2d


def mention_pooling(pooling: str) -> Model[InT, OutT]:
    """Join the [CLS] row with the pieces of the aspect where it stands in its text.

    pooling (str): "mean" or "max" of these pieces.
    RETURNS (Model[AspectRows, Floats2d]): (aspects, 2 widths).
    RAISES (ValueError): BS016 for another pooling.
    """
    if pooling not in POOLINGS:
        known = ", ".join(POOLINGS)
        raise ValueError(Errors.BS016.format(name="pooling", value=pooling, expected=known, pipe="aspect_sentiment"))
    if pooling == "max":
        return Model("max_pooling", forward_max, dims={"nO": None})
    return Model("mention_pooling", forward_mean, attrs={"focus": None, "distance": 0}, dims={"nO": None})


def local_pooling(focus: str, distance: int) -> Model[InT, OutT]:
    """Join the [CLS] row with the mean of the pieces near the aspect. See `weigh_context` for the settings.

    RETURNS (Model[AspectRows, Floats2d]): (aspects, 2 widths).
    RAISES (ValueError): BS016 for a setting that is not known.
    """
    check_focus(focus, distance)
    return Model("local_pooling", forward_mean, attrs={"focus": focus, "distance": distance}, dims={"nO": None})


def forward_mean(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[OutT], InT]]:
    ops, xp = model.ops, cast(Any, model.ops.xp)
    focus = model.attrs["focus"]
    shares = X.mention.astype("f") if focus is None else weigh_context(X, focus, model.attrs["distance"])
    shares /= numpy.repeat(numpy.add.reduceat(shares, _get_starts(X.lengths)), X.lengths)
    weights = cast(Any, ops.asarray1f(cast(Any, shares)))[:, None]
    lengths = ops.asarray1i(X.lengths)
    pooled = ops.reduce_sum(cast(Floats2d, X.rows * weights), lengths)

    def backprop(dY: OutT) -> InT:
        d_cls, d_pooled = xp.split(dY, 2, axis=1)
        return _spread(model, X, d_cls, ops.backprop_reduce_sum(xp.ascontiguousarray(d_pooled), lengths) * weights)

    return xp.concatenate([_get_cls(model, X), pooled], axis=1), backprop


def forward_max(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[OutT], InT]]:
    ops, xp = model.ops, cast(Any, model.ops.xp)
    own = xp.asarray(numpy.flatnonzero(X.mention))
    lengths = ops.asarray1i(numpy.add.reduceat(X.mention.astype("i"), _get_starts(X.lengths)).tolist())
    pooled, which = ops.reduce_max(cast(Floats2d, X.rows[own]), lengths)

    def backprop(dY: OutT) -> InT:
        d_cls, d_pooled = xp.split(dY, 2, axis=1)
        d_rows = xp.zeros_like(X.rows)
        d_rows[own] = ops.backprop_reduce_max(xp.ascontiguousarray(d_pooled), which, lengths)
        return _spread(model, X, d_cls, d_rows)

    return xp.concatenate([_get_cls(model, X), pooled], axis=1), backprop


def _get_cls(model: Model, X: InT) -> Any:
    rows: Any = X.rows
    return rows[cast(Any, model.ops.xp).asarray(_get_starts(X.lengths))]


def _spread(model: Model, X: InT, d_cls: Any, d_rows: Any) -> InT:
    """Add the gradient of the [CLS] rows."""
    d_rows[cast(Any, model.ops.xp).asarray(_get_starts(X.lengths))] += d_cls
    return AspectRows(d_rows, X.lengths, X.context, X.mention)


def _get_starts(lengths: Sequence[int]) -> numpy.ndarray:
    return cast(numpy.ndarray, numpy.cumsum([0, *lengths[:-1]]))
