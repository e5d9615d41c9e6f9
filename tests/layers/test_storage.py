"""The encoder's files: bit-equal round trip; whatever is damaged is refused, and nothing in them runs."""

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any, Callable, Dict

import numpy
import pytest
import safetensors.torch
import torch

from spacy_bertsent.layers.storage import CONFIG, FILES, MANIFEST, TOKENIZER, WEIGHTS, pack_files, unpack_files
from spacy_bertsent.types import EncoderInput, TextInput

from ..util import make_encoder

FilesT = Dict[str, bytes]
TEXTS = [TextInput("the soup was"), TextInput("soup", "the [SEP] soup", long=1), TextInput("a " * 100)]


def get_rows(model: Any) -> numpy.ndarray:
    return model.predict(EncoderInput(TEXTS)).windows.rows


@pytest.fixture
def files(any_weights: Path) -> FilesT:
    model = make_encoder(any_weights, window=20, overlap=4)
    return model.attrs["to_files"](model)


def test_round_trip_is_bit_equal(any_weights: Path) -> None:
    model = make_encoder(any_weights, window=20, overlap=4)
    files = model.attrs["to_files"](model)
    assert set(files) == set(FILES)
    other = make_encoder(any_weights)
    other.attrs["from_files"](other, files)
    left, right = model.shims[0]._model.state_dict(), other.shims[0]._model.state_dict()
    assert list(left) == list(right) and all(torch.equal(left[k], right[k]) for k in left)
    assert (get_rows(model) == get_rows(other)).all()
    assert other.attrs["to_files"](other) == files, "to the byte"
    tokenizer = other.shims[0].encoder.tokenizer
    assert (tokenizer.sizes.window, tokenizer.sizes.overlap) == (20, 4)


def test_bytes_round_trip(any_weights: Path) -> None:
    model, other = make_encoder(any_weights, window=20), make_encoder(any_weights)
    other.from_bytes(model.to_bytes())
    assert (get_rows(model) == get_rows(other)).all()


def test_encoder_without_weights_has_no_files(weights: Path) -> None:
    from spacy_bertsent.architectures.backbone import build_backbone

    model = build_backbone(str(weights))
    assert model.attrs["to_files"](model) == {}
    build_backbone(str(weights)).from_bytes(model.to_bytes())


def test_files_name_no_path(any_weights: Path, files: FilesT) -> None:
    assert str(any_weights).encode("utf8") not in b"".join(files.values())


def rehash(files: FilesT) -> FilesT:
    """Make the manifest fit again, so that the next line of defence is asked."""
    manifest = json.loads(files[MANIFEST])
    manifest["sha256"] = {name: hashlib.sha256(files[name]).hexdigest() for name in (CONFIG, TOKENIZER, WEIGHTS)}
    return {**files, MANIFEST: json.dumps(manifest).encode("utf8")}


def flip(name: str) -> Callable[[FilesT], FilesT]:
    def damage(files: FilesT) -> FilesT:
        data = bytearray(files[name])
        data[len(data) // 2] ^= 1
        return {**files, name: bytes(data)}

    return damage


def drop(name: str) -> Callable[[FilesT], FilesT]:
    return lambda files: {k: v for k, v in files.items() if k != name}


def truncate(name: str, *, known: bool) -> Callable[[FilesT], FilesT]:
    def damage(files: FilesT) -> FilesT:
        damaged = {**files, name: files[name][: len(files[name]) // 2]}
        return rehash(damaged) if known else damaged

    return damage


def edit_json(name: str, known: bool = True, **changes: Any) -> Callable[[FilesT], FilesT]:
    def damage(files: FilesT) -> FilesT:
        damaged = {**files, name: json.dumps({**json.loads(files[name]), **changes}).encode("utf8")}
        return rehash(damaged) if known else damaged

    return damage


def edit_weights(change: Callable[[Dict[str, torch.Tensor]], None]) -> Callable[[FilesT], FilesT]:
    def damage(files: FilesT) -> FilesT:
        weights = safetensors.torch.load(files[WEIGHTS])
        change(weights)
        return rehash({**files, WEIGHTS: safetensors.torch.save(weights)})

    return damage


def set_weight(make: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Dict[str, torch.Tensor]], None]:
    def change(weights: Dict[str, torch.Tensor]) -> None:
        name = max(weights, key=lambda key: weights[key].numel())
        weights[name] = make(weights[name])

    return change


def with_nan(weight: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.arange(weight.numel()).view_as(weight) == 5, torch.nan, weight)


def add_key(weights: Dict[str, torch.Tensor]) -> None:
    weights["unknown.weight"] = torch.zeros(1)


def drop_key(weights: Dict[str, torch.Tensor]) -> None:
    del weights[sorted(weights)[0]]


def rename_key(weights: Dict[str, torch.Tensor]) -> None:
    name = sorted(weights)[0]
    weights[name + ".other"] = weights.pop(name)


DAMAGE: Dict[str, Callable[[FilesT], FilesT]] = {
    **{f"missing {name}": drop(name) for name in FILES},
    **{f"flipped byte in {name}": flip(name) for name in FILES},
    **{f"truncated {name}": truncate(name, known=False) for name in FILES},
    **{f"truncated {name}, hash fits": truncate(name, known=True) for name in (CONFIG, TOKENIZER, WEIGHTS)},
    "unknown file": lambda files: {**files, "pytorch_model.bin": b""},
    "no files": lambda files: {},
    "no files but one": lambda files: {MANIFEST: files[MANIFEST]},
    "other version": edit_json(MANIFEST, known=False, version=2),
    "no version": edit_json(MANIFEST, known=False, version=None),
    "other format": edit_json(MANIFEST, known=False, format="zip"),
    "no hashes": edit_json(MANIFEST, known=False, sha256={}),
    "hashes are a list": edit_json(MANIFEST, known=False, sha256=[]),
    "manifest is a list": lambda files: {**files, MANIFEST: b"[]"},
    "unknown model type": edit_json(CONFIG, model_type="unheard_of"),
    "no model type": edit_json(CONFIG, model_type=None),
    "other model type": edit_json(CONFIG, model_type="albert"),
    "other depth": edit_json(CONFIG, num_hidden_layers=1, n_layers=1),
    "other width": edit_json(CONFIG, hidden_size=64, dim=64),
    "no positions": edit_json(CONFIG, max_position_embeddings=0),
    "window of another kind": edit_json(CONFIG, bertsent_window="a"),
    "window below the least": edit_json(CONFIG, bertsent_window=-3),
    "tokenizer is no tokenizer": lambda files: rehash({**files, TOKENIZER: b"{}"}),
    "tokenizer is not text": lambda files: rehash({**files, TOKENIZER: b"\xff\xfe"}),
    "weights are none": lambda files: rehash({**files, WEIGHTS: b""}),
    "other shape": edit_weights(set_weight(lambda w: w[:-1].contiguous())),
    "other type": edit_weights(set_weight(lambda w: w.to(torch.float16))),
    "not a number": edit_weights(set_weight(with_nan)),
    "infinite": edit_weights(set_weight(lambda w: w + float("inf"))),
    "unknown weight": edit_weights(add_key),
    "renamed weight": edit_weights(rename_key),
    "missing weight": edit_weights(drop_key),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_refused_and_changes_nothing(weights: Path, damage: Callable[[FilesT], FilesT]) -> None:
    model = make_encoder(weights, window=20)
    before = get_rows(model)
    damaged = damage(model.attrs["to_files"](model))
    with pytest.raises(ValueError, match=r"BS007[\s\S]*Nothing was loaded"):
        model.attrs["from_files"](model, damaged)
    assert (get_rows(model) == before).all()


def test_message_names_what_is_wrong(weights: Path) -> None:
    model = make_encoder(weights)
    files = model.attrs["to_files"](model)
    for damage, words in [
        ("missing model.safetensors", "missing model.safetensors"),
        ("unknown file", "unknown files pytorch_model.bin"),
        ("flipped byte in config.json", "config.json has sha256 .*, the manifest says"),
        ("other version", "version 2, this package reads version 1"),
        ("unknown model type", "unknown model_type 'unheard_of'"),
        ("other shape", r"float32 \(\d+, 32\), expected"),
        ("not a number", "values that are not finite"),
    ]:
        with pytest.raises(ValueError, match=words):
            model.attrs["from_files"](model, DAMAGE[damage](files))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"abc", pack_files({}) + b"x", b"\x91\x01", b"\x81\xa1a\x01"])
def test_what_is_no_message_of_files_is_refused(weights: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match="BS007"):
        unpack_files(data)
    model = make_encoder(weights)
    with pytest.raises(ValueError, match="BS007"):
        model.shims[0].from_bytes(data)


class Canary:
    """Runs when it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", FILES)
def test_no_pickle_is_read(weights: Path, tmp_path: Path, name: str) -> None:
    canary = tmp_path / "sings"
    pickle.loads(pickle.dumps(Canary(canary)))
    assert canary.exists(), "it would run"
    canary.unlink()
    model = make_encoder(weights)
    files = {**model.attrs["to_files"](model), name: pickle.dumps(Canary(canary))}
    for damaged in [files, rehash(files) if name != MANIFEST else files]:
        with pytest.raises(ValueError, match="BS007"):
            model.attrs["from_files"](model, damaged)
        with pytest.raises(ValueError, match="BS007"):
            model.shims[0].from_bytes(pack_files(damaged))
    with pytest.raises(ValueError, match="BS007"):
        model.shims[0].from_bytes(pickle.dumps(Canary(canary)))
    assert not canary.exists()


def test_loading_needs_no_unpickler(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_encoder(weights)
    files = model.attrs["to_files"](model)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("unpickled")

    for module, name in [(pickle, "load"), (pickle, "loads"), (pickle, "Unpickler"), (torch, "load")]:
        monkeypatch.setattr(module, name, refuse)
    model.attrs["from_files"](model, files)


@pytest.mark.parametrize("key", ["auto_map", "attn_implementation", "_attn_implementation"])
def test_config_cannot_name_code(weights: Path, tmp_path: Path, key: str) -> None:
    """Code beside the model, or a kernel on the hub."""
    values: Dict[str, Any] = {"auto_map": {"AutoModel": f"{tmp_path}--evil.Evil", "AutoConfig": "evil.Evil"}}
    (tmp_path / "evil.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'sings')!r}).touch()\n")
    model = make_encoder(weights)
    before = get_rows(model)
    files = edit_json(CONFIG, **{key: values.get(key, "somebody/kernels:evil")})(model.attrs["to_files"](model))
    model.attrs["from_files"](model, files)
    assert (get_rows(model) == before).all()
    assert not (tmp_path / "sings").exists()
