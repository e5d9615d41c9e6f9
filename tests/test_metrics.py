from typing import List, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.metrics import mean_jaccard, score_labels, score_sets

LABELS = ("a", "b", "c")


def test_labels_by_hand() -> None:
    gold = ["a", "a", "b", "b", "b"]
    predicted = ["a", "b", "b", "b", "a"]
    accuracy, macro, per_type = score_labels(gold, predicted, LABELS)
    assert accuracy == 3 / 5
    assert per_type["a"] == {"p": 0.5, "r": 0.5, "f": pytest.approx(0.5)}
    assert per_type["b"] == {"p": pytest.approx(2 / 3), "r": pytest.approx(2 / 3), "f": pytest.approx(2 / 3)}
    assert per_type["c"] == {"p": 0.0, "r": 0.0, "f": 0.0}
    assert macro == pytest.approx((0.5 + 2 / 3) / 2), "over the labels that occur"


def test_labels_that_the_component_lacks_count_as_wrong() -> None:
    accuracy, macro, per_type = score_labels(["z"], ["a"], LABELS)
    assert (accuracy, macro) == (0.0, 0.0) and per_type["z"]["r"] == 0.0


def test_no_items() -> None:
    assert score_labels([], [], LABELS)[:2] == (0.0, 0.0)
    assert mean_jaccard([], []) == 0.0
    assert score_sets([], []).fscore == 0.0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=30))
def test_macro_f_is_the_mean_over_seen_labels(pairs: List[tuple]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    accuracy, macro, _ = score_labels(gold, predicted, LABELS)
    values = []
    for label in set(gold) | set(predicted):
        tp = sum(g == p == label for g, p in pairs)
        wrong = sum((g == label) != (p == label) for g, p in pairs)
        values.append(2 * tp / (2 * tp + wrong))
    assert macro == pytest.approx(sum(values) / len(values), abs=1e-6)
    assert accuracy == sum(g == p for g, p in pairs) / len(pairs)


def test_sets_are_summed_over_documents() -> None:
    prf = score_sets([{1, 2}, set(), {3}], [{1}, {9}, {3, 4}])
    assert prf.precision == pytest.approx(2 / 4) and prf.recall == pytest.approx(2 / 3)
    assert prf.fscore == pytest.approx(4 / 7)


def test_jaccard_by_hand() -> None:
    gold: List[Set[str]] = [{"a", "b"}, set(), {"a"}, {"a"}]
    predicted: List[Set[str]] = [{"b", "c"}, set(), set(), {"a"}]
    assert mean_jaccard(gold, predicted) == pytest.approx((1 / 3 + 1 + 0 + 1) / 4)
