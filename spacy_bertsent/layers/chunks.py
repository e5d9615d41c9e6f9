"""Many inputs, a few at a time."""

from typing import Any, Callable, Optional, Sequence, Tuple, cast

from thinc.api import Model
from thinc.types import Floats2d

InT = Sequence[Any]
OutT = Floats2d


def predict_in_chunks(inner: Model[InT, OutT], size: int) -> Model[InT, OutT]:
    """Give a layer so many inputs at a time at prediction: for layers whose inner arrays are large.

    inner (Model[Sequence[Any], Floats2d]): One row for each input. size (int): Most inputs of a chunk.
    RETURNS (Model[Sequence[Any], Floats2d]): The same rows. In training, all inputs are given at once.
    """
    return Model("predict_in_chunks", forward, init=init, layers=[inner], attrs={"size": size}, dims={"nO": None})


def forward(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[OutT], InT]]:
    inner, size = model.layers[0], model.attrs["size"]
    if is_train or len(X) <= size:
        return inner(X, is_train)
    parts = [inner.predict(X[i : i + size]) for i in range(0, len(X), size)]
    return cast(Any, model.ops.xp).concatenate(parts), lambda dY: []


def init(model: Model[InT, OutT], X: Optional[InT] = None, Y: Optional[OutT] = None) -> None:
    model.layers[0].initialize(X=X, Y=Y)
