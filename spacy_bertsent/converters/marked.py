"""Sentences in which a mark stands for the words of the aspect."""

from spacy.language import Language
from spacy.tokens import Doc

from .gold import GoldAspect, make_doc, set_aspects
from .rows import Report, RowFault

MARK = "$T$"


def make_marked_doc(nlp: Language, sentence: str, target: str, sentiment: str, report: Report) -> Doc:
    """Make a document of a sentence in which `$T$` stands for its target.

    Each mark becomes the target. The first one is the aspect: an item has one label, and counts as one aspect.

    nlp (Language): Tokenises. sentence (str): With at least one mark. target (str): The words.
    sentiment (str): Of the target. report (Report): Gets the number of further marks.
    RETURNS (Doc): The document with one aspect.
    RAISES (RowFault): If there is no mark or no target.
    """
    if MARK not in sentence:
        raise RowFault(f"the sentence has no {MARK}: {sentence[:50]!r}")
    if not target.strip():
        raise RowFault("the target is empty")
    doc = make_doc(nlp, sentence.replace(MARK, target))
    start = sentence.index(MARK)
    set_aspects(doc, [GoldAspect(start, start + len(target), sentiment)], report)
    if sentence.count(MARK) > 1:
        report.dropped["further mention of a target"] += sentence.count(MARK) - 1
    return doc
