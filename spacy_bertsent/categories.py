"""Which categories a text mentions, and where: what the category component learns and what is scored."""

import warnings
from collections import Counter
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

import numpy
from spacy.tokens import Doc
from spacy.training import Example

from .aspect_group import read_rows
from .errors import Errors, Warnings
from .extensions import get_sources, is_wordless
from .labels import ASPECTS_KEY, CATEGORY_SOURCE, order_labels
from .sentences import get_sentences
from .texts import get_text
from .types import Offsets

CONTEXTS = ("sentence", "document")
# A context by its place in the text, and a category.
CellT = Tuple[int, str]


class Mentioned(NamedTuple):
    """A category of a context with its sentiment: what is compared with gold.

    context (int): Place of the context in the text. category (str), sentiment (str): The labels.
    """

    context: int
    category: str
    sentiment: str


class GoldCategories(NamedTuple):
    """What stands in a corpus.

    counts (Counter): Aspects of each category. labels (Set[str]): Their sentiments.
    annotated (int): Documents with categories annotated. plain (int): Documents all of whose aspects have none.
    """

    counts: Counter[str]
    labels: Set[str]
    annotated: int
    plain: int


def get_contexts(doc: Doc, context: str) -> List[Offsets]:
    """Cut a text into the parts that categories are asked of.

    doc (Doc): The document. context (str): "sentence", or "document" for the whole text, which is also the only part
    where there are no sentence boundaries.
    RETURNS (List[Offsets]): Characters of each part without outer white space; blank parts are left out.
    """
    text = get_text(doc)
    sentences = get_sentences(doc) if context == "sentence" else []
    parts = []
    for start, end in sentences or [(0, len(text))]:
        words = text[start:end].strip()
        if words:
            start += len(text[start:end]) - len(text[start:end].lstrip())
            parts.append((start, start + len(words)))
    return parts


def has_categories(reference: Doc) -> bool:
    """Tell whether the categories of a gold document were annotated: its group is there, and is empty or has some
    category. Aspects none of which has a category say nothing about categories."""
    if ASPECTS_KEY not in reference.spans:
        return False
    group = reference.spans[ASPECTS_KEY]
    return len(group) == 0 or any(span.kb_id_ for span in group)


def count_gold(references: Iterable[Doc]) -> GoldCategories:
    """RETURNS (GoldCategories): What stands in gold documents. references (Iterable[Doc]): The documents."""
    counts: Counter[str] = Counter()
    labels: Set[str] = set()
    annotated = plain = 0
    for reference in references:
        if ASPECTS_KEY in reference.spans:
            annotated += has_categories(reference)
            plain += not has_categories(reference)
            for span in reference.spans[ASPECTS_KEY]:
                if span.kb_id_:
                    counts[span.kb_id_] += 1
                    labels.update([span.label_] if span.label_ else [])
    return GoldCategories(counts, labels, annotated, plain)


def get_mentions(
    reference: Doc,
    contexts: Sequence[Offsets],
    labels: Sequence[str],
    *,
    sentences: Optional[Sequence[Offsets]] = None,
) -> Dict[CellT, str]:
    """Read which categories the contexts of a gold document mention.

    An aspect belongs to each context that it touches. Where aspects of one category disagree in one context, see
    `settle`.

    reference (Doc): With `doc.spans["aspects"]`. contexts (Sequence[Offsets]): Parts of its text.
    labels (Sequence[str]): All sentiments.
    sentences (Optional[Sequence[Offsets]]): Take only aspects without words of their own, which cover these sentences.
    RETURNS (Dict[CellT, str]): The sentiment of each category that is mentioned, "" where it was not annotated.
    """
    found: Dict[CellT, List[str]] = {}
    for span in reference.spans.get(ASPECTS_KEY, []):
        if span.kb_id_ and (sentences is None or is_wordless(reference.text, sentences, span)):
            for place in find_contexts(contexts, span.start_char, span.end_char):
                found.setdefault((place, span.kb_id_), []).append(span.label_)
    return {cell: settle(sentiments, labels) for cell, sentiments in found.items()}


def read_gold(
    eg: Example, contexts: Sequence[Offsets], labels: Sequence[str], *, targets: bool, pipe: str
) -> Optional[Dict[CellT, str]]:
    """Read which categories an example mentions: see `get_mentions`.

    eg (Example): The sentences are those of its predicted Doc, as they will be at prediction.
    contexts (Sequence[Offsets]): Of the predicted Doc. labels (Sequence[str]): All sentiments.
    targets (bool): Also take aspects with words. pipe (str): Who asks.
    RETURNS (Optional[Dict[CellT, str]]): None where categories were not annotated.
    RAISES (ValueError): BS005 if the gold belongs to another text.
    """
    if not has_categories(eg.reference):
        return None
    text, sentences = get_text(eg.predicted), get_sentences(eg.predicted)
    for span in eg.reference.spans[ASPECTS_KEY]:
        if text[span.start_char : span.end_char] != span.text:
            raise ValueError(Errors.BS005.format(text=span.text, start=span.start_char, end=span.end_char))
        n_contexts = len(find_contexts(contexts, span.start_char, span.end_char))
        if n_contexts > 1 and is_wordless(text, sentences, span):
            warnings.warn(Warnings.BW056.format(pipe=pipe), stacklevel=3)
    return get_mentions(eg.reference, contexts, labels, sentences=None if targets else sentences)


def compare(
    mentions: Dict[CellT, str], found: Set[Mentioned], none_label: str = ""
) -> Tuple[Set[Mentioned], Set[Mentioned]]:
    """Put gold and what was found side by side, without categories whose sentiment was not annotated.

    mentions (Dict[CellT, str]): From `get_mentions`. found (Set[Mentioned]): From `get_found`.
    none_label (str): The label of what is not mentioned, should gold say so.
    RETURNS (Tuple[Set[Mentioned], Set[Mentioned]]): Gold and found.
    """
    gold = {Mentioned(*cell, x) for cell, x in mentions.items() if x not in ("", none_label)}
    return gold, {x for x in found if mentions.get((x.context, x.category)) != ""}


def check_settings(context: str, threshold: float, negatives: float, pipe: str) -> None:
    """RAISES (ValueError): BS016 if the context is not known, BS059 if a number is not in [0, 1]. pipe (str): Whose."""
    if context not in CONTEXTS:
        expected = ", ".join(CONTEXTS)
        raise ValueError(Errors.BS016.format(name="context", value=context, expected=expected, pipe=pipe))
    for name, value in (("threshold", threshold), ("negatives", negatives)):
        if not 0.0 <= value <= 1.0:
            raise ValueError(Errors.BS059.format(pipe=pipe, name=name, value=value))


def check_gold(gold: GoldCategories, categories: Sequence[str], pipe: str) -> None:
    """RAISES (ValueError): BS057 if gold aspects have no category, BS058 if none of the categories is in gold.
    categories (Sequence[str]): Those that will be asked for, none if they come from gold. pipe (str): Who asks."""
    if gold.plain and not gold.counts:
        raise ValueError(Errors.BS057.format(pipe=pipe, count=gold.plain))
    if categories and gold.counts and not set(categories) & set(gold.counts):
        raise ValueError(Errors.BS058.format(pipe=pipe, asked=list(categories), found=sorted(gold.counts)))


def get_found(doc: Doc, contexts: Sequence[Offsets]) -> Set[Mentioned]:
    """RETURNS (Set[Mentioned]): What the category component has found. contexts (Sequence[Offsets]): Those asked."""
    return {
        Mentioned(place, span.kb_id_, span.label_)
        for span, source in zip(doc.spans.get(ASPECTS_KEY, []), get_sources(doc))
        if source == CATEGORY_SOURCE
        for place in find_contexts(contexts, span.start_char, span.end_char)
    }


def find_given(doc: Doc) -> List[int]:
    """Find the categories without words that somebody else has put on a document, and that nobody has judged.

    doc (Doc): The document. RETURNS (List[int]): Their places in the group.
    """
    text, sentences = get_text(doc), get_sentences(doc)
    return [
        i
        for i, row in enumerate(read_rows(doc))
        if row.source != CATEGORY_SOURCE and not row.scores and is_wordless(text, sentences, row.span)
    ]


def find_contexts(contexts: Sequence[Offsets], start_char: int, end_char: int) -> List[int]:
    """RETURNS (List[int]): Places of the contexts that some characters touch."""
    return [i for i, (start, end) in enumerate(contexts) if start_char < end and end_char > start]


def settle(sentiments: Sequence[str], labels: Sequence[str]) -> str:
    """Make one sentiment of several: the most frequent one. Of several that are equally frequent none is right: then it
    is "conflict" if that is a label, else "neutral", else the first of them in the order of the labels.

    sentiments (Sequence[str]): "" where not annotated. labels (Sequence[str]): All sentiments.
    RETURNS (str): The sentiment, "" if none was annotated.
    """
    counts = Counter(x for x in sentiments if x)
    best = [label for label, count in counts.items() if count == max(counts.values())]
    if len(best) < 2:
        return best[0] if best else ""
    middle = [label for label in ("conflict", "neutral") if label in labels]
    return middle[0] if middle else order_labels(best, labels)[0]


def scale_rows(scores: numpy.ndarray) -> numpy.ndarray:
    """Divide each row by its sum: probabilities of some of the labels, given that it is one of them.

    scores (numpy.ndarray): (n, labels). RETURNS (numpy.ndarray): The same shape; rows of zeros become uniform.
    """
    total = scores.sum(axis=1, keepdims=True, dtype="d")
    return numpy.where(total > 0, scores / numpy.where(total > 0, total, 1.0), 1.0 / max(1, scores.shape[1]))
