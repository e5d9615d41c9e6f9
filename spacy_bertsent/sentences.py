"""The sentences around an aspect."""

from typing import List, Sequence

from spacy.tokens import Doc

from .types import Offsets


def get_sentences(doc: Doc) -> List[Offsets]:
    """RETURNS (List[Offsets]): Characters of each sentence; empty where there are no sentence boundaries."""
    if not doc.has_annotation("SENT_START"):
        return []
    return [(sent.start_char, sent.end_char) for sent in doc.sents]


def widen_to_sentences(text: str, sentences: Sequence[Offsets], start_char: int, end_char: int) -> Offsets:
    """Find the context of an aspect: the sentences that it touches, or the whole text where there are none.

    RETURNS (Offsets): Characters of the context without outer white space.
    """
    touched = [(start, end) for start, end in sentences if start < end_char and end > start_char]
    start, end = (touched[0][0], touched[-1][1]) if touched else (0, len(text))
    context = text[start:end]
    return start + len(context) - len(context.lstrip()), start + len(context.rstrip())
