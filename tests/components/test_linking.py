"""Listeners find their backbone, whatever is done to the pipeline."""

import gc
from pathlib import Path
from typing import Any, List

import pytest
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc

from ..util import (
    HEADS,
    TEXTS,
    Counter,
    assert_same,
    backward,
    flush,
    get_weights,
    grad_norm,
    make_examples,
    make_nlp,
    make_sgd,
    same_weights,
    train,
)

ALL = ("aspects", *HEADS, "ner")


@pytest.fixture(scope="module")
def trained(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained pipeline with all pipes, on disk."""
    nlp = make_nlp(weights, *ALL)
    train(nlp, make_examples(nlp), steps=20)
    path = tmp_path_factory.mktemp("trained")
    nlp.to_disk(path)
    return path


def predict(nlp: Language) -> List[Doc]:
    return list(nlp.pipe(TEXTS))


# No backbone


@pytest.mark.parametrize("name", HEADS)
def test_pipeline_without_backbone_says_what_to_type(name: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(f"bertsent_{name}", name=name)
    with pytest.raises(ValueError, match="BS003") as error:
        nlp.initialize(lambda: make_examples(nlp))
    assert f"has '{name}' but no backbone that it can listen to" in str(error.value)
    assert f'nlp.add_pipe("bertsent_backbone", name="backbone", before="{name}")' in str(error.value)


def test_backbone_must_come_first(weights: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("bertsent_polarity", name="polarity")
    nlp.add_pipe("bertsent_backbone", name="backbone", config={"model": {"name": str(weights)}})
    with pytest.raises(ValueError, match=r"BS003[\s\S]*it must come first"):
        nlp.initialize(lambda: make_examples(nlp))


def test_upstream_must_be_the_name_of_the_backbone(weights: Path) -> None:
    settings: Any = {"model": {"tok2vec": {"upstream": "encoder"}}}
    with pytest.raises(ValueError, match=r"BS003[\s\S]*'upstream' setting \('encoder'"):
        make_nlp(weights, "polarity", config={"polarity": settings})
    settings = {"model": {"tok2vec": {"upstream": "backbone"}}}
    make_nlp(weights, "polarity", config={"polarity": settings})(TEXTS[0])


@pytest.mark.parametrize("name", HEADS)
def test_removed_backbone_is_missed(trained: Path, name: str) -> None:
    nlp = spacy.load(trained, exclude=[x for x in (*HEADS, "ner") if x != name])
    nlp.remove_pipe("backbone")
    gc.collect()
    with pytest.raises(ValueError, match=rf"BS003.*has '{name}'"):
        nlp(TEXTS[0])


def test_backbone_that_is_not_loaded_is_missed(trained: Path) -> None:
    nlp = spacy.load(trained, exclude=["backbone"])
    with pytest.raises(ValueError, match=r"BS003[\s\S]*be enabled when 'polarity' is added"):
        nlp(TEXTS[0])


# Changes that keep it


def test_disabled_backbone_still_serves(trained: Path) -> None:
    """Our listeners ask it; only stock pipes need it to run."""
    nlp = spacy.load(trained, exclude=["ner"])
    expected = predict(nlp)
    with nlp.select_pipes(disable=["backbone"]):
        assert_same(predict(nlp), expected)
    assert_same(predict(nlp), expected)
    assert_same(predict(spacy.load(trained, exclude=["ner"], disable=["backbone"])), expected)


@pytest.mark.parametrize("name", HEADS)
def test_disabled_head_is_silent(trained: Path, name: str) -> None:
    nlp = spacy.load(trained)
    with nlp.select_pipes(disable=[name]):
        doc = nlp(TEXTS[0])
        keys = {"polarity": "polarity:", "emotions": "emotion:"}
        if name in keys:
            assert not [key for key in doc.cats if key.startswith(keys[name])]
        else:
            assert all(span.label_ == "" for span in doc.spans["aspects"])


def test_renamed_backbone_serves_and_is_stored(trained: Path, tmp_path: Path) -> None:
    nlp = spacy.load(trained)
    expected = predict(nlp)
    nlp.rename_pipe("backbone", "encoder")
    nlp.rename_pipe("polarity", "tone")
    assert_same(predict(nlp), expected)
    nlp.to_disk(tmp_path)
    assert_same(predict(spacy.load(tmp_path)), expected)
    train(nlp, make_examples(nlp), steps=1)


def test_sourced_pipes_link_to_the_new_backbone(trained: Path, tmp_path: Path) -> None:
    source = spacy.load(trained)
    expected = predict(source)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    for name in ("backbone", *ALL):
        nlp.add_pipe(name, source=source)
    assert_same(predict(nlp), expected)
    nlp.to_disk(tmp_path)
    assert_same(predict(spacy.load(tmp_path)), expected)
    backbone: Any = nlp.get_pipe("backbone")
    assert set(backbone.listening_components) == {*HEADS, "ner"}


def test_sourced_head_asks_the_backbone_of_its_new_pipeline(weights: Path, trained: Path) -> None:
    nlp = make_nlp(weights, "emotions")
    train(nlp, make_examples(nlp), steps=3)
    nlp.add_pipe("polarity", source=spacy.load(trained))
    counter = Counter(nlp)
    nlp(TEXTS[0])
    assert counter.calls == [1]
    backward(nlp, make_examples(nlp), exclude=["emotions"])
    flush(nlp)
    assert grad_norm(nlp) > 0


def test_sourced_head_without_backbone_says_so(trained: Path) -> None:
    nlp = spacy.blank("en")
    source = spacy.load(trained, exclude=["ner"])
    nlp.add_pipe("polarity", source=source)
    del source
    gc.collect()
    with pytest.raises(ValueError, match="BS003"):
        nlp(TEXTS[0])


def test_two_backbones_serve_those_who_name_them(weights: Path) -> None:
    nlp = spacy.blank("en")
    model = {"name": str(weights), "precision": "fp32"}
    for name in ("one", "two"):
        nlp.add_pipe("bertsent_backbone", name=name, config={"model": model})
    nlp.add_pipe("bertsent_polarity", name="polarity", config={"model": {"tok2vec": {"upstream": "one"}}})
    nlp.add_pipe("bertsent_emotions", name="emotions", config={"model": {"tok2vec": {"upstream": "two"}}})
    nlp.initialize(lambda: make_examples(nlp))
    one: Any = nlp.get_pipe("one")
    two: Any = nlp.get_pipe("two")
    assert one.listening_components == ["polarity"] and two.listening_components == ["emotions"]
    assert one.model.shims[0].id != two.model.shims[0].id
    nlp.update(make_examples(nlp), sgd=False)
    for pipe in (one, two):
        pipe._flush()
        assert any(p.grad is not None for p in pipe.model.shims[0]._model.parameters())


# Replaced listeners

REPLACED = [*((name,) for name in HEADS), ("ner",), ("polarity", "aspect_sentiment", "ner"), (*HEADS, "ner")]


@pytest.mark.parametrize("names", REPLACED, ids=lambda x: "+".join(x))
def test_replaced_listeners_give_the_same_and_are_stored(trained: Path, tmp_path: Path, names: Any) -> None:
    nlp = spacy.load(trained)
    expected = predict(nlp)
    for name in names:
        nlp.replace_listeners("backbone", name, ["model.tok2vec"])
    assert_same(predict(nlp), expected)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert_same(predict(loaded), expected)
    assert_same(predict(loaded.from_bytes(nlp.to_bytes())), expected)
    if set(names) == {*HEADS, "ner"}:
        loaded.remove_pipe("backbone")
        gc.collect()
        assert_same(predict(loaded), expected)
        assert_same(predict(spacy.load(tmp_path, exclude=["backbone"])), expected)


def test_replaced_listeners_train_apart(trained: Path) -> None:
    nlp = spacy.load(trained)
    for name in ("polarity", "aspect_sentiment", "ner"):
        nlp.replace_listeners("backbone", name, ["model.tok2vec"])
    modules = [shim for _, pipe in nlp.pipeline for node in _walk(pipe) for shim in node.shims]
    assert len({shim.id for shim in modules}) == len(modules) == 4
    own = [[p.detach().clone() for p in shim._model.parameters()] for shim in modules]
    sgd = make_sgd()
    losses = [train(nlp, make_examples(nlp), steps=5, sgd=sgd) for _ in range(2)]
    for shim, before in zip(modules, own):
        assert not all(torch.equal(a, b) for a, b in zip(before, shim._model.parameters()))
    assert losses[1]["polarity"] < losses[0]["polarity"]
    # The gradient of a reader with its own encoder does not reach the backbone.
    before_step = get_weights(nlp)
    train(nlp, make_examples(nlp), steps=1, exclude=["emotions"])
    assert same_weights(before_step, get_weights(nlp))


def _walk(pipe: Any) -> Any:
    return pipe.model.walk() if hasattr(pipe, "model") else []
