"""The layers of a head: pool, classify each window, combine the windows of a text."""

from typing import Any, Callable, List, Optional, Tuple, Union, cast

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..types import Windows

COMBINE = ("mean", "max")
RowsT = Union[Windows, List[Floats2d]]


def window_head(inner: Model[Floats2d, Floats2d], combine: str) -> Model[RowsT, Floats2d]:
    """Classify each window of a text and combine their logits.

    inner (Model[Floats2d, Floats2d]): Gives one row of logits per window.
    combine (str): "mean", weighted by the pieces of each window, or "max".
    RETURNS (Model[RowsT, Floats2d]): (texts, labels). Takes `Windows`, or one 2d array per document from any tok2vec:
        its mean is then the only window.
    RAISES (ValueError): BS016 for another `combine`, BS019 for another input.
    """
    if combine not in COMBINE:
        raise ValueError(
            Errors.BS016.format(name="combine", value=combine, expected=", ".join(COMBINE), pipe="the head")
        )
    return Model("window_head", forward, init=init, layers=[inner], attrs={"combine": combine}, dims={"nO": None})


def forward(model: Model[RowsT, Floats2d], X: RowsT, is_train: bool) -> Tuple[Floats2d, Callable[[Floats2d], RowsT]]:
    windows, bp_pool = _pool(model, X)
    logits, bp_logits = model.layers[0](windows.rows, is_train)
    share = _shares(model, windows, logits)  # (windows, labels)
    Y = _sum_by_text(model, logits * share, windows.lengths)

    def backprop(dY: Floats2d) -> RowsT:
        owner = numpy.repeat(numpy.arange(len(windows.lengths)), windows.lengths)
        d_rows = bp_logits(cast(Floats2d, dY[model.ops.asarray1i(owner.tolist())] * share))
        return bp_pool(d_rows)

    return Y, backprop


def init(model: Model[RowsT, Floats2d], X: Optional[RowsT] = None, Y: Optional[Floats2d] = None) -> None:
    rows = _pool(model, X)[0].rows if X is not None else None
    model.layers[0].initialize(X=rows, Y=Y)


def _pool(model: Model, X: Any) -> Tuple[Windows, Callable[[Floats2d], RowsT]]:
    if isinstance(X, Windows):
        return X, lambda d_rows: Windows(d_rows, X.lengths, X.weights)
    if not isinstance(X, list) or not all(getattr(x, "ndim", 0) == 2 for x in X):
        raise ValueError(Errors.BS019.format(found=type(X).__name__, pipe="*"))
    ops = model.ops
    lengths = ops.asarray1i([len(x) for x in X])
    # thinc's reduce_mean does not take arrays without any row: documents without tokens.
    n_rows = sum(len(x) for x in X)
    rows = ops.reduce_mean(ops.flatten(X), lengths) if n_rows else ops.alloc2f(len(X), X[0].shape[1] if X else 0)

    def backprop(d_rows: Floats2d) -> List[Floats2d]:
        if not n_rows:
            return list(X)
        return cast(List[Floats2d], ops.unflatten(ops.backprop_reduce_mean(d_rows, lengths), lengths))

    return Windows(rows, [1] * len(X), ops.asarray1f([1.0] * len(X))), backprop


def _shares(model: Model, windows: Windows, logits: Floats2d) -> Floats2d:
    """How much each window counts: shares of a text sum to 1 for each label."""
    xp: Any = model.ops.xp
    if all(n == 1 for n in windows.lengths):
        return cast(Floats2d, xp.ones_like(logits))
    share = xp.zeros_like(logits)
    start = 0
    for n in windows.lengths:
        part = slice(start, start + n)
        if model.attrs["combine"] == "mean":
            share[part] = (windows.weights[part] / xp.sum(windows.weights[part]))[:, None]
        else:
            share[start + logits[part].argmax(axis=0), xp.arange(logits.shape[1])] = 1
        start += n
    return cast(Floats2d, share)


def _sum_by_text(model: Model, rows: Floats2d, lengths: List[int]) -> Floats2d:
    if all(n == 1 for n in lengths):
        return rows
    return model.ops.reduce_sum(rows, model.ops.asarray1i(lengths))
