"""Texts that are there more than once: duplicates in a split, leaks between splits, contradictory annotation."""

from collections import defaultdict
from itertools import combinations
from typing import Callable, Dict, Hashable, List, Mapping, NamedTuple, Sequence, Set, Tuple

from spacy.tokens import Doc

from ..converters.words import make_key, split_words
from .findings import Case, Finding
from .gold import AspectT, describe_aspect, get_aspects, get_emotions, get_polarity

# What a text says of each thing (the text itself, an emotion, an aspect): to compare, and to be read.
SaidT = Mapping[Hashable, Tuple[str, str]]


class Place(NamedTuple):
    """Where a text is.

    split (str): Name of the split. number (int): Of the document there, from 0. doc (Doc): The document.
    """

    split: str
    number: int
    doc: Doc

    def __str__(self) -> str:
        return f"{self.split} {self.number}"


def group_texts(splits: Mapping[str, Sequence[Doc]]) -> Dict[str, List[Place]]:
    """Put together the documents that have the same text (see `make_key`); those without text are left out.

    splits (Mapping[str, Sequence[Doc]]): Gold documents by name of the split.
    RETURNS (Dict[str, List[Place]]): Places by key, in the order of the splits.
    """
    groups: Dict[str, List[Place]] = defaultdict(list)
    for split, docs in splits.items():
        for i, doc in enumerate(docs):
            key = make_key(doc.text)
            if key:
                groups[key].append(Place(split, i, doc))
    return dict(groups)


def check_repeats(splits: Mapping[str, Sequence[Doc]], groups: Mapping[str, List[Place]]) -> List[Finding]:
    """Look for texts that are there more than once.

    splits (Mapping[str, Sequence[Doc]]): Gold documents by name of the split. groups: From `group_texts`.
    RETURNS (List[Finding]): duplicates of each split, leaks of each pair of splits, contradictory-* of all together.
    """
    duplicates = {split: Finding("duplicates", [split], len(docs)) for split, docs in splits.items()}
    leaks = {(a, b): Finding("leaks", [a, b], len(splits[b])) for a, b in combinations(splits, 2)}
    repeated = [places for places in groups.values() if len(places) > 1]
    for places in repeated:
        first: Dict[str, Place] = {}
        for place in places:
            for split, earlier in first.items():
                finding = duplicates[split] if split == place.split else leaks[split, place.split]
                finding.cases.append(Case(place.split, place.number, place.doc.text, f"= {earlier}"))
            first.setdefault(place.split, place)
    for finding in (*duplicates.values(), *leaks.values()):
        finding.cases.sort(key=lambda case: case.number or 0)
    found = [
        *(duplicates[split] for split in splits),
        *leaks.values(),
        _compare("contradictory-polarity", repeated, _say_polarity),
        _compare("contradictory-emotions", repeated, _say_emotions),
        _compare("contradictory-aspects", repeated, _say_sentiments),
    ]
    return [finding for finding in found if finding.cases]


def _compare(name: str, repeated: Sequence[List[Place]], say: Callable[[Doc], SaidT]) -> Finding:
    """Find texts of which two documents say different things of the same. What one does not say is no difference."""
    finding = Finding(name, [], 0)
    involved: Dict[str, None] = {}
    for places in repeated:
        said = [(place, things) for place in places if (things := say(place.doc))]
        finding.total += len(said) > 1
        values: Dict[Hashable, Set[str]] = defaultdict(set)
        for _, things in said:
            for thing, (value, _) in things.items():
                values[thing].add(value)
        opposed = [thing for thing in values if len(values[thing]) > 1]
        sides: Dict[str, List[Place]] = defaultdict(list)
        for place, things in said:
            words = [things[thing][1] for thing in opposed if thing in things]
            if words:
                sides[", ".join(filter(None, words)) or "none"].append(place)
                involved[place.split] = None
        if sides:
            first = places[0]
            detail = "; ".join(f"{words}: {_list_places(found)}" for words, found in sides.items())
            finding.cases.append(Case(first.split, first.number, first.doc.text, detail))
    finding.splits = list(involved)
    return finding


def _list_places(places: Sequence[Place]) -> str:
    return f"{places[0]}" if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"


def _say_polarity(doc: Doc) -> SaidT:
    polarity = get_polarity(doc)
    return {} if polarity is None else {"": (polarity, polarity)}


def _say_emotions(doc: Doc) -> SaidT:
    emotions = get_emotions(doc).items()
    return {label: (str(applies), label if applies else "") for label, applies in emotions}


def _say_sentiments(doc: Doc) -> SaidT:
    """The sentiments of each aspect. Its place is counted in words without marks: it is the same in all copies."""
    sentiments: Dict[AspectT, Dict[str, None]] = defaultdict(dict)
    names: Dict[AspectT, str] = {}
    for span in get_aspects(doc):
        if span.label_:
            start, end = (sum(map(len, split_words(doc.text[:n]))) for n in (span.start_char, span.end_char))
            aspect = (start, end, span.kb_id_)
            sentiments[aspect][span.label_] = None
            names[aspect] = describe_aspect(span)
    said = {aspect: "/".join(sorted(labels)) for aspect, labels in sentiments.items()}
    return {aspect: (value, f"{names[aspect]} {value}") for aspect, value in said.items()}
