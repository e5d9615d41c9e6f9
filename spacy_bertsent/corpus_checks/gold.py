"""Reading gold annotation. What is no valid value is left out: `values.py` reports it."""

from numbers import Real
from typing import Any, Dict, List, Optional, Tuple

from spacy.tokens import Doc, Span

from ..extensions import is_wordless
from ..labels import ASPECTS_KEY, EMOTION, POLARITY, get_group
from ..sentences import get_sentences

# Characters of the aspect, end exclusive, and its category.
AspectT = Tuple[int, int, str]


def is_valid(value: Any) -> bool:
    """RETURNS (bool): Whether a value of `doc.cats` is a number from 0 to 1."""
    return isinstance(value, Real) and 0 <= float(value) <= 1


def get_polarity_values(doc: Doc) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): The value of each polarity; empty where it was not annotated."""
    return _get_values(doc, POLARITY)


def get_polarity(doc: Doc) -> Optional[str]:
    """RETURNS (Optional[str]): The polarity with the highest value, None where there is none above 0."""
    values = get_polarity_values(doc)
    best = max(values, key=values.__getitem__, default=None)
    return best if best is not None and values[best] > 0 else None


def get_emotions(doc: Doc) -> Dict[str, bool]:
    """RETURNS (Dict[str, bool]): Whether each annotated emotion applies; empty where none was annotated."""
    return {label: value >= 0.5 for label, value in _get_values(doc, EMOTION).items()}


def get_aspects(doc: Doc) -> List[Span]:
    """RETURNS (List[Span]): The aspects; none, too, where they were not annotated."""
    return list(doc.spans[ASPECTS_KEY]) if ASPECTS_KEY in doc.spans else []


def identify(span: Span) -> AspectT:
    """RETURNS (AspectT): What makes an aspect this one, beside its sentiment."""
    return span.start_char, span.end_char, span.kb_id_


def describe_aspect(span: Span) -> str:
    """RETURNS (str): The words of an aspect and its category; the category alone where it has no words."""
    if is_wordless(span.doc.text, get_sentences(span.doc), span):
        return span.kb_id_
    return f"{span.text!r} {span.kb_id_}".rstrip()


def _get_values(doc: Doc, prefix: str) -> Dict[str, float]:
    return {label: float(value) for label, value in get_group(doc.cats, prefix).items() if is_valid(value)}
