"""Views on the Doc: nothing stored, nothing of others overwritten."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

import spacy_bertsent
from spacy_bertsent import extensions, install_extensions
from spacy_bertsent.extensions import GETTERS, SPAN_GETTERS, get_thresholds, is_wordless, set_thresholds

from .util import HEADS, TEXTS, make_nlp


def make_doc() -> Doc:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp(TEXTS[2])


def test_before_prediction_all_is_empty() -> None:
    install_extensions()
    doc = make_doc()
    assert doc._.polarity is None and doc._.polarity_scores == {} and doc._.emotions == {}
    assert doc._.emotion_scores == {} and doc._.aspects == []


def test_groups_of_cats_do_not_mix() -> None:
    """'neutral' is a polarity and an emotion of some data sets."""
    install_extensions()
    doc = make_doc()
    doc.cats = {"polarity:neutral": 0.9, "polarity:positive": 0.1, "emotion:neutral": 0.2, "neutral": 1.0, "topic": 0.3}
    assert doc._.polarity == "neutral" and doc._.polarity_scores == {"neutral": 0.9, "positive": 0.1}
    assert doc._.emotion_scores == {"neutral": 0.2} and doc._.emotions == {}


def test_emotions_are_listed_from_their_threshold_best_first() -> None:
    install_extensions()
    doc = make_doc()
    doc.cats = {"emotion:joy": 0.5, "emotion:anger": 0.9, "emotion:fear": 0.49}
    assert list(doc._.emotions.items()) == [("anger", 0.9), ("joy", 0.5)]
    set_thresholds(doc, {"joy": 0.6, "fear": 0.1, "anger": 0.5})
    assert list(doc._.emotions) == ["anger", "fear"]
    assert get_thresholds(doc) == {"joy": 0.6, "fear": 0.1}


def test_aspects_of_a_group_without_scores() -> None:
    install_extensions()
    doc = make_doc()
    doc.spans["aspects"] = [Span(doc, 2, 3, "negative", kb_id="PLACE"), Span(doc, 7, 8)]
    first, second = doc._.aspects
    assert first == ("road", 9, 13, "PLACE", "negative", 0.0, {}, "", False)
    assert (second.text, second.category, second.sentiment, second.scores) == ("price", "", "", {})


def test_getters_store_nothing() -> None:
    install_extensions()
    doc = make_doc()
    doc.cats = {"polarity:neutral": 1.0}
    before = doc.to_bytes()
    for name in GETTERS:
        getattr(doc._, name)
    assert doc.to_bytes() == before and not doc.user_data


def test_getters_can_be_pickled() -> None:
    for getter in [*GETTERS.values(), *SPAN_GETTERS.values()]:
        assert pickle.loads(pickle.dumps(getter)) is getter


# Names


def test_components_register_the_names(no_extensions: None, weights: Path) -> None:
    assert not Doc.has_extension("polarity")
    make_nlp(weights, "aspects", *HEADS, initialize=False)
    assert all(Doc.has_extension(name) for name in GETTERS)
    assert all(Span.has_extension(name) for name in SPAN_GETTERS)
    install_extensions()
    install_extensions("")


@pytest.mark.parametrize("name", list(GETTERS))
def test_name_of_somebody_else_is_not_taken(no_extensions: None, name: str, weights: Path) -> None:
    Doc.set_extension(name, default="mine")
    with pytest.raises(ValueError, match="BS001") as error:
        make_nlp(weights, "polarity", initialize=False)
    assert f"doc._.{name} is registered already" in str(error.value)
    assert 'spacy_bertsent.install_extensions(prefix="bertsent_")' in str(error.value)
    assert [n for n in GETTERS if Doc.has_extension(n)] == [name], "none is registered then"
    assert getattr(make_doc()._, name) == "mine"


@pytest.mark.parametrize("name", list(SPAN_GETTERS))
def test_span_name_of_somebody_else_is_not_taken(no_extensions: None, name: str) -> None:
    Span.set_extension(name, default="mine")
    with pytest.raises(ValueError, match=rf"BS001.*span\._\.{name} is registered already"):
        install_extensions()
    assert not [n for n in GETTERS if Doc.has_extension(n)], "none is registered then"
    install_extensions(prefix="bertsent_")
    doc = make_doc()
    doc.cats = {"polarity:neutral": 1.0}
    assert getattr(doc[:]._, name) == "mine" and doc[:]._.bertsent_polarity == "neutral"
    install_extensions()  # what was chosen stays
    assert not Doc.has_extension("polarity")


def test_prefix_leaves_the_name_to_somebody_else(no_extensions: None, weights: Path) -> None:
    Doc.set_extension("polarity", default="mine")
    install_extensions(prefix="bertsent_")
    nlp = make_nlp(weights, "aspects", *HEADS)
    doc = nlp(TEXTS[0])
    assert doc._.polarity == "mine" and doc._.bertsent_polarity in ("positive", "neutral", "negative")
    assert len(doc._.bertsent_aspects) == 2 and not Doc.has_extension("aspects")
    install_extensions()  # what was chosen stays
    assert not Doc.has_extension("aspects")


def test_names_are_known_by_module_in_a_worker(no_extensions: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the getter is another object of the same function."""
    install_extensions()

    def get_polarity(doc: Doc) -> Any:
        return None

    get_polarity.__module__ = extensions.__name__
    monkeypatch.setitem(spacy.tokens.underscore.Underscore.doc_extensions, "polarity", (None, None, get_polarity, None))
    install_extensions()


def test_package_shows_its_surface() -> None:
    names = {"Aspect", "Failure", "Limits", "install_extensions", "mark_aspects", "pipe", "to_dict"}
    assert set(spacy_bertsent.__all__) == names and all(hasattr(spacy_bertsent, name) for name in names)
    assert spacy_bertsent.__version__


# Contexts


def test_wordless_means_a_category_over_a_whole_context() -> None:
    doc = make_doc()
    sentences = [(s.start_char, s.end_char) for s in doc.sents]
    first = next(doc.sents)
    cases = [
        (Span(doc, first.start, first.end, kb_id="PLACE"), True),
        (Span(doc, first.start, first.end), False),
        (Span(doc, first.start, first.end - 1, kb_id="PLACE"), False),
        (Span(doc, 0, len(doc), kb_id="PLACE"), True),
    ]
    for span, expected in cases:
        assert is_wordless(doc.text, sentences, span) is expected
    assert SpanGroup(doc, name="aspects", spans=[case[0] for case in cases])
