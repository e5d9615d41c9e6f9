import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from spacy_bertsent.cli.scores import PER_LABEL, SCORES, make_tables
from spacy_bertsent.scorers import (
    score_aspect_sentiment,
    score_aspects,
    score_category_sentiment,
    score_emotions,
    score_polarity,
)

from .util import run

FIRST: Dict[str, Any] = {
    "token_acc": 1.0,
    "polarity_acc": 0.5,
    "polarity_f": 0.33333,
    "polarity_per_type": {"positive": {"p": 1.0, "r": 0.25, "f": 0.4}, "negative": {"p": 0.5, "r": 0.5, "f": 0.5}},
    "aspects_f": None,
    "speed": 1234.5,
}
SECOND: Dict[str, Any] = {
    "polarity_acc": 0.75,
    "emotions_f": 0.2,
    "emotions_per_type": {"joy": {"p": 0.0, "r": 0.0, "f": 0.0}},
    "polarity_per_type": {"negative": {"p": 0.1, "r": 0.2, "f": 0.3}, "other": {"p": 0.1, "r": 0.2, "f": 0.3}},
    "absa_per_type": None,
}


@pytest.fixture
def files(tmp_path: Path) -> List[Path]:
    paths = [tmp_path / "first.json", tmp_path / "second.json"]
    for path, scores in zip(paths, (FIRST, SECOND)):
        path.write_text(json.dumps(scores), "utf8")
    return paths


def test_one_file(files: List[Path]) -> None:
    code, printed = run("bertsent", "scores", files[0])
    assert code == 0, printed
    rows = [line.split() for line in printed.split("\n") if "polarity" in line or "Score" in line]
    assert rows == [
        ["Score", "(%)", "Key", "first"],
        ["Polarity:", "accuracy", "polarity_acc", "50.00"],
        ["Polarity:", "macro-F1", "polarity_f", "33.33"],
    ]
    assert "speed" not in printed and "aspects" not in printed and "Precision" not in printed


def test_several_files(files: List[Path], tmp_path: Path) -> None:
    markdown = tmp_path / "new" / "table.md"
    code, printed = run("bertsent", "scores", *files, "--per-label", "--markdown", markdown)
    assert code == 0, printed
    assert markdown.read_text("utf8") == (
        "| Score (%) | Key | first | second |\n"
        "| --- | --- | ---: | ---: |\n"
        "| Polarity: accuracy | polarity_acc | 50.00 | 75.00 |\n"
        "| Polarity: macro-F1 | polarity_f | 33.33 | - |\n"
        "| Emotions: macro-F1 | emotions_f | - | 20.00 |\n"
        "\n"
        "| Polarity (%) | File | Precision | Recall | F1 |\n"
        "| --- | --- | ---: | ---: | ---: |\n"
        "| positive | first | 100.00 | 25.00 | 40.00 |\n"
        "| negative | first | 50.00 | 50.00 | 50.00 |\n"
        "| negative | second | 10.00 | 20.00 | 30.00 |\n"
        "| other | second | 10.00 | 20.00 | 30.00 |\n"
        "\n"
        "| Emotions (%) | File | Precision | Recall | F1 |\n"
        "| --- | --- | ---: | ---: | ---: |\n"
        "| joy | second | 0.00 | 0.00 | 0.00 |\n"
    )
    for line in markdown.read_text("utf8").split("\n"):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and not cells[0].startswith("--"):
            assert "".join("".join(cells).split()) in "".join(printed.split())


def test_labels_of_one_file(files: List[Path]) -> None:
    tables = make_tables(files[:1], per_label=True)
    assert [table.header for table in tables] == [
        ["Score (%)", "Key", "first"],
        ["Polarity (%)", "Precision", "Recall", "F1"],
    ]
    assert tables[1].rows[0] == ["positive", "100.00", "25.00", "40.00"]


def test_names_of_files(files: List[Path], tmp_path: Path) -> None:
    other = tmp_path / "other" / "first.json"
    other.parent.mkdir()
    other.write_text(json.dumps(SECOND), "utf8")
    table = make_tables([files[0], other, files[1]])[0]
    assert table.header[2:] == [str(files[0]), str(other), "second"]
    assert table.rows[0][2:] == ["50.00", "75.00", "75.00"]
    twice = make_tables([files[0], files[0]])[0]
    assert len(twice.header) == len(twice.rows[0]) == 3, "the same file once"


def test_all_scores_have_words() -> None:
    """Every key that a scorer gives stands in the tables."""
    keys = [
        *score_polarity([], labels=[]),
        *score_emotions([], labels=[]),
        *score_aspects([]),
        *score_aspect_sentiment([], labels=[], given=[]),
        *score_category_sentiment([], labels=[], gold=[], found=[], given=[]),
    ]
    assert sorted(keys) == sorted([*SCORES, *PER_LABEL])


@pytest.mark.parametrize(
    "name,content,message",
    [
        ("nowhere.json", None, "[BS021] No file or directory at"),
        (".", None, "[BS036]"),
        ("broken.json", "{", "[BS045] 'broken.json' holds no scores of polarity, emotions or aspects: no JSON ("),
        ("list.json", "[1]", "no JSON object"),
        ("other.json", '{"ents_f": 0.5, "polarity_acc": null}', "its keys are ents_f, polarity_acc"),
        ("empty.json", "{}", "its keys are none"),
    ],
)
def test_errors_are_readable(
    files: List[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name).write_text(content, "utf8")
    code, printed = run("bertsent", "scores", files[0], name, "--markdown", "table.md")
    assert code == 1 and message in printed and "No table was made" in printed
    assert "Traceback" not in printed and not Path("table.md").exists()
