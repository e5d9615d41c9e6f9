from typing import List, Tuple

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.evaluation.report import make_report
from spacy_bertsent.evaluation.thresholds import get_f_score, search_threshold, tune_thresholds

from .util import make_doc, make_random_corpus, predict


def test_thresholds_of_a_corpus() -> None:
    gold = [
        make_doc("a", emotions={"joy": 1.0, "anger": 0.0}),
        make_doc("b", emotions={"joy": 0.0, "anger": 0.0}),
        make_doc("c", emotions={"joy": 1.0}),
        make_doc("d", emotions={"pride": 1.0}),
        make_doc("e"),
    ]
    predictions = predict(gold, emotions=[[0.4, 0.9], [0.2, 0.9], [0.3, 0.1], [0.01, 0.9], [0.0, 0.9]])
    predictions.thresholds = {"anger": 0.7}
    # Joy: 0.3 and 0.4 have it, 0.2 does not, the others are not annotated. No text has anger. Pride is not predicted.
    assert tune_thresholds(gold, predictions) == {"joy": 0.25, "anger": 0.7}
    assert predictions.thresholds == {"anger": 0.7}, "nothing is changed"
    assert tune_thresholds(gold[4:], predict(gold[4:], emotions=[[0.0, 0.9]])) == {"joy": 0.5, "anger": 0.5}
    with pytest.raises(ValueError, match="BS071"):
        tune_thresholds(gold[:2], predictions)


def test_tuning_never_lowers_f() -> None:
    gold = make_random_corpus(80)
    rng = numpy.random.default_rng(0)
    predictions = predict(gold, emotions=[rng.random(2).round(5).tolist() for _ in gold])
    before = make_report(gold, predictions, n_resamples=0)["emotions"]
    predictions.thresholds = tune_thresholds(gold, predictions)
    after = make_report(gold, predictions, n_resamples=0)["emotions"]
    assert after["thresholds"] == predictions.thresholds
    for label in ("joy", "anger"):
        assert after["per_label"][label]["f1"] > before["per_label"][label]["f1"]
        assert after["per_label"][label]["auc"] == before["per_label"][label]["auc"]


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=30))
def test_search_is_exact(rows: List[Tuple[float, bool]]) -> None:
    rows = [*rows, (rows[0][0], True)]
    scores, gold = numpy.asarray([x for x, _ in rows], dtype="d"), numpy.asarray([x for _, x in rows])
    found = search_threshold(scores, gold)
    ranked = sorted({0.0, *scores.tolist()})
    middles = [(a + b) / 2 for a, b in zip(ranked, ranked[1:])]
    candidates = [0.0, 0.5, 1.0, *ranked, *middles]
    f_scores = {x: get_f_score(scores, gold, x) for x in candidates}
    best = max(f_scores.values())
    assert get_f_score(scores, gold, found) == best
    assert 0.0 <= found <= 1.0
    if f_scores[0.5] == best:
        assert found == 0.5
    elif middles:
        nearest = min((abs(x - 0.5) for x in middles if f_scores[x] == best), default=1.0)
        gap = max(b - a for a, b in zip(ranked, ranked[1:]))
        assert abs(found - 0.5) <= nearest + gap / 4


@pytest.mark.parametrize(
    "scores,gold,expected",
    [
        ([0.9, 0.8, 0.3, 0.1], [1, 1, 0, 0], 0.5),  # anything from 0.3 to 0.8 is right: nothing changes
        ([0.4, 0.3, 0.2, 0.1], [1, 1, 0, 0], 0.25),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 0.75),
        ([0.9, 0.8], [1, 1], 0.5),
        ([0.2, 0.1], [1, 1], 0.05),  # all of them: between the lowest and 0
        ([0.3, 0.3, 0.3], [1, 0, 1], 0.15),  # equal scores cannot be parted
        ([0.0], [1], 0.0),
        ([0.31234, 0.31233], [1, 0], 0.312335),  # as many decimals as it takes
        ([0.3, 0.2999, 0.2998], [1, 0, 0], 0.29995),
    ],
)
def test_search(scores: List[float], gold: List[int], expected: float) -> None:
    found = search_threshold(numpy.asarray(scores), numpy.asarray(gold, dtype="bool"))
    assert found == pytest.approx(expected, abs=1e-9)
    assert len(repr(found)) <= 8


def test_f_score() -> None:
    scores, gold = numpy.asarray([0.9, 0.5, 0.2]), numpy.asarray([True, False, True])
    assert get_f_score(scores, gold, 0.5) == 0.5  # one right, one wrong, one missed
    assert get_f_score(scores, gold, 0.95) == 0.0
    assert get_f_score(scores, numpy.zeros(3, dtype="bool"), 0.95) == 0.0
