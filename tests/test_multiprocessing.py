"""The whole pipeline in other processes."""

import multiprocessing
from pathlib import Path
from typing import Iterator

import pytest
import spacy
from spacy.language import Language

from .util import HEADS, ODD_TEXTS, TEXTS, assert_same, make_examples, make_nlp, train


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    made = make_nlp(weights, "aspects", *HEADS, "ner", config={"emotions": {"thresholds": {"joy": 0.1}}})
    train(made, make_examples(made), steps=20)
    return made


@pytest.fixture
def spawn() -> Iterator[None]:
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def test_forked_workers(nlp: Language) -> None:
    texts = TEXTS + ODD_TEXTS
    assert_same(nlp.pipe(texts, n_process=2, batch_size=2), [nlp(text) for text in texts])


def test_forked_workers_after_the_encoder_has_run_here(nlp: Language) -> None:
    """Torch's threads do not survive the fork: whoever waits for them waits for ever."""
    nlp(TEXTS[0])
    docs = list(nlp.pipe([f"{text} {i}" for i in range(5) for text in TEXTS], n_process=2, batch_size=3))
    assert len(docs) == 15 and all(doc._.polarity for doc in docs)


@pytest.mark.slow
def test_spawned_workers(nlp: Language, spawn: None) -> None:
    texts = TEXTS + ODD_TEXTS
    expected = [nlp(text) for text in texts]
    assert_same(nlp.pipe(texts, n_process=2, batch_size=2), expected)


@pytest.mark.slow
def test_spawned_workers_on_replaced_listeners(nlp: Language, spawn: None, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path, exclude=["ner", "emotions"])
    for name in ("polarity", "aspect_sentiment"):
        loaded.replace_listeners("backbone", name, ["model.tok2vec"])
    loaded.remove_pipe("backbone")
    assert_same(loaded.pipe(TEXTS, n_process=2, batch_size=2), [loaded(text) for text in TEXTS])
