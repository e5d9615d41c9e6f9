"""Writing gold annotation on a Doc: the one place that knows its keys."""

from typing import Collection, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from ..labels import ASPECTS_KEY
from .rows import Report, RowFault

# An aspect that is called both good and bad.
CONFLICT = "conflict"
CONFLICT_MODES = ("drop", "keep", "neutral")


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


def settle_conflicts(aspects: Sequence[GoldAspect], conflict: str, report: Report) -> List[GoldAspect]:
    """Decide what becomes of aspects that are called both good and bad.

    aspects (Sequence[GoldAspect]): All aspects of a text.
    conflict (str): "drop" leaves them out, "keep" makes "conflict" a fourth sentiment, "neutral" counts them as
        neutral.
    report (Report): Gets the number of those left out.
    RETURNS (List[GoldAspect]): The aspects that remain.
    """
    kept = [aspect for aspect in aspects if aspect.sentiment != CONFLICT or conflict != "drop"]
    if len(kept) < len(aspects):
        report.dropped["aspect with conflict"] += len(aspects) - len(kept)
    if conflict == "neutral":
        kept = [a._replace(sentiment="neutral") if a.sentiment == CONFLICT else a for a in kept]
    return kept


def merge_docs(docs: Iterable[Doc], report: Report) -> Iterator[Doc]:
    """Make one document of all that have the same text, wherever they stand: the first one, with the aspects of all.

    docs (Iterable[Doc]): Documents with aspects.
    report (Report): Gets the number of aspects that are there already. Those that differ in their sentiment or category
        are not the same aspect, and are kept.
    YIELDS (Doc): The documents, in the order of their first rows.
    """
    merged: Dict[str, Doc] = {}
    for doc in docs:
        first = merged.setdefault(doc.text, doc)
        if first is doc:
            continue
        group = first.spans[ASPECTS_KEY]
        known = {_get_annotation(span) for span in group}
        for span in doc.spans[ASPECTS_KEY]:
            if _get_annotation(span) in known:
                report.dropped["repeated aspect"] += 1
            else:
                group.append(Span(first, span.start, span.end, label=span.label_, kb_id=span.kb_id_))
    yield from merged.values()


def find_whole(text: str) -> Tuple[int, int]:
    """RETURNS (Tuple[int, int]): The characters of an aspect that has no words: all, but for outer white space."""
    return len(text) - len(text.lstrip()), len(text.rstrip())


def check_words(text: str, aspect: GoldAspect, words: str) -> None:
    """RAISES (RowFault): If the characters of an aspect are outside of the text, or not its words."""
    start, end = aspect.start_char, aspect.end_char
    if not 0 <= start < end <= len(text):
        raise RowFault(f"aspect {words!r}: characters {start} to {end} are not in the text of {len(text)} characters")
    if text[start:end] != words:
        raise RowFault(f"aspect {words!r}: characters {start} to {end} are {text[start:end]!r}")
    if not words.strip():
        raise RowFault(f"the aspect at characters {start} to {end} is white space")


def _get_annotation(span: Span) -> Tuple[int, int, str, str]:
    return span.start, span.end, span.label_, span.kb_id_


def _get_span(doc: Doc, aspect: GoldAspect) -> Span:
    start, end, sentiment, category = aspect
    # White space between tokens belongs to the token before it: expanding would take that one in.
    words = doc.text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
    span = doc.char_span(start, end, label=sentiment, kb_id=category, alignment_mode="expand")
    assert span is not None  # every character that is no white space stands in a token
    return span
