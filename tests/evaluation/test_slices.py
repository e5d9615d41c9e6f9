import numpy
import pytest
from spacy.tokens import Doc, Span

from spacy_bertsent.evaluation.items import collect_emotions, collect_given, collect_polarity
from spacy_bertsent.evaluation.slices import (
    NEGATORS,
    get_length,
    get_mixture,
    get_negation,
    get_wording,
    group_aspects,
    group_texts,
    slice_choices,
    slice_marks,
)

from .util import NLP, find, hot, make_doc, predict


@pytest.mark.parametrize(
    "n_tokens,name",
    [
        (1, "1-10 tokens"),
        (10, "1-10 tokens"),
        (11, "11-20 tokens"),
        (20, "11-20 tokens"),
        (21, "21-40 tokens"),
        (40, "21-40 tokens"),
        (41, "over 40 tokens"),
    ],
)
def test_length(n_tokens: int, name: str) -> None:
    assert get_length(make_doc(" ".join("a" * n_tokens))) == name


@pytest.mark.parametrize(
    "text", ["It is NOT good.", "I don't care.", "I don\u2019t care.", "Nobody cannot go.", "hardly", "without salt"]
)
def test_negation(text: str) -> None:
    assert get_negation(make_doc(text)) == "negator in the text"


@pytest.mark.parametrize("text", ["A knot.", "Nothingness", "Notable", "I do", "normal"])
def test_no_negation(text: str) -> None:
    words = {token.lower_ for token in make_doc(text)}
    assert not words & NEGATORS
    assert get_negation(make_doc(text)) == "no negator"


def test_mixture() -> None:
    assert get_mixture(make_doc(aspects=[(0, 1, "positive", ""), (1, 2, "", "")])) == "one"
    two = [(0, 1, "positive", ""), (1, 2, "positive", "")]
    assert get_mixture(make_doc(aspects=two)) == "several of equal sentiment"
    assert get_mixture(make_doc(aspects=[*two, (2, 3, "neutral", "")])) == "several of different sentiment"


def test_wording() -> None:
    doc = make_doc(
        "Good soup.", aspects=[(0, 3, "positive", "FOOD"), (1, 2, "positive", "FOOD"), (0, 3, "positive", "")]
    )
    names = [get_wording(doc, span) for span in doc.spans["aspects"]]
    assert names == ["category only", "own words", "own words"]
    # Where there are sentences, a category covers one of them.
    doc = Doc(NLP.vocab, words=["Fine", ".", "Bad", "."], sent_starts=[True, False, True, False])
    assert get_wording(doc, Span(doc, 0, 2, "positive", kb_id="FOOD")) == "category only"
    assert get_wording(doc, Span(doc, 0, 1, "positive", kb_id="FOOD")) == "own words"


def test_choices() -> None:
    gold = [
        make_doc("a b", "positive", aspects=[(0, 1, "positive", ""), (1, 2, "negative", "")]),
        make_doc("not " * 12 + "b", "negative", aspects=[(0, 1, "positive", "")]),
        make_doc("c", None),
        make_doc("d", "positive"),
    ]
    given = [
        [find(gold[0], 0, 1, "positive"), find(gold[0], 1, 2, "positive")],
        [find(gold[1], 0, 1, "positive")],
        None,
        None,
    ]
    masked = [[hot("positive"), hot("negative")], [hot("neutral")], None, None]
    polarity = [hot("positive"), hot("positive"), hot("positive"), hot("negative")]
    predictions = predict(gold, polarity=polarity, given=given, masked=masked)
    choices, blind = (collect_given(gold, predictions, masked=x) for x in (False, True))
    assert choices is not None
    parts = slice_choices(choices, group_aspects(gold), masked=blind, n_resamples=20)
    assert list(parts) == ["aspects of the text", "length", "negation"], "all have words of their own"
    assert list(parts["aspects of the text"]) == ["one", "several of different sentiment"]
    assert parts["length"]["1-10 tokens"] == {
        "n": 2,
        "accuracy": 0.5,
        "macro_f1": pytest.approx(1 / 3),
        "masked_accuracy": 1.0,
        "intervals": {"accuracy": [0.5, 0.5], "macro_f1": [pytest.approx(1 / 3)] * 2},
    }
    assert parts["negation"]["negator in the text"]["masked_accuracy"] == 0.0
    whole = collect_polarity(gold, predictions)
    assert whole is not None
    parts = slice_choices(whole, group_texts(gold, whole.texts))
    assert {group: (row["n"], row["accuracy"]) for group, row in parts["length"].items()} == {
        "1-10 tokens": (2, 0.5),
        "11-20 tokens": (1, 0.0),
    }
    assert "masked_accuracy" not in parts["negation"]["no negator"]


def test_marks() -> None:
    gold = [make_doc("a", emotions={"joy": 1.0, "anger": 0.0}), make_doc("never", emotions={"joy": 0.0, "anger": 1.0})]
    marks = collect_emotions(gold, predict(gold, emotions=[[0.9, 0.1], [0.9, 0.9]]))
    assert marks is not None
    parts = slice_marks(marks, group_texts(gold, marks.texts))
    assert list(parts) == ["negation"], "both are short"
    first, second = parts["negation"].values()
    # Anger does not occur in the first text; joy is predicted in the second.
    assert (first["n"], first["macro_f1"], first["jaccard"]) == (1, 1.0, 1.0)
    assert (second["n"], second["macro_f1"], second["jaccard"]) == (1, 0.5, 0.5)


def test_groups_follow_the_items() -> None:
    gold = [make_doc("x"), make_doc("not a", aspects=[(0, 1, "", ""), (1, 2, "neutral", "")]), make_doc("b", "neutral")]
    groups = group_aspects(gold)
    assert {name: len(of_items) for name, of_items in groups.items()} == dict.fromkeys(groups, 1)
    assert group_texts(gold, numpy.asarray([1]))["negation"] == ["negator in the text"]
