from typing import List

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Token

from spacy_bertsent.baselines.words import get_words
from spacy_bertsent.types import AspectQuery

NLP = spacy.blank("en")
NLP.add_pipe("sentencizer")
TEXT = "I waited. The  phone camera is excellent but big. It rains."


def ask(doc: Doc, words: str, text: str = "", masked: bool = False) -> AspectQuery:
    start = doc.text.index(words)
    return AspectQuery(doc, start, start + len(words), text or words, masked)


def spell(tokens: List[Token]) -> str:
    return " ".join(token.text for token in tokens)


def test_words_of_a_document() -> None:
    words = get_words(NLP(" A\n\nB  c. "), window=2)
    assert spell(words.context) == "A B c."
    assert not words.aspect and not words.left and not words.right


@pytest.mark.parametrize(
    "window, left, right",
    [(0, "", ""), (1, "The", "is"), (3, "The", "is excellent but"), (9, "The", "is excellent but big .")],
)
def test_words_of_an_aspect(window: int, left: str, right: str) -> None:
    doc = NLP(TEXT)
    words = get_words(ask(doc, "phone camera"), window)
    assert spell(words.context) == "The phone camera is excellent but big ."
    assert spell(words.aspect) == "phone camera"
    assert (spell(words.left), spell(words.right)) == (left, right)


def test_left_words_are_the_nearest() -> None:
    words = get_words(ask(NLP(TEXT), "big"), 2)
    assert (spell(words.left), spell(words.right)) == ("excellent but", ".")


def test_without_sentences_the_context_is_the_text() -> None:
    doc = spacy.blank("en")(TEXT)
    assert spell(get_words(ask(doc, "camera"), 1).context) == " ".join(TEXT.replace(".", " .").split())


def test_aspect_without_words_has_those_of_its_category() -> None:
    doc = NLP("It was dear.")
    words = get_words(ask(doc, "It was dear.", text="food prices"), 2)
    assert spell(words.context) == "It was dear ." and spell(words.aspect) == "food prices"
    assert not words.left and not words.right


def test_masked_aspect_cannot_be_told_from_another() -> None:
    doc = NLP(TEXT)
    first, second = (get_words(ask(doc, words, masked=True), 2) for words in ("camera", "big"))
    assert [list(map(str, part)) for part in first] == [list(map(str, part)) for part in second]
    assert spell(first.context) == "The phone camera is excellent but big ." and not first.aspect


def test_aspect_inside_a_token() -> None:
    words = get_words(ask(NLP("A Superbattery lasts."), "battery"), 1)
    assert (spell(words.left), spell(words.aspect), spell(words.right)) == ("A", "Superbattery", "lasts")


@given(st.lists(st.sampled_from(["a", "bb", ".", " ", "\n"]), min_size=1), st.data())
def test_parts_stand_in_a_row(pieces: List[str], data: st.DataObject) -> None:
    doc = NLP(" ".join(pieces))
    start = data.draw(st.integers(0, len(doc.text) - 1))
    end = data.draw(st.integers(start + 1, len(doc.text)))
    words = get_words(AspectQuery(doc, start, end, doc.text[start:end]), 2)
    row = [token.i for token in (*words.left, *words.aspect, *words.right)]
    places = [token.i for token in words.context]
    assert row == sorted(set(row)) and set(row) <= set(places)
    assert all(token.idx < end and token.idx + len(token) > start for token in words.aspect)
    assert len(words.left) <= 2 and len(words.right) <= 2
