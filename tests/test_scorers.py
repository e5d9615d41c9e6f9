"""Scores of hand-made documents, worked out by hand."""

from typing import Any, Dict, List, Optional, Tuple

import pytest
import spacy
from spacy import registry
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_bertsent.categories import Mentioned
from spacy_bertsent.scorers import (
    score_aspect_sentiment,
    score_aspects,
    score_category_sentiment,
    score_emotions,
    score_polarity,
)

NLP = spacy.blank("en")
CatsT = Optional[Dict[str, float]]
SpansT = Optional[List[Tuple[int, int, str]]]
LABELS = ("positive", "neutral", "negative")


def make(gold: CatsT = None, predicted: CatsT = None, spans: SpansT = None, found: SpansT = None) -> Example:
    docs = []
    for cats, group in [(predicted, found), (gold, spans)]:
        doc = NLP.make_doc("a b c d e")
        doc.cats = dict(cats or {})
        if group is not None:
            doc.spans["aspects"] = [Span(doc, start, end, label) for start, end, label in group]
        docs.append(doc)
    return Example(*docs)


def polarity(best: str, score: float = 0.8) -> Dict[str, float]:
    rest = (1 - score) / 2
    return {f"polarity:{label}": score if label == best else rest for label in LABELS}


def hot(best: str) -> Dict[str, float]:
    return {f"polarity:{label}": float(label == best) for label in LABELS}


def test_polarity_by_hand() -> None:
    pairs = [("positive", "positive"), ("positive", "negative"), ("negative", "negative"), ("neutral", "neutral")]
    examples = [make(hot(gold), polarity(found)) for gold, found in pairs]
    examples.append(make(None, polarity("positive")))  # not annotated
    scores = score_polarity(examples, labels=LABELS)
    assert scores["polarity_acc"] == 3 / 4
    # positive: p 1, r 1/2; negative: p 1/2, r 1; neutral: 1
    assert scores["polarity_f"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert scores["polarity_per_type"]["positive"] == {"p": 1.0, "r": 0.5, "f": pytest.approx(2 / 3)}
    assert 0.5 < scores["polarity_auc"] < 1.0


def test_polarity_without_gold_or_predictions() -> None:
    keys = {"polarity_acc", "polarity_f", "polarity_auc", "polarity_per_type"}
    assert score_polarity([make(None, polarity("positive"))], labels=LABELS) == dict.fromkeys(keys)
    assert score_polarity([make(hot("positive"), None)], labels=LABELS)["polarity_acc"] == 0.0


def emotions(**values: float) -> Dict[str, float]:
    return {f"emotion:{label}": value for label, value in values.items()}


def test_emotions_by_hand() -> None:
    examples = [
        make(emotions(joy=1, fear=0), emotions(joy=0.9, fear=0.6)),
        make(emotions(joy=1, fear=1), emotions(joy=0.2, fear=0.7)),
        make(emotions(fear=0), emotions(joy=0.9, fear=0.1)),  # joy is not annotated: neither right nor wrong
        make(None, emotions(joy=0.9, fear=0.9)),
    ]
    scores = score_emotions(examples, labels=("joy", "fear"))
    assert scores["emotions_per_type"]["joy"] == {"p": 1.0, "r": 0.5, "f": pytest.approx(2 / 3)}
    assert scores["emotions_per_type"]["fear"] == {"p": 0.5, "r": 1.0, "f": pytest.approx(2 / 3)}
    assert scores["emotions_f"] == pytest.approx(2 / 3)
    assert scores["emotions_micro"] == pytest.approx(2 / 3)  # 2 right, 1 too many, 1 missed
    assert scores["emotions_jaccard"] == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)


def test_emotions_at_their_thresholds() -> None:
    examples = [make(emotions(joy=1, fear=0), emotions(joy=0.3, fear=0.3))]
    for threshold, thresholds, expected in [
        (0.5, {}, 0.0),
        (0.3, {}, 2 / 3),
        (0.5, {"joy": 0.3}, 1.0),
        (0.3, {"fear": 0.31}, 1.0),
        (0.3, {"joy": 0.9}, 0.0),
    ]:
        settings: Any = {"threshold": threshold, "thresholds": thresholds}
        assert score_emotions(examples, labels=("joy", "fear"), **settings)["emotions_micro"] == pytest.approx(expected)


def test_emotions_without_gold() -> None:
    keys = ("emotions_f", "emotions_micro", "emotions_jaccard", "emotions_auc", "emotions_per_type")
    assert score_emotions([make(None, emotions(joy=1.0))], labels=("joy",)) == dict.fromkeys(keys)


def test_aspects_by_hand() -> None:
    examples = [
        make(spans=[(0, 1, "positive"), (2, 4, "negative")], found=[(0, 1, ""), (2, 3, "")]),
        make(spans=[], found=[(0, 1, "")]),
        make(spans=[(1, 2, "positive")], found=[(1, 2, "")]),
        make(spans=None, found=[(0, 5, "")]),  # not annotated
        make(spans=[(4, 5, "positive")], found=None),
    ]
    scores = score_aspects(examples)
    # 2 right; 4 found; 4 in gold
    assert scores == {"aspects_p": 0.5, "aspects_r": 0.5, "aspects_f": pytest.approx(0.5)}
    assert score_aspects([make()]) == dict.fromkeys(("aspects_p", "aspects_r", "aspects_f"))


def test_same_words_with_two_categories_are_one_span() -> None:
    example = make(spans=[(0, 1, "positive"), (0, 1, "positive")], found=[(0, 1, "")])
    assert score_aspects([example])["aspects_f"] == 1.0


def test_aspect_sentiment_by_hand() -> None:
    examples = [
        make(
            spans=[(0, 1, "positive"), (2, 4, "negative"), (4, 5, "neutral")],
            found=[(0, 1, "positive"), (2, 4, "positive"), (1, 2, "neutral")],
        ),
        make(spans=[], found=[]),
        make(spans=None, found=[(0, 1, "positive")]),
    ]
    given = [("positive", "positive"), ("negative", "positive"), ("neutral", "neutral"), ("neutral", "neutral")]
    scores = score_aspect_sentiment(examples, labels=LABELS, given=given)
    assert scores["absa_acc"] == 3 / 4
    # positive: p 1/2, r 1; negative: 0; neutral: 1
    assert scores["absa_f"] == pytest.approx((2 / 3 + 0 + 1) / 3)
    # end to end: one of three found, one of three in gold
    assert scores["absa_e2e_p"] == scores["absa_e2e_r"] == pytest.approx(1 / 3)
    assert scores["absa_e2e_f"] == pytest.approx(1 / 3)


def test_aspect_sentiment_without_gold() -> None:
    scores = score_aspect_sentiment([make(found=[(0, 1, "positive")])], labels=LABELS, given=[])
    assert len(scores) == 6 and set(scores.values()) == {None}


def test_offsets_are_compared_by_characters() -> None:
    predicted = Doc(NLP.vocab, words=["soup-bowl", "x"], spaces=[True, False])
    reference = Doc(NLP.vocab, words=["soup", "-", "bowl", "x"], spaces=[False, False, True, False])
    predicted.spans["aspects"] = [Span(predicted, 0, 1, "positive")]
    reference.spans["aspects"] = [Span(reference, 0, 3, "positive")]
    assert score_aspects([Example(predicted, reference)])["aspects_f"] == 1.0


def test_categories_by_hand() -> None:
    """Four in gold, five found: three of the right category, two of them with the right sentiment."""
    gold = [
        {Mentioned(0, "FOOD", "positive"), Mentioned(1, "FOOD", "negative")},
        {Mentioned(0, "PRICE", "neutral"), Mentioned(0, "FOOD", "positive")},
        set(),
    ]
    found = [
        {Mentioned(0, "FOOD", "positive"), Mentioned(0, "PRICE", "negative")},
        {Mentioned(0, "PRICE", "neutral"), Mentioned(0, "FOOD", "negative")},
        {Mentioned(0, "FOOD", "positive")},
    ]
    given = [("positive", "positive"), ("negative", "negative"), ("neutral", "neutral"), ("positive", "negative")]
    scores = score_category_sentiment([], labels=LABELS, gold=gold, found=found, given=given)
    assert (scores["acsa_det_p"], scores["acsa_det_r"]) == (pytest.approx(3 / 5), pytest.approx(3 / 4))
    assert (scores["acsa_p"], scores["acsa_r"]) == (pytest.approx(2 / 5), pytest.approx(2 / 4))
    assert scores["acsa_f"] == pytest.approx(4 / 9) and scores["acsa_det_f"] == pytest.approx(2 / 3)
    # Positive: p 1, r 1/2. Neutral: both 1. Negative: p 1/2, r 1.
    assert scores["acsa_acc"] == 0.75 and scores["acsa_sent_f"] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert scores["acsa_per_type"]["negative"]["p"] == 0.5
    nothing = score_category_sentiment([], labels=LABELS, gold=[], found=[], given=[])
    assert set(nothing) == set(scores) and set(nothing.values()) == {None}


def test_categories_of_whole_sentences_are_no_found_words() -> None:
    example = make(spans=[(0, 1, "positive")], found=[(0, 1, "positive"), (0, 5, "negative")])
    example.predicted.spans["aspects"].attrs["sources"] = ["keyword", "category"]
    assert score_aspects([example])["aspects_f"] == 1.0
    assert score_aspect_sentiment([example], labels=LABELS, given=[])["absa_e2e_p"] == 1.0


@pytest.mark.parametrize("name", ["polarity", "emotions", "aspects", "aspect_sentiment", "category_sentiment"])
def test_scorers_are_registered(name: str) -> None:
    scorer = registry.resolve({"x": {"@scorers": f"spacy-bertsent.{name}_scorer.v1"}})["x"]
    assert scorer([make()], labels=("a",), given=[], gold=[], found=[], threshold=0.5, unknown=1)


def test_each_score_that_is_weighed_is_given() -> None:
    """What the factories announce is what the scorers return."""
    scored: Dict[str, Any] = {}
    scored.update(score_polarity([make()], labels=LABELS))
    scored.update(score_emotions([make()], labels=("joy",)))
    scored.update(score_aspects([make()]))
    scored.update(score_aspect_sentiment([make()], labels=LABELS, given=[]))
    scored.update(score_category_sentiment([], labels=LABELS, gold=[], found=[], given=[]))
    announced = set()
    for name in ("polarity", "emotions", "aspects", "aspect_sentiment", "category_sentiment"):
        announced |= set(NLP.get_factory_meta(f"bertsent_{name}").default_score_weights)
    assert announced == set(scored)
    assert all(len(name) <= 20 for name in announced)
