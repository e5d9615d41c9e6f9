"""Local context focus: the weights of the paper, and the layers of it beside plain torch."""

from typing import Any, List, Tuple

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Model

from spacy_bertsent.layers.local_context import local_attention, weigh_context
from spacy_bertsent.types import AspectRows

WIDTH = 8


def make_input(*parts: Tuple[int, int, int], seed: int = 0) -> AspectRows:
    """Sequences of [CLS], pieces of a context, and a last special piece. parts: How many of these stand before the
    aspect, are its own, stand after it."""
    context, mention, lengths = [], [], []
    for before, own, after in parts:
        context += [False, *[True] * (before + own + after), False]
        mention += [*[False] * (before + 1), *[True] * own, *[False] * (after + 1)]
        lengths.append(before + own + after + 2)
    rows: Any = numpy.random.RandomState(seed).normal(size=(len(context), WIDTH)).astype("f")
    return AspectRows(rows, lengths, numpy.asarray(context), numpy.asarray(mention))


def weigh(parts: Tuple[int, int, int], focus: str, distance: int) -> List[float]:
    """RETURNS: The weights of the pieces of the context."""
    weights = weigh_context(make_input(parts), focus, distance)
    assert weights.dtype == numpy.float32 and weights[0] == weights[-1] == 0.0
    return [float(x) for x in weights[1:-1]]


def test_mask_keeps_what_is_near() -> None:
    assert weigh((4, 1, 4), "mask", 2) == [0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert weigh((4, 2, 4), "mask", 2) == [0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    assert weigh((4, 3, 4), "mask", 2) == [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    assert weigh((1, 1, 0), "mask", 0) == [0, 1]


def test_weight_fades_with_the_distance() -> None:
    # Nine pieces; the distance beyond 2 is 1 and 2.
    assert weigh((4, 1, 4), "weight", 2) == pytest.approx([7 / 9, 8 / 9, 1, 1, 1, 1, 1, 8 / 9, 7 / 9])
    # Ten pieces; the middle of two lies between them: 4.5 - 1 - 2 and 3.5 - 1 - 2.
    assert weigh((4, 2, 4), "weight", 2) == pytest.approx([0.85, 0.95, 1, 1, 1, 1, 1, 1, 0.95, 0.85])


def test_special_pieces_do_not_count_as_distance() -> None:
    X = make_input((4, 1, 1))
    X.context[4] = False  # a mark beside the aspect
    assert weigh_context(X, "mask", 2).tolist() == [0, 0, 1, 1, 0, 1, 1, 0]


@given(
    parts=st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(0, 30)),
    distance=st.integers(0, 12),
)
def test_weights_are_shares_and_both_kinds_agree(parts: Tuple[int, int, int], distance: int) -> None:
    mask, weight = (weigh(parts, focus, distance) for focus in ("mask", "weight"))
    before, own, _ = parts
    assert mask[before : before + own] == weight[before : before + own] == [1.0] * own
    assert all(0.0 < w <= 1.0 and (w == 1.0) == (m == 1.0) for m, w in zip(mask, weight))
    if own % 2:
        assert sum(mask[:before]) == min(before, distance), "so many pieces on each side"


def test_aspect_that_is_all_of_its_context_leaves_nothing_out() -> None:
    X = make_input((0, 7, 0))
    for focus in ("mask", "weight"):
        numpy.testing.assert_array_equal(weigh_context(X, focus, 0), X.context.astype("f"))


def make_layer(focus: str) -> Model[Any, Any]:
    model = local_attention(focus, 1, n_heads=2, dropout=0.0)
    model.initialize(X=make_input((1, 1, 1)))
    rng = numpy.random.RandomState(3)
    for node in model.walk():
        for name in node.param_names:
            node.set_param(name, rng.normal(size=node.get_param(name).shape).astype("f") * 0.5)
    return model


def run_torch(model: Model, X: AspectRows) -> Tuple[torch.Tensor, torch.Tensor, List[torch.Tensor]]:
    """RETURNS: The output, the rows, and the parameters in the order of the layers."""
    rows = torch.tensor(numpy.asarray(X.rows), requires_grad=True)
    local, join, mix, dense = model.layers
    params = [
        [torch.tensor(layer.get_param(name), requires_grad=True) for name in ("W", "b")]
        for layer in (local, join.layers[0], mix, dense)
    ]

    def attend(hidden: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        parts = []
        for sequence in torch.split(hidden, X.lengths):
            query, key, value = (
                (sequence @ w.T + c).reshape(len(sequence), 2, -1).transpose(0, 1)
                for w, c in zip(torch.split(W, WIDTH), torch.split(b, WIDTH))
            )
            mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value)
            parts.append(torch.tanh(mixed.transpose(0, 1).reshape(len(sequence), WIDTH)))
        return torch.cat(parts)

    weights = torch.tensor(weigh_context(X, model.attrs["focus"], model.attrs["distance"]))[:, None]
    near = attend(rows * weights, *params[0])
    joined = torch.cat([near, rows], dim=1) @ params[1][0].T + params[1][1]
    mixed = attend(joined, *params[2])
    first = torch.stack([sequence[0] for sequence in torch.split(mixed, X.lengths)])
    return torch.tanh(first @ params[3][0].T + params[3][1]), rows, [p for pair in params for p in pair]


@pytest.mark.parametrize("focus", ["mask", "weight"])
def test_layers_and_gradients_are_those_of_torch(focus: str) -> None:
    X, model = make_input((4, 2, 1), (0, 1, 0), (3, 1, 6)), make_layer(focus)
    Y, backprop = model.begin_update(X)
    expected, rows, params = run_torch(model, X)
    numpy.testing.assert_allclose(Y, expected.detach().numpy(), atol=1e-5)
    dY = numpy.random.RandomState(5).normal(size=Y.shape).astype("f")
    dX = backprop(dY)
    expected.backward(torch.tensor(dY))
    assert rows.grad is not None and float(rows.grad.abs().max()) > 1e-3
    numpy.testing.assert_allclose(dX.rows, rows.grad.numpy(), atol=1e-5)
    local, join, mix, dense = model.layers
    found = [layer.get_grad(name) for layer in (local, join.layers[0], mix, dense) for name in ("W", "b")]
    for gradient, param in zip(found, params):
        assert param.grad is not None
        numpy.testing.assert_allclose(gradient, param.grad.numpy(), atol=1e-5)


def test_batch_is_the_sum_of_singles() -> None:
    X, model = make_input((4, 2, 1), (3, 1, 6)), make_layer("mask")
    together = model.predict(X)
    for i, part in enumerate((slice(0, 9), slice(9, 21))):
        single = AspectRows(X.rows[part], [X.lengths[i]], X.context[part], X.mention[part])
        numpy.testing.assert_allclose(model.predict(single)[0], together[i], atol=1e-6)
