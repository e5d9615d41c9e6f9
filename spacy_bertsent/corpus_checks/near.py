"""Texts that are nearly the same: MinHash finds candidates, their resemblance is then computed exactly."""

from collections import defaultdict
from typing import Dict, FrozenSet, Iterator, List, Mapping, Sequence, Tuple

import numpy
from spacy.tokens import Doc

from ..converters.words import split_words
from .findings import Case, Finding
from .repeats import Place

# Words that two texts share, of the words that one or the other has.
RESEMBLANCE = 0.9
# Texts that resemble each other just so much share a band with probability 1 - (1 - 0.9^6)^16 = 0.999995; those of 0.3
# with 0.01.
N_BANDS = 16
BAND_ROWS = 6
# Candidates that one text is compared with in one band and split: more share a band only where texts are made from a
# pattern.
MAX_COMPARED = 100


def check_near(splits: Mapping[str, Sequence[Doc]], groups: Mapping[str, List[Place]]) -> List[Finding]:
    """Look for texts that are nearly, but not quite, the same as another one.

    splits (Mapping[str, Sequence[Doc]]): Gold documents by name of the split. groups: From `group_texts`: each text is
        taken where it is first.
    RETURNS (List[Finding]): near-duplicates of each split, near-leaks of each pair of splits.
    """
    names = list(splits)
    places = sorted((group[0] for group in groups.values()), key=lambda place: (names.index(place.split), place.number))
    texts = [split_words(place.doc.text) for place in places]
    pairs = find_near(texts, [names.index(place.split) for place in places])
    found: Dict[Tuple[str, str], Finding] = {}
    for (i, _), (j, resemblance) in sorted(pairs.items()):
        place, earlier = places[i], places[j]
        kind = "near-leaks" if earlier.split != place.split else "near-duplicates"
        involved = list(dict.fromkeys((earlier.split, place.split)))
        finding = found.setdefault((earlier.split, place.split), Finding(kind, involved, len(splits[place.split])))
        detail = f"{resemblance:.2f} like {earlier}: {earlier.doc.text!r}"
        finding.cases.append(Case(place.split, place.number, place.doc.text, detail))
    return [found[pair] for pair in sorted(found, key=lambda pair: (names.index(pair[1]), names.index(pair[0])))]


def find_near(
    texts: Sequence[Sequence[str]], groups: Sequence[int], resemblance: float = RESEMBLANCE
) -> Dict[Tuple[int, int], Tuple[int, float]]:
    """Find for each text an earlier one of each group that it resembles.

    The resemblance is that of the sets of words: the number of words in both, divided by that of words in either.

    texts (Sequence[Sequence[str]]): The words of each text. groups (Sequence[int]): The group of each text.
    resemblance (float): The least that counts.
    RETURNS (Dict[Tuple[int, int], Tuple[int, float]]): By text and group, the earlier text and the resemblance.
    SOURCE: Broder (1997), On the resemblance and containment of documents; the bands: Indyk and Motwani (1998).
    """
    bags = [frozenset(words) for words in texts]
    found: Dict[Tuple[int, int], Tuple[int, float]] = {}
    for bucket in _iter_buckets(texts, bags, resemblance):
        earlier: Dict[int, List[int]] = defaultdict(list)
        for i in bucket:
            for group, others in earlier.items():
                for j in others[:MAX_COMPARED] if (i, group) not in found else ():
                    common = len(bags[i] & bags[j])
                    value = common / (len(bags[i]) + len(bags[j]) - common)
                    if value >= resemblance:
                        found[i, group] = (j, value)
                        break
            earlier[groups[i]].append(i)
    return found


def _iter_buckets(
    texts: Sequence[Sequence[str]], bags: Sequence[FrozenSet[str]], resemblance: float
) -> Iterator[List[int]]:
    """YIELDS (List[int]): Texts that may resemble each other, in ascending order."""
    same: Dict[FrozenSet[str], List[int]] = defaultdict(list)
    for i, bag in enumerate(bags):
        if bag:
            same[bag].append(i)
    yield from (bucket for bucket in same.values() if len(bucket) > 1)
    # In shorter texts one word that differs is too much.
    long = [i for i, bag in enumerate(bags) if len(bag) / (len(bag) + 1) >= resemblance]
    if not long:
        return
    signatures = make_signatures([texts[i] for i in long], N_BANDS * BAND_ROWS)
    for start in range(0, signatures.shape[1], BAND_ROWS):
        band = numpy.ascontiguousarray(signatures[:, start : start + BAND_ROWS])
        buckets: Dict[bytes, List[int]] = defaultdict(list)
        for i, row in zip(long, band):
            buckets[row.tobytes()].append(i)
        yield from (bucket for bucket in buckets.values() if len(bucket) > 1)


def make_signatures(texts: Sequence[Sequence[str]], size: int) -> numpy.ndarray:
    """Compute MinHash signatures: two texts agree in a column with the probability of their resemblance.

    texts (Sequence[Sequence[str]]): The words of each text, at least one. size (int): Number of columns.
    RETURNS (numpy.ndarray): (texts, size) uint32. The same in each run.
    SOURCE: Broder (1997).
    """
    numbers: Dict[str, int] = {}
    flat = numpy.asarray([numbers.setdefault(word, len(numbers)) for words in texts for word in words], dtype="int32")
    starts = numpy.cumsum([0, *map(len, texts)])[:-1]
    rng = numpy.random.default_rng(0)
    signatures = numpy.empty((len(texts), size), dtype="uint32")
    for column in range(size):
        ranks = rng.integers(2**32, size=len(numbers), dtype="uint32")
        signatures[:, column] = numpy.minimum.reduceat(ranks[flat], starts)
    return signatures
