"""Measures of labels, on plain sequences."""

from typing import Any, Dict, Hashable, Iterable, List, Sequence, Set, Tuple, TypeVar

from spacy.scorer import PRFScore

ItemT = TypeVar("ItemT", bound=Hashable)


def score_labels(
    gold: Sequence[str], predicted: Sequence[str], labels: Iterable[str]
) -> Tuple[float, float, Dict[str, Any]]:
    """Score one label per item.

    gold (Sequence[str]), predicted (Sequence[str]): As long as each other. labels (Iterable[str]): All labels.
    RETURNS (Tuple): Accuracy; macro-F1, the mean over the labels that occur in gold or predictions (as scikit-learn);
        p, r, f of each label.
    """
    per_type = {label: PRFScore() for label in labels}
    for g, p in zip(gold, predicted):
        if g == p:
            per_type[g].tp += 1
        else:
            per_type.setdefault(g, PRFScore()).fn += 1
            per_type.setdefault(p, PRFScore()).fp += 1
    seen = [label for label in per_type if label in set(gold) | set(predicted)]
    macro = sum(per_type[label].fscore for label in seen) / len(seen) if seen else 0.0
    accuracy = sum(g == p for g, p in zip(gold, predicted)) / len(gold) if gold else 0.0
    return accuracy, macro, {label: prf.to_dict() for label, prf in per_type.items()}


def score_sets(gold: Sequence[Set[ItemT]], predicted: Sequence[Set[ItemT]]) -> PRFScore:
    """Score sets of found items by exact match, summed over documents.

    gold (Sequence[Set]), predicted (Sequence[Set]): One set for each document.
    RETURNS (PRFScore): Micro precision, recall and F1.
    """
    prf = PRFScore()
    for g, p in zip(gold, predicted):
        prf.tp += len(g & p)
        prf.fp += len(p - g)
        prf.fn += len(g - p)
    return prf


def mean_jaccard(gold: Sequence[Set[str]], predicted: Sequence[Set[str]]) -> float:
    """Mean over items of |intersection| / |union|; 1 where both are empty. SemEval-2018 task 1 E-c: "accuracy".

    gold (Sequence[Set[str]]), predicted (Sequence[Set[str]]): The labels of each item.
    RETURNS (float): In [0, 1], 0 without items.
    """
    values: List[float] = [len(g & p) / len(g | p) if g | p else 1.0 for g, p in zip(gold, predicted)]
    return sum(values) / len(values) if values else 0.0
