"""The sentences around an aspect."""

from typing import List, Sequence

from spacy.tokens import Doc

from .types import Offsets


def get_sentences(doc: Doc) -> List[Offsets]:
    """RETURNS (List[Offsets]): Characters of each sentence; empty where there are no sentence boundaries."""
    if not doc.has_annotation("SENT_START"):
        return []
    return [(sent.start_char, sent.end_char) for sent in doc.sents]


def widen_to_sentences(
    text: str, sentences: Sequence[Offsets], start_char: int, end_char: int, neighbours: int = 0
) -> Offsets:
    """Find the context of an aspect: the sentences that it touches, or the whole text where there are none.

    text (str): Of the document. sentences (Sequence[Offsets]): Characters of each sentence.
    start_char (int), end_char (int): Of the aspect. neighbours (int): Sentences to add on either side.
    RETURNS (Offsets): Characters of the context without outer white space.
    """
    touched = [i for i, (start, end) in enumerate(sentences) if start < end_char and end > start_char]
    start, end = 0, len(text)
    if touched:
        start = sentences[max(0, touched[0] - neighbours)][0]
        end = sentences[min(len(sentences) - 1, touched[-1] + neighbours)][1]
    context = text[start:end]
    return start + len(context) - len(context.lstrip()), start + len(context.rstrip())
