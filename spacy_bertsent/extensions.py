"""All extension attributes. They are views: getters over `doc.cats` and `doc.spans`, nothing is stored."""

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from spacy.tokens import Doc, Span, SpanGroup
from spacy.tokens.underscore import Underscore

from . import parts
from .errors import Errors
from .labels import ASPECTS_KEY, CUT_KEY, EMOTION, EMOTIONS_KEY, POLARITY, SOURCES_KEY, get_group, readable_category
from .parts import (
    choose_label,
    get_emotion_windows,
    get_polarity_windows,
    get_span_polarity,
    get_span_scores,
    is_mixed,
    is_truncated,
)
from .sentences import get_sentences, widen_to_sentences
from .texts import get_text
from .types import Aspect, Offsets


def get_polarity_scores(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): Probability of each polarity; they sum to 1. Empty before prediction."""
    return get_group(doc.cats, POLARITY)


def get_polarity(doc: Doc) -> Optional[str]:
    """RETURNS (Optional[str]): The most probable polarity, None before prediction."""
    return choose_label(get_polarity_scores(doc))


def get_emotion_scores(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): Probability of each emotion, each in [0, 1]. Empty before prediction."""
    return get_group(doc.cats, EMOTION)


def get_emotions(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): The emotions at or above their thresholds, best first."""
    thresholds = get_thresholds(doc)
    scores = get_emotion_scores(doc)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    return {label: score for label, score in ranked if score >= thresholds.get(label, 0.5)}


def get_thresholds(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): Thresholds that the emotions component left on the Doc; those of 0.5 are left out."""
    if EMOTIONS_KEY not in doc.spans:
        return {}
    return dict(doc.spans[EMOTIONS_KEY].attrs.get("thresholds", {}))


def set_thresholds(doc: Doc, thresholds: Dict[str, float]) -> None:
    """Leave the emotion thresholds on a Doc, so that `doc._.emotions` is right wherever the Doc goes.

    They live in the `attrs` of an empty span group: that survives bytes and a default DocBin, which no other slot
    of a Doc does.
    """
    special = {label: value for label, value in thresholds.items() if value != 0.5}
    if special:
        doc.spans[EMOTIONS_KEY] = SpanGroup(doc, name=EMOTIONS_KEY, attrs={"thresholds": special})
    elif EMOTIONS_KEY in doc.spans and "thresholds" in doc.spans[EMOTIONS_KEY].attrs:
        del doc.spans[EMOTIONS_KEY]


def is_wordless(text: str, sentences: Sequence[Offsets], span: Span) -> bool:
    """Tell whether an aspect has no words of its own: it has a category and covers all of its context."""
    if not span.kb_id_:
        return False
    start, end = widen_to_sentences(text, sentences, span.start_char, span.end_char)
    return span.start_char <= start and span.end_char >= end


def get_aspect_text(text: str, sentences: Sequence[Offsets], span: Span) -> str:
    """RETURNS (str): What an aspect is called: its words, or its category where it has none."""
    return readable_category(span.kb_id_) if is_wordless(text, sentences, span) else span.text


def get_sources(doc: Doc) -> List[str]:
    """RETURNS (List[str]): How each span of `doc.spans["aspects"]` was found, "" where nobody has noted it."""
    if ASPECTS_KEY not in doc.spans:
        return []
    group = doc.spans[ASPECTS_KEY]
    noted = list(group.attrs.get(SOURCES_KEY, []))[: len(group)]
    return noted + [""] * (len(group) - len(noted))


def get_aspects(doc: Doc) -> List[Aspect]:
    """RETURNS (List[Aspect]): The aspects of `doc.spans["aspects"]`, in the group's order."""
    if ASPECTS_KEY not in doc.spans:
        return []
    group = doc.spans[ASPECTS_KEY]
    labels: Sequence[str] = group.attrs.get("labels", [])
    table = group.attrs.get("scores", [])
    aspects = []
    text, sentences = get_text(doc), get_sentences(doc)
    sources = get_sources(doc)
    cut: Sequence[bool] = group.attrs.get(CUT_KEY, [])
    for i, span in enumerate(group):
        scores = dict(zip(labels, table[i])) if i < len(table) else {}
        score = scores.get(span.label_, 0.0)
        aspects.append(
            Aspect(
                get_aspect_text(text, sentences, span),
                span.start_char,
                span.end_char,
                span.kb_id_,
                span.label_,
                score,
                scores,
                sources[i],
                i < len(cut) and cut[i],
            )  # fmt: skip
        )
    return aspects


GETTERS: Dict[str, Callable[[Doc], Any]] = {
    "polarity": get_polarity,
    "polarity_scores": get_polarity_scores,
    "polarity_windows": get_polarity_windows,
    "mixed": is_mixed,
    "emotions": get_emotions,
    "emotion_scores": get_emotion_scores,
    "emotion_windows": get_emotion_windows,
    "truncated": is_truncated,
    "aspects": get_aspects,
}
SPAN_GETTERS: Dict[str, Callable[[Span], Any]] = {
    "polarity": get_span_polarity,
    "polarity_scores": get_span_scores,
}


def install_extensions(prefix: Optional[str] = None) -> None:
    """Register the names of `GETTERS` on Docs, and those of `SPAN_GETTERS` on Spans.

    Components call it when they are made; call it yourself to read stored Docs without a pipeline, or first of all with
    a prefix where another package owns a name.

    prefix (Optional[str]): Put before each name, such as "bertsent_". By default, what was chosen before, or "".
    RAISES (ValueError): BS001 if a name belongs to somebody else; then none is registered.
    """
    owners: List[Tuple[str, Any, Dict[Any, Any], Dict[str, Callable]]] = [
        ("doc", Doc, Underscore.doc_extensions, GETTERS),
        ("span", Span, Underscore.span_extensions, SPAN_GETTERS),
    ]
    if prefix is None:
        if all(sum(map(_is_ours, known.values())) >= len(getters) for _, _, known, getters in owners):
            return
        prefix = ""
    for owner, _, known, getters in owners:
        for name in getters:
            if prefix + name in known and not _is_ours(known[prefix + name]):
                raise ValueError(Errors.BS001.format(owner=owner, name=prefix + name))
    for _, kind, known, getters in owners:
        for name, getter in getters.items():
            if prefix + name not in known:
                kind.set_extension(prefix + name, getter=getter)


def _is_ours(extension: Sequence[Any]) -> bool:
    # Compared by name: in a spawned worker the getter is another object of the same function.
    return getattr(extension[2], "__module__", "") in (__name__, parts.__name__)
