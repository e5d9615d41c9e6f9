from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy import registry
from spacy.tokens import DocBin
from spacy.training import Corpus

from spacy_bertsent.baselines.augment import make_label_keeper

from ..util import make_example


@pytest.fixture
def nlp() -> Any:
    return spacy.blank("en")


def test_other_labels_are_left_out(nlp: Any) -> None:
    eg = make_example(nlp, "The soup was fine.", "positive", {"joy": 1.0})
    [kept] = make_label_keeper("polarity:")(nlp, eg)
    assert kept.reference.cats == {"polarity:positive": 1.0, "polarity:neutral": 0.0, "polarity:negative": 0.0}
    assert kept.predicted is eg.predicted and kept.reference.text == eg.reference.text
    assert "emotion:joy" in eg.reference.cats, "the example that came in stays"
    [kept] = make_label_keeper("emotion:")(nlp, eg)
    assert kept.reference.cats == {"emotion:joy": 1.0}


def test_texts_without_the_labels_are_left_out(nlp: Any) -> None:
    assert not list(make_label_keeper("emotion:")(nlp, make_example(nlp, "The soup was fine.", "positive")))
    assert not list(make_label_keeper("polarity:")(nlp, make_example(nlp, "The soup was fine.")))


def test_degrees_become_0_and_1(nlp: Any) -> None:
    eg = make_example(nlp, "The soup was fine.")
    eg.reference.cats = {"polarity:positive": 0.7, "polarity:neutral": 0.3}
    [kept] = make_label_keeper("polarity:")(nlp, eg)
    assert kept.reference.cats == {"polarity:positive": 1.0, "polarity:neutral": 0.0}


def test_exclusive_text_classifier_learns_from_a_corpus_of_several_tasks(nlp: Any, tmp_path: Path) -> None:
    docs = [make_example(nlp, f"The soup was {word}.", label, {"joy": 1.0}).reference
            for word, label in [("fine", "positive"), ("cold", "negative")]]  # fmt: skip
    DocBin(docs=docs).to_disk(tmp_path / "both.spacy")
    nlp.add_pipe("textcat")
    with pytest.raises(ValueError, match="E895"):
        nlp.initialize(lambda: Corpus(tmp_path / "both.spacy")(nlp))
    augmenter = registry.augmenters.get("spacy-bertsent.keep_labels.v1")("polarity:")
    nlp.initialize(lambda: Corpus(tmp_path / "both.spacy", augmenter=augmenter)(nlp))
    assert nlp.get_pipe("textcat").labels == ("polarity:positive", "polarity:neutral", "polarity:negative")
