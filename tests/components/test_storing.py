"""A pipeline on disk and as bytes: the weights once, bit-equal, and no damage unseen."""

import pickle
import shutil
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
import spacy
import torch
from spacy.language import Language

from ..util import (
    HEADS,
    TEXTS,
    assert_same,
    get_module,
    get_results,
    get_weights,
    make_examples,
    make_nlp,
    same_weights,
    train,
)

ALL = ("aspects", *HEADS, "ner")


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    made = make_nlp(weights, *ALL)
    train(made, make_examples(made), steps=10)
    return made


@pytest.fixture(scope="module")
def trained(nlp: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stored")
    nlp.to_disk(path)
    return path


def test_disk_and_bytes_are_bit_equal(nlp: Language, trained: Path) -> None:
    expected = [get_results(doc) for doc in nlp.pipe(TEXTS)]
    loaded = spacy.load(trained)
    from_bytes = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    for other in (loaded, from_bytes):
        assert same_weights(get_weights(nlp), get_weights(other))
        assert [get_results(doc) for doc in other.pipe(TEXTS)] == expected


def test_weights_are_stored_once(nlp: Language, trained: Path) -> None:
    weight = max(get_module(nlp).parameters(), key=torch.Tensor.numel).detach().numpy().tobytes()
    found = {p.relative_to(trained).as_posix(): p.read_bytes().count(weight) for p in trained.rglob("*") if p.is_file()}
    assert {name: n for name, n in found.items() if n} == {"backbone/model/model.safetensors": 1}
    assert nlp.to_bytes().count(weight) == 1


def test_files_of_the_backbone(trained: Path) -> None:
    names = {p.name for p in (trained / "backbone" / "model").iterdir()}
    assert names == {"config.json", "tokenizer.json", "model.safetensors", "manifest.json"}


def test_loading_needs_neither_pretrained_weights_nor_torch_load(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shutil.copytree(weights, tmp_path / "pretrained")
    made = make_nlp(mine, *ALL)
    made.to_disk(tmp_path / "pipeline")
    expected = list(made.pipe(TEXTS))
    shutil.rmtree(mine)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("unpickled")

    for module, name in [(pickle, "load"), (pickle, "loads"), (torch, "load")]:
        monkeypatch.setattr(module, name, refuse)
    assert_same(spacy.load(tmp_path / "pipeline").pipe(TEXTS), expected)


def test_load_drops_what_was_computed_with_other_weights(nlp: Language, trained: Path) -> None:
    loaded = spacy.load(trained)
    expected = [get_results(doc) for doc in loaded.pipe(TEXTS)]
    train(loaded, make_examples(loaded), steps=3)
    assert [get_results(doc) for doc in loaded.pipe(TEXTS)] != expected
    for name in ("backbone", *HEADS):
        loaded.get_pipe(name).from_disk(trained / name, exclude=["vocab"])
    found = [get_results(doc) for doc in loaded.pipe(TEXTS)]
    assert [x["cats"] for x in found] == [x["cats"] for x in expected]
    train(loaded, make_examples(loaded), steps=3)
    list(loaded.pipe(TEXTS))
    for name in ("backbone", *HEADS):
        loaded.get_pipe(name).from_bytes(nlp.get_pipe(name).to_bytes())
    found = [get_results(doc) for doc in loaded.pipe(TEXTS)]
    assert [x["cats"] for x in found] == [x["cats"] for x in expected]


def _write(name: str, data: bytes) -> Callable[[Path], Any]:
    return lambda path: (path / "model" / name).write_bytes(data)


def _empty(path: Path) -> None:
    for file in (path / "model").iterdir():
        file.unlink()


def _flip(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = bytearray((path / "model" / name).read_bytes())
        data[len(data) // 2] ^= 1
        (path / "model" / name).write_bytes(bytes(data))

    return damage


DAMAGE: Dict[str, Callable[[Path], Any]] = {
    "emptied directory": _empty,
    "no directory": lambda path: shutil.rmtree(path / "model"),
    "a file in its place": lambda path: (shutil.rmtree(path / "model"), (path / "model").write_bytes(b"")),
    "an unknown file": _write("pytorch_model.bin", b"x"),
    "code": _write("modeling.py", b"x"),
    "a directory in it": lambda path: (path / "model" / "more").mkdir(),
    "neither settings nor files": lambda path: (_empty(path), (path / "cfg").unlink()),
    "no manifest": lambda path: (path / "model" / "manifest.json").unlink(),
    "no config": lambda path: (path / "model" / "config.json").unlink(),
    **{f"a flipped byte in {name}": _flip(name) for name in ("model.safetensors", "tokenizer.json", "manifest.json")},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_directory_is_refused(trained: Path, tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    damage(tmp_path / "copy" / "backbone")
    with pytest.raises(ValueError, match=r"BS007[\s\S]*Nothing was loaded"):
        spacy.load(tmp_path / "copy")
    loaded = spacy.load(trained)
    before = get_weights(loaded)
    with pytest.raises(ValueError, match="BS007"):
        loaded.get_pipe("backbone").from_disk(tmp_path / "copy" / "backbone", exclude=["vocab"])
    assert same_weights(before, get_weights(loaded))


def test_settings_cannot_hide_the_weights(nlp: Language, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    (tmp_path / "copy" / "backbone" / "cfg").write_text('{"has_weights": false}')
    assert same_weights(get_weights(spacy.load(tmp_path / "copy")), get_weights(nlp))
    (tmp_path / "copy" / "backbone" / "cfg").unlink()
    assert same_weights(get_weights(spacy.load(tmp_path / "copy")), get_weights(nlp))


def test_pipeline_that_was_never_initialized_is_stored_and_can_be_initialized(weights: Path, tmp_path: Path) -> None:
    made = make_nlp(weights, *HEADS, initialize=False)
    made.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    loaded.initialize(lambda: make_examples(loaded))
    loaded(TEXTS[0])
    backbone: Any = loaded.get_pipe("backbone")
    other: Any = make_nlp(weights, initialize=False).get_pipe("backbone")
    other.from_bytes(backbone.to_bytes())
    assert other.model.has_dim("nO")


@pytest.mark.parametrize("cut", [0, 10, -1, -1000])
def test_truncated_bytes_are_refused(nlp: Language, trained: Path, cut: int) -> None:
    data = nlp.get_pipe("backbone").to_bytes()[:cut]
    loaded = spacy.load(trained)
    before = get_weights(loaded)
    with pytest.raises(Exception):  # noqa: B017
        loaded.get_pipe("backbone").from_bytes(data)
    assert same_weights(before, get_weights(loaded))


def test_model_can_be_left_out(nlp: Language, tmp_path: Path) -> None:
    backbone: Any = nlp.get_pipe("backbone")
    backbone.to_disk(tmp_path, exclude=["model"])
    assert not (tmp_path / "model").exists()
    other: Any = spacy.blank("en").add_pipe("bertsent_backbone")
    other.from_disk(tmp_path, exclude=["model"])
    assert other.model.has_dim("nO") is None


def test_initialize_keeps_trained_weights(nlp: Language, trained: Path) -> None:
    """As in a second training of a sourced backbone."""
    loaded = spacy.load(trained)
    before = get_weights(loaded)
    loaded.initialize(lambda: make_examples(loaded))
    assert same_weights(before, get_weights(loaded))
    assert len(loaded.get_pipe("polarity").labels) == 3
    assert [d.text for d in loaded.pipe(TEXTS)] == TEXTS


def test_settings_are_stored(weights: Path, tmp_path: Path) -> None:
    settings: Any = {"cache_size": 7, "max_grad_norm": 0.5, "model": {"window": 16, "overlap": 3}}
    made = make_nlp(weights, "polarity", config={"backbone": settings})
    made.to_disk(tmp_path)
    backbone: Any = spacy.load(tmp_path).get_pipe("backbone")
    assert backbone.cfg["cache_size"] == 7 and backbone.cfg["max_grad_norm"] == 0.5
    tokenizer = backbone.model.shims[0].encoder.tokenizer
    assert (tokenizer.sizes.window, tokenizer.sizes.overlap) == (16, 3)


def test_pickled_pipeline_gives_the_same(nlp: Language) -> None:
    expected = [get_results(doc) for doc in nlp.pipe(TEXTS)]
    pipes = pickle.loads(pickle.dumps([pipe for _, pipe in nlp.pipeline]))
    docs = [nlp.make_doc(text) for text in TEXTS]
    for pipe in pipes:
        docs = list(pipe.pipe(docs)) if hasattr(pipe, "pipe") else [pipe(doc) for doc in docs]
    assert [get_results(doc) for doc in docs] == expected
    # The heads that came along ask the backbone that came along.
    linked = {id(pipe.model.get_ref("tok2vec").attrs["link"].get(None)) for pipe in pipes if pipe.name in HEADS}
    assert linked == {id(pipes[1])}
