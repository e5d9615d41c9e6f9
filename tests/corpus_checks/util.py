"""Gold documents for the checks, and what was found in them."""

from typing import Dict, Iterable, List, Optional, Sequence, Tuple

import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bertsent.corpus_checks import Finding

NLP = spacy.blank("en")
# words of the text, category, sentiment; the words may be followed by "@" and the place of the mention, from 0
AspectT = Tuple[str, str, str]


def make_doc(
    text: str,
    polarity: Optional[str] = None,
    emotions: Optional[Dict[str, float]] = None,
    aspects: Optional[Sequence[AspectT]] = None,
    cats: Optional[Dict[str, object]] = None,
) -> Doc:
    """A gold document with what is given; polarity is one of two."""
    doc = NLP(text)
    if polarity is not None:
        doc.cats.update({f"polarity:{x}": float(x == polarity) for x in ("positive", "negative")})
    doc.cats.update({f"emotion:{label}": value for label, value in (emotions or {}).items()})
    doc.cats.update(cats or {})
    if aspects is not None:
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=[_make_span(doc, *row) for row in aspects])
    return doc


def _make_span(doc: Doc, words: str, category: str, sentiment: str) -> Span:
    words, _, mention = words.partition("@")
    start = -1
    for _ in range(int(mention or 0) + 1):
        start = doc.text.index(words, start + 1)
    span = doc.char_span(start, start + len(words), label=sentiment, kb_id=category, alignment_mode="expand")
    assert span is not None
    return span


def get_cases(findings: Iterable[Finding], name: str) -> List[Tuple[str, Optional[int], str]]:
    """Split, number and detail of each case of a name; each finding gives its splits first."""
    return [
        (case.split, case.number, case.detail) for finding in findings if finding.name == name for case in finding.cases
    ]


def get_names(findings: Iterable[Finding]) -> List[str]:
    return [finding.name for finding in findings]
