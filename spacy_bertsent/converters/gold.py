"""Writing gold annotation on a Doc: the one place that knows its keys."""

from typing import Collection, Iterable, NamedTuple, Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from ..labels import ASPECTS_KEY
from .rows import Report, RowFault


class GoldAspect(NamedTuple):
    """One annotated aspect.

    start_char (int), end_char (int): Its characters in the text, end exclusive.
    sentiment (str), category (str): Its labels, "" where not annotated.
    """

    start_char: int
    end_char: int
    sentiment: str = ""
    category: str = ""


def make_doc(nlp: Language, text: str) -> Doc:
    """Tokenise a text.

    RAISES (RowFault): If it is empty, too long for the pipeline, or no valid Unicode.
    """
    if not text.strip():
        raise RowFault("the text is empty")
    if len(text) > nlp.max_length:
        raise RowFault(f"the text has {len(text)} characters, more than nlp.max_length ({nlp.max_length})")
    try:
        text.encode("utf8")
    except UnicodeEncodeError as e:
        raise RowFault(f"the text is not valid UTF-8 at character {e.start}") from e
    return nlp.make_doc(text)


def set_labels(doc: Doc, prefix: str, labels: Sequence[str], chosen: Collection[str]) -> None:
    """Write all labels of one group to `doc.cats`: 1.0 for the chosen ones, 0.0 for the others.

    doc (Doc): The document. prefix (str): Of the group, such as "polarity:".
    labels (Sequence[str]): All labels of the data set. chosen (Collection[str]): Those that apply.
    RAISES (RowFault): If a chosen label is not one of the labels.
    """
    unknown = [label for label in chosen if label not in labels]
    if unknown:
        raise RowFault(f"unknown label {unknown[0]!r}, expected one of: {', '.join(labels)}")
    for label in labels:
        doc.cats[prefix + label] = float(label in chosen)


def set_aspects(doc: Doc, aspects: Iterable[GoldAspect], report: Report) -> None:
    """Write aspects to `doc.spans`; an empty group where there are none.

    doc (Doc): The document. aspects (Iterable[GoldAspect]): Its aspects.
    report (Report): Gets those that do not stand on token boundaries: they become the tokens that they touch.
    """
    spans, moved = [], []
    for aspect in aspects:
        span = _get_span(doc, aspect)
        text = doc.text[aspect.start_char : aspect.end_char]
        if span.text != text:
            moved.append((text, span.text))
        spans.append(span)
    doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, spans=spans)
    report.moved.extend(moved)


def check_words(text: str, aspect: GoldAspect, words: str) -> None:
    """RAISES (RowFault): If the characters of an aspect are outside of the text, or not its words."""
    start, end = aspect.start_char, aspect.end_char
    if not 0 <= start < end <= len(text):
        raise RowFault(f"aspect {words!r}: characters {start} to {end} are not in the text of {len(text)} characters")
    if text[start:end] != words:
        raise RowFault(f"aspect {words!r}: characters {start} to {end} are {text[start:end]!r}")
    if not words.strip():
        raise RowFault(f"the aspect at characters {start} to {end} is white space")


def _get_span(doc: Doc, aspect: GoldAspect) -> Span:
    start, end, sentiment, category = aspect
    # White space between tokens belongs to the token before it: expanding would take that one in.
    words = doc.text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
    span = doc.char_span(start, end, label=sentiment, kb_id=category, alignment_mode="expand")
    assert span is not None  # every character that is no white space stands in a token
    return span
