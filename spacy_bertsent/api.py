"""The functions that users call beside the pipeline."""

import re
from typing import Any, Dict, Iterable, List, Tuple, Union

from spacy.tokens import Doc, Span

from .aspect_group import AspectRow, read_rows, write_rows
from .errors import Errors
from .extensions import get_aspects, get_emotion_scores, get_emotions, get_polarity, get_polarity_scores
from .labels import ASPECTS_KEY, GIVEN
from .parts import parts_to_dict

AspectLike = Union[str, Tuple[int, int], Span]
ALIGNMENT_MODES = ("strict", "contract", "expand")


def mark_aspects(
    doc: Doc,
    aspects: Iterable[AspectLike],
    *,
    category: str = "",
    match_case: bool = False,
    alignment_mode: str = "strict",
) -> Doc:
    """Put your own aspects on a Doc, before the pipeline runs on it.

    doc (Doc): Such as `nlp.make_doc(text)`.
    aspects (Iterable[AspectLike]): Words (every mention is marked), character offsets, or spans.
    category (str): Of all of them.
    match_case (bool): Mark words only where they are written in the same case.
    alignment_mode (str): What becomes of offsets that do not stand on token boundaries, as in `Doc.char_span`: "strict"
        is an error, "contract" takes the tokens inside, "expand" those that are touched. Of words, mentions that are a
        part of other tokens ("C" in "C++") are passed over unless it is "expand".
    RETURNS (Doc): The same Doc. `doc.spans["aspects"]` holds these aspects beside those that were there.
    RAISES (ValueError): BS005, BS010, BS011 or BS026, and then nothing has changed.
    """
    if alignment_mode not in ALIGNMENT_MODES:
        raise ValueError(Errors.BS026.format(mode=alignment_mode, expected=", ".join(ALIGNMENT_MODES)))
    rows = read_rows(doc)
    for aspect in aspects:
        for span in _find_spans(doc, aspect, category, match_case, alignment_mode):
            if all(_identify(row.span) != _identify(span) for row in rows):
                rows.append(AspectRow(span, {}, GIVEN))
    write_rows(doc, sorted(rows, key=lambda row: (row.span.start, row.span.end)), ())
    return doc


def _identify(span: Span) -> Tuple[int, int, int]:
    return span.start, span.end, span.kb_id


def _find_spans(doc: Doc, aspect: AspectLike, category: str, match_case: bool, alignment_mode: str) -> List[Span]:
    if isinstance(aspect, Span):
        if aspect.doc is not doc:
            raise ValueError(Errors.BS005.format(text=aspect.text, start=aspect.start_char, end=aspect.end_char))
        return [_make_span(doc, aspect.start_char, aspect.end_char, category, alignment_mode)]
    if not isinstance(aspect, str):
        return [_make_span(doc, int(aspect[0]), int(aspect[1]), category, alignment_mode)]
    pattern = rf"(?<!\w){re.escape(aspect.strip())}(?!\w)"
    flags = 0 if match_case else re.IGNORECASE
    found = [m.span() for m in re.finditer(pattern, doc.text, flags=flags)] if aspect.strip() else []
    if not found:
        raise ValueError(Errors.BS011.format(aspect=aspect, text=doc.text[:80]))
    whole = [offsets for offsets in found if doc.char_span(*offsets) is not None]
    # Where all are parts of tokens, the first one tells what is wrong.
    chosen = found if alignment_mode == "expand" else whole or found[:1]
    return [_make_span(doc, *offsets, category, alignment_mode) for offsets in chosen]


def _make_span(doc: Doc, start: int, end: int, category: str, alignment_mode: str) -> Span:
    is_inside = 0 <= start < end <= len(doc.text)
    span = doc.char_span(start, end, kb_id=category, alignment_mode=alignment_mode) if is_inside else None
    if span is None:
        near = doc.char_span(start, end, alignment_mode="expand") if is_inside else None
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
        "aspects" where the pipeline has that component; of long texts, what `parts_to_dict` gives.
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
    result.update(parts_to_dict(doc))
    return result
