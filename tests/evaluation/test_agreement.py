"""How near two runs are, by hand."""

import pytest

from spacy_bertsent.evaluation.agreement import Agreement, compare_runs
from spacy_bertsent.evaluation.predictions import Found, Predictions, Row

LABELS = {"polarity": ["positive", "negative"], "emotions": ["joy", "anger"], "sentiment": ["positive", "negative"]}


def make(*rows: Row) -> Predictions:
    return Predictions(LABELS, {"joy": 0.3}, list(rows))


def test_by_hand() -> None:
    soup, bread = Found(0, 4, "", [0.9, 0.1]), Found(9, 14, "", [0.2, 0.8])
    first = make(
        Row("a", polarity=[0.6, 0.4], emotions=[0.31, 0.5], given=[soup], found=[soup, bread]),
        Row("b", polarity=[0.1, 0.9], emotions=[0.0, 0.1]),
    )
    second = make(
        Row("a", polarity=[0.45, 0.55], emotions=[0.29, 0.52], given=[soup._replace(scores=[0.7, 0.3])], found=[soup]),
        Row("b", polarity=[0.2, 0.8], emotions=[0.0, 0.1]),
    )
    found = compare_runs(first, second)
    assert found["polarity"] == Agreement(2, 1, pytest.approx(0.15))
    assert found["emotions"] == Agreement(4, 3, pytest.approx(0.02)), "the threshold of joy is 0.3, of anger 0.5"
    assert found["sentiment"] == Agreement(3, 2, pytest.approx(0.2)), "one run alone has found the bread"
    assert compare_runs(second, first) == found


def test_only_what_was_predicted() -> None:
    first = make(Row("a", polarity=[0.6, 0.4]))
    assert compare_runs(first, first) == {"polarity": Agreement(1, 1, 0.0)}
    assert compare_runs(make(Row("a")), make(Row("a"))) == {}
    with pytest.raises(ValueError, match="shorter"):
        compare_runs(first, make())
