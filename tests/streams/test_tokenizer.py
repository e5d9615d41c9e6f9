import pickle
import random
import time
from pathlib import Path
from typing import List, Tuple

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from spacy_bertsent.streams.tokenizer import make_bounded_tokenizer, split_runs, tokenize

NAME = "spacy-bertsent.bounded_tokenizer.v1"
STOCK = spacy.blank("en").tokenizer


def make_nlp(max_run: int = 50) -> Language:
    return spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": NAME, "max_run": max_run}}})


def read(doc: Doc) -> List[Tuple[str, str, str]]:
    return [(token.text, token.norm_, token.whitespace_) for token in doc]


def test_runs_are_cut_at_the_limit() -> None:
    assert split_runs("so good!!!!!!! yes", 3) == ["so good", "!!!", "!!!", "! yes"]
    assert split_runs("!!!!", 3) == ["!!!", "!"]
    assert split_runs("a!!!! b", 3) == ["a", "!!!", "! b"]


def test_long_words_are_cut_at_twenty_times_the_limit() -> None:
    assert [len(piece) for piece in split_runs("a" * 130, 3)] == [60, 60, 10]
    assert split_runs("a" * 60, 3) == ["a" * 60]


@pytest.mark.parametrize("text", ["", " ", "so good!!! yes", "a" * 1000, "can't\n\n--- stop ...", "!!! " * 40])
def test_ordinary_texts_are_not_cut(text: str) -> None:
    assert split_runs(text, 50) == [text]


def test_no_limit() -> None:
    assert split_runs("!" * 5000, 0) == ["!" * 5000]


@given(st.text(alphabet="ab!?._-'\n\t \u00a0\u0301\U0001f600", max_size=80), st.integers(1, 5))
def test_nothing_is_lost(text: str, max_run: int) -> None:
    pieces = split_runs(text, max_run)
    assert "".join(pieces) == text
    doc, n_cuts = tokenize(STOCK, text, max_run)
    assert doc.text == text and n_cuts == len(pieces) - 1


@given(st.text(max_size=200))
def test_tokens_are_those_of_spacy_where_nothing_is_cut(text: str) -> None:
    doc, n_cuts = tokenize(STOCK, text, 200)
    assert n_cuts == 0 and read(doc) == read(STOCK(text))


@pytest.mark.parametrize("mark", ["!", "?", "*", "_", "#", ")", "\U0001f600"])
def test_tokens_are_the_same_where_each_mark_is_one(mark: str) -> None:
    """Special cases keep their norms, and the other words their tokens."""
    text = f"I can't  say{mark * 120} more.\nWe won't {mark * 60}\n\n end"
    doc, n_cuts = tokenize(STOCK, text, 50)
    assert n_cuts > 2 and read(doc) == read(STOCK(text))
    assert ("ca", "can", "") in read(doc)
    assert not doc.has_annotation("SENT_START") and not doc.user_data


def test_time_grows_with_the_length_alone() -> None:
    """The stock tokenizer needs more than ten seconds for 10,000 characters such as these."""
    rng = random.Random(0)
    text = "".join(rng.choice("!?,;:(){}") for _ in range(20_000))
    start = time.perf_counter()
    doc, _ = tokenize(STOCK, text, 50)
    assert doc.text == text
    assert time.perf_counter() - start < 5


def test_plain_nlp_has_the_limit_by_its_config(tmp_path: Path) -> None:
    nlp = make_nlp(3)
    text = "so good!?!?!?! yes"
    cut = [len(nlp.tokenizer(text)), nlp.tokenizer.max_run]
    nlp.to_disk(tmp_path)
    for other in (
        spacy.load(tmp_path),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ):
        assert [len(other.tokenizer(text)), other.tokenizer.max_run] == cut
        assert read(other.tokenizer("I can't.")) == read(STOCK("I can't."))
    assert nlp(text).text == text


def test_pickled_tokenizer_keeps_its_limit() -> None:
    assert pickle.loads(pickle.dumps(make_nlp(7).tokenizer)).max_run == 7


def test_limit_without_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="BS069"):
        make_bounded_tokenizer(-1)
