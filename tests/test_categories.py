from typing import Any, Dict, List, Sequence, Tuple

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from spacy_bertsent.categories import (
    Mentioned,
    compare,
    count_gold,
    get_contexts,
    get_found,
    get_mentions,
    has_categories,
    scale_rows,
    settle,
)

NLP = spacy.blank("en")
NLP.add_pipe("sentencizer")
LABELS = ("positive", "neutral", "negative")
TEXT = "The soup was cold. The waiter smiled."
SOUP, WAITER = (0, 18), (19, 37)


def make_doc(text: str, aspects: Sequence[Tuple[int, int, str, str]]) -> Doc:
    """Aspects are start, end, category and sentiment."""
    doc = NLP.make_doc(text)
    doc.spans["aspects"] = [doc.char_span(s, e, label=label, kb_id=category) for s, e, category, label in aspects]
    return doc


@pytest.mark.parametrize(
    "text, sentences, document",
    [
        (TEXT, [SOUP, WAITER], [(0, 37)]),
        ("  \n One.  Two. ", [(4, 8), (10, 14)], [(4, 14)]),
        ("", [], []),
        (" \n ", [], []),
    ],
)
def test_contexts(text: str, sentences: List[Any], document: List[Any]) -> None:
    doc = NLP(text)
    assert get_contexts(doc, "sentence") == sentences and get_contexts(doc, "document") == document
    assert get_contexts(NLP.make_doc(text), "sentence") == document, "no sentence boundaries"


def test_what_says_something_about_categories() -> None:
    plain, empty = make_doc(TEXT, [(4, 8, "", "negative")]), make_doc(TEXT, [])
    both = make_doc(TEXT, [(4, 8, "", "negative"), (*SOUP, "FOOD", "negative"), (*WAITER, "STAFF", "")])
    silent = NLP.make_doc(TEXT)
    assert [has_categories(doc) for doc in (plain, empty, both, silent)] == [False, True, True, False]
    gold = count_gold([plain, empty, both, silent])
    assert gold.counts == {"FOOD": 1, "STAFF": 1} and gold.labels == {"negative"}
    assert (gold.annotated, gold.plain) == (2, 1)


def test_mentions_by_hand() -> None:
    doc = make_doc(
        TEXT,
        [
            (*SOUP, "FOOD", "negative"),
            (4, 8, "FOOD", "negative"),
            (4, 8, "FOOD", "positive"),
            (23, 29, "STAFF", "positive"),
            (0, 37, "PRICE", ""),
            (13, 17, "", "negative"),
        ],
    )
    mentions = get_mentions(doc, [SOUP, WAITER], LABELS)
    assert mentions == {(0, "FOOD"): "negative", (1, "STAFF"): "positive", (0, "PRICE"): "", (1, "PRICE"): ""}
    assert get_mentions(doc, [(0, 37)], LABELS) == {(0, "FOOD"): "negative", (0, "STAFF"): "positive", (0, "PRICE"): ""}
    wordless = get_mentions(doc, [SOUP, WAITER], LABELS, sentences=[SOUP, WAITER])
    assert wordless == {(0, "FOOD"): "negative", (0, "PRICE"): "", (1, "PRICE"): ""}


@pytest.mark.parametrize(
    "sentiments, labels, expected",
    [
        (["positive"], LABELS, "positive"),
        (["", ""], LABELS, ""),
        (["", "negative"], LABELS, "negative"),
        (["positive", "negative", "positive"], LABELS, "positive"),
        (["positive", "negative"], LABELS, "neutral"),
        (["positive", "negative"], (*LABELS, "conflict"), "conflict"),
        (["negative", "positive"], ("positive", "negative"), "positive"),
        (["new", "negative", "newer"], ("positive", "negative"), "negative"),
    ],
)
def test_one_sentiment_of_several(sentiments: List[str], labels: Sequence[str], expected: str) -> None:
    assert settle(sentiments, labels) == expected


@given(st.lists(st.sampled_from(["", *LABELS, "conflict", "other"])), st.permutations(LABELS))
def test_the_order_of_opinions_does_not_matter(sentiments: List[str], labels: List[str]) -> None:
    assert settle(sentiments, labels) == settle(sentiments[::-1], labels)


def test_found_are_those_of_the_component() -> None:
    doc = make_doc(TEXT, [(*SOUP, "FOOD", "negative"), (*WAITER, "STAFF", "positive"), (*WAITER, "FOOD", "positive")])
    doc.spans["aspects"].attrs["sources"] = ["category", "given", "category"]
    found = get_found(doc, [SOUP, WAITER])
    assert found == {Mentioned(0, "FOOD", "negative"), Mentioned(1, "FOOD", "positive")}
    assert get_found(NLP.make_doc(TEXT), [SOUP]) == set()


def test_comparing_leaves_out_what_was_not_annotated() -> None:
    mentions: Dict[Any, str] = {(0, "FOOD"): "negative", (0, "STAFF"): "", (1, "FOOD"): "none"}
    found = {Mentioned(0, "STAFF", "positive"), Mentioned(1, "FOOD", "positive"), Mentioned(1, "STAFF", "negative")}
    gold, left = compare(mentions, found, "none")
    assert gold == {Mentioned(0, "FOOD", "negative")}
    assert left == {Mentioned(1, "FOOD", "positive"), Mentioned(1, "STAFF", "negative")}


def test_rows_are_scaled_to_one() -> None:
    scores = numpy.asarray([[0.1, 0.3], [0.0, 0.0], [1e-38, 0.0]], dtype="f")
    numpy.testing.assert_allclose(scale_rows(scores), [[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]], atol=1e-6)
    assert scale_rows(numpy.zeros((0, 2), dtype="f")).shape == (0, 2)


def test_spans_of_a_document_without_sentences_cover_it() -> None:
    doc = NLP.make_doc(TEXT)
    doc.spans["aspects"] = [Span(doc, 0, len(doc), "negative", kb_id="FOOD")]
    assert get_mentions(doc, [(0, 37)], LABELS, sentences=[]) == {(0, "FOOD"): "negative"}
