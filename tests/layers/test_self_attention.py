"""Self-attention is that of torch, forwards and backwards."""

from typing import Any, List, Tuple

import numpy
import pytest
import torch
from thinc.api import Model
from thinc.types import Ragged

from spacy_bertsent.layers import self_attention as layer

WIDTH = 8
LENGTHS = [3, 1, 7, 3, 5]


def make_layer(n_heads: int) -> Model[Any, Any]:
    model = layer.self_attention(n_heads)
    model.initialize(X=make_input([1]))
    rng = numpy.random.RandomState(1)
    model.set_param("W", rng.normal(size=(3 * WIDTH, WIDTH)).astype("f"))
    model.set_param("b", rng.normal(size=3 * WIDTH).astype("f"))
    return model


def make_input(lengths: List[int], seed: int = 0) -> Ragged:
    rows: Any = numpy.random.RandomState(seed).normal(size=(sum(lengths), WIDTH)).astype("f")
    return Ragged(rows, numpy.asarray(lengths, dtype="i"))  # type: ignore[arg-type]


def run_torch(model: Model, X: Ragged) -> Tuple[torch.Tensor, List[torch.Tensor]]:
    """RETURNS: The output, and what may have a gradient: rows, W and b."""
    leaves = [torch.tensor(numpy.asarray(x), requires_grad=True) for x in (X.dataXd, *map(model.get_param, ("W", "b")))]
    rows, W, b = leaves
    n_heads, parts = model.attrs["n_heads"], []
    for sequence in torch.split(rows, X.lengths.tolist()):
        query, key, value = (
            (sequence @ w.T + c).reshape(len(sequence), n_heads, -1).transpose(0, 1)
            for w, c in zip(torch.split(W, WIDTH), torch.split(b, WIDTH))
        )
        mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value)
        parts.append(torch.tanh(mixed.transpose(0, 1).reshape(len(sequence), WIDTH)))
    return torch.cat(parts), leaves


@pytest.mark.parametrize("max_rows", [1, 8, 4096])
@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_output_and_gradients_are_those_of_torch(monkeypatch: pytest.MonkeyPatch, n_heads: int, max_rows: int) -> None:
    monkeypatch.setattr(layer, "MAX_ROWS", max_rows)
    model, X = make_layer(n_heads), make_input(LENGTHS)
    Y, backprop = model.begin_update(X)
    expected, leaves = run_torch(model, X)
    numpy.testing.assert_allclose(Y.dataXd, expected.detach().numpy(), atol=1e-5)
    assert Y.lengths.tolist() == LENGTHS
    dY = make_input(LENGTHS, seed=2)
    dX = backprop(dY)
    expected.backward(torch.tensor(numpy.asarray(dY.dataXd)))
    found = [dX.dataXd, model.get_grad("W"), model.get_grad("b")]
    for gradient, leaf in zip(found, leaves):
        assert leaf.grad is not None and float(leaf.grad.abs().max()) > 0.1
        numpy.testing.assert_allclose(gradient, leaf.grad.numpy(), atol=1e-4)


def test_batch_is_the_sum_of_singles() -> None:
    model, X = make_layer(2), make_input(LENGTHS)
    together = numpy.split(model.predict(X).dataXd, numpy.cumsum(LENGTHS)[:-1])
    for rows, expected in zip(numpy.split(numpy.asarray(X.dataXd), numpy.cumsum(LENGTHS)[:-1]), together):
        single: Any = Ragged(rows, numpy.asarray([len(rows)], dtype="i"))  # type: ignore[arg-type]
        numpy.testing.assert_allclose(model.predict(single).dataXd, expected, atol=1e-6)


def test_weights_start_apart_and_biases_at_zero() -> None:
    model = layer.self_attention(2)
    model.initialize(X=make_input([1]))
    query, key, value = numpy.split(numpy.asarray(model.get_param("W")), 3)
    assert not numpy.array_equal(query, key) and not numpy.array_equal(key, value)
    assert abs(query).max() <= (6 / (2 * WIDTH)) ** 0.5 and not numpy.asarray(model.get_param("b")).any()
    assert model.get_dim("nO") == model.get_dim("nI") == WIDTH


def test_width_must_be_a_multiple_of_the_heads() -> None:
    with pytest.raises(ValueError, match=r"BS097.*8, is no multiple of 3 attention heads"):
        layer.self_attention(3).initialize(X=make_input([1]))
