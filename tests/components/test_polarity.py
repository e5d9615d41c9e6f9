from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from spacy_bertsent.types import DocScores

from ..util import (
    ODD_TEXTS,
    ROWS,
    TEXTS,
    backward,
    check_batches,
    check_storing,
    get_head,
    make_example,
    make_examples,
    make_nlp,
    make_sgd,
    train,
)

LABELS = ("positive", "neutral", "negative")


@pytest.fixture(scope="module")
def trained(weights: Path) -> Language:
    nlp = make_nlp(weights, "polarity")
    train(nlp, make_examples(nlp), steps=40)
    return nlp


def test_builds_from_its_default_config() -> None:
    nlp = spacy.blank("en")
    polarity: Any = nlp.add_pipe("bertsent_polarity", name="polarity")
    config = nlp.config["components"]["polarity"]
    assert config["model"]["@architectures"] == "spacy-bertsent.DocHead.v1"
    assert config["loss"]["@losses"] == "spacy-bertsent.CrossEntropy.v1"
    assert polarity.labels == () and polarity.label_data == [] and polarity.is_trainable
    assert nlp.get_pipe_meta("polarity").assigns == [
        "doc.cats", "doc._.polarity", "doc._.polarity_scores", "doc._.polarity_windows", "doc._.truncated",
        "doc._.mixed", "span._.polarity", "span._.polarity_scores",
    ]  # fmt: skip


def test_overfits_and_survives_disk_and_bytes(trained: Language, tmp_path: Path) -> None:
    for doc, row in zip(trained.pipe(TEXTS), ROWS):
        scores = doc._.polarity_scores
        assert doc._.polarity == row[1] and scores[row[1]] > 0.8
        assert list(scores) == list(LABELS) and sum(scores.values()) == pytest.approx(1.0, abs=1e-5)
        assert doc.sentiment == pytest.approx(scores["positive"] - scores["negative"], abs=1e-6)
        assert {f"polarity:{label}": value for label, value in scores.items()} == doc.cats
        assert all(type(value) is float for value in doc.cats.values())
    check_storing(trained, tmp_path)


def test_results_do_not_depend_on_batches_or_processes(trained: Language) -> None:
    check_batches(trained)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts_have_all_labels(trained: Language, text: str) -> None:
    doc = trained(text)
    assert list(doc._.polarity_scores) == list(LABELS)
    assert sum(doc._.polarity_scores.values()) == pytest.approx(1.0, abs=1e-5)
    list(trained.pipe([text] * 3))


def test_five_labels_count_by_their_strength(weights: Path) -> None:
    labels = ["very negative", "negative", "neutral", "positive", "very positive", "odd"]
    nlp = make_nlp(weights, "polarity")
    polarity: Any = nlp.get_pipe("polarity")
    polarity.cfg["labels"] = labels
    doc = nlp.make_doc("soup")
    for row, expected in (([1, 0, 0, 0, 0, 0], -1), ([0, 1, 0, 0, 0, 0], -0.5), ([0, 0, 0.2, 0.2, 0.6, 0], 0.7)):
        scores, none = numpy.asarray([row], dtype="f"), numpy.zeros((0, 6), dtype="f")
        polarity.set_annotations([doc], DocScores(scores, none, none, []))
        assert doc.sentiment == pytest.approx(expected)


def test_long_text_is_read_to_its_end(trained: Language) -> None:
    start = "The soup was a soup. " * 20
    one, other = trained(start + TEXTS[1]), trained(start + TEXTS[2])
    assert abs(one.sentiment - other.sentiment) > 1e-3


def test_tokens_that_disagree_with_gold(trained: Language) -> None:
    """Gold of a document needs no tokens."""
    text = "What a bright-ish garden."
    reference = Doc(trained.vocab, words=list(text), spaces=[False] * len(text))
    reference.cats = {"polarity:positive": 1.0, "polarity:neutral": 0.0, "polarity:negative": 0.0}
    example = Example(trained.make_doc(text), reference)
    losses = backward(trained, [example])
    assert losses["polarity"] > 0
    assert trained.evaluate([example])["polarity_acc"] is not None


def test_documents_without_gold_leave_no_gradient(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    polarity: Any = nlp.get_pipe("polarity")
    gold = ("positive", None, "negative")
    mixed = [make_example(nlp, text, label) for text, label in zip(TEXTS, gold)]
    _, truths, mask = polarity.truths(mixed)
    assert mask.tolist() == [[1.0] * 3, [0.0] * 3, [1.0] * 3] and not truths[1].any()
    logits = numpy.random.RandomState(0).normal(size=(3, 3)).astype("f")
    loss, d_logits = polarity.get_loss(mixed, logits)
    assert loss > 0 and d_logits[0].any() and d_logits[2].any() and not d_logits[1].any()
    only = [mixed[0], mixed[2]]
    assert polarity.get_loss(only, logits[[0, 2]])[0] == pytest.approx(loss)


def test_batch_without_gold_takes_no_step(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    sgd = make_sgd(weight_decay=0.1)
    train(nlp, make_examples(nlp), steps=2, sgd=sgd)
    before = get_head(nlp, "polarity")
    losses = train(nlp, [make_example(nlp, text) for text in TEXTS], steps=2, sgd=sgd)
    assert losses["polarity"] == 0.0
    for key, value in get_head(nlp, "polarity").items():
        numpy.testing.assert_array_equal(value, before[key])


def test_scores_are_one_on_what_it_learned(trained: Language) -> None:
    scores = trained.evaluate(make_examples(trained))
    assert scores["polarity_acc"] == scores["polarity_f"] == scores["polarity_auc"] == 1.0
    assert set(scores["polarity_per_type"]) == set(LABELS)
    assert trained.evaluate([make_example(trained, TEXTS[0])])["polarity_acc"] is None


def test_unknown_label_says_what_to_do(trained: Language) -> None:
    example = make_example(trained, TEXTS[0])
    example.reference.cats = {"polarity:mixed": 1.0}
    with pytest.raises(ValueError, match="BS002") as error:
        backward(trained, [example])
    text = str(error.value)
    assert "'polarity' does not know the label 'mixed'" in text and "The soup was lovely" in text
    assert "labels = ['positive', 'neutral', 'negative', 'mixed']" in text


def test_use_before_initialization_says_so(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", initialize=False)
    with pytest.raises(ValueError, match=r"BS008.*'polarity' has no labels[\s\S]*initialize.components.polarity"):
        nlp(TEXTS[0])


# Labels


def init(weights: Path, rows: List[Any], **config: Any) -> Any:
    nlp = make_nlp(weights, "polarity", initialize=False, config={"polarity": config})
    nlp.initialize(lambda: [make_example(nlp, *row) for row in rows])
    return nlp.get_pipe("polarity")


def test_labels_come_from_the_data_in_a_fixed_order(weights: Path) -> None:
    assert init(weights, ROWS[::-1]).labels == LABELS
    rows: List[Any] = [(TEXTS[0],)]
    assert init(weights, rows).labels == LABELS, "the usual ones where there is no gold"
    nlp = make_nlp(weights, "polarity", initialize=False)
    example = make_example(nlp, TEXTS[0])
    example.reference.cats = {"polarity:zesty": 1.0, "polarity:mixed": 0.0, "polarity:negative": 0.0}
    nlp.initialize(lambda: [example])
    assert nlp.get_pipe("polarity").labels == ("negative", "mixed", "zesty")
    assert "zesty" in nlp.vocab.strings


def test_labels_come_from_the_settings(weights: Path) -> None:
    polarity = init(weights, ROWS, labels=["negative", "positive", "neutral", "mixed"])
    assert polarity.labels == ("negative", "positive", "neutral", "mixed")
    assert polarity.model.get_ref("output_layer").get_dim("nO") == 4


def test_labels_come_from_the_initialize_block(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", initialize=False, config={"polarity": {"labels": ["positive", "negative"]}})
    nlp.config["initialize"]["components"]["polarity"] = {"labels": ["negative", "neutral", "positive"]}
    nlp.initialize(lambda: make_examples(nlp))
    polarity: Any = nlp.get_pipe("polarity")
    assert polarity.labels == ("negative", "neutral", "positive")
    assert polarity.label_data == ["negative", "neutral", "positive"]


def test_labels_are_added_before_the_weights_are_made(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", initialize=False)
    polarity: Any = nlp.get_pipe("polarity")
    assert polarity.add_label("positive") == 1 and polarity.add_label("positive") == 0
    assert polarity.add_label("negative") == 1 and polarity.add_label("neutral") == 1
    nlp.initialize(lambda: make_examples(nlp))
    assert polarity.labels == ("positive", "negative", "neutral")
    assert polarity.add_label("neutral") == 0
    with pytest.raises(ValueError, match=r"BS020.*a new label 'mixed'[\s\S]*nlp.initialize\(\) again"):
        polarity.add_label("mixed")


def test_labels_are_stored(weights: Path, tmp_path: Path) -> None:
    nlp = make_nlp(weights, "polarity", config={"polarity": {"labels": ["negative", "positive", "neutral"]}})
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("polarity").labels == ("negative", "positive", "neutral")
    assert list(loaded(TEXTS[0])._.polarity_scores) == ["negative", "positive", "neutral"]


def test_soft_gold_is_learned_from(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    example = make_example(nlp, TEXTS[0])
    example.reference.cats = {"polarity:positive": 0.7, "polarity:negative": 0.3}
    _, truths, _ = nlp.get_pipe("polarity").truths([example])
    numpy.testing.assert_allclose(truths, [[0.7, 0.0, 0.3]])


def test_cats_of_others_stay(trained: Language) -> None:
    doc = trained.make_doc(TEXTS[0])
    doc.cats = {"topic": 1.0}
    assert trained(doc).cats["topic"] == 1.0 and len(doc.cats) == 4


@pytest.mark.parametrize("combine", ["mean", "max", "mean_softmax"])
def test_windows_are_combined_as_told(weights: Path, combine: str) -> None:
    nlp = make_nlp(weights, "polarity", config={"polarity": {"model": {"combine": combine}}})
    train(nlp, make_examples(nlp), steps=5)
    nlp(TEXTS[0] * 20)
    with pytest.raises(ValueError, match="BS016"):
        make_nlp(weights, "polarity", config={"polarity": {"model": {"combine": "sum"}}})


def test_works_on_a_plain_tok2vec(tmp_path: Path) -> None:
    """No transformer, no backbone."""
    nlp = spacy.blank("en")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 16, "depth": 1,
        "embed_size": 200, "window_size": 1, "maxout_pieces": 2, "subword_features": True,
    }  # fmt: skip
    nlp.add_pipe("bertsent_polarity", name="polarity", config={"model": {"tok2vec": tok2vec}})
    nlp.initialize(lambda: make_examples(nlp))
    train(nlp, make_examples(nlp), steps=40, sgd=make_sgd(0.005))
    assert [doc._.polarity for doc in nlp.pipe(TEXTS)] == [row[1] for row in ROWS]
    check_storing(nlp, tmp_path)
    check_batches(nlp)
