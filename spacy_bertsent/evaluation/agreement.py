"""How near two runs of a pipeline are to each other, such as with other numbers."""

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy

from .predictions import Found, Predictions, Row

# The scores of both runs, and the label or labels that come of them, of one item.
PairT = Tuple[Sequence[float], Sequence[float], bool]


class Agreement(NamedTuple):
    """items (int): How many labels were compared. same (int): How many are the same in both runs.
    largest (float): The largest difference of two probabilities."""

    items: int
    same: int
    largest: float


def compare_runs(first: Predictions, second: Predictions) -> Dict[str, Agreement]:
    """Compare two runs on the same texts.

    first, second (Predictions): Of the same pipeline: labels and thresholds are those of the first.
    RETURNS (Dict[str, Agreement]): By word, of those that were predicted: "polarity", "emotions" (each label of each
        text) and "sentiment" (each aspect; one that only one run has found is not the same).
    """
    pairs: Dict[str, List[PairT]] = {"polarity": [], "emotions": [], "sentiment": []}
    thresholds = [first.thresholds.get(label, 0.5) for label in first.labels["emotions"]]
    for a, b in zip(first.rows, second.rows, strict=True):
        pairs["polarity"] += _pair_choices([a.polarity], [b.polarity])
        for threshold, x, y in zip(thresholds, a.emotions or [], b.emotions or []):
            pairs["emotions"].append(([x], [y], (x >= threshold) == (y >= threshold)))
        pairs["sentiment"] += _pair_choices(*_match_aspects(a, b))
    return {word: _count(found) for word, found in pairs.items() if found}


ScoresT = List[Optional[List[float]]]


def _pair_choices(first: ScoresT, second: ScoresT) -> List[PairT]:
    """Pair the scores of one label of several. None: this run does not have the item."""
    pairs: List[PairT] = []
    for x, y in zip(first, second):
        if x and y:
            pairs.append((x, y, int(numpy.argmax(x)) == int(numpy.argmax(y))))
        elif x or y:
            pairs.append(([], [], False))
    return pairs


def _match_aspects(first: Row, second: Row) -> Tuple[ScoresT, ScoresT]:
    left, right = (_read_aspects(row) for row in (first, second))
    keys = [*left, *(key for key in right if key not in left)]
    return [left.get(key) for key in keys], [right.get(key) for key in keys]


def _read_aspects(row: Row) -> Dict[Tuple[str, int, int, str], List[float]]:
    groups: Dict[str, List[Found]] = {"given": row.given or [], "found": row.found or []}
    return {(name, x.start_char, x.end_char, x.category): x.scores for name, group in groups.items() for x in group}


def _count(pairs: Sequence[PairT]) -> Agreement:
    largest = max((abs(x - y) for first, second, _ in pairs for x, y in zip(first, second)), default=0.0)
    return Agreement(len(pairs), sum(same for _, _, same in pairs), largest)
