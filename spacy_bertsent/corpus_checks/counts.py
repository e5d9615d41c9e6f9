"""What a split holds, in numbers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Optional

from spacy.tokens import Doc

from ..extensions import is_wordless
from ..labels import ASPECTS_KEY
from ..sentences import get_sentences
from .gold import get_aspects, get_emotions, get_polarity, get_polarity_values

# Those that a component learns; categories are counted beside them.
LEARNED = ("polarity", "emotions", "aspect_sentiment")


def _make_labels() -> Dict[str, "Counter[str]"]:
    return {name: Counter() for name in (*LEARNED, "categories")}


@dataclass
class SplitCounts:
    """The numbers of one split.

    docs (int), tokens (int), characters (int): Its size. Tokens are those of the corpus.
    polarity (int), emotions (int), aspects (int): Texts where this is annotated.
    labels (Dict[str, Counter]): Texts by label for "polarity" and "emotions", aspects by label for "aspect_sentiment"
        and "categories". Labels of which no text is an example are there with 0.
    emotions_per_text (Counter), aspects_per_text (Counter): Annotated texts by number of emotions, of aspects.
    several_opinions (int): Spans that are there more than once, such as one for each category.
    wordless (int): Aspects that are a category only: they cover the sentence, or the text where the corpus has no
        sentences. without_sentiment (int): Aspects without a label.
    longest (Optional[int]): Wordpieces of the longest text, without special ones. long_texts (Optional[int]): Texts
        with more than one window. Both are None where wordpieces were not counted.
    """

    docs: int = 0
    tokens: int = 0
    characters: int = 0
    polarity: int = 0
    emotions: int = 0
    aspects: int = 0
    labels: Dict[str, "Counter[str]"] = field(default_factory=_make_labels)
    emotions_per_text: "Counter[int]" = field(default_factory=Counter)
    aspects_per_text: "Counter[int]" = field(default_factory=Counter)
    several_opinions: int = 0
    wordless: int = 0
    without_sentiment: int = 0
    longest: Optional[int] = None
    long_texts: Optional[int] = None

    @property
    def n_aspects(self) -> int:
        """RETURNS (int): All aspects of all texts."""
        return sum(n * texts for n, texts in self.aspects_per_text.items())

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): Plain data, ready for JSON."""
        plain = {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}
        labels = {word: dict(counts) for word, counts in self.labels.items()}
        return {**plain, "labels": labels, "n_aspects": self.n_aspects}


def count_split(docs: Iterable[Doc]) -> SplitCounts:
    """Count what a split holds.

    docs (Iterable[Doc]): Gold documents.
    RETURNS (SplitCounts): Without the wordpieces.
    """
    counts = SplitCounts()
    for doc in docs:
        counts.docs += 1
        counts.tokens += len(doc)
        counts.characters += len(doc.text)
        _count_cats(doc, counts)
        if ASPECTS_KEY in doc.spans:
            _count_aspects(doc, counts)
    return counts


def _count_cats(doc: Doc, counts: SplitCounts) -> None:
    values, polarity, emotions = get_polarity_values(doc), get_polarity(doc), get_emotions(doc)
    if values:
        counts.polarity += 1
        counts.labels["polarity"].update({label: int(label == polarity) for label in values})
    if emotions:
        counts.emotions += 1
        counts.labels["emotions"].update({label: int(applies) for label, applies in emotions.items()})
        counts.emotions_per_text[sum(emotions.values())] += 1


def _count_aspects(doc: Doc, counts: SplitCounts) -> None:
    spans, text, sentences = get_aspects(doc), doc.text, get_sentences(doc)
    counts.aspects += 1
    counts.aspects_per_text[len(spans)] += 1
    places = Counter((span.start_char, span.end_char) for span in spans)
    counts.several_opinions += sum(n > 1 for n in places.values())
    for span in spans:
        if span.label_:
            counts.labels["aspect_sentiment"][span.label_] += 1
        if span.kb_id_:
            counts.labels["categories"][span.kb_id_] += 1
        counts.without_sentiment += not span.label_
        counts.wordless += is_wordless(text, sentences, span)
