"""Checks of label sets: of a split against the first one, and against a trained pipeline."""

from collections import Counter
from typing import Dict, List, Optional

from spacy.language import Language

from .counts import LEARNED, SplitCounts
from .findings import Case, Finding

FACTORIES = {
    "bertsent_polarity": "polarity",
    "bertsent_emotions": "emotions",
    "bertsent_aspect_sentiment": "aspect_sentiment",
}


def check_labels(splits: Dict[str, SplitCounts], *, rare: int) -> List[Finding]:
    """Look for labels that cannot be learned or measured well.

    splits (Dict[str, SplitCounts]): Numbers by name; the first is the training data.
    rare (int): Labels of the first split with fewer examples are rare.
    RETURNS (List[Finding]): rare-labels, unseen-labels, unmeasured-labels.
    """
    findings: List[Optional[Finding]] = []
    first, *others = splits
    train = splits[first].labels
    few = {word: {label: n for label, n in train[word].items() if n < rare} for word in LEARNED}
    findings.append(_make_finding("rare-labels", [first], few, train))
    for name in others:
        labels = splits[name].labels
        unseen = {word: {x: n for x, n in labels[word].items() if n and not train[word][x]} for word in LEARNED}
        findings.append(_make_finding("unseen-labels", [first, name], unseen, labels))
        # Where a word is not annotated at all, the table says so.
        unmeasured = {
            word: {x: n for x, n in train[word].items() if n and not labels[word][x]}
            for word in LEARNED
            if labels[word]
        }
        findings.append(_make_finding("unmeasured-labels", [first, name], unmeasured, train))
    return [finding for finding in findings if finding is not None]


def check_known(splits: Dict[str, SplitCounts], nlp: Language) -> List[Finding]:
    """Look for labels that the components of a trained pipeline do not have.

    splits (Dict[str, SplitCounts]): Numbers by name. nlp (Language): The pipeline.
    RETURNS (List[Finding]): unknown-labels.
    """
    known: Dict[str, List[str]] = {}
    for name, labels in nlp.pipe_labels.items():
        word = FACTORIES.get(nlp.get_pipe_meta(name).factory)
        if word and labels:
            known[word] = labels
    findings = []
    for name, counts in splits.items():
        found = {word: {x: n for x, n in counts.labels[word].items() if x not in known[word]} for word in known}
        findings.append(_make_finding("unknown-labels", [name], found, counts.labels))
    return [finding for finding in findings if finding is not None]


def _make_finding(
    name: str, splits: List[str], found: Dict[str, Dict[str, int]], labels: Dict[str, "Counter[str]"]
) -> Optional[Finding]:
    where = splits[0] if name == "unmeasured-labels" else splits[-1]
    cases = [Case(where, None, x, f"{word}, {n} examples") for word, rows in found.items() for x, n in rows.items()]
    return Finding(name, splits, sum(len(labels[word]) for word in found), cases) if cases else None
