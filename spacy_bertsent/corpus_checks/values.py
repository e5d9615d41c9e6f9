"""Checks of single texts: the text itself, and the values in `doc.cats`."""

from typing import Dict, List, Sequence

from spacy.tokens import Doc

from ..labels import ASPECTS_KEY, EMOTION, POLARITY
from .findings import Case, Finding, make_findings
from .gold import get_emotions, get_polarity, get_polarity_values, is_valid

# Written to a file as decimals, shares of one polarity may sum to a little more than 1.
TOLERANCE = 1e-3


def check_values(split: str, docs: Sequence[Doc]) -> List[Finding]:
    """Look for texts without words or annotation, and for values that cannot be right.

    split (str): Name of the split. docs (Sequence[Doc]): Its gold documents.
    RETURNS (List[Finding]): invalid-values, several-polarities, no-polarity, unknown-keys, empty-texts, unannotated.
    """
    cases: Dict[str, List[Case]] = {}

    def add(name: str, number: int, detail: str = "") -> None:
        cases.setdefault(name, []).append(Case(split, number, docs[number].text, detail))

    for i, doc in enumerate(docs):
        if not doc.text.strip():
            add("empty-texts", i)
        for key, value in doc.cats.items():
            if not is_valid(value):
                add("invalid-values", i, f"{key} = {value!r}")
        polarities = get_polarity_values(doc)
        if sum(polarities.values()) > 1 + TOLERANCE:
            add("several-polarities", i, ", ".join(f"{label} {x:g}" for label, x in polarities.items() if x))
        elif polarities and get_polarity(doc) is None:
            add("no-polarity", i, f"all of these are 0: {', '.join(polarities)}")
        if not polarities and not get_emotions(doc) and ASPECTS_KEY not in doc.spans:
            add("unannotated", i)
    return [*make_findings(split, cases, len(docs)), *_check_keys(split, docs)]


def _check_keys(split: str, docs: Sequence[Doc]) -> List[Finding]:
    first = {key: i for i, doc in reversed(list(enumerate(docs))) for key in doc.cats}
    unknown = sorted(key for key in first if key in (POLARITY, EMOTION) or not key.startswith((POLARITY, EMOTION)))
    cases = [Case(split, None, key, f"first in {first[key]}") for key in unknown]
    return make_findings(split, {"unknown-keys": cases}, len(first))
