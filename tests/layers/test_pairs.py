"""Which text an aspect is paired with."""

from typing import Any, List

import pytest
import spacy
from spacy.tokens import Doc

from spacy_bertsent.architectures.listeners import build_doc_listener, build_pair_listener
from spacy_bertsent.layers.pairs import make_pairs
from spacy_bertsent.types import AspectQuery, TextInput

TEXT = " The soup was cold. The waiter smiled!  The price was high. "


def make_doc(sentences: bool) -> Doc:
    nlp = spacy.blank("en")
    if sentences:
        nlp.add_pipe("sentencizer")
    return nlp(TEXT)


def make_query(doc: Doc, words: str, end: str = "") -> AspectQuery:
    start = doc.text.index(words)
    stop = doc.text.index(end) + len(end) if end else start + len(words)
    return AspectQuery(doc, start, stop, words)


def test_context_is_the_sentence_without_outer_space() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "waiter")], order="aspect_sentence", context="sentence")
    assert pair == TextInput("waiter", "The waiter smiled!", long=1, focus=(4, 10))


def test_order_swaps_the_texts() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "waiter")], order="sentence_aspect", context="sentence")
    assert pair == TextInput("The waiter smiled!", "waiter", long=0, focus=(4, 10))


def test_context_is_the_document_without_boundaries_or_if_told() -> None:
    for doc, context in [(make_doc(False), "sentence"), (make_doc(True), "document")]:
        (pair,) = make_pairs([make_query(doc, "waiter")], order="aspect_sentence", context=context)
        start, end = pair.focus
        assert pair.second == TEXT.strip() and pair.second[start:end] == "waiter"


def test_aspect_over_two_sentences_has_both() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "cold. The waiter")], order="aspect_sentence", context="sentence")
    assert pair.second == "The soup was cold. The waiter smiled!"


def test_pairs_keep_the_order_of_the_questions() -> None:
    docs = [make_doc(True), make_doc(True)]
    queries = [make_query(docs[0], "soup"), make_query(docs[1], "price"), make_query(docs[0], "price")]
    pairs = make_pairs(queries, order="aspect_sentence", context="sentence")
    assert [pair.first for pair in pairs] == ["soup", "price", "price"]


def test_order_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS006.*'backwards'.*aspect_sentence, sentence_aspect"):
        build_pair_listener(order="backwards")


def test_context_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*context = 'page'"):
        build_pair_listener(context="page")


@pytest.mark.parametrize("build, inputs", [(build_doc_listener, "docs"), (build_pair_listener, "queries")])
def test_listener_without_backbone_says_so(build: Any, inputs: str) -> None:
    doc = make_doc(True)
    values: List[Any] = [doc] if inputs == "docs" else [make_query(doc, "soup")]
    for is_train in (True, False):
        with pytest.raises(ValueError, match=r"BS003.*no backbone[\s\S]*'upstream' setting \('\*'"):
            build()(values, is_train)


def test_copied_listener_is_not_linked() -> None:
    class Upstream:
        pass

    upstream = Upstream()
    listener = build_doc_listener()
    listener.attrs["link"].set(upstream)
    assert listener.attrs["link"].get(listener) is upstream
    with pytest.raises(ValueError, match="BS003"):
        listener.copy().attrs["link"].get(listener)
    del upstream
    with pytest.raises(ValueError, match="BS003"):
        listener.attrs["link"].get(listener)
