"""The functions that users call beside the pipeline."""

import re
from typing import Any, Dict, Iterable, List, Sequence, Tuple, Union

from spacy.tokens import Doc, Span, SpanGroup

from .errors import Errors
from .extensions import get_aspects, get_emotion_scores, get_emotions, get_polarity, get_polarity_scores
from .labels import ASPECTS_KEY

AspectLike = Union[str, Tuple[int, int], Span]


def mark_aspects(doc: Doc, aspects: Iterable[AspectLike], *, category: str = "") -> Doc:
    """Put your own aspects on a Doc, before the pipeline runs on it.

    doc (Doc): Such as `nlp.make_doc(text)`.
    aspects (Iterable[AspectLike]): Words (every mention is marked, case does not matter), character offsets, or spans.
    category (str): Of all of them.
    RETURNS (Doc): The same Doc. `doc.spans["aspects"]` holds these aspects beside those that were there.
    RAISES (ValueError): BS005, BS010 or BS011, and then nothing has changed.
    """
    spans: List[Span] = list(doc.spans.get(ASPECTS_KEY, []))
    for aspect in aspects:
        for start, end in _find_offsets(doc, aspect):
            span = _make_span(doc, start, end, category)
            if all((s.start, s.end, s.kb_id) != (span.start, span.end, span.kb_id) for s in spans):
                spans.append(span)
    spans.sort(key=lambda span: (span.start, span.end))
    doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, spans=spans)
    return doc


def _find_offsets(doc: Doc, aspect: AspectLike) -> Sequence[Tuple[int, int]]:
    if isinstance(aspect, Span):
        if aspect.doc is not doc:
            raise ValueError(Errors.BS005.format(text=aspect.text, start=aspect.start_char, end=aspect.end_char))
        return [(aspect.start_char, aspect.end_char)]
    if isinstance(aspect, str):
        pattern = rf"(?<!\w){re.escape(aspect)}(?!\w)"
        found = [m.span() for m in re.finditer(pattern, doc.text, flags=re.IGNORECASE)] if aspect.strip() else []
        if not found:
            raise ValueError(Errors.BS011.format(aspect=aspect, text=doc.text[:80]))
        return found
    return [(int(aspect[0]), int(aspect[1]))]


def _make_span(doc: Doc, start: int, end: int, category: str) -> Span:
    span = doc.char_span(start, end, kb_id=category)
    if span is None:
        near = doc.char_span(start, end, alignment_mode="expand") if 0 <= start < end <= len(doc.text) else None
        near_start, near_end = (near.start_char, near.end_char) if near is not None else (0, len(doc.text))
        raise ValueError(
            Errors.BS010.format(
                start=start,
                end=end,
                text=doc.text[max(start, 0) : end],
                nearest=doc.text[near_start:near_end],
                near_start=near_start,
                near_end=near_end,
            )  # fmt: skip
        )
    return span


def to_dict(doc: Doc) -> Dict[str, Any]:
    """Give the results of a Doc as plain data, ready for JSON.

    doc (Doc): After prediction.
    RETURNS (Dict[str, Any]): "text"; "polarity", "polarity_scores", "sentiment", "emotions", "emotion_scores" and
        "aspects" where the pipeline has that component.
    """
    result: Dict[str, Any] = {"text": doc.text}
    polarity = get_polarity_scores(doc)
    if polarity:
        sentiment = polarity.get("positive", 0.0) - polarity.get("negative", 0.0)
        result.update(polarity=get_polarity(doc), polarity_scores=polarity, sentiment=sentiment)
    emotions = get_emotion_scores(doc)
    if emotions:
        result.update(emotions=get_emotions(doc), emotion_scores=emotions)
    if ASPECTS_KEY in doc.spans:
        result["aspects"] = [aspect._asdict() for aspect in get_aspects(doc)]
    return result
