import pytest

from spacy_bertsent.evaluation.predictions import Found
from spacy_bertsent.evaluation.report import make_report
from spacy_bertsent.evaluation.restriction import restrict_labels

from .util import make_doc, predict


def test_by_hand() -> None:
    gold = [make_doc("a", "negative", aspects=[(0, 1, "negative", "")]), make_doc("b", "positive")]
    given = [[Found(0, 1, "", [0.1, 0.6, 0.3])], None]
    predictions = predict(
        gold,
        polarity=[[0.2, 0.5, 0.3], None],
        emotions=[[0.2, 0.3], None],
        given=given,
        masked=[[[0.0, 1.0, 0.0]], None],
        found=[[Found(0, 1, "X", [0.0, 0.0, 0.0])], []],
    )
    found = restrict_labels(predictions, ["negative", "positive"])
    assert found.labels == {
        "polarity": ["positive", "negative"],
        "emotions": ["joy", "anger"],
        "sentiment": ["positive", "negative"],
    }
    row = found.rows[0]
    assert row.polarity == pytest.approx([0.4, 0.6]) and row.emotions == [0.2, 0.3]
    assert row.given is not None and row.given[0].scores == pytest.approx([0.25, 0.75])
    assert row.masked == [[0.5, 0.5]], "rounded to 0 are both"
    assert row.found == [Found(0, 1, "X", [0.0, 0.0])], "no prediction stays none"
    assert (found.rows[1].polarity, found.rows[1].given, found.rows[1].found) == (None, None, [])
    assert found.about == {"choice_among": ["negative", "positive"]}
    assert predictions.labels["polarity"] == ["positive", "neutral", "negative"] and predictions.about == {}
    # Neutral was chosen, of the two the better one is right.
    assert make_report(gold[:1], predict(gold[:1], polarity=[[0.2, 0.5, 0.3]]))["polarity"]["accuracy"] == 0.0
    found.rows = found.rows[:1]
    report = make_report(gold[:1], found)
    assert report["polarity"]["accuracy"] == report["aspects"]["given"]["accuracy"] == 1.0
    assert report["about"]["choice_among"] == ["negative", "positive"]


def test_where_there_are_none_of_the_labels() -> None:
    gold = [make_doc("a", "negative")]
    predictions = predict(gold, polarity=[[0.2, 0.5, 0.3]])
    predictions.labels["sentiment"] = ["good", "bad"]
    found = restrict_labels(predictions, ["good"])
    assert found.rows[0].polarity == [0.2, 0.5, 0.3] and found.labels["sentiment"] == ["good"]
    del predictions.labels["sentiment"]
    assert restrict_labels(predictions, ["neutral"]).rows[0].polarity == [1.0]


@pytest.mark.parametrize(
    "labels,found", [(["good", "neutral", "bad"], "'good', 'bad'"), (["joy"], "'joy'"), ([], "no label")]
)
def test_unknown_labels(labels: list, found: str) -> None:
    predictions = predict([make_doc("a")], polarity=[[1.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match=f"BS073.*among {found}. The predictions have: positive, neutral, negative"):
        restrict_labels(predictions, labels)
