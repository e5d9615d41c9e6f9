"""Each baseline trains from its config as `spacy train` does, and what it saved writes the Doc as our components do."""

import io
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy
import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from spacy_bertsent.cli.vectors import make_vectors, read_words
from spacy_bertsent.labels import PLUTCHIK

from ..cli.util import make_corpus
from ..util import get_weights, make_nlp, same_weights

FOLDER = Path(__file__).parent.parent.parent / "configs" / "baselines"
SENTIMENTS = ["positive", "neutral", "negative"]

MULTILABEL = {"vars.factory": "textcat_multilabel", "vars.exclusive": False, "vars.group": "emotion:"}

# Config, task, settings.
RUNS: List[Tuple[str, str, Dict[str, Any]]] = [
    *((name, task, {"vars.task": task}) for name in ("majority", "bow_svm", "tfidf_logreg", "vectors_logreg")
      for task in ("polarity", "emotions", "aspect_sentiment")),
    *((name, task, {"vars.task": task}) for name in ("frozen_logreg", "frozen_cls_logreg", "frozen_svc")
      for task in ("polarity", "emotions")),
    *(("lexicon", task, {"vars.task": task}) for task in ("polarity", "aspect_sentiment")),
    ("frozen_pairs_logreg", "aspect_sentiment", {}),
    *((name, task, MULTILABEL if task == "emotions" else {})
      for name in ("textcat_bow", "textcat_cnn", "lstm", "frozen_cnn", "textcat_transformer")
      for task in ("polarity", "emotions")),
]  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 texts, each with polarity, emotions and an aspect."""
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def vectors(corpus: Path) -> Path:
    nlp = spacy.blank("en")
    make_vectors(nlp, read_words(nlp, corpus), method="word2vec", size=8, min_count=1, epochs=1, seed=0)
    nlp.to_disk(corpus.parent / "vectors")
    return corpus.parent / "vectors"


def run_config(path: Path, output: Path, overrides: Dict[str, Any]) -> Tuple[Language, str]:
    """RETURNS: The pipeline that was saved, and what was printed."""
    printed = io.StringIO()
    nlp = init_nlp(load_config(path, overrides, interpolate=False))
    train(nlp, output, stdout=printed, stderr=printed)
    return spacy.load(output / "model-last"), printed.getvalue()


def is_plain(value: Any) -> bool:
    return type(value) is float and 0.0 <= value <= 1.0


def check_doc(doc: Doc, task: str) -> None:
    if task == "aspect_sentiment":
        group = doc.spans["aspects"]
        assert group.attrs["labels"] == SENTIMENTS and not doc.cats
        for span, row in zip(group, group.attrs["scores"], strict=True):
            assert span.label_ == SENTIMENTS[int(numpy.argmax(row))]
            assert sum(row) == pytest.approx(1.0, abs=1e-5) and all(map(is_plain, row))
        return
    prefix, labels = ("polarity:", SENTIMENTS) if task == "polarity" else ("emotion:", PLUTCHIK)
    assert set(doc.cats) == {prefix + label for label in labels}
    assert all(map(is_plain, doc.cats.values()))
    if task == "polarity" and len(doc):
        assert sum(doc.cats.values()) == pytest.approx(1.0, abs=1e-5)


def test_all_configs_are_tried() -> None:
    assert {path.stem for path in FOLDER.glob("*.cfg")} == {name for name, _, _ in RUNS}


@pytest.mark.parametrize("name, task, settings", RUNS, ids=[f"{name}-{task}" for name, task, _ in RUNS])
def test_config_trains_and_writes_the_doc(
    name: str, task: str, settings: Dict[str, Any], corpus: Path, vectors: Path, weights: Path, tmp_path: Path
) -> None:
    config = load_config(FOLDER / f"{name}.cfg")
    overrides: Dict[str, Any] = {"paths.train": str(corpus), "paths.dev": str(corpus), **settings}
    overrides.update({"training.max_steps": 1, "training.eval_frequency": 1, "training.logger.progress_bar": None})
    if "backbone" in config["components"]:
        overrides["components.backbone.model.name"] = str(weights)
    if name == "frozen_cnn":
        overrides["vars.width"] = 32
    if name == "textcat_transformer":
        overrides["vars.name"] = str(weights)
    if name == "vectors_logreg":
        overrides["paths.vectors"] = str(vectors)
    nlp, printed = run_config(FOLDER / f"{name}.cfg", tmp_path, overrides)
    assert ("LOSS" in printed) == (name != "lexicon")

    if "backbone" in nlp.pipe_names:
        assert same_weights(get_weights(nlp), get_weights(make_nlp(weights))), "the encoder stays as it is"
    examples = list(Corpus(corpus)(nlp))
    given = [nlp.make_doc(eg.reference.text) for eg in examples]
    for doc, eg in zip(given, examples):
        if task == "aspect_sentiment":
            doc.spans["aspects"] = [
                doc.char_span(span.start_char, span.end_char) for span in eg.reference.spans["aspects"]
            ]
    empty = nlp.make_doc("")
    if task == "aspect_sentiment":
        empty.spans["aspects"] = []
    # spaCy's bag of words cannot read a text without tokens.
    for doc in nlp.pipe(given if name == "textcat_bow" else [*given, empty]):
        check_doc(doc, task)
    keys = {"polarity": "polarity_f", "emotions": "emotions_f", "aspect_sentiment": "absa_f"}
    key = "cats_macro_f" if "textcat" in nlp.pipe_names else keys[task]
    meta = srsly.read_json(tmp_path / "model-last" / "meta.json")
    assert nlp.evaluate(examples)[key] == pytest.approx(meta["performance"][key], abs=1e-3)
