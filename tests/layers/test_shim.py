"""Precision, the loss scale, clipping, copies."""

import pickle
from pathlib import Path
from typing import Any, Dict, List

import numpy
import pytest
import torch
from thinc.api import Adam, PyTorchGradScaler

from spacy_bertsent.layers import shim as shim_module
from spacy_bertsent.layers.shim import EncoderShim, iter_grads
from spacy_bertsent.types import EncoderInput, TextInput

from ..util import WIDTH, make_encoder, make_sgd

TEXTS = [TextInput("the soup was"), TextInput("soup", "the soup", long=1)]
D_ROWS = numpy.random.RandomState(0).normal(size=(len(TEXTS), WIDTH)).astype("f")


def backward(model: Any, times: int = 1, factor: float = 1.0) -> None:
    for _ in range(times):
        _, backprop = model.begin_update(EncoderInput(TEXTS))
        backprop((D_ROWS * factor, None))


def get_grads(model: Any) -> Dict[str, torch.Tensor]:
    return {n: p.grad.clone() for n, p in model.shims[0]._model.named_parameters() if p.grad is not None}


def get_state(model: Any) -> List[torch.Tensor]:
    return [p.detach().clone() for p in model.shims[0]._model.parameters()]


def use_scaler(model: Any) -> None:
    model.shims[0]._grad_scaler = PyTorchGradScaler(enabled=True)


@pytest.mark.parametrize("times", [1, 3])
def test_scaled_gradients_add_up(weights: Path, cpu_scaler: None, times: int) -> None:
    """Stock thinc unscales after each backward: of three passes only the last would count."""
    plain, scaled = make_encoder(weights), make_encoder(weights)
    use_scaler(scaled)
    backward(plain, times)
    backward(scaled, times)
    name = next(n for n, g in get_grads(plain).items() if g.abs().max() > 0.01)
    assert get_grads(scaled)[name].abs().max() > 1000 * get_grads(plain)[name].abs().max(), "the scale is on"
    assert plain.shims[0].prepare_step(0.0) and scaled.shims[0].prepare_step(0.0)
    left, right = get_grads(plain), get_grads(scaled)
    assert left.keys() == right.keys()
    for key in left:
        torch.testing.assert_close(right[key], left[key], atol=1e-6, rtol=1e-5)
    once = make_encoder(weights)
    backward(once)
    for key, grad in get_grads(once).items():
        torch.testing.assert_close(right[key], grad * times, atol=1e-5, rtol=1e-4)


def test_step_is_the_same_with_and_without_scale(weights: Path, cpu_scaler: None) -> None:
    plain, scaled = make_encoder(weights), make_encoder(weights)
    use_scaler(scaled)
    for model in (plain, scaled):
        sgd = make_sgd()
        for _ in range(3):
            backward(model, 2)
            model.finish_update(sgd)
    for left, right in zip(get_state(plain), get_state(scaled)):
        torch.testing.assert_close(left, right, atol=1e-5, rtol=1e-4)


def test_overflow_skips_the_step_and_lowers_the_scale(weights: Path, cpu_scaler: None) -> None:
    model = make_encoder(weights)
    use_scaler(model)
    before = get_state(model)
    scale = float(model.shims[0]._grad_scaler._scale)
    backward(model, factor=1e38)
    assert not model.shims[0].prepare_step(1.0)
    assert get_grads(model) == {}
    model.finish_update(make_sgd())
    assert all(torch.equal(a, b) for a, b in zip(before, get_state(model)))
    assert float(model.shims[0]._grad_scaler._scale) == scale / 2
    # And the next one counts.
    backward(model)
    assert model.shims[0].prepare_step(1.0)
    model.finish_update(make_sgd())
    assert not all(torch.equal(a, b) for a, b in zip(before, get_state(model)))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_bad_gradient_skips_the_step_without_scale(weights: Path, bad: float) -> None:
    model = make_encoder(weights)
    before = get_state(model)
    other = numpy.ones((2, 2), dtype="f")
    backward(model)
    backward(model, factor=bad)
    assert not model.shims[0].prepare_step(1.0, [other])
    assert not other.any(), "those of the heads are dropped too"
    model.finish_update(make_sgd())
    assert all(torch.equal(a, b) for a, b in zip(before, get_state(model)))


@pytest.mark.parametrize("max_norm", [0.0, 0.5, 1e9])
def test_all_gradients_are_clipped_to_one_norm(weights: Path, max_norm: float) -> None:
    model = make_encoder(weights)
    backward(model)
    grads = get_grads(model)
    others = [numpy.full((3, 2), 0.3, dtype="f"), numpy.full((4,), 0.1, dtype="f")]
    kept = [other.copy() for other in others]
    total = sum(float((g**2).sum()) for g in grads.values()) + sum(float((o**2).sum()) for o in others)
    factor = max_norm / total**0.5 if 0 < max_norm < total**0.5 else 1.0
    assert model.shims[0].prepare_step(max_norm, others)
    for name, grad in get_grads(model).items():
        torch.testing.assert_close(grad, grads[name] * factor, atol=1e-6, rtol=1e-4)
    for other, old in zip(others, kept):
        numpy.testing.assert_allclose(other, old * factor, rtol=1e-4)


def test_gradients_of_heads_alone_are_clipped(weights: Path) -> None:
    model = make_encoder(weights)
    other = numpy.full((4,), 3.0, dtype="f")
    assert model.shims[0].prepare_step(1.0, [other])
    numpy.testing.assert_allclose(other, 0.5, rtol=1e-5)
    assert model.shims[0].prepare_step(1.0, [])


def test_thinc_optimizer_steps_tensor_by_tensor(weights: Path) -> None:
    model = make_encoder(weights)
    sgd, by_hand = (Adam(0.01, use_averages=False, grad_clip=0.0) for _ in range(2))
    expected = {name: p.detach().numpy().copy() for name, p in model.shims[0]._model.named_parameters()}
    for _ in range(2):
        backward(model)
        for name, grad in get_grads(model).items():
            expected[name], _ = by_hand((1, name), expected[name], grad.numpy().copy())
        model.finish_update(sgd)
        assert get_grads(model) == {}
    for name, param in model.shims[0]._model.named_parameters():
        numpy.testing.assert_allclose(param.detach().numpy(), expected[name], atol=1e-6)


def test_precision_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS013.*'fp8'.*Expected one of auto, fp32, bf16, fp16"):
        EncoderShim(None, precision="fp8")


def test_fp16_does_not_work_on_a_cpu(weights: Path) -> None:
    with pytest.raises(ValueError, match=r"BS013.*'fp16' does not work on this device \(cpu\).*auto, fp32, bf16\."):
        make_encoder(weights, precision="fp16")


@pytest.mark.parametrize("has_bf16", [True, False])
def test_auto_takes_bf16_where_the_hardware_has_it(
    weights: Path, monkeypatch: pytest.MonkeyPatch, has_bf16: bool
) -> None:
    monkeypatch.setattr(shim_module, "_has_bf16", lambda device: has_bf16)
    shim = make_encoder(weights, precision="auto").shims[0]
    assert shim.dtype == (torch.bfloat16 if has_bf16 else torch.float32)


def test_bf16_is_near_fp32_and_gives_float32(weights: Path) -> None:
    full, half = make_encoder(weights), make_encoder(weights, precision="bf16")
    left = full.predict(EncoderInput(TEXTS)).windows.rows
    right = half.predict(EncoderInput(TEXTS)).windows.rows
    assert right.dtype == numpy.float32 and half.shims[0].dtype == torch.bfloat16
    assert numpy.abs(left - right).max() < 0.1 and numpy.abs(left - right).max() > 0
    backward(half)
    assert {p.dtype for p in half.shims[0]._model.parameters()} == {torch.float32}
    assert {g.dtype for g in get_grads(half).values()} == {torch.float32}


def test_predict_makes_no_graph_and_drops_nothing_out(weights: Path) -> None:
    model = make_encoder(weights, transformer_config={})  # with dropout
    left = model.predict(EncoderInput(TEXTS)).windows.rows
    backward(model)  # leaves the module in training mode
    right = model.predict(EncoderInput(TEXTS)).windows.rows
    assert (left == right).all()
    trained, _ = model.begin_update(EncoderInput(TEXTS))
    assert numpy.abs(trained.windows.rows - left).max() > 1e-3


def test_copy_has_an_id_of_its_own(weights: Path) -> None:
    model = make_encoder(weights)
    for copied in (model.copy(), model.copy()):
        assert copied.shims[0].id != model.shims[0].id
        assert copied.shims[0]._model is not model.shims[0]._model
        left, right = (m.predict(EncoderInput(TEXTS)).windows.rows for m in (copied, model))
        assert (left == right).all()
    before = get_state(model)
    backward(copied)
    copied.finish_update(make_sgd())
    assert all(torch.equal(a, b) for a, b in zip(before, get_state(model))), "the copy alone has learned"


def test_pickle_keeps_results(any_weights: Path) -> None:
    model = make_encoder(any_weights)
    texts = [*TEXTS, TextInput("a [SEP] </s> b")]
    rows = model.predict(EncoderInput(texts)).windows.rows
    shim = pickle.loads(pickle.dumps(model.shims[0]))
    model.shims[0] = shim
    assert (model.predict(EncoderInput(texts)).windows.rows == rows).all()


def test_shim_that_came_by_pickle_keeps_ids_unique(weights: Path) -> None:
    shim = make_encoder(weights).shims[0]
    data = pickle.dumps(shim)
    state = shim.__getstate__()
    state["id"] = shim.id + 1000
    other = EncoderShim.__new__(EncoderShim)
    other.__setstate__(state)
    assert EncoderShim(None, precision="fp32").id > shim.id + 1000
    assert pickle.loads(data).id == shim.id


def test_gradients_of_heads_are_listed_once() -> None:
    from thinc.api import Linear, chain

    inner = Linear(2, 2)
    outer = chain(inner, Linear(2, 2))
    outer.initialize()
    _, backprop = outer.begin_update(numpy.ones((1, 2), dtype="f"))
    backprop(numpy.ones((1, 2), dtype="f"))
    assert len(iter_grads([outer, inner])) == 4


@pytest.mark.parametrize("n_trainable", [0, 1, 2])
def test_only_the_top_layers_learn(any_weights: Path, n_trainable: int) -> None:
    model = make_encoder(any_weights, trainable_layers=n_trainable)
    before = {name: p.clone() for name, p in model.shims[0]._model.named_parameters()}
    backward(model)
    model.finish_update(make_sgd())
    after = dict(model.shims[0]._model.named_parameters())
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    top = {name for name in before for i in range(2 - n_trainable, 2) if f"layer.{i}." in name}
    # The bias of keys has no gradient: softmax does not see it.
    assert changed <= top and {n for n in top if "query.weight" in n or "q_lin.weight" in n} <= changed
    assert bool(changed) == bool(n_trainable)


def test_top_layers_of_a_stored_encoder_learn_alone_too(weights: Path) -> None:
    model = make_encoder(weights, trainable_layers=1)
    other = make_encoder(weights, trainable_layers=1)
    other.attrs["from_files"](other, model.attrs["to_files"](model))
    for one in (other, other.copy()):
        trainable = {name.split(".")[2] for name, p in one.shims[0]._model.named_parameters() if p.requires_grad}
        assert trainable == {"1"}


def test_more_trainable_layers_than_there_are_is_a_named_error(weights: Path) -> None:
    for value in (-2, 3):
        with pytest.raises(ValueError, match="BS023"):
            make_encoder(weights, trainable_layers=value)
