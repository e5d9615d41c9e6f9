import multiprocessing
import re
from pathlib import Path
from typing import Iterator

import pytest
import spacy
from spacy.language import Language

from spacy_bertsent.cli.quantize import quantize, read_sample

from ..util import ODD_TEXTS, TEXTS, assert_same, get_results, make_examples, make_nlp, set_heads, train
from .util import make_corpus, make_rows, run


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def model(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    nlp = make_nlp(weights, "aspects", "polarity", "emotions", "aspect_sentiment")
    set_heads(nlp)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def quantised(model: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("quantised") / "new"
    nlp = spacy.load(model)
    quantize(nlp, read_sample(nlp, corpus))
    nlp.to_disk(path)
    return path


def test_quantize(model: Path, corpus: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("".join(f"{row['text']}\n" for row in make_rows()), "utf8")
    before = (model / "config.cfg").read_text("utf8")
    output = tmp_path / "new"
    code, printed = run("bertsent", "quantize", model, texts, output, "--n", 20, "--drop-weights")
    assert code == 0, printed
    assert "30 texts are few" in printed and "15 texts that no ranges were taken from" in printed
    found = {word: re.search(rf"^{word} +(\d+) +([\d.]+) +([\d.]+)", printed, re.MULTILINE) for word in WORDS}
    # One aspect a text, found by its keyword; three emotions.
    assert {word: int(row[1]) for word, row in found.items() if row} == {
        "polarity": 15,
        "emotions": 45,
        "sentiment": 15,
    }
    assert all(row and float(row[2]) >= 80 and float(row[3]) < 0.5 for row in found.values())
    cosine = re.search(r"Mean cosine of \[CLS\] vectors: ([\d.]+)", printed)
    assert cosine and 0.98 < float(cosine[1]) < 1
    assert re.search(r"Speed of the encoder: [\d.]+ x torch (bfloat16|float32)", printed)
    names = {path.name for path in (output / "backbone" / "model").iterdir()}
    assert names == {"config.json", "tokenizer.json", "int8.safetensors", "manifest.json"}
    nlp = spacy.load(output)
    assert nlp.config["components"]["backbone"]["model"]["precision"] == "int8"
    engine = nlp.get_pipe("backbone").engine  # type: ignore[attr-defined]
    assert engine.runtime == "openvino" and engine.precision.startswith("int8") and engine.device == "cpu"
    assert nlp(TEXTS[0])._.polarity and (model / "config.cfg").read_text("utf8") == before


WORDS = ("polarity", "emotions", "sentiment")


def test_pairs_are_asked_of_gold_aspects(model: Path, corpus: Path) -> None:
    nlp = spacy.load(model, exclude=["aspects"])
    outcome = quantize(nlp, read_sample(nlp, corpus))
    assert outcome.compared == 15 and outcome.rows == 2 * 15, "texts and pairs"
    assert outcome.agreements["sentiment"].items == 15


def check_same(nlp: Language, path: Path) -> None:
    for texts in (TEXTS, ODD_TEXTS):
        expected = [nlp(text) for text in texts]
        for batch_size in (1, 64):
            assert_same(nlp.pipe(texts, batch_size=batch_size), expected)
    # Also after the encoder has run here.
    assert_same(nlp.pipe(TEXTS * 3, batch_size=2, n_process=2), [nlp(text) for text in TEXTS * 3])
    nlp.to_disk(path)
    for other in (spacy.load(path), spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())):
        assert_same(other.pipe(TEXTS), nlp.pipe(TEXTS))


def test_quantised_pipeline_keeps_results(quantised: Path, tmp_path: Path) -> None:
    check_same(spacy.load(quantised), tmp_path)


def test_openvino_pipeline_keeps_results(model: Path, tmp_path: Path) -> None:
    nlp = spacy.load(model, config={"components.backbone.model.runtime": "openvino"})
    assert nlp.get_pipe("backbone").engine.runtime == "openvino"  # type: ignore[attr-defined]
    assert_same(nlp.pipe(TEXTS + ODD_TEXTS), spacy.load(model).pipe(TEXTS + ODD_TEXTS))
    check_same(nlp, tmp_path)


@pytest.fixture
def spawn() -> Iterator[None]:
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.slow
def test_spawned_workers(quantised: Path, spawn: None) -> None:
    nlp = spacy.load(quantised)
    assert_same(nlp.pipe(TEXTS, batch_size=2, n_process=2), [nlp(text) for text in TEXTS])


def test_stock_pipes_and_replaced_listeners(weights: Path, corpus: Path) -> None:
    nlp = make_nlp(weights, "polarity", "ner")
    quantize(nlp, read_sample(nlp, corpus))
    plain = [get_results(doc)["cats"] for doc in nlp.pipe(TEXTS)]
    nlp.replace_listeners("backbone", "polarity", ["model.tok2vec"])
    for cats, want in zip((get_results(doc)["cats"] for doc in nlp.pipe(TEXTS)), plain):
        assert cats == pytest.approx(want, abs=1e-5)


def test_quantised_pipeline_can_be_trained_and_quantised_again(quantised: Path, corpus: Path, tmp_path: Path) -> None:
    nlp = spacy.load(quantised)
    with pytest.warns(UserWarning, match="BW120"):
        train(nlp, make_examples(nlp), steps=2)
    assert nlp.get_pipe("backbone").engine.runtime == "openvino"  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "trained")
    loaded = spacy.load(tmp_path / "trained")
    with pytest.raises(ValueError, match="BS121"):
        loaded(TEXTS[0])
    quantize(loaded, read_sample(loaded, corpus))
    assert loaded.get_pipe("backbone").engine.precision.startswith("int8")  # type: ignore[attr-defined]


def test_errors_are_readable(model: Path, quantised: Path, corpus: Path, tmp_path: Path) -> None:
    few, blank = tmp_path / "few.txt", tmp_path / "blank"
    few.write_text("The soup.\n" * 9, "utf8")
    spacy.blank("en").to_disk(blank)
    for args, message in (
        ([model, corpus, model], "[BS127]"),
        ([model, "nowhere.txt", tmp_path / "x"], "[BS021]"),
        ([model, few, tmp_path / "x"], "[BS125] Nothing to quantise with: 9 texts, at least 10 are needed"),
        ([blank, corpus, tmp_path / "x"], "[BS125] Nothing to quantise with: the pipeline has 0 backbones"),
    ):
        code, printed = run("bertsent", "quantize", *args)
        assert code == 1 and message in printed and "Nothing was quantised" in printed and "Traceback" not in printed
    nlp = spacy.load(quantised)
    nlp.get_pipe("backbone").model.shims[0].drop_weights()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="BS124"):
        quantize(nlp, read_sample(nlp, corpus))
