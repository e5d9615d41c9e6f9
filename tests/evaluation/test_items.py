import numpy
import pytest

from spacy_bertsent.evaluation.items import (
    NONE,
    collect_categories,
    collect_emotions,
    collect_given,
    collect_polarity,
    collect_spans,
    get_rated_aspects,
)

from .util import LABELS, find, hot, make_doc, predict


def test_polarity() -> None:
    gold = [make_doc("a", "positive"), make_doc("b"), make_doc("c", "negative"), make_doc("d", "mixed"), make_doc("e")]
    # A mild text.
    gold[4].cats = {"polarity:positive": 0.3, "polarity:negative": 0.7}
    rows = [hot("positive", 0.8), hot("positive"), None, hot("neutral"), hot("negative", 0.5)]
    choices = collect_polarity(gold, predict(gold, polarity=rows))
    assert choices is not None
    assert choices.labels == [*LABELS, "mixed", NONE]
    assert [choices.labels[i] for i in choices.gold] == ["positive", "negative", "mixed", "negative"]
    assert [choices.labels[i] for i in choices.predicted] == ["positive", NONE, "neutral", "negative"]
    assert choices.texts.tolist() == [0, 2, 3, 4]
    assert choices.right.tolist() == [True, False, False, True]
    numpy.testing.assert_allclose(choices.scores[0], [0.8, 0.1, 0.1, 0, 0])
    part = choices.select(choices.texts > 2)
    assert part.texts.tolist() == [3, 4] and part.right.tolist() == [False, True] and part.labels == choices.labels


def test_the_first_of_equal_scores_is_chosen() -> None:
    gold = [make_doc("a", "negative")]
    choices = collect_polarity(gold, predict(gold, polarity=[[0.2, 0.4, 0.4]]))
    assert choices is not None and choices.labels[choices.predicted[0]] == "neutral"


def test_nothing_to_score() -> None:
    gold = [make_doc("a", "positive", {"joy": 1.0}, [(0, 1, "positive", "")])]
    nothing = predict(gold)
    for collect in (collect_polarity, collect_emotions, collect_given, collect_spans):
        assert collect(gold, nothing) is None
    bare = [make_doc("a")]
    whole = predict(bare, polarity=[hot("positive")], emotions=[[1.0, 0.0]], given=[[]], found=[[]])
    for collect in (collect_polarity, collect_emotions, collect_given, collect_spans):
        assert collect(bare, whole) is None
    assert collect_spans([make_doc("a", aspects=[])], whole) is not None, "that there are none is annotated"


def test_emotions() -> None:
    gold = [
        make_doc("a", emotions={"joy": 1.0, "anger": 0.0}),
        make_doc("b"),
        make_doc("c", emotions={"anger": 0.5, "pride": 1.0}),
        make_doc("d", emotions={"joy": 0.4}),
    ]
    predictions = predict(gold, emotions=[[0.3, 0.9], [1.0, 1.0], None, [0.9, 0.9]])
    predictions.thresholds = {"joy": 0.3}
    marks = collect_emotions(gold, predictions)
    assert marks is not None and marks.labels == ["joy", "anger", "pride"]
    assert marks.texts.tolist() == [0, 2, 3]
    assert marks.known.tolist() == [[True, True, False], [False, True, True], [True, False, False]]
    assert marks.gold.tolist() == [[True, False, False], [False, True, True], [False, False, False]]
    # At the threshold counts; no prediction of the second text; what is not annotated does not count.
    assert marks.predicted.tolist() == [[True, True, False], [False, False, False], [True, False, False]]
    assert marks.right.tolist() == [False, False, False]
    part = marks.select(marks.texts == 3).drop_unused()
    assert part.labels == ["joy"] and part.known.tolist() == [[True]] and part.scores.tolist() == [[0.9]]
    assert part.select(numpy.asarray([False])).drop_unused().labels == ["joy"], "some label stays"


def test_a_threshold_of_zero_takes_no_text_without_prediction() -> None:
    gold = [make_doc("a", emotions={"joy": 1.0}), make_doc("b", emotions={"joy": 1.0})]
    predictions = predict(gold, emotions=[[0.0, 0.0], None])
    predictions.thresholds = {"joy": 0.0}
    marks = collect_emotions(gold, predictions)
    assert marks is not None and marks.predicted.tolist() == [[True], [False]]


def test_given_and_masked() -> None:
    aspects = [(0, 1, "positive", "A"), (1, 2, "", ""), (0, 1, "negative", "B")]
    gold = [make_doc("a b", aspects=aspects), make_doc("x"), make_doc("y", aspects=[(0, 1, "neutral", "")])]
    assert [span.kb_id_ for span in get_rated_aspects(gold[0])] == ["A", "B"]
    given = [[find(gold[0], 0, 1, "positive", "A"), find(gold[0], 0, 1, "neutral", "B")], None, None]
    predictions = predict(gold, given=given, masked=[[hot("negative"), hot("negative")], None, [hot("neutral")]])
    choices, masked = (collect_given(gold, predictions, masked=x) for x in (False, True))
    assert choices is not None and masked is not None
    assert choices.texts.tolist() == masked.texts.tolist() == [0, 0, 2]
    assert [choices.labels[i] for i in choices.gold] == ["positive", "negative", "neutral"]
    assert [choices.labels[i] for i in choices.predicted] == ["positive", "neutral", NONE]
    assert masked.right.tolist() == [False, True, True] and masked.labels == LABELS


def test_spans_are_sets_of_characters() -> None:
    gold = [
        # Two categories of the same words, once of one sentiment and once of two.
        make_doc("a b c d", aspects=[(0, 1, "positive", "A"), (0, 1, "positive", "B"), (2, 3, "positive", "A")]),
        make_doc("a b c d", aspects=[(0, 1, "positive", "A"), (0, 1, "negative", "B")]),
        make_doc("a b"),
        make_doc("a b", aspects=[]),
    ]
    found = [
        [find(gold[0], 0, 1, "positive", "X"), find(gold[0], 2, 3, "negative", "A"), find(gold[0], 2, 4, "positive")],
        [find(gold[1], 0, 1, "positive"), find(gold[1], 0, 1, "neutral")],
        [find(gold[2], 0, 1, "positive")],
        [find(gold[3], 0, 1, "positive")],
    ]
    spans = collect_spans(gold, predict(gold, found=found))
    rated = collect_spans(gold, predict(gold, found=found), labelled=True)
    assert spans is not None and rated is not None
    assert [spans.both.tolist(), spans.gold.tolist(), spans.predicted.tolist()] == [[2, 1, 0], [2, 1, 0], [3, 1, 1]]
    assert [rated.both.tolist(), rated.gold.tolist(), rated.predicted.tolist()] == [[1, 1, 0], [2, 2, 0], [3, 2, 1]]


def test_spans_without_sentiment_are_neither_right_nor_wrong() -> None:
    gold = [make_doc("a b c", aspects=[(0, 1, "", "A"), (1, 2, "positive", ""), (2, 3, "", "")])]
    # "c" is given as one with sentiment, too.
    more = [make_doc("a b c", aspects=[(0, 1, "", "A"), (1, 2, "positive", ""), (2, 3, "", ""), (2, 3, "neutral", "")])]
    found = [[find(gold[0], i, i + 1, "positive") for i in range(3)]]
    rated, others = (collect_spans(docs, predict(docs, found=found), labelled=True) for docs in (gold, more))
    assert rated is not None and others is not None
    assert (rated.both[0], rated.gold[0], rated.predicted[0]) == (1, 1, 1)
    assert (others.both[0], others.gold[0], others.predicted[0]) == (1, 2, 2)
    spans = collect_spans(gold, predict(gold, found=found))
    assert spans is not None and spans.both[0] == 3
    bare = [make_doc("a b c", aspects=[(0, 1, "", "")])]
    assert collect_spans(bare, predict(bare, found=found), labelled=True) is None


@pytest.mark.parametrize("found", [None, []])
def test_texts_in_which_nothing_was_found(found: object) -> None:
    gold = [make_doc("a", aspects=[(0, 1, "positive", "")]), make_doc("b", aspects=[(0, 1, "positive", "")])]
    spans = collect_spans(gold, predict(gold, found=[[find(gold[0], 0, 1, "positive")], found]))
    assert spans is not None and spans.both.tolist() == [1, 0] and spans.gold.tolist() == [1, 1]


def test_categories() -> None:
    gold = [
        make_doc("a b c d", aspects=[(0, 2, "positive", "FOOD"), (3, 4, "negative", "PRICE"), (1, 2, "neutral", "")]),
        make_doc("a b", aspects=[]),
        make_doc("a b", aspects=[(0, 1, "positive", "")]),
        make_doc("a b", aspects=[(0, 2, "", "FOOD"), (0, 2, "negative", "PRICE")]),
        make_doc("a b"),
    ]
    whole = find(gold[1], 0, 2, "positive", "FOOD")
    predictions = predict(
        gold,
        # The first text in two parts.
        contexts=[[(0, 3), (4, 7)], [(0, 3)], [(0, 3)], [(0, 3)], [(0, 3)]],
        categories=[
            [find(gold[0], 0, 2, "negative", "FOOD"), find(gold[0], 2, 4, "negative", "PRICE"),
             find(gold[0], 2, 4, "positive", "FOOD")],
            [whole], [whole], [whole], [whole],
        ],
    )  # fmt: skip
    for labelled, both in ((False, 2), (True, 1)):
        matches = collect_categories(gold, predictions, labelled=labelled)
        assert matches is not None
        # Not annotated: the third and the last text, and the sentiment of FOOD in the fourth.
        assert matches.both.tolist() == [both, 0, 0]
        assert matches.gold.tolist() == [2, 0, 1] and matches.predicted.tolist() == [3, 1, 0]
    # Without contexts a text is one.
    matches = collect_categories(gold[:1], predict(gold[:1], categories=[[find(gold[0], 2, 4, "positive", "FOOD")]]))
    assert matches is not None and matches.both.tolist() == [1]


def test_no_categories_to_score() -> None:
    gold = [make_doc("a", aspects=[(0, 1, "positive", "FOOD")])]
    assert collect_categories(gold, predict(gold, found=[[]])) is None
    plain = [make_doc("a", aspects=[(0, 1, "positive", "")]), make_doc("a", aspects=[])]
    assert collect_categories(plain, predict(plain, categories=[[], []])) is None
