"""Int8 weights that are fitted to a sample are nearer to float32 than those they begin with."""

from pathlib import Path

import numpy
import pytest
import torch

from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.openvino import fitting
from spacy_bertsent.layers.openvino.arrays import PRODUCTS, check_int8, read_arrays
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine
from spacy_bertsent.layers.openvino.fitting import Matrix, fit_arrays, fit_product, make_matrix, record_inputs
from spacy_bertsent.layers.openvino.graph import get_form
from spacy_bertsent.layers.openvino.int8 import encode_rows, make_sample, quantise

from .util import get_rows, load

N = 200


def make_case(*, low: float = -1.0) -> "tuple[torch.Tensor, torch.Tensor]":
    """Inputs between `low` and 1, one column a hundred times as large, and a matrix."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(N, 8, generator=generator) * (1 - low) + low
    x[:, 3] *= 100
    return x, torch.randn(5, 8, generator=generator)


def get_error(matrix: Matrix, x: torch.Tensor, y: torch.Tensor) -> float:
    return fit_product([matrix], x, y).error


def test_rounded_matrix_stands_for_the_matrix() -> None:
    x, weight = make_case()
    for migration in (0.0, 0.5, 1.0):
        matrix = make_matrix(weight, x, migration)
        assert matrix.weight.abs().max() == 127 and (matrix.weight == matrix.weight.round()).all()
        restored = matrix.weight * matrix.scale[:, None] * matrix.smooth
        assert ((restored - weight).abs() <= matrix.scale[:, None] * matrix.smooth * 0.5001).all()
    # All of the difference between the columns has gone to the matrix.
    smoothed = (x * make_matrix(weight, x, 1.0).smooth).abs().amax(0)
    torch.testing.assert_close(smoothed, smoothed.mean().expand(8))


def test_the_nearest_matrix_is_chosen() -> None:
    x, weight = make_case()
    y = x @ weight.T
    matrices = [make_matrix(weight, x, migration) for migration in (0.0, 0.5, 0.9)]
    errors = [get_error(matrix, x, y) for matrix in matrices]
    best = fit_product(matrices, x, y)
    assert best.error == min(errors) < errors[0] / 5
    assert best.matrix is matrices[errors.index(min(errors))]


def test_a_range_is_clipped_where_that_is_nearer() -> None:
    x, weight = make_case()
    x[:, 3] /= 100
    matrix = make_matrix(weight, x, 0.0)
    assert fit_product([matrix], x, x @ weight.T).most == pytest.approx(float((x * matrix.smooth).abs().max()))
    # One value far out, which the results do not depend on.
    x[0, 0] = 1.9
    weight[:, 0] = 1e-6
    even = Matrix((weight / 0.02).round(), torch.full((5,), 0.02), torch.ones(8))
    assert fit_product([even], x, x @ weight.T).most < 1.2


def test_mean_error_is_taken_off() -> None:
    x, weight = make_case()
    y = x @ weight.T
    matrix = make_matrix(weight, x, 0.5)
    best = fit_product([matrix], x, y + 3.0)
    plain = fit_product([matrix], x, y)
    torch.testing.assert_close(best.lost, plain.lost + 3.0)
    assert best.error == pytest.approx(plain.error, rel=1e-3)


def test_columns_on_one_side_of_zero_are_shifted() -> None:
    """The range is halved: a step is half as large, and the squared error of rounding the input a quarter."""
    x, weight = make_case(low=0.0)
    matrix = make_matrix(weight, x, 0.5)
    floats = {f"layers.0.{name}.{key}": value for name in ("up", "down") for key, value in
              {"weight": weight.numpy(), "bias": numpy.ones(5, dtype="f")}.items()}  # fmt: skip
    arrays = {
        f"layers.0.{name}.{key}": getattr(matrix, key).numpy()
        for name in ("up", "down")
        for key in ("weight", "scale", "smooth")
    }
    found = fit_arrays(arrays, floats, {"layers.0.up": x, "layers.0.down": x})
    assert not found["layers.0.up.shift"].any() and (found["layers.0.down.shift"] < 0).all()
    errors = {}
    for name in ("up", "down"):
        get = {key: torch.from_numpy(found[f"layers.0.{name}.{key}"]) for key in
               ("weight", "scale", "smooth", "shift", "range", "bias")}  # fmt: skip
        low, high, steps = get["range"].tolist()
        step = (high - low) / (steps - 1)
        inner = ((x * get["smooth"] + get["shift"]) / step).round().clamp(-128, 127) * step
        y = inner @ (get["weight"].float() * get["scale"][:, None]).T + get["bias"]
        errors[name] = float((y - x @ weight.T - 1).square().mean())
    assert errors["down"] < 0.6 * errors["up"]


def test_what_the_products_get_is_recorded(any_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(any_weights)
    parts, _ = get_form(encoder)
    rows = make_sample(get_rows(encoder), size=2)
    n_pieces = sum(len(row.ids) for batch in rows for row in batch)
    inputs = record_inputs(encoder, rows)
    assert set(inputs) == {f"layers.{i}.{name}" for i in range(len(parts.layers)) for name in PRODUCTS}
    assert {len(x) for x in inputs.values()} == {n_pieces}
    # The first layer gets the embeddings, the last norm gives the output.
    wanted = torch.cat([Engine(encoder, torch.float32).predict(batch, tokens=True) for batch in rows])
    last = f"layers.{len(parts.layers) - 1}"
    down, layer = inputs[f"{last}.down"], parts.layers[-1]
    with torch.inference_mode():
        torch.testing.assert_close(layer.norm(layer.down(down) + inputs[f"{last}.up"]), wanted, atol=1e-4, rtol=0)
    monkeypatch.setattr(fitting, "N_PIECES", n_pieces // 3)
    assert len(record_inputs(encoder, rows)["layers.0.attend"]) < n_pieces / 2
    assert not any(module._forward_pre_hooks for module in encoder.module.modules())


def test_fitted_weights_are_nearer(any_weights: Path) -> None:
    pytest.importorskip("nncf")
    encoder = load(any_weights)
    parts, activation = get_form(encoder)
    rows = get_rows(encoder)
    sample = make_sample(rows)
    want = encode_rows(Engine(encoder, torch.float32), rows)
    before = quantise(parts, sample, activation=activation)
    after = fit_arrays(before, read_arrays(parts), record_inputs(encoder, sample))
    check_int8(after, parts)
    errors = []
    for arrays in (before, after):
        encoder.int8 = arrays
        engine = OpenVINOEngine(encoder, torch.float32, int8=True, activation=activation)
        errors.append(float((encode_rows(engine, rows) - want).square().mean()))
    assert errors[1] < errors[0]
