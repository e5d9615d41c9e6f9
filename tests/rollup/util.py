"""Documents with aspects, as a pipeline or an annotator leaves them."""

from typing import Optional, Sequence, Tuple

import spacy
from spacy.tokens import Doc, Span, SpanGroup

LABELS = ["positive", "neutral", "negative"]
NLP = spacy.blank("en")
NLP.add_pipe("sentencizer")
# words of the text, sentiment, category
AspectT = Tuple[str, str, str]


def make_doc(
    text: str, aspects: Optional[Sequence[AspectT]] = (), scores: Optional[Sequence[Sequence[float]]] = None
) -> Doc:
    """A document. aspects: the first mention of their words; None writes no group. scores: a row for each."""
    doc = NLP(text)
    if aspects is not None:
        spans = [_make_span(doc, *aspect) for aspect in aspects]
        attrs = {} if scores is None else {"labels": LABELS, "scores": [list(row) for row in scores]}
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans, attrs=attrs)
    return doc


def _make_span(doc: Doc, words: str, sentiment: str, category: str) -> Span:
    start = doc.text.index(words)
    span = doc.char_span(start, start + len(words), label=sentiment, kb_id=category)
    assert span is not None
    return span
