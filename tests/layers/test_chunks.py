"""Chunks change nothing but how much is computed at a time."""

from typing import Any, List, Optional

import numpy
import pytest
from thinc.api import Model

from spacy_bertsent.layers.chunks import predict_in_chunks


class Doubler:
    """Gives twice its inputs, and notes how many came at a time."""

    def __init__(self) -> None:
        self.sizes: List[int] = []
        self.sample: Optional[Any] = None
        self.model: Model[Any, Any] = Model("doubler", self.forward, init=self.init)

    def forward(self, model: Model, X: List[float], is_train: bool) -> Any:
        self.sizes.append(len(X))
        return 2 * numpy.asarray(X)[:, None], lambda dY: 2 * dY

    def init(self, model: Model, X: Any = None, Y: Any = None) -> None:
        self.sample = X


@pytest.mark.parametrize("n, sizes", [(1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_predictions_come_in_order(n: int, sizes: List[int]) -> None:
    inner = Doubler()
    found = predict_in_chunks(inner.model, 3).predict(list(range(n)))
    assert found[:, 0].tolist() == [2 * i for i in range(n)] and inner.sizes == sizes


def test_training_and_initialization_are_the_layers_own() -> None:
    inner = Doubler()
    model = predict_in_chunks(inner.model, 3)
    model.initialize(X=[1.0, 2.0])
    Y, backprop = model.begin_update([1.0, 2.0, 3.0, 4.0])
    assert inner.sizes == [4] and inner.sample == [1.0, 2.0]
    assert Y[:, 0].tolist() == [2.0, 4.0, 6.0, 8.0] and backprop(numpy.ones(4)).tolist() == [2.0] * 4
