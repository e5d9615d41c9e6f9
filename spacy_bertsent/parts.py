"""Scores of the parts of a document, its windows and its sentences: how a Doc keeps them, and the views on them.

They live in span groups: that survives bytes and a default DocBin. Windows do not end where tokens do, so their
characters are in the `attrs` of a group without spans; sentences are the spans of theirs.
"""

from bisect import bisect_left
from typing import Any, Dict, List, Optional, Sequence

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from .labels import (
    EMOTION,
    EMOTION_WINDOWS_KEY,
    POLARITY,
    POLARITY_SENTENCES_KEY,
    POLARITY_WINDOWS_KEY,
    get_group,
)
from .types import LongText, TextPart


def choose_label(scores: Dict[str, float]) -> Optional[str]:
    """RETURNS (Optional[str]): The most probable label, None without scores."""
    return max(scores, key=scores.__getitem__) if scores else None


# Windows


def set_windows(
    doc: Doc, key: str, labels: Sequence[str], text: Optional[LongText], scores: Optional[numpy.ndarray]
) -> None:
    """Leave the scores of the windows on a Doc, or clear what another pipeline left there.

    doc (Doc): The document. key (str): Of the span group. labels (Sequence[str]): The columns.
    text (Optional[LongText]): Its windows, None for a text that was read at once.
    scores (Optional[numpy.ndarray]): (windows, labels).
    """
    if text is None or scores is None:
        _clear(doc, key)
        return
    attrs: Dict[str, Any] = {
        "offsets": [list(window) for window in text.windows],
        "labels": list(labels),
        "scores": scores.tolist(),
        "truncated": text.truncated,
    }
    doc.spans[key] = SpanGroup(doc, name=key, attrs=attrs)


def get_polarity_windows(doc: Doc) -> List[TextPart]:
    """RETURNS (List[TextPart]): The polarity of each window, in order: one for a short text, none before prediction."""
    return _get_windows(doc, POLARITY_WINDOWS_KEY, POLARITY)


def get_emotion_windows(doc: Doc) -> List[TextPart]:
    """RETURNS (List[TextPart]): The emotions of each window, in order: one for a short text, none before prediction."""
    return _get_windows(doc, EMOTION_WINDOWS_KEY, EMOTION)


def _get_windows(doc: Doc, key: str, prefix: str) -> List[TextPart]:
    if key in doc.spans:
        attrs = doc.spans[key].attrs
        tables = [dict(zip(attrs["labels"], row)) for row in attrs.get("scores", [])]
        windows = zip(attrs.get("offsets", []), tables)
        return [TextPart(start, end, choose_label(table) or "", table) for (start, end), table in windows]
    scores = get_group(doc.cats, prefix)
    return [TextPart(0, len(doc.text), choose_label(scores) or "", scores)] if scores else []


def is_truncated(doc: Doc) -> bool:
    """RETURNS (bool): Whether the end of the text was not read, because `max_windows` of the backbone says so."""
    return any(_get_attrs(doc, key).get("truncated", False) for key in (POLARITY_WINDOWS_KEY, EMOTION_WINDOWS_KEY))


# Sentences


def set_sentences(
    doc: Doc, sentences: Sequence[Span], labels: Sequence[str], scores: Optional[numpy.ndarray], mixed: bool
) -> None:
    """Leave the polarity of the sentences on a Doc, or clear what another pipeline left there.

    doc (Doc): The document. sentences (Sequence[Span]): Those that were scored. labels (Sequence[str]): The columns.
    scores (Optional[numpy.ndarray]): (sentences, labels). mixed (bool): Whether they disagree.
    """
    if not sentences or scores is None:
        _clear(doc, POLARITY_SENTENCES_KEY)
        return
    spans = [Span(doc, s.start, s.end, label=labels[i]) for s, i in zip(sentences, scores.argmax(axis=1).tolist())]
    attrs: Dict[str, Any] = {"labels": list(labels), "scores": scores.tolist(), "mixed": mixed}
    doc.spans[POLARITY_SENTENCES_KEY] = SpanGroup(doc, name=POLARITY_SENTENCES_KEY, attrs=attrs, spans=spans)


def get_polarity_sentences(doc: Doc) -> List[TextPart]:
    """RETURNS (List[TextPart]): The sentences that have a polarity of their own, in order."""
    attrs = _get_attrs(doc, POLARITY_SENTENCES_KEY)
    tables = [dict(zip(attrs["labels"], row)) for row in attrs.get("scores", [])]
    spans = doc.spans[POLARITY_SENTENCES_KEY] if tables else []
    return [TextPart(span.start_char, span.end_char, span.label_, table) for span, table in zip(spans, tables)]


def get_span_scores(span: Span) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): Probability of each polarity of a sentence that was scored, and of a span that is the
    whole document. Empty for others."""
    doc = span.doc
    if span.start == 0 and span.end == len(doc):
        return get_group(doc.cats, POLARITY)
    attrs = _get_attrs(doc, POLARITY_SENTENCES_KEY)
    if "scores" not in attrs:
        return {}
    group = doc.spans[POLARITY_SENTENCES_KEY]
    # Sentences stand in order.
    i = bisect_left(range(len(group)), span.start, key=lambda i: group[i].start)
    if i == len(group) or (group[i].start, group[i].end) != (span.start, span.end):
        return {}
    return dict(zip(attrs["labels"], attrs["scores"][i]))


def get_span_polarity(span: Span) -> Optional[str]:
    """RETURNS (Optional[str]): The most probable polarity, None where `get_span_scores` has none."""
    return choose_label(get_span_scores(span))


def is_mixed(doc: Doc) -> bool:
    """RETURNS (bool): Whether one sentence is positive and another negative. False where sentences were not scored."""
    return bool(_get_attrs(doc, POLARITY_SENTENCES_KEY).get("mixed", False))


def parts_to_dict(doc: Doc) -> Dict[str, Any]:
    """Give what a Doc keeps of its parts as plain data.

    doc (Doc): After prediction.
    RETURNS (Dict[str, Any]): "polarity_windows", "emotion_windows" and "truncated" of a long text, "polarity_sentences"
        and "mixed" where sentences were scored.
    """
    found: Dict[str, Any] = {}
    for key, get in (
        (POLARITY_WINDOWS_KEY, get_polarity_windows),
        (EMOTION_WINDOWS_KEY, get_emotion_windows),
        (POLARITY_SENTENCES_KEY, get_polarity_sentences),
    ):
        if key in doc.spans:
            found[key] = [part._asdict() for part in get(doc)]
    if POLARITY_WINDOWS_KEY in found or EMOTION_WINDOWS_KEY in found:
        found["truncated"] = is_truncated(doc)
    if POLARITY_SENTENCES_KEY in found:
        found["mixed"] = is_mixed(doc)
    return found


def _get_attrs(doc: Doc, key: str) -> Dict[str, Any]:
    return dict(doc.spans[key].attrs) if key in doc.spans else {}


def _clear(doc: Doc, key: str) -> None:
    if key in doc.spans:
        del doc.spans[key]
