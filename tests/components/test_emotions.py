import pickle
from pathlib import Path
from typing import Any, Dict, List

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from spacy_bertsent.labels import PLUTCHIK

from ..util import (
    ODD_TEXTS,
    ROWS,
    TEXTS,
    backward,
    check_batches,
    check_storing,
    make_example,
    make_examples,
    make_nlp,
    train,
)

LABELS = ("joy", "fear", "anger")  # in the order of Plutchik's


@pytest.fixture(scope="module")
def trained(weights: Path) -> Language:
    nlp = make_nlp(weights, "emotions")
    train(nlp, make_examples(nlp), steps=60)
    return nlp


def test_builds_from_its_default_config() -> None:
    nlp = spacy.blank("en")
    emotions: Any = nlp.add_pipe("bertsent_emotions", name="emotions")
    config = nlp.config["components"]["emotions"]
    assert config["model"]["@architectures"] == "spacy-bertsent.DocHead.v1"
    assert config["loss"]["@losses"] == "spacy-bertsent.BinaryCrossEntropy.v1"
    assert emotions.cfg["threshold"] == 0.5 and emotions.cfg["thresholds"] == {} and emotions.labels == ()


def test_overfits_and_survives_disk_and_bytes(trained: Language, tmp_path: Path) -> None:
    for doc, row in zip(trained.pipe(TEXTS), ROWS):
        gold = {label for label, value in row[2].items() if value}
        assert set(doc._.emotions) == gold
        assert list(doc._.emotion_scores) == list(LABELS)
        assert all(0 <= score <= 1 and type(score) is float for score in doc._.emotion_scores.values())
        assert list(doc._.emotions.values()) == sorted(doc._.emotions.values(), reverse=True), "best first"
        assert doc.cats == {f"emotion:{label}": score for label, score in doc._.emotion_scores.items()}
    check_storing(trained, tmp_path)


def test_results_do_not_depend_on_batches_or_processes(trained: Language) -> None:
    check_batches(trained)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts_have_all_labels(trained: Language, text: str) -> None:
    assert list(trained(text)._.emotion_scores) == list(LABELS)


def test_tokens_that_disagree_with_gold(trained: Language) -> None:
    text = "What a bright-ish garden."
    reference = Doc(trained.vocab, words=list(text), spaces=[False] * len(text))
    reference.cats = {"emotion:joy": 1.0, "emotion:fear": 0.0}
    example = Example(trained.make_doc(text), reference)
    assert backward(trained, [example])["emotions"] > 0
    assert trained.evaluate([example])["emotions_f"] is not None


def test_each_label_that_is_missing_leaves_no_gradient(weights: Path) -> None:
    nlp = make_nlp(weights, "emotions")
    emotions: Any = nlp.get_pipe("emotions")
    examples = [
        make_example(nlp, TEXTS[0], emotions={"joy": 1.0}),
        make_example(nlp, TEXTS[1]),
        make_example(nlp, TEXTS[2], emotions={"joy": 0.0, "anger": 0.0}),
    ]
    _, truths, mask = emotions.truths(examples)
    assert mask.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
    assert truths.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    _, d_logits = emotions.get_loss(examples, numpy.ones((3, 3), dtype="f"))
    assert ((d_logits != 0) == (mask != 0)).all()
    backward(nlp, examples[:1])
    gradient = emotions.model.get_ref("output_layer").get_grad("W")
    assert gradient[0].any() and not gradient[1:].any()


def test_annotated_with_none_is_not_missing(weights: Path) -> None:
    nlp = make_nlp(weights, "emotions")
    losses = backward(nlp, [make_example(nlp, TEXTS[0], emotions=dict.fromkeys(LABELS, 0.0))])
    assert losses["emotions"] > 0
    assert backward(nlp, [make_example(nlp, TEXTS[0], "positive")])["emotions"] == 0.0


def test_scores_are_one_on_what_it_learned(trained: Language) -> None:
    scores = trained.evaluate(make_examples(trained))
    for key in ("emotions_f", "emotions_micro", "emotions_jaccard", "emotions_auc"):
        assert scores[key] == 1.0, key
    assert trained.evaluate([make_example(trained, TEXTS[0])])["emotions_f"] is None


def test_unknown_label_says_what_to_do(trained: Language) -> None:
    with pytest.raises(ValueError, match=r"BS002.*'emotions' does not know the label 'glee'[\s\S]*'glee'\]"):
        backward(trained, [make_example(trained, TEXTS[0], emotions={"glee": 0.0})])


# Labels


def test_labels_are_those_of_plutchik_where_nothing_is_told(weights: Path) -> None:
    nlp = make_nlp(weights, "emotions", initialize=False)
    nlp.initialize(lambda: [make_example(nlp, TEXTS[0])])
    emotions: Any = nlp.get_pipe("emotions")
    assert emotions.labels == PLUTCHIK and len(PLUTCHIK) == 8


def test_any_labels_can_be_used(weights: Path) -> None:
    rows: List[Any] = [(TEXTS[0], None, {"pride": 1.0, "joy": 0.0, "awe": 1.0})]
    nlp = make_nlp(weights, "emotions", initialize=False)
    nlp.initialize(lambda: [make_example(nlp, *row) for row in rows])
    assert nlp.get_pipe("emotions").labels == ("joy", "awe", "pride")
    nlp = make_nlp(weights, "emotions", config={"emotions": {"labels": ["anger", "joy", "fear", "calm"]}})
    assert nlp.get_pipe("emotions").labels == ("anger", "joy", "fear", "calm")
    nlp = make_nlp(weights, "emotions", initialize=False)
    nlp.config["initialize"]["components"]["emotions"] = {"labels": ["fear", "joy", "anger"]}
    nlp.initialize(lambda: make_examples(nlp))
    emotions: Any = nlp.get_pipe("emotions")
    assert emotions.labels == ("fear", "joy", "anger")
    with pytest.raises(ValueError, match="BS020"):
        emotions.add_label("awe")


# Thresholds

SPECIAL: Dict[str, float] = {"joy": 0.0, "fear": 1.0}


@pytest.fixture(scope="module")
def special(weights: Path) -> Language:
    nlp = make_nlp(weights, "emotions", config={"emotions": {"threshold": 0.3, "thresholds": SPECIAL}})
    train(nlp, make_examples(nlp), steps=5)
    return nlp


def expect(doc: Doc) -> List[str]:
    limits = {"joy": 0.0, "fear": 1.0, "anger": 0.3}
    ranked = sorted(doc._.emotion_scores.items(), key=lambda item: -item[1])
    return [label for label, score in ranked if score >= limits[label]]


def test_thresholds_decide_what_is_listed(special: Language) -> None:
    emotions: Any = special.get_pipe("emotions")
    assert emotions.thresholds == {"joy": 0.0, "fear": 1.0, "anger": 0.3}
    for doc in special.pipe([*TEXTS, *ODD_TEXTS]):
        assert "joy" in doc._.emotions and "fear" not in doc._.emotions
        assert list(doc._.emotions) == expect(doc)


def test_thresholds_travel_with_the_pipeline(special: Language, tmp_path: Path) -> None:
    check_storing(special, tmp_path)
    loaded: Any = spacy.load(tmp_path).get_pipe("emotions")
    assert loaded.thresholds == pytest.approx({"joy": 0.0, "fear": 1.0, "anger": 0.3})


def test_thresholds_travel_with_the_doc(special: Language) -> None:
    doc = special(TEXTS[0])
    expected = doc._.emotions
    vocab = spacy.blank("en").vocab
    stored = DocBin(docs=[doc]).to_bytes()
    copies = [
        Doc(vocab).from_bytes(doc.to_bytes()),
        next(iter(DocBin().from_bytes(stored).get_docs(vocab))),
        pickle.loads(pickle.dumps(doc)),
        doc.copy(),
        next(iter(special.pipe([TEXTS[0]], n_process=2))),
    ]
    for copied in copies:
        assert copied._.emotions == pytest.approx(expected) and list(copied._.emotions) == list(expected)


def test_plain_thresholds_leave_nothing_on_the_doc(trained: Language, special: Language) -> None:
    doc = trained(TEXTS[0])
    assert "emotions" not in doc.spans
    # And what another pipeline left is cleared.
    doc = trained.get_pipe("emotions")(special(TEXTS[0]))
    assert "emotions" not in doc.spans and set(doc._.emotions) == {"joy", "anger"}


def test_thresholds_can_be_changed_at_run_time(trained: Language, weights: Path) -> None:
    """As `spacy find-threshold` does."""
    nlp = make_nlp(weights, "emotions")
    emotions: Any = nlp.get_pipe("emotions")
    emotions.cfg["threshold"] = 0.0
    assert len(nlp(TEXTS[0])._.emotions) == 3
    emotions.cfg["threshold"] = 1.01
    assert nlp(TEXTS[0])._.emotions == {}
    assert nlp.evaluate(make_examples(nlp))["emotions_micro"] == 0.0
    emotions.cfg["threshold"] = 0.0
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["emotions_per_type"]["joy"] == {"p": pytest.approx(2 / 3), "r": 1.0, "f": pytest.approx(0.8)}


def test_threshold_of_an_unknown_label_is_an_error(weights: Path) -> None:
    message = r"BS017.*thresholds for labels that it does not have: \['glee'\][\s\S]*components.emotions.thresholds"
    settings: Any = {"thresholds": {"glee": 0.5}}
    with pytest.raises(ValueError, match=message):
        make_nlp(weights, "emotions", config={"emotions": settings})
    with pytest.raises(ValueError, match=message):
        make_nlp(weights, "emotions", config={"emotions": {**settings, "labels": ["joy"]}}, initialize=False)


def test_positive_weight_lifts_rare_labels(weights: Path) -> None:
    grads = {}
    for factor in (1.0, 5.0):
        nlp = make_nlp(weights, "emotions", config={"emotions": {"loss": {"positive_weight": factor}}})
        emotions: Any = nlp.get_pipe("emotions")
        _, grads[factor] = emotions.get_loss(make_examples(nlp), numpy.zeros((3, 3), dtype="f"))
    positive = emotions.truths(make_examples(nlp))[1] == 1
    numpy.testing.assert_allclose(grads[5.0][positive], 5 * grads[1.0][positive])
    numpy.testing.assert_allclose(grads[5.0][~positive], grads[1.0][~positive])
