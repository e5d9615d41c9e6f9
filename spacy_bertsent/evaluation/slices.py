"""Parts of a corpus that are hard for a reason, and the measures of each."""

from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span

from ..extensions import is_wordless
from ..sentences import get_sentences
from .bootstrap import get_values
from .counts import count_choices, count_marks
from .items import Choices, Marks, get_rated_aspects

# Most tokens of each group, and its name.
LENGTHS = ((10, "1-10 tokens"), (20, "11-20 tokens"), (40, "21-40 tokens"))
LONGER = "over 40 tokens"
# English.
NEGATORS = frozenset("not n't no never none nothing nobody neither nor without hardly barely scarcely".split())


def get_length(doc: Doc) -> str:
    """RETURNS (str): The length group of a text, by tokens of the corpus."""
    return next((name for most, name in LENGTHS if len(doc) <= most), LONGER)


def get_negation(doc: Doc) -> str:
    """RETURNS (str): Whether one of the English `NEGATORS` is a token of the text."""
    words = {token.text.lower().replace("\u2019", "'") for token in doc}
    return "negator in the text" if words & NEGATORS else "no negator"


def get_mixture(doc: Doc) -> str:
    """RETURNS (str): How many aspects the text has, and whether they differ in sentiment."""
    labels = [span.label_ for span in get_rated_aspects(doc)]
    if len(labels) < 2:
        return "one"
    return "several of equal sentiment" if len(set(labels)) == 1 else "several of different sentiment"


def get_wording(doc: Doc, span: Span) -> str:
    """RETURNS (str): Whether an aspect has words of its own, or only a category."""
    return "category only" if is_wordless(doc.text, get_sentences(doc), span) else "own words"


TEXT_SLICES: Dict[str, Callable[[Doc], str]] = {"length": get_length, "negation": get_negation}
# Groups are listed in this order.
ORDER = (
    "one", "several of equal sentiment", "several of different sentiment", "own words", "category only",
    *(name for _, name in LENGTHS), LONGER, "no negator", "negator in the text",
)  # fmt: skip


def slice_choices(
    choices: Choices,
    groups: Dict[str, List[str]],
    *,
    masked: Optional[Choices] = None,
    n_resamples: int = 0,
    seed: int = 0,
) -> Dict[str, Any]:
    """Score each group of items.

    choices (Choices): The items. groups (Dict[str, List[str]]): Of each slice, the group of each item.
    masked (Optional[Choices]): The same items without knowing the aspect: adds `masked_accuracy`.
    n_resamples (int), seed (int): For the intervals.
    RETURNS (Dict[str, Any]): Measures by slice and group. A slice that has all items in one group is left out.
    """
    result: Dict[str, Any] = {}
    for name, group, mask in _split(groups):
        row = {"n": int(mask.sum()), **get_values(count_choices(choices.select(mask)), n_resamples, seed)}
        if masked is not None:
            row["masked_accuracy"] = float(masked.right[mask].mean())
        result.setdefault(name, {})[group] = row
    return result


def slice_marks(marks: Marks, groups: Dict[str, List[str]], *, n_resamples: int = 0, seed: int = 0) -> Dict[str, Any]:
    """Score each group of texts: see `slice_choices`. Macro-F1 is the mean over labels that occur in the group."""
    result: Dict[str, Any] = {}
    for name, group, mask in _split(groups):
        part = marks.select(mask).drop_unused()
        row = {"n": int(mask.sum()), **get_values(count_marks(part), n_resamples, seed)}
        result.setdefault(name, {})[group] = row
    return result


def group_texts(gold: Sequence[Doc], texts: numpy.ndarray) -> Dict[str, List[str]]:
    """RETURNS (Dict[str, List[str]]): The groups of texts. texts (numpy.ndarray): (n,) Their places in the corpus."""
    return {name: [get_group(gold[i]) for i in texts] for name, get_group in TEXT_SLICES.items()}


def group_aspects(gold: Sequence[Doc]) -> Dict[str, List[str]]:
    """RETURNS (Dict[str, List[str]]): The groups of aspects with a sentiment, in the order of `collect_given`."""
    aspects = [(doc, span) for doc in gold for span in get_rated_aspects(doc)]
    return {
        "aspects of the text": [get_mixture(doc) for doc, _ in aspects],
        "wording": [get_wording(doc, span) for doc, span in aspects],
        **{name: [get_group(doc) for doc, _ in aspects] for name, get_group in TEXT_SLICES.items()},
    }


def _split(groups: Dict[str, List[str]]) -> Iterator[Tuple[str, str, numpy.ndarray]]:
    for name, of_items in groups.items():
        found = [group for group in ORDER if group in of_items]
        if len(found) > 1:
            for group in found:
                yield name, group, numpy.asarray([x == group for x in of_items])
