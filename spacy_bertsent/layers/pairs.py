"""Aspects and their contexts as pairs of texts."""

from typing import Dict, List, Sequence, Tuple

from spacy.tokens import Doc

from ..errors import Errors
from ..sentences import get_sentences, widen_to_sentences
from ..types import AspectQuery, Offsets, TextInput

ORDERS = ("aspect_sentence", "sentence_aspect")
CONTEXTS = ("sentence", "document")


def check_settings(order: str, context: str) -> None:
    """RAISES (ValueError): BS006 if the order of the pair is not known, BS016 if the context is not."""
    if order not in ORDERS:
        raise ValueError(Errors.BS006.format(order=order, orders=", ".join(ORDERS)))
    if context not in CONTEXTS:
        known = ", ".join(CONTEXTS)
        raise ValueError(Errors.BS016.format(name="context", value=context, expected=known, pipe="the pair listener"))


def make_pairs(queries: Sequence[AspectQuery], *, order: str, context: str) -> List[TextInput]:
    """Pair each aspect with the text around it.

    queries (Sequence[AspectQuery]): The aspects. order (str): See `ORDERS`. context (str): See `CONTEXTS`.
    RETURNS (List[TextInput]): The context is the long text; its focus is the aspect.
    """
    sentences: Dict[int, Tuple[Doc, List[Offsets]]] = {}
    pairs = []
    for query in queries:
        doc = query.doc
        if id(doc) not in sentences:
            sentences[id(doc)] = (doc, get_sentences(doc) if context == "sentence" else [])
        start, end = widen_to_sentences(doc.text, sentences[id(doc)][1], query.start_char, query.end_char)
        text = doc.text[start:end]
        focus = (query.start_char - start, query.end_char - start)
        if order == "aspect_sentence":
            pairs.append(TextInput(query.text, text, 1, focus, query.masked))
        else:
            pairs.append(TextInput(text, query.text, 0, focus, query.masked))
    return pairs
