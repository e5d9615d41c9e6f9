import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, List

import pytest
import torch
from transformers import AlbertConfig, AlbertModel

from spacy_bertsent.layers import engine as engine_module
from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.hf import HFEncoder
from spacy_bertsent.layers.packing import pack_rows
from spacy_bertsent.layers.pieces import Row
from spacy_bertsent.types import TextInput

from ..util import TEXTS, make_encoder


def load(weights: Path) -> HFEncoder:
    return make_encoder(weights).shims[0].encoder  # type: ignore[attr-defined]


def get_rows(encoder: HFEncoder) -> List[Row]:
    texts = [TextInput(text) for text in ["", *TEXTS]] + [TextInput("soup", TEXTS[0], long=1)]
    return [row for rows in encoder.tokenizer(texts) for row in rows]


@pytest.mark.parametrize("tokens", [False, True], ids=["cls", "pieces"])
def test_packed_and_padded_are_one(any_weights: Path, tokens: bool) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    packed, padded = Engine(encoder, torch.float32), Engine(encoder, torch.float32, packed=False)
    assert (packed.describe()["runs"], padded.describe()["runs"]) == ("packed", "padded")
    want, have = padded.predict(rows, tokens=tokens), packed.predict(rows, tokens=tokens)
    torch.testing.assert_close(have, want, atol=1e-5, rtol=0)
    grads = []
    for engine in (packed, padded):
        outputs, backprop = engine.begin_update([rows[:2], rows[2:]], tokens=tokens)
        torch.testing.assert_close(torch.cat(outputs), want, atol=1e-5, rtol=0)
        backprop([torch.ones_like(output) for output in outputs])
        grads.append([p.grad.clone() for p in encoder.module.parameters() if p.grad is not None])
        engine.clear_gradients()
    for a, b in zip(*grads):
        torch.testing.assert_close(a, b, atol=1e-3, rtol=1e-3)


class Filled(Engine):
    """Fills up in float32, too, whose results can be compared."""

    _filled = True  # type: ignore[assignment]


@pytest.mark.parametrize("tokens", [False, True], ids=["cls", "pieces"])
def test_filling_up_changes_nothing(any_weights: Path, tokens: bool) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    exact, filled = Engine(encoder, torch.float32), Filled(encoder, torch.float32)
    for part in (rows, rows[:1], rows[2:4]):
        want = exact.predict(part, tokens=tokens)
        torch.testing.assert_close(filled.predict(part, tokens=tokens), want, atol=1e-5, rtol=0)
    grads = []
    for engine in (exact, filled):
        outputs, backprop = engine.begin_update([rows[:2], rows[2:]], tokens=tokens)
        backprop([torch.linspace(-1, 1, output.numel()).view(output.shape) for output in outputs])
        grads.append({name: p.grad.clone() for name, p in encoder.module.named_parameters() if p.grad is not None})
        engine.clear_gradients()
    assert grads[0].keys() == grads[1].keys()
    for name, grad in grads[0].items():
        torch.testing.assert_close(grads[1][name], grad, atol=1e-4, rtol=1e-4, msg=name)


def test_a_gpu_attends_without_masks(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    rows = get_rows(encoder)
    want = Engine(encoder, torch.float32).predict(rows, tokens=False)
    packings = []

    def pack(rows: List[Row], *, device: Any, **settings: Any) -> Any:
        packings.append(pack_rows(rows, **settings))
        return packings[-1]

    monkeypatch.setattr(engine_module, "pack_rows", pack)
    engine = Engine(encoder, torch.float32)
    # All tensors stay here, whatever the device is called.
    monkeypatch.setattr(Engine, "device", SimpleNamespace(type="cuda"))
    torch.testing.assert_close(engine.predict(rows, tokens=False), want, atol=1e-5, rtol=0)
    (packing,) = packings
    assert packing.pad is None and all(group.mask is None for group in packing.groups)


def test_low_precision_is_filled_up_on_a_cpu(weights: Path) -> None:
    encoder = load(weights)
    assert Engine(encoder, torch.bfloat16)._filled and not Engine(encoder, torch.float32)._filled


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's own modules, when they are imported
@pytest.mark.filterwarnings("ignore:Guards may run slower:RuntimeWarning")  # torch on Python 3.13.0
def test_compiled_layers_give_the_same(weights: Path) -> None:
    encoder = load(weights)
    rows = get_rows(encoder)
    engine = Engine(encoder, torch.float32, compiled=True)
    assert "layers compiled" in engine.describe()["why"]
    for tokens in (False, True):
        for part in (rows, rows[:3]):
            want = Engine(encoder, torch.float32).predict(part, tokens=tokens)
            torch.testing.assert_close(engine.predict(part, tokens=tokens), want, atol=1e-5, rtol=0)


def make_albert(encoder: HFEncoder) -> HFEncoder:
    """An encoder of another family, with the tokenizer of a given one."""
    config = AlbertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, vocab_size=200,
        embedding_size=16, pad_token_id=0,
    )  # fmt: skip
    return HFEncoder(AlbertModel(config), encoder.tokenizer, config.to_dict())


def test_another_family_runs_in_its_own_module(weights: Path) -> None:
    encoder = load(weights)
    engine = Engine(make_albert(encoder), torch.float32)
    assert engine.describe()["runs"] == "padded" and "albert" in engine.describe()["why"]
    rows = get_rows(encoder)
    together = engine.predict(rows, tokens=False)
    alone = torch.cat([engine.predict([row], tokens=False) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_cast_weights_follow_the_module(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = Engine(encoder, torch.float32), get_rows(encoder)
    before = engine.predict(rows, tokens=False)
    assert engine._get_weights() is engine._get_weights(), "cast once"
    with torch.no_grad():
        for param in encoder.module.parameters():
            param.mul_(1.01)
    after = engine.predict(rows, tokens=False)
    assert not torch.equal(before, after)
    assert torch.equal(after, Engine(encoder, torch.float32).predict(rows, tokens=False))


def test_gradients_add_up_and_are_dropped(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = Engine(encoder, torch.float32), get_rows(encoder)
    table = encoder.module.get_input_embeddings().weight

    def add(some: List[Row]) -> None:
        outputs, backprop = engine.begin_update([some], tokens=False)
        backprop([torch.ones_like(outputs[0])])

    add(rows[:1])
    first = table.grad.clone()
    add(rows[1:])
    both = table.grad.clone()
    engine.clear_gradients()
    assert all(p.grad is None for p in encoder.module.parameters())
    add(rows[1:])
    torch.testing.assert_close(table.grad, both - first, atol=1e-4, rtol=1e-4)
    # Dropped by somebody else, as `Module.zero_grad` does.
    encoder.module.zero_grad(set_to_none=True)
    add(rows[:1])
    torch.testing.assert_close(table.grad, first)
    # What is not finite may stand anywhere.
    table.grad.fill_(float("nan"))
    engine.clear_gradients(bad=True)
    add(rows[:1])
    torch.testing.assert_close(table.grad, first)


def test_frozen_words_get_no_gradient(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = Engine(encoder, torch.float32), get_rows(encoder)
    encoder.module.embeddings.requires_grad_(False)  # type: ignore[operator, union-attr]
    outputs, backprop = engine.begin_update([rows], tokens=False)
    backprop([torch.ones_like(outputs[0])])
    assert encoder.module.get_input_embeddings().weight.grad is None  # type: ignore[operator]
    assert any(p.grad is not None for p in encoder.module.parameters())
    encoder.module.requires_grad_(False)
    outputs, backprop = engine.begin_update([rows], tokens=False)
    backprop([torch.ones_like(outputs[0])])  # nothing to do, and no error
