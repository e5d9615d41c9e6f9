"""The configs of trained finders, alone and end to end, on a toy corpus that they can learn by heart."""

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.tokens import DocBin
from thinc.api import Config

from spacy_bertsent.evaluation.predict import has_finder, predict_corpus

from .util import make_corpus, make_rows, run

ROOT = Path(__file__).parent.parent.parent
FINDERS = ["finders/spancat", "finders/span_finder", "finders/ner"]
END_TO_END = ["end_to_end", "end_to_end_ner", "end_to_end_span"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def train(name: str, output: Path, weights: Path, corpus: Path, *options: object) -> str:
    path = ROOT / "configs" / f"{name}.cfg"
    code, printed = run(
        "train", path, "--output", output, "--paths.train", corpus, "--paths.dev", corpus,
        "--components.backbone.model.name", weights, "--components.backbone.model.precision", "fp32",
        "--training.optimizer.learn_rate.warmup_steps", 5, "--training.optimizer.learn_rate.initial_rate", 0.01,
        *options,
    )  # fmt: skip
    assert code == 0, printed
    return printed


@pytest.mark.parametrize("name", [*FINDERS, *END_TO_END])
def test_finds_what_it_has_learned(tmp_path: Path, weights: Path, corpus: Path, name: str) -> None:
    filled = tmp_path / "filled.cfg"
    assert run("init", "fill-config", ROOT / "configs" / f"{name}.cfg", filled)[0] == 0
    assert "already complete" in run("init", "fill-config", filled, tmp_path / "again.cfg")[1]
    train(name, tmp_path, weights, corpus, "--training.max_steps", 60, "--training.eval_frequency", 30)
    nlp = spacy.load(tmp_path / "model-best")
    assert nlp.meta["performance"]["aspects_f"] == 1.0
    is_ner = name.endswith("ner")
    source = "entity" if is_ner else "finder:found"
    docs = list(nlp.pipe(row["text"] for row in make_rows()))
    for row, doc in zip(make_rows(), docs):
        found = [(x.start_char, x.end_char, x.category, x.source) for x in doc._.aspects]
        assert found == [(row["aspects"][0]["start"], row["aspects"][0]["end"], "", source)]
        assert doc._.trf_data is None, "nothing heavy stays on the Doc"
    for old, new in zip(docs, nlp.pipe((row["text"] for row in make_rows()), batch_size=1)):
        assert [x[:4] for x in old._.aspects] == [x[:4] for x in new._.aspects]
    if name in END_TO_END:
        check_end_to_end(nlp, tmp_path, corpus)


def check_end_to_end(nlp: spacy.language.Language, tmp_path: Path, corpus: Path) -> None:
    scores = nlp.meta["performance"]
    assert scores["absa_e2e_f"] == scores["absa_acc"] == 1.0
    output = tmp_path / "metrics.json"
    # spaCy's own reader: the gold of the finder is not there, that of the aspects is.
    assert run("evaluate", tmp_path / "model-best", corpus, "--output", output)[0] == 0
    measured = json.loads(output.read_text("utf8"))
    keys = ("aspects_f", "absa_e2e_f", "absa_acc", "absa_f")
    assert {key: measured[key] for key in keys} == {key: scores[key] for key in keys}
    assert measured.get("spans_found_f") is None and measured.get("ents_f") is None
    gold = list(DocBin().from_disk(corpus).get_docs(nlp.vocab))
    assert has_finder(nlp)
    for row in predict_corpus(nlp, gold).rows:
        assert row.found is not None and row.given is not None and len(row.found) == len(row.given) == 1
    # Given aspects stay as they are: the finder is not asked.
    doc = nlp.make_doc("The soup was happy.")
    doc.spans["aspects"] = [doc[3:4]]
    assert [(x.text, x.source) for x in nlp(doc)._.aspects] == [("happy", "given")]


def test_sentiment_learns_from_gold_whoever_annotates(tmp_path: Path, weights: Path, corpus: Path) -> None:
    """The sentiment of gold aspects is learned: what the finder finds in training makes no difference."""
    name = END_TO_END[0]
    losses: List[Dict[str, Any]] = []
    config = Config().from_disk(ROOT / "configs" / f"{name}.cfg", interpolate=False)
    assert config["training"]["annotating_components"] == ["sentencizer"]
    for i, annotating in enumerate((["sentencizer"], ["sentencizer", "backbone", "finder", "aspects"])):
        output = tmp_path / str(i)
        train(
            name, output, weights, corpus, "--training.max_steps", 2, "--training.eval_frequency", 1,
            "--training.annotating_components", json.dumps(annotating),
        )  # fmt: skip
        losses.append(spacy.load(output / "model-last").meta["performance"])
    assert losses[0]["aspect_sentiment_loss"] > 0
    assert losses[0]["aspect_sentiment_loss"] == pytest.approx(losses[1]["aspect_sentiment_loss"])
