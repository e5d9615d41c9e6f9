"""Windows and sentences on the Doc: what is kept, what is shown, what is cleared."""

from typing import Any, List

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from spacy_bertsent import install_extensions, to_dict
from spacy_bertsent.labels import EMOTION_WINDOWS_KEY, POLARITY_SENTENCES_KEY, POLARITY_WINDOWS_KEY
from spacy_bertsent.parts import get_polarity_sentences, set_sentences, set_windows
from spacy_bertsent.types import LongText, TextPart

VOCAB = Vocab()
LABELS = ["positive", "negative"]
SCORES = numpy.asarray([[0.75, 0.25], [0.125, 0.875]], dtype="f")


def make_doc(text: str = "The soup was lovely. The waiter was rude.") -> Doc:
    install_extensions()
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp(text)


def test_windows_are_listed_in_order() -> None:
    doc = make_doc()
    set_windows(doc, POLARITY_WINDOWS_KEY, LABELS, LongText(0, [(0, 24), (17, 41)], False), SCORES)
    assert doc._.polarity_windows == [
        TextPart(0, 24, "positive", {"positive": 0.75, "negative": 0.25}),
        TextPart(17, 41, "negative", {"positive": 0.125, "negative": 0.875}),
    ]
    assert doc._.emotion_windows == [] and not doc._.truncated


def test_short_text_is_one_window_of_its_own_scores() -> None:
    doc = make_doc("Nice.")
    assert doc._.polarity_windows == doc._.emotion_windows == []
    doc.cats = {"polarity:positive": 0.25, "polarity:negative": 0.75, "emotion:joy": 0.5}
    assert doc._.polarity_windows == [TextPart(0, 5, "negative", {"positive": 0.25, "negative": 0.75})]
    assert doc._.emotion_windows == [TextPart(0, 5, "joy", {"joy": 0.5})]
    assert not doc.spans


@pytest.mark.parametrize("key", [POLARITY_WINDOWS_KEY, EMOTION_WINDOWS_KEY])
def test_either_head_tells_that_the_text_was_cut(key: str) -> None:
    doc = make_doc()
    set_windows(doc, key, LABELS, LongText(0, [(0, 24)], True), SCORES[:1])
    assert doc._.truncated is True
    assert to_dict(doc)["truncated"] is True and len(to_dict(doc)[key]) == 1


def test_short_text_clears_what_was_left() -> None:
    doc = make_doc()
    set_windows(doc, POLARITY_WINDOWS_KEY, LABELS, LongText(0, [(0, 24), (17, 41)], True), SCORES)
    set_windows(doc, POLARITY_WINDOWS_KEY, LABELS, None, None)
    set_sentences(doc, list(doc.sents), LABELS, SCORES, True)
    set_sentences(doc, [], LABELS, SCORES[:0], False)
    assert not doc.spans and not doc._.truncated and not doc._.mixed
    assert set(to_dict(doc)) == {"text"}


def test_sentences_have_scores_of_their_own() -> None:
    doc = make_doc()
    set_sentences(doc, list(doc.sents), LABELS, SCORES, True)
    first, second = doc.sents
    assert first._.polarity == "positive" and first._.polarity_scores == {"positive": 0.75, "negative": 0.25}
    assert second._.polarity == "negative" and second._.polarity_scores == {"positive": 0.125, "negative": 0.875}
    assert doc._.mixed is True
    assert [(span.text, span.label_) for span in doc.spans[POLARITY_SENTENCES_KEY]] == [
        ("The soup was lovely.", "positive"),
        ("The waiter was rude.", "negative"),
    ]
    assert to_dict(doc)["mixed"] is True
    assert to_dict(doc)["polarity_sentences"][1] == {
        "start_char": 21, "end_char": 41, "label": "negative", "scores": {"positive": 0.125, "negative": 0.875},
    }  # fmt: skip


def test_other_spans_have_none_but_the_whole_document() -> None:
    doc = make_doc()
    doc.cats = {"polarity:positive": 0.5, "polarity:negative": 0.25}
    set_sentences(doc, list(doc.sents), LABELS, SCORES, False)
    for span in (doc[1:2], doc[0:4], doc[5:9], doc[6:10], doc[0:0]):
        assert span._.polarity is None and span._.polarity_scores == {}
    assert doc[:]._.polarity == "positive" and doc[:]._.polarity_scores == {"positive": 0.5, "negative": 0.25}
    assert not doc._.mixed


def test_sentences_that_were_not_scored_have_none() -> None:
    doc = make_doc()
    assert [sent._.polarity for sent in doc.sents] == [None, None] and not doc._.mixed
    assert get_polarity_sentences(doc) == []
    empty = Doc(doc.vocab)
    assert empty[:]._.polarity is None and empty[:]._.polarity_scores == {}


@given(cuts=st.sets(st.integers(1, 19), min_size=1))
def test_each_sentence_is_found_among_many(cuts: Any) -> None:
    install_extensions()
    starts = sorted({0, *cuts})
    doc = Doc(VOCAB, words=["a"] * 20, sent_starts=[i in starts for i in range(20)])
    scores = numpy.asarray([[i / 20, 1 - i / 20] for i in range(len(starts))])
    set_sentences(doc, list(doc.sents), LABELS, scores, False)
    found: List[Any] = [sent._.polarity_scores for sent in doc.sents]
    assert [row["positive"] for row in found] == pytest.approx([i / 20 for i in range(len(starts))])


def test_groups_that_lost_their_attributes_are_empty() -> None:
    """As `Doc.from_json` makes them."""
    doc = make_doc()
    doc.cats = {"polarity:positive": 1.0, "emotion:joy": 1.0}
    for key in (POLARITY_WINDOWS_KEY, EMOTION_WINDOWS_KEY):
        doc.spans[key] = SpanGroup(doc, name=key)
    doc.spans[POLARITY_SENTENCES_KEY] = [Span(doc, 0, 5, "positive")]
    assert doc._.polarity_windows == doc._.emotion_windows == get_polarity_sentences(doc) == []
    assert next(doc.sents)._.polarity is None and not doc._.mixed and not doc._.truncated
