from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from spacy_bertsent.baselines.lexicon import CONTEXTS, get_context, spread_compound
from spacy_bertsent.types import AspectQuery

from ..util import KEYWORDS, ODD_TEXTS, TEXTS, check_batches, check_storing, make_example, make_examples, train

THREE, TWO = ["positive", "neutral", "negative"], ["positive", "negative"]


def make_lexicon(task: str = "polarity", **config: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    if task == "aspect_sentiment":
        nlp.add_pipe("bertsent_aspects", name="aspects", config={"keywords": KEYWORDS})
    nlp.add_pipe("bertsent_lexicon", name="lexicon", config={"task": task, **config})
    return nlp


def spread(compound: List[float], labels: List[str], threshold: float = 0.05) -> numpy.ndarray:
    return spread_compound(numpy.asarray(compound), labels, threshold, "lexicon")


# The scores of labels


def test_scores_by_hand() -> None:
    table = spread([1.0, -1.0, 0.0], THREE, 0.05005)
    # neutral at 0: (1 + 0.05) / 3 / (1 - 0.05)
    numpy.testing.assert_allclose(table, [[1, 0, 0], [0, 0, 1], [0.31579, 0.36842, 0.31579]], atol=1e-5)
    assert spread([1.0, -0.5, 0.0], TWO).tolist() == [[1.0, 0.0], [0.25, 0.75], [0.5, 0.5]]
    assert spread([0.2], ["mixed", "negative", "positive"])[0].tolist() == pytest.approx([0.0, 0.4, 0.6])


@pytest.mark.parametrize(
    "compound, label",
    [
        (0.05, "positive"),
        (0.0499, "neutral"),
        (0.0, "neutral"),
        (-0.0499, "neutral"),
        (-0.05, "negative"),
        (1.0, "positive"),
    ],
)
def test_threshold_is_that_of_the_paper(compound: float, label: str) -> None:
    assert THREE[int(spread([compound], THREE).argmax())] == label


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.001, 0.49))
def test_scores_rise_and_fall_with_the_compound(left: float, right: float, threshold: float) -> None:
    low, high = sorted([left, right])
    table = spread([low, high], THREE, threshold)
    assert (table > -1e-6).all()
    numpy.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-6)
    numpy.testing.assert_allclose(table[:, 0] - table[:, 2], [low, high], atol=1e-6)
    assert table[0, 0] <= table[1, 0] + 1e-6 and table[0, 2] >= table[1, 2] - 1e-6


# What is read of an aspect


@pytest.mark.parametrize(
    "words, context, expected",
    [
        ("camera", "clause", "The phone camera is excellent "),
        ("battery", "clause", " battery life is terrible"),
        ("price", "clause", " the price, all in all, is fair."),
        (
            "battery",
            "sentence",
            "The phone camera is excellent but battery life is terrible; the price, all in all, is fair.",
        ),
        ("Yes", "clause", "Yes."),
        ("camera", "document", None),
    ],
)
def test_context(words: str, context: str, expected: Any) -> None:
    nlp = make_lexicon("aspect_sentiment")
    doc = nlp("The phone camera is excellent but battery life is terrible; the price, all in all, is fair. Yes.")
    start = doc.text.index(words)
    query = AspectQuery(doc, start, start + len(words), words)
    assert get_context(query, context) == (expected or doc.text)


def test_masked_aspect_has_the_sentence() -> None:
    doc = make_lexicon()("Fine camera but dull sound. No.")
    query = AspectQuery(doc, 5, 11, "camera", masked=True)
    assert get_context(query, "clause") == "Fine camera but dull sound."


# The component


def test_polarity() -> None:
    nlp = make_lexicon()
    doc = nlp("A great, great film.")
    assert doc._.polarity == "positive" and doc.sentiment > 0.8
    assert list(doc._.polarity_scores) == THREE and sum(doc.cats.values()) == pytest.approx(1)
    assert nlp("This is not a great film.")._.polarity == "negative"
    assert nlp("The film begins at eight.")._.polarity == "neutral"


def test_aspects_of_one_sentence_differ() -> None:
    nlp = make_lexicon("aspect_sentiment")
    doc = nlp("The soup was excellent but the waiter was terrible.")
    assert [(aspect.text, aspect.sentiment) for aspect in doc._.aspects] == [
        ("soup", "positive"),
        ("waiter", "negative"),
    ]
    assert doc.spans["aspects"].attrs["labels"] == THREE
    whole = make_lexicon("aspect_sentiment", context="sentence")(doc.text)
    assert len({aspect.sentiment for aspect in whole._.aspects}) == 1


@pytest.mark.parametrize("task", ["polarity", "aspect_sentiment"])
def test_stores_batches_and_odd_texts(task: str, tmp_path: Path) -> None:
    nlp = make_lexicon(task, threshold=0.3)
    check_storing(nlp, tmp_path)
    check_batches(nlp)
    for text in ODD_TEXTS:
        assert task != "polarity" or list(nlp(text)._.polarity_scores) == THREE


def test_labels_come_from_the_data() -> None:
    nlp = make_lexicon()
    examples = []
    for text, label in zip(TEXTS, ["positive", "negative"]):
        example = make_example(nlp, text)
        example.reference.cats = {f"polarity:{x}": float(x == label) for x in TWO}
        examples.append(example)
    nlp.initialize(lambda: examples)
    assert nlp.get_pipe("lexicon").labels == tuple(TWO)
    assert list(nlp("It begins at eight.").cats.values()) == [0.5, 0.5]


def test_there_is_nothing_to_train() -> None:
    nlp = make_lexicon()
    nlp.initialize(lambda: make_examples(nlp))
    assert not nlp.get_pipe("lexicon").is_trainable
    before = nlp(TEXTS[0]).cats
    assert train(nlp, make_examples(nlp), steps=2)["lexicon"] == 0.0
    assert nlp(TEXTS[0]).cats == before


def test_scores() -> None:
    nlp = make_lexicon()
    nlp.initialize(lambda: make_examples(nlp))
    gold = [("A great film.", "positive"), ("An awful film.", "negative"), ("A long film.", "neutral")]
    scores = nlp.evaluate([make_example(nlp, text, label) for text, label in gold])
    assert scores["polarity_acc"] == scores["polarity_f"] == 1.0
    nlp = make_lexicon("aspect_sentiment")
    aspects = [("soup", "FOOD", "positive"), ("waiter", "STAFF", "negative")]
    scores = nlp.evaluate([make_example(nlp, "A great soup but an awful waiter.", None, None, aspects)])
    assert scores["absa_acc"] == scores["absa_e2e_f"] == 1.0


def test_labels_without_both_poles_say_so() -> None:
    with pytest.raises(ValueError, match=r"BS086.*'lexicon' are \['good', 'bad'\]"):
        make_lexicon(labels=["good", "bad"])("A film.")


@pytest.mark.parametrize("setting", [{"task": "emotions"}, {"context": "phrase"}])
def test_unknown_settings_say_so(setting: Any) -> None:
    with pytest.raises(ValueError, match="BS016") as error:
        make_lexicon(**setting)
    assert ", ".join(CONTEXTS) in str(error.value) or "polarity, aspect_sentiment" in str(error.value)
