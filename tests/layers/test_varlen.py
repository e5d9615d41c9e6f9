"""Attention by torch's kernel for rows of any length. It runs on CUDA alone; here plain attention stands in for it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, List

import pytest
import torch
import torch.nn.functional as F

from spacy_bertsent.layers import engine as engine_module
from spacy_bertsent.layers import varlen
from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.packing import pack_rows

from .test_engine import get_rows, load


def attend(q: Any, k: Any, v: Any, q_offsets: Any, offsets: Any, q_longest: int, longest: int) -> torch.Tensor:
    """What the kernel's documentation says, row by row, and a look at what it is given."""
    assert q_offsets.dtype == offsets.dtype == torch.int32
    assert q_longest == q_offsets.diff().max() and longest == offsets.diff().max()
    assert q_offsets[-1] == len(q) and offsets[-1] == len(k) == len(v)
    outputs: List[torch.Tensor] = []
    for i in range(len(offsets) - 1):
        mine, other = slice(q_offsets[i], q_offsets[i + 1]), slice(offsets[i], offsets[i + 1])
        parts = (q[mine].transpose(0, 1), k[other].transpose(0, 1), v[other].transpose(0, 1))
        outputs.append(F.scaled_dot_product_attention(*parts).transpose(0, 1))
    return torch.cat(outputs)


@pytest.mark.parametrize("tokens", [False, True], ids=["cls", "pieces"])
def test_rows_of_any_length(any_weights: Path, tokens: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    plain = Engine(encoder, torch.float32)
    monkeypatch.setattr(engine_module, "has_varlen", lambda device, dtype: True)
    monkeypatch.setattr(varlen, "varlen_attn", attend)
    engine = Engine(encoder, torch.float32)
    assert "attention by varlen_attn" in engine.describe()["why"]
    want = plain.predict(rows, tokens=tokens)
    torch.testing.assert_close(engine.predict(rows, tokens=tokens), want, atol=1e-5, rtol=0)
    grads = []
    for one in (plain, engine):
        outputs, backprop = one.begin_update([rows[:2], rows[2:]], tokens=tokens)
        backprop([torch.ones_like(output) for output in outputs])
        grads.append([p.grad.clone() for p in encoder.module.parameters() if p.grad is not None])
        one.clear_gradients()
    for a, b in zip(*grads):
        torch.testing.assert_close(a, b, atol=1e-3, rtol=1e-3)


def test_rows_are_not_grouped_for_it(weights: Path) -> None:
    rows = get_rows(load(weights))
    packing = pack_rows(rows, grouped=False)
    assert packing.groups == [] and packing.pad is None
    assert packing.offsets is not None
    assert packing.offsets.tolist() == [*packing.starts.tolist(), len(packing.ids)]
    assert packing.longest == max(len(row.ids) for row in rows)
    assert torch.equal(packing.ids, pack_rows(rows).ids)


def test_attention_dropout_needs_groups(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    monkeypatch.setattr(engine_module, "has_varlen", lambda device, dtype: True)
    engine = Engine(encoder, torch.float32)
    assert engine.parts is not None
    engine.parts = engine.parts._replace(layers=[x._replace(attention_dropout=0.1) for x in engine.parts.layers])
    # The kernel, which is not there, is not asked for.
    outputs, _ = engine.begin_update([get_rows(encoder)], tokens=False)
    assert outputs[0].isfinite().all()


def test_a_cpu_does_not_have_it() -> None:
    assert not varlen.has_varlen(torch.device("cpu"), torch.bfloat16)
    assert not varlen.has_varlen(torch.device("cuda", 0), torch.float32)


@pytest.mark.parametrize("works", [True, False])
def test_the_kernel_is_tried_before_it_is_used(works: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> torch.Tensor:
        raise RuntimeError("no kernel image is available for execution on the device")

    monkeypatch.setattr(varlen, "varlen_attn", attend if works else broken)
    # All tensors stay here, whatever the device is called.
    device: Any = SimpleNamespace(type="cuda")
    for name in ("tensor", "randn"):
        make = getattr(torch, name)
        monkeypatch.setattr(torch, name, lambda *args, _make=make, device=None, **more: _make(*args, **more))
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device, dtype: self.type(dtype))
    assert varlen.has_varlen.__wrapped__(device, torch.bfloat16) is works


def test_a_kernel_that_is_wrong_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(varlen, "varlen_attn", lambda q, *args: 0 * q)
    make = torch.tensor
    monkeypatch.setattr(torch, "tensor", lambda *args, device=None, **more: make(*args, **more))
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device, dtype: self.type(dtype))
    device: Any = SimpleNamespace(type="cuda")
    assert not varlen.has_varlen.__wrapped__(device, torch.bfloat16)
