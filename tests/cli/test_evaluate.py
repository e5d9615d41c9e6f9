import json
import re
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus

from spacy_bertsent.cli.evaluate import is_predictions
from spacy_bertsent.evaluation.predictions import read_predictions

from ..util import KEYWORDS, make_nlp, set_heads
from .util import make_corpus, run

LABELS = ["joy", "anger", "fear", "trust"]
# Keys of `spacy evaluate`, and places in the report.
SAME = {
    "polarity_acc": "polarity.accuracy",
    "polarity_f": "polarity.macro_f1",
    "emotions_f": "emotions.macro_f1",
    "emotions_micro": "emotions.micro_f1",
    "emotions_jaccard": "emotions.jaccard",
    "aspects_p": "aspects.extraction.precision",
    "aspects_r": "aspects.extraction.recall",
    "aspects_f": "aspects.extraction.f1",
    "absa_acc": "aspects.given.accuracy",
    "absa_f": "aspects.given.macro_f1",
    "absa_e2e_p": "aspects.end_to_end.precision",
    "absa_e2e_r": "aspects.end_to_end.recall",
    "absa_e2e_f": "aspects.end_to_end.f1",
}


@pytest.fixture(scope="module")
def model(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline with all components and random scores."""
    config: Dict[str, Dict[str, Any]] = {
        # The corpus annotates all emotions; the finder knows a part of the words.
        "emotions": {"labels": LABELS, "thresholds": {"fear": 0.9}},
        "aspects": {"keywords": {key: words for key, words in KEYWORDS.items() if key != "PRICE"}},
    }
    nlp = make_nlp(weights, "aspects", "backbone", "polarity", "emotions", "aspect_sentiment", config=config)
    set_heads(nlp)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def get(report: Dict[str, Any], name: str) -> Any:
    value: Any = report
    for key in name.split("."):
        value = value[key]
    return value


def test_the_scores_are_those_of_spacy_evaluate(model: Path, corpus: Path, tmp_path: Path) -> None:
    output, markdown, file = tmp_path / "new" / "report.json", tmp_path / "report.md", tmp_path / "out.jsonl.gz"
    code, printed = run(
        "bertsent", "evaluate", model, corpus, "-o", output, "-m", markdown, "-p", file, "--resamples", 20
    )
    assert code == 0, printed
    report = json.loads(output.read_text("utf8"))
    nlp = spacy.load(model)
    scores = nlp.evaluate(list(Corpus(corpus)(nlp)))
    # The corpus annotates more emotions than the pipeline has: the mean of the scorer is over those of the pipeline.
    n_annotated = len(report["emotions"]["per_label"])
    for key, name in SAME.items():
        expected = scores[key] * (len(LABELS) / n_annotated if key == "emotions_f" else 1)
        assert get(report, name) == pytest.approx(expected, abs=1e-9), key
    assert 0.0 < report["aspects"]["extraction"]["recall"] < 1.0
    assert report["about"]["model"] == str(model) and report["about"]["corpus"] == str(corpus)
    assert report["about"]["pipeline"] == "en_pipeline 0.0.0" and "spacy_bertsent" in report["about"]
    # The tables show it.
    accuracy = f"{100 * report['polarity']['accuracy']:.1f}"
    assert re.search(rf"^Polarity +accuracy +30 +{accuracy} \[\d+\.\d, \d+\.\d\]", printed, re.MULTILINE)
    assert f"| Polarity | accuracy | 30 | {accuracy} [" in markdown.read_text("utf8")
    assert f"{model} on {corpus}: 30 texts" in printed and "accuracy, aspect masked" in printed
    assert "\n- In brackets: 95 % intervals" in markdown.read_text("utf8")
    assert "\nIn brackets: 95 % intervals" in printed
    # And the file of predictions gives the very same report.
    again = tmp_path / "again.json"
    code, reprinted = run("bertsent", "evaluate", file, corpus, "-o", again, "-n", 20)
    assert code == 0, reprinted
    assert json.loads(again.read_text("utf8")) == report
    tables, others = (x.split("30 texts")[-1].split("Saved")[0] for x in (printed, reprinted))
    assert tables == others
    assert read_predictions(file).about == report["about"]


def test_what_is_left_out(model: Path, corpus: Path, tmp_path: Path) -> None:
    code, printed = run(
        "bertsent", "evaluate", model, corpus, "--no-masked", "--no-slices", "--no-per-label", "-n", 0, "-b", 7
    )
    assert code == 0, printed
    for words in ("masked:", "length", "Precision", "[", "In brackets"):
        assert words not in printed.split("30 texts")[-1].replace("[95 % interval]", ""), words
    assert "Not scored: aspect sentiment, aspect masked (not predicted)." in printed
    assert "Polarity: gold in rows, predicted in columns" in printed


def test_thresholds_from_another_corpus(model: Path, corpus: Path, tmp_path: Path) -> None:
    dev = make_corpus(tmp_path / "dev", "Our")
    file, output = tmp_path / "out.jsonl", tmp_path / "report.json"
    settings = ["--resamples", 0, "--no-slices", "--no-masked"]
    code, printed = run("bertsent", "evaluate", model, corpus, "-t", dev, "-p", file, "-o", output, *settings)
    assert code == 0, printed
    assert "too good" not in printed
    tuned = json.loads(output.read_text("utf8"))["emotions"]
    assert tuned["thresholds"]["fear"] != 0.9
    assert read_predictions(file).thresholds["fear"] == tuned["thresholds"]["fear"], "the file keeps them"
    assert read_predictions(file).about["thresholds_from"] == str(dev)
    code, printed = run("bertsent", "evaluate", model, corpus, "-t", corpus, "-o", output, *settings)
    assert code == 0 and "The thresholds are chosen on the texts that are scored" in printed
    best = json.loads(output.read_text("utf8"))["emotions"]["macro_f1"]
    code, printed = run("bertsent", "evaluate", model, corpus, "-o", output, *settings)
    assert json.loads(output.read_text("utf8"))["emotions"]["macro_f1"] < best
    assert tuned["macro_f1"] <= best


def test_a_choice_of_labels(model: Path, corpus: Path, tmp_path: Path) -> None:
    file, output = tmp_path / "out.jsonl", tmp_path / "report.json"
    settings: List[Any] = ["--labels", "positive, negative", "-o", output, "-n", 0]
    code, printed = run("bertsent", "evaluate", model, corpus, "-p", file, *settings)
    assert code == 0, printed
    assert "Polarity and aspect sentiment are chosen among: positive, negative." in printed
    assert "Polarity: gold has labels that are never predicted, they count as wrong: neutral." in printed
    report = json.loads(output.read_text("utf8"))
    assert report["polarity"]["confusion"]["labels"] == ["positive", "negative", "neutral"]
    assert sum(row[2] for row in report["polarity"]["confusion"]["rows"]) == 0
    assert read_predictions(file).labels["polarity"] == ["positive", "neutral", "negative"], "the file has all"
    assert run("bertsent", "evaluate", file, corpus, *settings)[0] == 0
    assert json.loads(output.read_text("utf8")) == report


def test_a_directory_of_files_and_a_part_of_the_gold(model: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = nlp.make_doc("The soup was happy.")
    doc.cats = {"polarity:positive": 1.0, "polarity:neutral": 0.0, "polarity:negative": 0.0}
    (tmp_path / "corpus").mkdir()
    for name in ("a.spacy", "b.spacy"):
        DocBin(docs=[doc, nlp.make_doc("No gold.")]).to_disk(tmp_path / "corpus" / name)
    code, printed = run("bertsent", "evaluate", model, tmp_path / "corpus")
    assert code == 0, printed
    assert "4 texts" in printed and re.search(r"Polarity +accuracy +2 ", printed)
    assert "Not scored: emotions (not annotated in the corpus)." in printed
    assert "Not scored: aspects (not annotated in the corpus)." in printed


def test_which_is_a_file_of_predictions(model: Path, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("", "utf8")
    assert is_predictions(str(tmp_path / "x.txt")) and is_predictions("nowhere.jsonl.gz")
    assert not is_predictions(str(model)) and not is_predictions("en_core_web_sm")


def test_errors_are_readable(model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nlp = spacy.blank("en")
    DocBin(docs=[nlp.make_doc("The soup.")]).to_disk("plain.spacy")
    Path("text.spacy").write_text("The soup.", "utf8")
    Path("broken.jsonl").write_text("{}", "utf8")
    nlp.to_disk("blank")
    assert run("bertsent", "evaluate", model, corpus, "-p", "good.jsonl", "-n", 0, "--no-masked")[0] == 0
    cases: List[Any] = [
        ([model, "nowhere.spacy"], "[BS021] No file or directory at 'nowhere.spacy'"),
        (["nowhere.jsonl", corpus], "[BS021] No file or directory at 'nowhere.jsonl'"),
        ([model, "text.spacy"], "[BS049] 'text.spacy' is not in spaCy's binary format"),
        ([model, "broken.jsonl"], "[BS049] 'broken.jsonl' is not in spaCy's binary format: its name"),
        (["broken.jsonl", corpus], "[BS070] 'broken.jsonl' is no file of predictions, line 1"),
        (["good.jsonl", "plain.spacy"], "[BS071] The predictions are not of this corpus: they have 30 texts"),
        ([model, "plain.spacy"], "[BS072] There is nothing to score: polarity not annotated in the corpus"),
        (["blank", corpus], "[BS072] There is nothing to score: polarity not predicted"),
        ([model, corpus, "--labels", "good"], "[BS073] Cannot choose among 'good'"),
        ([model, corpus, "--labels", ","], "[BS073] Cannot choose among no label"),
        (["good.jsonl", corpus, "-t", corpus], "[BS074] 'good.jsonl' is a file of predictions"),
        ([model, corpus, "-t", "plain.spacy"], "[BS076] No thresholds can be chosen on 'plain.spacy': no text has"),
        (["blank", corpus, "-t", corpus], "the pipeline predicts no emotions"),
        (["nothing", corpus], "[E050]"),
        ([model, corpus, "-o", "blank"], "[BS036] 'blank' is a directory"),
    ]
    before = sorted(path.name for path in tmp_path.iterdir())
    for args, message in cases:
        code, printed = run("bertsent", "evaluate", *args, "--no-masked", "--no-slices", "-m", "tables.md")
        assert code == 1 and message in printed and "Nothing was evaluated" in printed, printed
        assert "Traceback" not in printed
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing is written"
    monkeypatch.setitem(sys.modules, "sklearn", None)
    code, printed = run("bertsent", "evaluate", "good.jsonl", corpus)
    assert code == 1 and "[BS075] This needs scikit-learn" in printed
