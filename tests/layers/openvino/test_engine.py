"""The encoder in OpenVINO gives what it gives in torch."""

import os
import threading
from pathlib import Path
from typing import List

import pytest
import torch

from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.hf import HFEncoder
from spacy_bertsent.layers.openvino import engine as engine_module
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine

from .util import get_rows, load, make_int8


def make(encoder: HFEncoder, dtype: torch.dtype = torch.float32, int8: bool = False) -> OpenVINOEngine:
    return OpenVINOEngine(encoder, dtype, int8=int8, activation="gelu")


@pytest.mark.parametrize("tokens", [False, True], ids=["cls", "pieces"])
def test_float32_is_that_of_torch(any_weights: Path, tokens: bool) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    want = Engine(encoder, torch.float32).predict(rows, tokens=tokens)
    have = make(encoder).predict(rows, tokens=tokens)
    assert have.dtype == torch.float32
    torch.testing.assert_close(have, want, atol=1e-5, rtol=0)


def test_bfloat16_is_near(any_weights: Path) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    want = Engine(encoder, torch.float32).predict(rows, tokens=False)
    have = make(encoder, torch.bfloat16).predict(rows, tokens=False)
    assert torch.nn.functional.cosine_similarity(have, want).min() > 0.999


@pytest.mark.parametrize("int8", [False, True], ids=["float32", "int8"])
def test_neighbours_do_not_matter(any_weights: Path, int8: bool) -> None:
    encoder = load(any_weights)
    encoder.int8 = make_int8(any_weights) if int8 else None
    engine, rows = make(encoder, int8=int8), get_rows(encoder)
    together = engine.predict(rows, tokens=False)
    alone = torch.cat([engine.predict([row], tokens=False) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    turned = engine.predict(rows[::-1], tokens=False)
    torch.testing.assert_close(turned.flip(0), together, atol=1e-5, rtol=0)
    pieces = engine.predict(rows, tokens=True)
    starts = torch.tensor([0, *(len(row.ids) for row in rows[:-1])]).cumsum(0)
    torch.testing.assert_close(pieces[starts], together, atol=1e-5, rtol=0)


def test_long_rows_attend_fused(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    plain = engine.predict(rows, tokens=False)
    monkeypatch.setattr(engine_module, "FUSED_FROM", 1)
    torch.testing.assert_close(engine.predict(rows, tokens=False), plain, atol=1e-5, rtol=0)
    assert set(engine._requests) == {(False, False), (False, True)}


def test_setting_that_openvino_does_not_know_is_left_out(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    rows = get_rows(encoder)
    want = make(encoder).predict(rows, tokens=False)
    monkeypatch.setattr(engine_module, "PLAIN_ATTENTION", {"NO_SUCH_SETTING": "1"})
    torch.testing.assert_close(make(encoder).predict(rows, tokens=False), want, atol=1e-5, rtol=0)


def test_weights_are_followed(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    before = engine.predict(rows, tokens=False)
    request = engine._requests[False, False]
    engine.predict(rows, tokens=False)
    assert engine._requests[False, False] is request, "compiled once"
    with torch.no_grad():
        for param in encoder.module.parameters():
            param.mul_(1.01)
    after = engine.predict(rows, tokens=False)
    assert not torch.equal(before, after)
    torch.testing.assert_close(after, Engine(encoder, torch.float32).predict(rows, tokens=False), atol=1e-5, rtol=0)


def test_each_process_and_number_of_threads_compiles_anew(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    want = engine.predict(rows, tokens=False)
    for name, module in (("getpid", os), ("get_num_threads", torch)):
        request = engine._requests[False, False]
        monkeypatch.setattr(module, name, lambda: 2)
        torch.testing.assert_close(engine.predict(rows, tokens=False), want, atol=1e-5, rtol=0)
        assert engine._requests[False, False] is not request


def test_threads_share_an_engine(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    want = [engine.predict([row], tokens=False) for row in rows]
    found: List[torch.Tensor] = []

    def work() -> None:
        for _ in range(5):
            found.extend(engine.predict([row], tokens=False) for row in rows)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Each thread's rows come in its own order among those of others.
    assert len(found) == 20 * len(rows)
    assert all(min((have - x).abs().max() for x in want) < 1e-5 for have in found)


def test_training_stays_in_torch(weights: Path) -> None:
    encoder = load(weights)
    rows = get_rows(encoder)
    outputs, backprop = make(encoder).begin_update([rows], tokens=False)
    want, _ = Engine(encoder, torch.float32).begin_update([rows], tokens=False)
    torch.testing.assert_close(outputs[0], want[0])
    backprop([torch.ones_like(outputs[0])])
    assert all(param.grad is not None for param in encoder.module.parameters())


def test_passes_are_small(weights: Path) -> None:
    engine = make(load(weights))
    lengths = [100] * 30
    assert [len(batch) for batch in engine.make_batches(lengths, 4096)] == [10, 10, 10]
    assert [len(batch) for batch in engine.make_batches(lengths, 500)] == [5] * 6


def test_describe(weights: Path) -> None:
    encoder = load(weights)
    assert make(encoder).describe() == {
        "runtime": "openvino", "runs": "packed", "precision": "float32", "device": "cpu",
        "why": "bert is of BERT's make; asked for by the setting 'runtime'",
    }  # fmt: skip
    found = make(encoder, torch.bfloat16, int8=True).describe()
    assert found["precision"] == "int8 and bfloat16" and "int8 weights run in OpenVINO alone" in found["why"]
