"""The label sets that the components fall back on, and how their keys look in `doc.cats`."""

from typing import Dict, Iterable, List, Mapping, Sequence

POLARITY = "polarity:"
EMOTION = "emotion:"
ASPECTS_KEY = "aspects"
EMOTIONS_KEY = "emotions"
# Groups of parts of long documents: see parts.py.
POLARITY_WINDOWS_KEY = "polarity_windows"
EMOTION_WINDOWS_KEY = "emotion_windows"
POLARITY_SENTENCES_KEY = "polarity_sentences"
# Of `attrs` of the group of aspects: how each was found, in step with the spans.
SOURCES_KEY = "sources"
# Of the same `attrs`: whether a part of each aspect's context was not read.
CUT_KEY = "cut"
# The source of aspects that stood on the Doc before the pipeline looked for some.
GIVEN = "given"
# The source of categories that stand for a whole sentence or text.
CATEGORY_SOURCE = "category"
# The label of a trained finder that tells aspects from other words, and no categories.
ASPECT_LABEL = "ASPECT"

SENTIMENTS = ("positive", "neutral", "negative")
# Plutchik, R. (1980): Emotion: A Psychoevolutionary Synthesis.
PLUTCHIK = ("joy", "trust", "fear", "surprise", "sadness", "disgust", "anger", "anticipation")


def order_labels(labels: Iterable[str], preferred: Sequence[str]) -> List[str]:
    """Sort labels: the preferred ones first and in their order, then the others by name.

    labels (Iterable[str]): The labels. preferred (Sequence[str]): The order of those that are known.
    RETURNS (List[str]): Each label once.
    """
    found = set(labels)
    return [x for x in preferred if x in found] + sorted(found - set(preferred))


def get_group(cats: Mapping[str, float], prefix: str) -> Dict[str, float]:
    """Take one group of labels out of `doc.cats`.

    cats (Mapping[str, float]): `doc.cats`. prefix (str): Such as "polarity:".
    RETURNS (Dict[str, float]): Scores by label without the prefix; empty where the group was not annotated.
    """
    return {key[len(prefix) :]: score for key, score in cats.items() if key.startswith(prefix)}


def readable_category(category: str) -> str:
    """Spell a category as words: "FOOD#STYLE_OPTIONS" becomes "food style options"."""
    words = category
    for mark in "#_/":
        words = words.replace(mark, " ")
    return " ".join(words.lower().split())
