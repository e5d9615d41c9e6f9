"""What a mention of an aspect is called, and the sentence that it stands in."""

import unicodedata
from typing import Iterator, NamedTuple, Sequence

from spacy.tokens import Doc, Span

from ..extensions import get_aspects
from ..labels import ASPECTS_KEY
from ..sentences import get_sentences, widen_to_sentences
from ..types import Aspect, Offsets

# Characters of a context. A text without sentence boundaries is one context, however long it is.
MAX_CONTEXT = 400
CUT = "\u2026"


class Example(NamedTuple):
    """A sentence behind a number.

    document (str): The document's id. text (str): The sentences that the mention touches.
    start (int), end (int): Characters of the mention in `text`; both 0 where the aspect has no words of its own.
    score (float): The probability of its sentiment, 0.0 where there is none, as in gold annotation.
    """

    document: str
    text: str
    start: int
    end: int
    score: float


class Mention(NamedTuple):
    """One aspect of a document.

    name (str): What it is counted as. form (str): Its words as they stand there. aspect (Aspect): All else.
    span (Span): Its tokens. sentences (Sequence[Offsets]): Of the document.
    """

    name: str
    form: str
    aspect: Aspect
    span: Span
    sentences: Sequence[Offsets]


def iter_mentions(doc: Doc) -> Iterator[Mention]:
    """YIELDS (Mention): The aspects of a document, in the order of its group."""
    sentences = get_sentences(doc)
    for span, aspect in zip(doc.spans.get(ASPECTS_KEY, []), get_aspects(doc)):
        if aspect.text == span.text:
            yield Mention(get_name(span), _join(span.text), aspect, span, sentences)
        else:
            yield Mention(_join(aspect.text), "", aspect, span, sentences)


def get_name(span: Span) -> str:
    """Name a mention, so that mentions of one thing have one name.

    span (Span): The words of the mention.
    RETURNS (str): The lemmas of its tokens in lower case; the word itself where a token has no lemma. So "Batteries"
        is "battery" where a lemmatizer has run, and "batteries" elsewhere.
    """
    return _join("".join((token.lemma_ or token.text) + token.whitespace_ for token in span).lower())


def make_example(mention: Mention, document: str) -> Example:
    """Take the sentences around a mention, and no more than `MAX_CONTEXT` characters of them.

    mention (Mention): The mention. document (str): The document's id.
    RETURNS (Example): White space is one space each; what is cut off leaves an ellipsis.
    """
    text, span = mention.span.doc.text, mention.span
    start, end = widen_to_sentences(text, mention.sentences, span.start_char, span.end_char)
    score = mention.aspect.score
    if not mention.form:
        return Example(document, _shorten(_join(text[start:end])), 0, 0, score)
    room = max(0, MAX_CONTEXT - len(span.text)) // 2
    left, right = max(start, span.start_char - room), min(end, span.end_char + room)
    before, after = text[left : span.start_char], text[span.end_char : right]
    before = (CUT if left > start else "") + " ".join(before.split()) + (" " if before[-1:].isspace() else "")
    after = (" " if after[:1].isspace() else "") + " ".join(after.split()) + (CUT if right < end else "")
    words = _shorten(mention.form)
    return Example(document, before + words + after, len(before), len(before) + len(words), score)


def _join(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_CONTEXT else text[: MAX_CONTEXT - 1] + CUT
