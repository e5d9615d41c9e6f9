"""Int8 weights: made, stored, read again, and refused where they do not fit."""

import hashlib
import json
import pickle
import sys
from pathlib import Path
from typing import Any, Dict

import numpy
import pytest
import safetensors.numpy
import torch

from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.families import find_parts
from spacy_bertsent.layers.openvino.arrays import read_arrays
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine
from spacy_bertsent.layers.openvino.int8 import (
    dump_int8,
    encode_rows,
    get_cosine,
    load_int8,
    make_sample,
    quantise_encoder,
    record_rows,
)
from spacy_bertsent.layers.pieces import Row
from spacy_bertsent.layers.storage import CONFIG, INT8, MANIFEST, TOKENIZER, WEIGHTS, pack_files
from spacy_bertsent.types import EncoderInput, TextInput

from ...util import TEXTS, make_encoder, make_sgd
from ..test_storage import flip, rehash, truncate
from .util import get_rows, load, make_int8

INPUTS = [TextInput(text) for text in TEXTS] + [TextInput("soup", TEXTS[0], long=1)]


def make(weights: Path, **settings: Any) -> Any:
    """An encoder layer with int8 weights."""
    model = make_encoder(weights, **{"precision": "int8", **settings})
    model.shims[0].encoder.int8 = make_int8(weights)  # type: ignore[attr-defined]
    return model


def predict(model: Any) -> numpy.ndarray:
    return model.predict(EncoderInput(INPUTS)).windows.rows


def test_int8_is_near_float32(any_weights: Path) -> None:
    encoder = load(any_weights)
    rows = get_rows(encoder)
    want = encode_rows(Engine(encoder, torch.float32), rows)
    errors = []
    for all_products in (True, False):
        encoder.int8 = make_int8(any_weights, all_products)
        have = encode_rows(OpenVINOEngine(encoder, torch.float32, int8=True, activation="gelu"), rows)
        assert get_cosine(want, have) > 0.99
        assert not torch.allclose(want, have, atol=1e-4), "it is not float32"
        errors.append(1 - get_cosine(want, have))
    assert errors[1] < errors[0], "products in floats lose nothing"


def test_fragile_products_stay_in_floats(weights: Path) -> None:
    encoder = load(weights)
    arrays, all_int8 = make_int8(weights, False), make_int8(weights)
    floats = ["layers.0.down", *(f"layers.1.{name}" for name in ("attend", "output", "up", "down"))]
    assert {name for name, x in arrays.items() if x.dtype == numpy.int8} == {
        f"layers.0.{name}.weight" for name in ("attend", "output", "up")
    }
    parts = find_parts(encoder.module)
    assert parts is not None
    want = read_arrays(parts)
    for name in floats:
        assert (arrays[f"{name}.weight"] == want[f"{name}.weight"].astype("float16")).all()
        assert (arrays[f"{name}.bias"] == want[f"{name}.bias"]).all() and f"{name}.range" not in arrays
    for choice in (arrays, all_int8):
        found = load_int8(dump_int8(choice), parts)
        assert {name: x.dtype for name, x in found.items()} == {name: x.dtype for name, x in choice.items()}


def test_matrices_are_integers_and_the_rest_is_not(weights: Path) -> None:
    arrays = make_int8(weights)
    assert {name for name, x in arrays.items() if x.dtype == numpy.int8} == {
        f"layers.{i}.{name}.weight" for i in (0, 1) for name in ("attend", "output", "up", "down")
    }
    parts = find_parts(load(weights).module)
    assert parts is not None
    smooth, scale = arrays["layers.0.up.smooth"], arrays["layers.0.up.scale"]
    restored = arrays["layers.0.up.weight"] * scale[:, None] * smooth
    # Half a step of each row at most, times what its inputs are smoothed with.
    error = numpy.abs(restored - parts.layers[0].up.weight.detach().numpy())
    assert (error <= 0.51 * scale[:, None] * smooth).all()
    low, high, steps = arrays["layers.0.up.range"]
    assert steps == 256 and low == pytest.approx(-high * 128 / 127, rel=1e-3), "symmetric"


def test_round_trip_needs_neither_package(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = make_int8(weights)
    data = dump_int8(arrays)
    for name in ("openvino", "nncf"):
        monkeypatch.setitem(sys.modules, name, None)
    found = load_int8(data, find_parts(load(weights).module))
    assert found.keys() == arrays.keys()
    assert all((found[name] == arrays[name]).all() and found[name].dtype == arrays[name].dtype for name in arrays)


def test_sample_is_sorted_and_cut() -> None:
    rows = [Row([0] * n, [0] * n, 1, []) for n in (3, 1, 5, 2, 4)]
    assert [[len(row.ids) for row in batch] for batch in make_sample(rows, size=2)] == [[1, 2], [3, 4], [5]]


def test_rows_are_recorded_for_a_while(weights: Path) -> None:
    model = make_encoder(weights)
    with record_rows(model.shims[0]) as rows:
        predict(model)
    predict(model)
    assert len(rows) == len(INPUTS)


def test_family_without_graph_is_a_named_error(weights: Path) -> None:
    encoder = load(weights)
    encoder.config["hidden_act"] = "swish"
    with pytest.raises(ValueError, match="BS122"):
        quantise_encoder(encoder, get_rows(encoder))


# Storing


@pytest.mark.parametrize("drop", [False, True], ids=["both", "int8 alone"])
def test_files_bytes_pickle_and_copies_keep_results(any_weights: Path, drop: bool) -> None:
    model = make(any_weights)
    want = predict(model)
    assert model.shims[0].engine.describe()["runtime"] == "openvino"
    if drop:
        model.shims[0].drop_weights()
    files = model.attrs["to_files"](model)
    assert set(files) == {CONFIG, TOKENIZER, MANIFEST, INT8, *([] if drop else [WEIGHTS])}
    others = [make_encoder(any_weights, precision="int8") for _ in range(3)]
    others[0].attrs["from_files"](others[0], files)
    others[1].from_bytes(model.to_bytes())
    others[2].shims[0] = pickle.loads(pickle.dumps(model.shims[0]))
    for other in [model, *others, model.copy()]:
        assert (predict(other) == want).all()
        assert other.shims[0].encoder.has_weights is not drop
        assert other.attrs["to_files"](other) == files, "to the byte"
        assert other.shims[0].device.type == "cpu"
        other.shims[0].to_device("cpu", -1)


def edit(**changes: Any) -> Any:
    def damage(files: Dict[str, bytes]) -> Dict[str, bytes]:
        return rehash_all({**files, INT8: safetensors.numpy.save({**safetensors.numpy.load(files[INT8]), **changes})})

    return damage


def rehash_all(files: Dict[str, bytes]) -> Dict[str, bytes]:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != MANIFEST}
    return {**files, MANIFEST: json.dumps({**json.loads(files[MANIFEST]), "sha256": hashes}).encode()}


DAMAGE = {
    "flipped byte": flip(INT8),
    "truncated": truncate(INT8, known=False),
    "truncated, hash fits": lambda files: rehash_all({**files, INT8: files[INT8][:1000]}),
    "no such file any more": lambda files: {k: v for k, v in files.items() if k != INT8},
    "weights gone, but known": lambda files: {k: v for k, v in files.items() if k != WEIGHTS},
    "not in the manifest": rehash,
    "not a number": edit(**{"norm.bias": numpy.full(32, numpy.nan, dtype="float32")}),
    "unknown array": edit(more=numpy.zeros(1, dtype="float32")),
    "other shape": edit(**{"layers.0.up.scale": numpy.ones(3, dtype="float32")}),
    "no arrays": lambda files: rehash_all({**files, INT8: b""}),
    "a graph": lambda files: {**files, "model.xml": b"<net/>"},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_refused_and_changes_nothing(weights: Path, damage: Any) -> None:
    model = make(weights)
    want = predict(model)
    damaged = damage(model.attrs["to_files"](model))
    with pytest.raises(ValueError, match=r"BS007[\s\S]*Nothing was loaded"):
        model.attrs["from_files"](model, damaged)
    with pytest.raises(ValueError, match="BS007"):
        model.shims[0].from_bytes(pack_files(damaged))
    assert (predict(model) == want).all()


def test_neither_weights(weights: Path) -> None:
    model = make(weights)
    files = {k: v for k, v in model.attrs["to_files"](model).items() if k not in (WEIGHTS, INT8)}
    with pytest.raises(ValueError, match="BS007.*missing model.safetensors"):
        model.attrs["from_files"](model, rehash_all(files))


# Training


def test_training_drops_int8_weights_with_a_warning(weights: Path) -> None:
    model = make(weights)
    before = predict(model)
    Y, backprop = model.begin_update(EncoderInput(INPUTS))
    backprop((numpy.ones_like(Y.windows.rows), None))
    with pytest.warns(UserWarning, match="BW120"):
        model.finish_update(make_sgd(1e-2))
    shim = model.shims[0]
    assert shim.encoder.int8 is None and shim.engine.describe()["runtime"] == "torch"
    assert numpy.abs(predict(model) - before).max() > 1e-3
    assert INT8 not in model.attrs["to_files"](model)
    assert model.copy().shims[0].engine.describe()["runtime"] == "torch"
    # No second warning, and no way to take old weights for new ones after loading.
    Y, backprop = model.begin_update(EncoderInput(INPUTS))
    backprop((numpy.ones_like(Y.windows.rows), None))
    model.finish_update(make_sgd(1e-2))
    shim.from_files(shim.to_files())
    with pytest.raises(ValueError, match="BS121"):
        predict(model)


def test_frozen_encoder_keeps_int8_weights(weights: Path) -> None:
    model = make(weights, trainable_layers=0)
    Y, backprop = model.begin_update(EncoderInput(INPUTS))
    backprop((numpy.ones_like(Y.windows.rows), None))
    model.finish_update(make_sgd(1e-2))
    assert model.shims[0].encoder.int8 is not None


def test_int8_weights_alone_cannot_learn(weights: Path) -> None:
    model = make(weights)
    model.shims[0].drop_weights()
    with pytest.raises(ValueError, match="BS124.*which training needs"):
        model.begin_update(EncoderInput(INPUTS))
