import json
import re
from pathlib import Path
from typing import List, Tuple

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin
from spacy.training import Corpus

from spacy_bertsent.cli.thresholds import choose_thresholds, get_f_score, read_corpus, search_threshold, set_thresholds

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


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=30))
def test_search_is_exact(rows: List[Tuple[float, bool]]) -> None:
    rows = [*rows, (rows[0][0], True)]
    scores, gold = numpy.asarray([x for x, _ in rows], dtype="d"), numpy.asarray([x for _, x in rows])
    found = search_threshold(scores, gold)
    ranked = sorted({0.0, *scores.tolist()})
    middles = [(a + b) / 2 for a, b in zip(ranked, ranked[1:])]
    candidates = [0.0, 0.5, 1.0, *ranked, *middles]
    f_scores = {x: get_f_score(scores, gold, x) for x in candidates}
    best = max(f_scores.values())
    assert get_f_score(scores, gold, found) == best
    assert 0.0 <= found <= 1.0
    if f_scores[0.5] == best:
        assert found == 0.5
    elif middles:
        nearest = min((abs(x - 0.5) for x in middles if f_scores[x] == best), default=1.0)
        gap = max(b - a for a, b in zip(ranked, ranked[1:]))
        assert abs(found - 0.5) <= nearest + gap / 4


@pytest.mark.parametrize(
    "scores,gold,expected",
    [
        ([0.9, 0.8, 0.3, 0.1], [1, 1, 0, 0], 0.5),  # anything from 0.3 to 0.8 is right: nothing changes
        ([0.4, 0.3, 0.2, 0.1], [1, 1, 0, 0], 0.25),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 0.75),
        ([0.9, 0.8], [1, 1], 0.5),
        ([0.2, 0.1], [1, 1], 0.05),  # all of them: between the lowest and 0
        ([0.3, 0.3, 0.3], [1, 0, 1], 0.15),  # equal scores cannot be parted
        ([0.0], [1], 0.0),
        ([0.31234, 0.31233], [1, 0], 0.312335),  # as many decimals as it takes
        ([0.3, 0.2999, 0.2998], [1, 0, 0], 0.29995),
    ],
)
def test_search(scores: List[float], gold: List[int], expected: float) -> None:
    found = search_threshold(numpy.asarray(scores), numpy.asarray(gold, dtype="bool"))
    assert found == pytest.approx(expected, abs=1e-9)
    assert len(repr(found)) <= 8


def test_f_score() -> None:
    scores, gold = numpy.asarray([0.9, 0.5, 0.2]), numpy.asarray([True, False, True])
    assert get_f_score(scores, gold, 0.5) == 0.5  # one right, one wrong, one missed
    assert get_f_score(scores, gold, 0.95) == 0.0
    assert get_f_score(scores, numpy.zeros(3, dtype="bool"), 0.95) == 0.0


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
