import pickle
from pathlib import Path
from typing import Any, Dict, List

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.training import Example

from ..util import (
    KEYWORDS,
    ODD_TEXTS,
    ROWS,
    TEXTS,
    assert_same,
    check_batches,
    check_storing,
    get_results,
    get_weights,
    make_example,
    make_examples,
    make_nlp,
    same_weights,
    train,
)

SENTIMENTS = ("positive", "neutral", "negative")
EMOTIONS = ("joy", "fear", "anger")
TASKS = ("polarity", "emotions", "aspect_sentiment")
LOGREG = {"@misc": "spacy-bertsent.logistic_regression.v1", "C": 100.0}
WORDS = {"@misc": "spacy-bertsent.tf_idf.v1", "min_docs": 1}


def make_baseline(task: str, *, initialize: bool = True, **config: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    if task == "aspect_sentiment":
        nlp.add_pipe("bertsent_aspects", name="aspects", config={"keywords": KEYWORDS})
    settings = {"task": task, "features": WORDS, "estimator": LOGREG, **config}
    nlp.add_pipe("bertsent_estimator", name="baseline", config=settings)
    if initialize:
        nlp.initialize(lambda: make_examples(nlp))
    return nlp


@pytest.fixture(scope="module", params=TASKS)
def fitted(request: pytest.FixtureRequest) -> Language:
    return make_baseline(request.param)


def test_builds_from_its_default_config() -> None:
    nlp = spacy.blank("en")
    baseline: Any = nlp.add_pipe("bertsent_estimator", name="baseline")
    config = nlp.config["components"]["baseline"]
    assert config["features"]["@misc"] == "spacy-bertsent.tf_idf.v1"
    assert config["estimator"]["@misc"] == "spacy-bertsent.logistic_regression.v1"
    assert config["task"] == "polarity" and baseline.labels == () and baseline.is_trainable


def test_overfits(fitted: Language) -> None:
    scores = fitted.evaluate(make_examples(fitted))
    keys = {"polarity": "polarity_acc", "emotions": "emotions_f", "aspect_sentiment": "absa_acc"}
    task = fitted.get_pipe("baseline").cfg["task"]
    assert scores[keys[task]] == 1.0
    if task == "aspect_sentiment":
        assert scores["absa_e2e_r"] == 1.0


def test_writes_as_the_component_of_its_task(fitted: Language) -> None:
    task = fitted.get_pipe("baseline").cfg["task"]
    for text in [*TEXTS, *ODD_TEXTS]:
        doc = fitted(text)
        if task == "polarity":
            assert list(doc._.polarity_scores) == list(SENTIMENTS) and sum(doc.cats.values()) == pytest.approx(1)
            assert doc.sentiment == pytest.approx(doc.cats["polarity:positive"] - doc.cats["polarity:negative"])
        elif task == "emotions":
            assert set(doc._.emotion_scores) == set(EMOTIONS)
        else:
            group = doc.spans["aspects"]
            assert group.attrs["labels"] == list(SENTIMENTS) and len(group.attrs["scores"]) == len(group)
            assert all(sum(aspect.scores.values()) == pytest.approx(1) for aspect in doc._.aspects)
        assert all(type(value) is float for value in doc.cats.values())


def test_survives_disk_and_bytes(fitted: Language, tmp_path: Path) -> None:
    check_storing(fitted, tmp_path, [*TEXTS, ""])


def test_results_do_not_depend_on_batches_or_processes(fitted: Language) -> None:
    check_batches(fitted)


def test_component_can_be_pickled(fitted: Language) -> None:
    copied: Any = pickle.loads(pickle.dumps(fitted.get_pipe("baseline")))
    docs = [fitted(text) for text in TEXTS]
    expected = [get_results(doc) for doc in docs]
    assert [get_results(doc) for doc in copied.pipe(docs)] == expected


def test_updates_change_nothing(fitted: Language) -> None:
    before = [get_results(fitted(text)) for text in TEXTS]
    losses = train(fitted, make_examples(fitted), steps=2)
    assert losses["baseline"] == 0.0
    assert [get_results(fitted(text)) for text in TEXTS] == before


def test_same_seed_gives_the_same_scores(fitted: Language) -> None:
    task = fitted.get_pipe("baseline").cfg["task"]
    svm = {"@misc": "spacy-bertsent.linear_svm.v1"}
    runs = [make_baseline(task, estimator=svm, seed=3) for _ in range(2)]
    assert [get_results(doc) for doc in runs[0].pipe(TEXTS)] == [get_results(doc) for doc in runs[1].pipe(TEXTS)]
    assert runs[0].get_pipe("baseline").model.shims[0]._state["classifiers"][0].random_state == 3


# Labels


def test_labels_that_the_data_has_not_are_0() -> None:
    nlp = make_baseline("polarity", labels=["negative", "mixed", "neutral", "positive"])
    doc = nlp(TEXTS[0])
    assert list(doc._.polarity_scores) == ["negative", "mixed", "neutral", "positive"]
    assert doc.cats["polarity:mixed"] == 0.0 and sum(doc.cats.values()) == pytest.approx(1)
    nlp = make_baseline("emotions", labels=["trust", "joy", "anger", "fear"])
    assert nlp(TEXTS[0]).cats["emotion:trust"] == 0.0


def test_unknown_label_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="BS002"):
        make_baseline("polarity", labels=["positive", "negative"])


def test_labels_are_fixed_by_the_fit() -> None:
    nlp = make_baseline("polarity", initialize=False)
    baseline: Any = nlp.get_pipe("baseline")
    for label in SENTIMENTS:
        assert baseline.add_label(label) == 1
    nlp.initialize(lambda: make_examples(nlp))
    with pytest.raises(ValueError, match="BS020"):
        baseline.add_label("mixed")


def test_thresholds_of_emotions() -> None:
    nlp = make_baseline("emotions", thresholds={"joy": 0.999, "fear": 0.001})
    assert "joy" not in nlp(TEXTS[0])._.emotions and "fear" in nlp(TEXTS[0])._.emotions
    assert nlp.get_pipe("baseline").thresholds == {"joy": 0.999, "fear": 0.001, "anger": 0.5}
    with pytest.raises(ValueError, match="BS017"):
        make_baseline("emotions", thresholds={"bliss": 0.3})


# Gold


def test_texts_without_gold_are_not_learned_from() -> None:
    nlp = make_baseline("polarity", initialize=False, labels=list(SENTIMENTS))
    extra = [make_example(nlp, "A fine waiter, a fine soup.")]
    nlp.initialize(lambda: make_examples(nlp) + extra)
    expected = make_baseline("polarity", labels=list(SENTIMENTS))
    assert_same(nlp.pipe(TEXTS), expected.pipe(TEXTS))


def test_emotions_that_are_not_annotated_do_not_count() -> None:
    """`anger` is known of two texts only, and there of one each way."""
    texts = ["rude cold soup", "kind warm soup", "rude loud road"]
    gold: List[Dict[str, float]] = [{"anger": 1.0, "joy": 0.0}, {"anger": 0.0, "joy": 1.0}, {"joy": 0.0}]
    nlp = make_baseline("emotions", initialize=False)
    nlp.initialize(lambda: [make_example(nlp, text, None, cats) for text, cats in zip(texts, gold)])
    assert nlp(texts[2]).cats["emotion:anger"] > 0.5
    nlp.initialize(lambda: [make_example(nlp, text, None, {"anger": 0.0, **cats}) for text, cats in zip(texts, gold)])
    assert nlp(texts[2]).cats["emotion:anger"] < 0.5


def test_without_gold_it_stays_as_it_is() -> None:
    nlp = make_baseline("polarity")
    expected = get_results(nlp(TEXTS[0]))
    nlp.initialize(lambda: [make_example(nlp, text) for text in TEXTS])
    assert get_results(nlp(TEXTS[0])) == expected
    empty = make_baseline("polarity", initialize=False)
    empty.initialize(lambda: [make_example(empty, text) for text in TEXTS])
    with pytest.raises(ValueError, match="BS081"):
        empty(TEXTS[0])
    with pytest.raises(ValueError, match="BS008"):
        make_baseline("polarity", initialize=False)(TEXTS[0])


def test_pipeline_that_was_not_fitted_is_stored(tmp_path: Path) -> None:
    nlp = make_baseline("polarity", initialize=False)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    loaded.initialize(lambda: make_examples(loaded))
    assert loaded(TEXTS[1])._.polarity == "positive"


def test_sentences_are_known_when_it_is_fitted() -> None:
    """The words of the other sentence say nothing of an aspect."""
    texts = ["Old soup. Good road.", "Good soup. Old road.", "Old soup.", "Good soup."]
    gold = ["negative", "positive", "negative", "positive"]
    nlp = make_baseline("aspect_sentiment", initialize=False)
    examples = [make_example(nlp, x, None, None, [("soup", "FOOD", y)]) for x, y in zip(texts, gold)]
    nlp.initialize(lambda: examples)
    shim: Any = nlp.get_pipe("baseline").model.shims[0]
    assert "good" in shim._state["transformer"].vocabulary_
    assert "road" not in shim._state["transformer"].vocabulary_


def test_aspect_that_is_not_told_is_not_used() -> None:
    nlp = make_baseline("aspect_sentiment")
    baseline: Any = nlp.get_pipe("baseline")
    doc = nlp(TEXTS[0])
    told, masked = (
        baseline.probabilities(baseline.queries(doc, doc.spans["aspects"], masked=value)) for value in (False, True)
    )
    assert not numpy.allclose(told[0], told[1]) and masked[0].tolist() == masked[1].tolist()


# Encoders


def make_frozen(weights: Path, task: str, reader: str, **config: Any) -> Language:
    """On the backbone of the pipeline, which comes before it."""
    nlp = make_nlp(weights, "backbone", initialize=False, config={"backbone": {"model": {"trainable_layers": 0}}})
    tok2vec: Dict[str, Any] = {"@architectures": reader, **config}
    settings: Any = {
        "task": task, "estimator": LOGREG,
        "features": {"@misc": "spacy-bertsent.backbone_vectors.v1", "tok2vec": tok2vec},
    }  # fmt: skip
    nlp.add_pipe("bertsent_estimator", name="baseline", config=settings)
    return nlp


READERS = [
    ("polarity", "spacy-bertsent.DocListener.v1", {}),
    ("emotions", "spacy-bertsent.DocListener.v1", {}),
    ("aspect_sentiment", "spacy-bertsent.PairListener.v1", {}),
    (
        "polarity",
        "spacy-transformers.TransformerListener.v1",
        {"grad_factor": 1.0, "pooling": {"@layers": "reduce_mean.v1"}},
    ),
]


@pytest.mark.parametrize("task, reader, config", READERS)
def test_reads_the_backbone_and_leaves_it_as_it_is(
    task: str, reader: str, config: Any, weights: Path, tmp_path: Path
) -> None:
    nlp = make_frozen(weights, task, reader, **config)
    nlp.initialize(lambda: make_examples(nlp))
    before = get_weights(nlp)
    train(nlp, make_examples(nlp), steps=2)
    assert same_weights(before, get_weights(nlp))
    keys = {"polarity": "polarity_acc", "emotions": "emotions_f", "aspect_sentiment": "absa_acc"}
    assert nlp.evaluate(make_examples(nlp))[keys[task]] == 1.0
    check_storing(nlp, tmp_path, TEXTS)
    assert spacy.load(tmp_path)("").cats.keys() == nlp(TEXTS[0]).cats.keys()


def test_encoder_of_its_own_gives_the_same(weights: Path, tmp_path: Path) -> None:
    nlp = make_frozen(weights, "polarity", "spacy-bertsent.DocListener.v1")
    nlp.initialize(lambda: make_examples(nlp))
    expected = [get_results(doc) for doc in nlp.pipe(TEXTS)]
    encoder = nlp.get_pipe_config("backbone")["model"]
    own = spacy.blank("en")
    tok2vec = {"@architectures": "spacy-bertsent.DocEncoder.v1", "encoder": encoder}
    features = {"@misc": "spacy-bertsent.backbone_vectors.v1", "tok2vec": tok2vec}
    own.add_pipe("bertsent_estimator", name="baseline", config={"features": features, "estimator": LOGREG})
    own.initialize(lambda: make_examples(own))
    for left, right in zip([get_results(doc) for doc in own.pipe(TEXTS)], expected):
        assert left["cats"] == pytest.approx(right["cats"], abs=1e-4)
    check_storing(own, tmp_path)


@pytest.mark.parametrize(
    "task, reader, advice",
    [
        ("polarity", "spacy-bertsent.PairListener.v1", "needs a DocListener, a DocEncoder or a tok2vec"),
        ("aspect_sentiment", "spacy-bertsent.DocListener.v1", "needs a PairListener or PairEncoder"),
    ],
)
def test_reader_of_another_task_says_so(task: str, reader: str, advice: str, weights: Path) -> None:
    with pytest.raises(ValueError, match=rf"BS085.*'baseline'.*'{task}'.*{advice}"):
        make_frozen(weights, task, reader)


def test_unknown_task_says_so() -> None:
    with pytest.raises(ValueError, match=r"BS016.*task = 'aspects'.*polarity, emotions, aspect_sentiment"):
        make_baseline("aspects")


def test_settings_that_leave_no_word_say_so() -> None:
    with pytest.raises(ValueError, match="BS083"):
        make_baseline("polarity", features={**WORDS, "min_docs": 50})


def test_plain_functions_may_come_before_it() -> None:
    seen: List[str] = []

    @Language.component("note_text_of_baseline_test")
    def note(doc: Any) -> Any:
        seen.append(doc.text)
        return doc

    nlp = make_baseline("polarity", initialize=False)
    nlp.add_pipe("note_text_of_baseline_test", before="baseline")
    examples: List[Example] = make_examples(nlp)
    nlp.initialize(lambda: examples)
    assert seen == TEXTS and len(ROWS) == len(TEXTS)
