"""The encoder in OpenVINO gives what it gives in torch."""

import os
import threading
from pathlib import Path
from typing import List, Sequence

import pytest
import torch

from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.hf import HFEncoder
from spacy_bertsent.layers.openvino import engine as engine_module
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine
from spacy_bertsent.layers.pieces import Row

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
    assert [(form.tokens, form.fused) for form in engine._requests] == [(False, False), (False, True)]


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
    requests = dict(engine._requests)
    engine.predict(rows, tokens=False)
    assert len(requests) == 1 and engine._requests == requests, "compiled once"
    with torch.no_grad():
        for param in encoder.module.parameters():
            param.mul_(1.01)
    after = engine.predict(rows, tokens=False)
    assert not torch.equal(before, after)
    torch.testing.assert_close(after, Engine(encoder, torch.float32).predict(rows, tokens=False), atol=1e-5, rtol=0)


def test_each_process_compiles_anew(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    want = engine.predict(rows, tokens=False)
    (requests,) = engine._requests.values()
    monkeypatch.setattr(os, "getpid", lambda: 2)
    torch.testing.assert_close(engine.predict(rows, tokens=False), want, atol=1e-5, rtol=0)
    (others,) = engine._requests.values()
    assert others is not requests


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads, and rows of tiny models are many."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(engine_module, "LEAST_PIECES", 20)
    monkeypatch.setattr(engine_module, "MOST_PIECES", 30)


def predict_all(engine: Engine, rows: Sequence[Row], *, tokens: bool) -> List[torch.Tensor]:
    """RETURNS (List[torch.Tensor]): Of each row."""
    batches = engine.make_batches([len(row.ids) for row in rows], 4096)
    outputs = engine.run_all(
        lambda batch: engine.predict(batch, tokens=tokens), [[rows[i] for i in b] for b in batches]
    )
    found: List[torch.Tensor] = [torch.zeros(0)] * len(rows)
    for batch, output in zip(batches, outputs):
        sizes = [len(rows[i].ids) if tokens else 1 for i in batch]
        for i, part in zip(batch, output.split(sizes)):
            found[i] = part
    return found


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("tokens", [False, True], ids=["cls", "pieces"])
def test_passes_side_by_side_give_the_same(weights: Path, tokens: bool) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder) * 3
    want = [Engine(encoder, torch.float32).predict([row], tokens=tokens) for row in rows]
    for have, expected in zip(predict_all(engine, rows, tokens=tokens), want, strict=True):
        torch.testing.assert_close(have, expected, atol=1e-5, rtol=0)
    assert {(form.n_threads, form.n_requests) for form in engine._requests} == {(2, 2)}
    few = rows[:1]
    torch.testing.assert_close(predict_all(engine, few, tokens=tokens)[0], want[0], atol=1e-5, rtol=0)
    assert {(form.n_threads, form.n_requests) for form in engine._requests} == {(2, 2), (2, 1)}, (
        "all threads for one pass"
    )


@pytest.mark.usefixtures("two_threads")
def test_passes_are_side_by_side(weights: Path) -> None:
    engine, rows = make(load(weights)), get_rows(load(weights))
    # Each waits for the other: one after the other, they would wait in vain.
    barrier = threading.Barrier(2, timeout=60)
    batches = [rows[:4], rows[4:]]
    assert engine.run_all(lambda batch: (barrier.wait(), len(batch))[1], batches) == [4, len(rows) - 4]


@pytest.mark.usefixtures("two_threads")
def test_an_error_of_one_pass_is_raised(weights: Path) -> None:
    encoder = load(weights)
    engine, rows = make(encoder), get_rows(encoder)
    want = predict_all(engine, rows, tokens=False)

    def fail(batch: Sequence[Row]) -> None:
        raise MemoryError(len(batch))

    with pytest.raises(MemoryError):
        engine.run_all(fail, [rows[:4], rows[4:]])
    for have, expected in zip(predict_all(engine, rows, tokens=False), want, strict=True):
        torch.testing.assert_close(have, expected, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("two_threads")
def test_passes_for_each_thread(weights: Path) -> None:
    engine = make(load(weights))
    assert [len(batch) for batch in engine.make_batches([10] * 3, 4096)] == [3], "too few for two"
    assert [len(batch) for batch in engine.make_batches([10] * 9, 4096)] == [3, 2, 2, 2]
    assert len(engine.make_batches([10] * 8, 15)) == 6
    assert len(engine.make_batches([500] * 2, 4096)) == 2


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
