from typing import Any

import numpy
import pytest
import spacy

from spacy_bertsent.corpus_checks.gold import (
    describe_aspect,
    get_aspects,
    get_emotions,
    get_polarity,
    get_polarity_values,
    identify,
    is_valid,
)

from .util import make_doc


@pytest.mark.parametrize(
    "value,expected",
    [(0, True), (1.0, True), (0.7, True), (True, True), (numpy.float32(0.5), True), (-0.1, False), (1.01, False),
     (float("nan"), False), (float("inf"), False), ("1", False), (None, False)],
)  # fmt: skip
def test_is_valid(value: Any, expected: bool) -> None:
    assert is_valid(value) is expected


def test_polarity() -> None:
    assert get_polarity(make_doc("a")) is None
    assert get_polarity(make_doc("a", polarity="negative")) == "negative"
    assert get_polarity(make_doc("a", cats={"polarity:positive": 0.3, "polarity:neutral": 0.4})) == "neutral"
    assert get_polarity(make_doc("a", polarity="")) is None
    doc = make_doc("a", cats={"polarity:positive": float("nan"), "polarity:neutral": 0.4, "emotion:joy": 1.0})
    assert get_polarity_values(doc) == {"neutral": 0.4}


def test_emotions() -> None:
    assert get_emotions(make_doc("a", polarity="positive")) == {}
    assert get_emotions(make_doc("a", emotions={"joy": 0.5, "fear": 0.49})) == {"joy": True, "fear": False}
    assert get_emotions(make_doc("a", emotions={"joy": 7.0})) == {}


def test_aspects() -> None:
    assert get_aspects(make_doc("a")) == get_aspects(make_doc("a", aspects=[])) == []
    doc = make_doc("The soup.", aspects=[("soup", "FOOD", "positive"), ("The soup.", "FOOD", "")])
    words, whole = get_aspects(doc)
    assert identify(words) == (4, 8, "FOOD")
    assert describe_aspect(words) == "'soup' FOOD"
    assert describe_aspect(whole) == "FOOD"
    assert describe_aspect(doc[0:2]) == "'The soup'"


def test_a_sentence_can_be_a_category() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    doc = nlp("It was dark. The soup was hot.")
    span = doc.char_span(0, 12, kb_id="PLACE")
    assert describe_aspect(span) == "PLACE"
