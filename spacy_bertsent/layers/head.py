"""The layers of a head: pool, classify each window, combine the windows of a text."""

from typing import Any, Callable, Dict, List, Optional, Tuple, Union, cast

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..types import Windows

RowsT = Union[Windows, List[Floats2d]]
CombinedT = Tuple[Floats2d, Callable[[Floats2d], Floats2d]]


def window_head(inner: Model[Floats2d, Floats2d], combine: str) -> Model[RowsT, Floats2d]:
    """Classify each window of a text and combine their logits.

    inner (Model[Floats2d, Floats2d]): Gives one row of logits per window.
    combine (str): How, see `COMBINE`. With w(i) the share of the text's pieces that stand in window i, and z(i, l) its
        logit of label l, the logit z(l) of the text is, for "mean", the sum of w(i) z(i, l); for "max", the largest
        z(i, l); for "mean_softmax" and "mean_sigmoid", the one whose softmax or sigmoid is the sum of w(i) p(i, l),
        the mean of the windows' probabilities.
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
    Y, bp_combine = _combine(model, windows, logits)

    def backprop(dY: Floats2d) -> RowsT:
        return bp_pool(bp_logits(bp_combine(dY)))

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


def _combine(model: Model, windows: Windows, logits: Floats2d) -> CombinedT:
    if all(n == 1 for n in windows.lengths):
        return logits, lambda dY: dY
    ops: Any = model.ops
    lengths = ops.asarray1i(windows.lengths)
    owner = ops.asarray1i(numpy.repeat(numpy.arange(len(windows.lengths)), windows.lengths).tolist())
    weights = ops.reshape2f(windows.weights, -1, 1)
    shares = weights / ops.reduce_sum(weights, lengths)[owner]  # those of a text sum to 1
    combined: CombinedT = COMBINE[model.attrs["combine"]](ops, logits, shares, lengths, owner)
    return combined


def _mean(ops: Any, logits: Any, shares: Any, lengths: Any, owner: Any) -> CombinedT:
    return ops.reduce_sum(logits * shares, lengths), lambda dY: dY[owner] * shares


def _max(ops: Any, logits: Any, shares: Any, lengths: Any, owner: Any) -> CombinedT:
    Y, which = ops.reduce_max(logits, lengths)
    return Y, lambda dY: ops.backprop_reduce_max(dY, which, lengths)


def _mean_softmax(ops: Any, logits: Any, shares: Any, lengths: Any, owner: Any) -> CombinedT:
    scores = ops.softmax(logits)
    Y, parts = _log_mean(ops, _log_softmax(ops, logits), shares, lengths, owner)

    def backprop(dY: Any) -> Any:
        d_logs = dY[owner] * parts
        return d_logs - scores * d_logs.sum(axis=1, keepdims=True)

    return Y, backprop


def _mean_sigmoid(ops: Any, logits: Any, shares: Any, lengths: Any, owner: Any) -> CombinedT:
    # The logarithms of p and of 1 - p, without overflow.
    yes = -ops.xp.logaddexp(0, -logits)
    no = -ops.xp.logaddexp(0, logits)
    log_yes, yes_parts = _log_mean(ops, yes, shares, lengths, owner)
    log_no, no_parts = _log_mean(ops, no, shares, lengths, owner)

    def backprop(dY: Any) -> Any:
        return dY[owner] * (yes_parts * ops.xp.exp(no) + no_parts * ops.xp.exp(yes))

    return log_yes - log_no, backprop


def _log_softmax(ops: Any, logits: Any) -> Any:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - ops.xp.log(ops.xp.exp(shifted).sum(axis=1, keepdims=True))


def _log_mean(ops: Any, logs: Any, shares: Any, lengths: Any, owner: Any) -> Tuple[Any, Any]:
    """RETURNS (Tuple): The logarithm of the weighted mean of exp(logs) of each text, and the part that each window has
    in it: those of a text sum to 1 for each label."""
    weighted = logs + ops.xp.log(shares)
    top = ops.reduce_max(weighted, lengths)[0]
    means = top + ops.xp.log(ops.reduce_sum(ops.xp.exp(weighted - top[owner]), lengths))
    return means, ops.xp.exp(weighted - means[owner])


COMBINE: Dict[str, Callable[..., CombinedT]] = {
    "mean": _mean,
    "max": _max,
    "mean_softmax": _mean_softmax,
    "mean_sigmoid": _mean_sigmoid,
}
