"""All extension attributes. They are views: getters over `doc.cats` and `doc.spans`, nothing is stored."""

from typing import Any, Callable, Dict, List, Optional, Sequence

from spacy.tokens import Doc, Span, SpanGroup
from spacy.tokens.underscore import Underscore

from .errors import Errors
from .labels import ASPECTS_KEY, EMOTION, EMOTIONS_KEY, POLARITY, get_group, readable_category
from .sentences import get_sentences, widen_to_sentences
from .types import Aspect, Offsets


def get_polarity_scores(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): Probability of each polarity; they sum to 1. Empty before prediction."""
    return get_group(doc.cats, POLARITY)


def get_polarity(doc: Doc) -> Optional[str]:
    """RETURNS (Optional[str]): The most probable polarity, None before prediction."""
    scores = get_polarity_scores(doc)
    return max(scores, key=scores.__getitem__) if scores else None


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


def get_aspects(doc: Doc) -> List[Aspect]:
    """RETURNS (List[Aspect]): The aspects of `doc.spans["aspects"]`, in the group's order."""
    if ASPECTS_KEY not in doc.spans:
        return []
    group = doc.spans[ASPECTS_KEY]
    labels: Sequence[str] = group.attrs.get("labels", [])
    table = group.attrs.get("scores", [])
    aspects = []
    text, sentences = doc.text, get_sentences(doc)
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
            )  # fmt: skip
        )
    return aspects


GETTERS: Dict[str, Callable[[Doc], Any]] = {
    "polarity": get_polarity,
    "polarity_scores": get_polarity_scores,
    "emotions": get_emotions,
    "emotion_scores": get_emotion_scores,
    "aspects": get_aspects,
}


def install_extensions(prefix: Optional[str] = None) -> None:
    """Register `doc._.polarity`, `polarity_scores`, `emotions`, `emotion_scores` and `aspects`.

    Components call it when they are made; call it yourself to read stored Docs without a pipeline, or first of all with
    a prefix where another package owns a name.

    prefix (Optional[str]): Put before each name, such as "bertsent_". By default, what was chosen before, or "".
    RAISES (ValueError): BS001 if a name belongs to somebody else; then none is registered.
    """
    if prefix is None:
        if sum(_is_ours(name) for name in Underscore.doc_extensions) >= len(GETTERS):
            return
        prefix = ""
    for name in GETTERS:
        if Doc.has_extension(prefix + name) and not _is_ours(prefix + name):
            raise ValueError(Errors.BS001.format(name=prefix + name))
    for name, getter in GETTERS.items():
        if not Doc.has_extension(prefix + name):
            Doc.set_extension(prefix + name, getter=getter)


def _is_ours(name: str) -> bool:
    # Compared by name: in a spawned worker the getter is another object of the same function.
    getter = Underscore.doc_extensions[name][2]
    return getattr(getter, "__module__", "") == __name__
