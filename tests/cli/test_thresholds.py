import json
import re
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus

from spacy_bertsent.cli.thresholds import choose_thresholds, read_corpus, set_thresholds

from ..util import make_example, make_nlp, set_heads
from .util import make_corpus, make_rows, run

LABELS = ["joy", "anger", "fear", "trust"]


@pytest.fixture(scope="module")
def model(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random scores of four emotions; the corpus has none of "trust". The base threshold is 0.6."""
    config = {"emotions": {"labels": LABELS, "threshold": 0.6, "thresholds": {"fear": 0.9}}}
    nlp = make_nlp(weights, "backbone", "emotions", "polarity", config=config)
    set_heads(nlp)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def test_thresholds(model: Path, corpus: Path, tmp_path: Path) -> None:
    before = (model / "config.cfg").read_text("utf8")
    output = tmp_path / "new"
    code, printed = run("bertsent", "thresholds", model, corpus, "--output", output)
    assert code == 0, printed
    assert "No text has these emotions, they keep their thresholds: trust" in printed
    nlp, old = spacy.load(output), spacy.load(model)
    thresholds = nlp.get_pipe("emotions").cfg["thresholds"]  # type: ignore[attr-defined]
    assert list(thresholds) == LABELS and thresholds["trust"] == pytest.approx(0.6)
    assert nlp.config["components"]["emotions"]["thresholds"] == pytest.approx(thresholds)
    assert json.loads((output / "emotions" / "cfg").read_text("utf8"))["thresholds"] == pytest.approx(thresholds)
    assert (model / "config.cfg").read_text("utf8") == before, "the first pipeline stays"
    # The table tells what `spacy evaluate` finds.
    scores, old_scores = nlp.evaluate(list(Corpus(corpus)(nlp))), old.evaluate(list(Corpus(corpus)(old)))
    macro = re.search(r"macro-F1 +([\d.]+) +([\d.]+)", printed)
    assert macro is not None
    assert float(macro[1]) == pytest.approx(100 * old_scores["emotions_f"], abs=0.006)
    assert float(macro[2]) == pytest.approx(100 * scores["emotions_f"], abs=0.006)
    assert scores["emotions_f"] > old_scores["emotions_f"]
    for label, n_texts in zip(LABELS, (10, 5, 5, 0)):
        row = re.search(rf"^{label} +{n_texts} +([\d.]+) +([\d.e-]+) +([\d.]+) +([\d.]+)", printed, re.MULTILINE)
        assert row is not None
        assert float(row[1]) == {"fear": 0.9}.get(label, 0.6)
        assert float(row[2]) == pytest.approx(thresholds[label], rel=1e-4)
        assert float(row[4]) == pytest.approx(100 * scores["emotions_per_type"][label]["f"], abs=0.006)
        assert float(row[4]) >= float(row[3])
    # And the Doc follows.
    for text in [row["text"] for row in make_rows()]:
        doc = nlp(text)
        assert set(doc._.emotions) == {x for x in LABELS if doc._.emotion_scores[x] >= thresholds[x]}


def test_scores_of_others_do_not_matter(model: Path, corpus: Path) -> None:
    nlp = spacy.load(model)
    choices = choose_thresholds(nlp, read_corpus(nlp, corpus))
    assert nlp.pipe_names == ["sentencizer", "backbone", "emotions", "polarity"]
    kept = nlp.get_pipe("emotions").thresholds  # type: ignore[attr-defined]
    assert kept == pytest.approx(dict(zip(LABELS, (0.6, 0.6, 0.9, 0.6))))
    # A text without annotation, and one where only some emotions are annotated.
    more = [make_example(nlp, "The soup."), make_example(nlp, "The waiter was rude.", emotions={"joy": 1.0})]
    again = choose_thresholds(nlp, [*read_corpus(nlp, corpus), *more])
    assert again[1:] == choices[1:]
    assert again[0].positives == choices[0].positives + 1


def test_another_name(weights: Path, corpus: Path, tmp_path: Path) -> None:
    nlp = spacy.load(make_model(weights, tmp_path / "model"))
    set_thresholds(nlp, {"joy": 0.25}, pipe="moods")
    nlp.to_disk(tmp_path / "model2")
    code, printed = run("bertsent", "thresholds", tmp_path / "model2", corpus, "-o", tmp_path / "model3", "-p", "moods")
    assert code == 0 and "joy" in printed
    code, printed = run("bertsent", "thresholds", tmp_path / "model2", corpus, "-o", tmp_path / "model4")
    assert code == 1 and "[BS046] 'emotions' is no emotions component of the pipeline" in printed
    assert "It has: sentencizer, backbone, moods" in printed and not (tmp_path / "model4").exists()
    code, printed = run("bertsent", "thresholds", tmp_path / "model2", corpus, "-o", tmp_path / "x", "-p", "backbone")
    assert code == 1 and "[BS046] 'backbone'" in printed


def make_model(weights: Path, path: Path) -> Path:
    nlp = make_nlp(weights, "emotions", config={"emotions": {"labels": LABELS}})
    nlp.rename_pipe("emotions", "moods")
    nlp.to_disk(path)
    return path


def test_errors_are_readable(model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nlp = spacy.blank("en")
    DocBin(docs=[nlp.make_doc("The soup.")]).to_disk("plain.spacy")
    Path("text.spacy").write_text("The soup.", "utf8")
    for args, message in (
        ([model, "nowhere.spacy"], "[BS021] No file or directory at 'nowhere.spacy'"),
        ([model, "plain.spacy"], "[BS047] No text in plain.spacy has emotions annotated"),
        ([model, "text.spacy"], "[BS049] 'text.spacy' is not in spaCy's binary format"),
        (["nothing", corpus], "[E050]"),
    ):
        code, printed = run("bertsent", "thresholds", *args, "--output", "new")
        assert code == 1 and message in printed and "No threshold was chosen" in printed
        assert "Traceback" not in printed and not Path("new").exists()
    code, printed = run("bertsent", "thresholds", model, corpus, "--output", model)
    assert code == 1 and "[BS048]" in printed
