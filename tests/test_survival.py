"""What survives what."""

import json
import pickle
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from spacy_bertsent import to_dict

from .util import HEADS, ODD_TEXTS, TEXTS, get_results, make_examples, make_nlp, train


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    config: Any = {"emotions": {"thresholds": {"joy": 0.01, "anger": 0.99}}}
    made = make_nlp(weights, "aspects", *HEADS, config=config)
    train(made, make_examples(made), steps=10)
    return made


def through_bin(doc: Doc) -> Doc:
    data = DocBin(docs=[doc]).to_bytes()
    return next(iter(DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)))


WAYS: Dict[str, Callable[[Doc], Doc]] = {
    "bytes": lambda doc: Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes()),
    "default DocBin": through_bin,
    "pickle": lambda doc: pickle.loads(pickle.dumps(doc)),
    "copy": lambda doc: doc.copy(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_all_results_survive(nlp: Language, way: Callable[[Doc], Doc]) -> None:
    for text in [*TEXTS, *ODD_TEXTS]:
        doc = nlp(text)
        copied = way(doc)
        left, right = get_results(doc), get_results(copied)
        # A DocBin keeps float32, and no doc.sentiment.
        assert right["cats"] == pytest.approx(left["cats"])
        assert list(right["emotions"]) == list(left["emotions"])
        assert right["aspects"] == left["aspects"]
        assert copied._.polarity == doc._.polarity
        for a, b in zip(copied._.aspects, doc._.aspects):
            assert a[:5] == b[:5] and a.score == pytest.approx(b.score) and a.scores == pytest.approx(b.scores)
        assert "aspects" in copied.spans, "present and empty is 'none', not 'not asked'"
        assert to_dict(copied)["sentiment"] == pytest.approx(to_dict(doc)["sentiment"])


def test_json_keeps_cats_and_spans(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    data = json.loads(json.dumps(doc.to_json()))
    assert data["cats"] == doc.cats
    found = [(span["start"], span["end"], span["label"], span["kb_id"]) for span in data["spans"]["aspects"]]
    assert found == get_results(doc)["aspects"]
    copied = Doc(spacy.blank("en").vocab).from_json(data)
    assert copied._.polarity == doc._.polarity and copied._.emotion_scores == doc._.emotion_scores
    assert [a[:5] for a in copied._.aspects] == [a[:5] for a in doc._.aspects]


def test_results_are_plain_numbers(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    json.dumps([doc.cats, doc.sentiment, to_dict(doc), doc.spans["aspects"].attrs])


def test_predictions_can_be_gold(nlp: Language, tmp_path: Path) -> None:
    """Stored predictions have the form of gold data."""
    DocBin(docs=list(nlp.pipe(TEXTS))).to_disk(tmp_path / "gold.spacy")
    from spacy.training import Corpus

    examples = list(Corpus(tmp_path / "gold.spacy")(nlp))
    scores = nlp.evaluate(examples)
    assert scores["polarity_acc"] == 1.0 and scores["absa_e2e_f"] == 1.0 and scores["absa_acc"] == 1.0
