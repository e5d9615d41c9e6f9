"""The words that baselines look at: those of a text, or those of an aspect and around it."""

from typing import Iterable, List, NamedTuple, Union

from spacy.tokens import Doc, Token

from ..sentences import get_sentences, widen_to_sentences
from ..types import AspectQuery

InputT = Union[Doc, AspectQuery]


class Words(NamedTuple):
    """Tokens without white space.

    context (List[Token]): Of the text, or of the aspect's sentences.
    aspect (List[Token]): Of the aspect, or of its category's name where it has no words.
    left (List[Token]), right (List[Token]): The nearest ones on either side of the aspect.
    """

    context: List[Token]
    aspect: List[Token]
    left: List[Token]
    right: List[Token]


def get_words(item: InputT, window: int) -> Words:
    """Find the words of a text or of an aspect.

    item (InputT): A document, or an aspect in one. window (int): Tokens on either side that are near the aspect.
    RETURNS (Words): Only `context` for a document, and for an aspect that must not be known.
    """
    if isinstance(item, Doc):
        return Words(_without_space(item), [], [], [])
    doc = item.doc
    start, end = widen_to_sentences(doc.text, get_sentences(doc), item.start_char, item.end_char)
    context = [token for token in _without_space(doc) if token.idx < end and token.idx + len(token) > start]
    if item.masked:
        return Words(context, [], [], [])
    if doc.text[item.start_char : item.end_char] != item.text:
        return Words(context, list(Doc(doc.vocab, words=item.text.split())), [], [])
    left = [token for token in context if token.idx + len(token) <= item.start_char]
    right = [token for token in context if token.idx >= item.end_char]
    aspect = context[len(left) : len(context) - len(right)]
    return Words(context, aspect, left[max(0, len(left) - window) :], right[:window])


def _without_space(tokens: Iterable[Token]) -> List[Token]:
    return [token for token in tokens if not token.is_space]
