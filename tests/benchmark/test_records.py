import json
from pathlib import Path

import pytest

from spacy_bertsent.benchmark.records import (
    add_failure,
    add_record,
    copy_predictions,
    get_measures,
    hide_paths,
    read_results,
)


def test_records_are_added(tmp_path: Path) -> None:
    path = tmp_path / "new" / "foods.json"
    assert read_results(path) == {"runs": {}, "failed": {}}
    add_failure(path, "plain-seed0", "bad\nworse")
    failed = read_results(path)["failed"]["plain-seed0"]
    assert failed["output"] == ["bad", "worse"] and failed["time"].endswith("Z")
    add_record(path, "other-seed0", {"seed": 0})
    assert list(read_results(path)["failed"]) == ["plain-seed0"]
    add_record(path, "plain-seed0", {"seed": 0})
    assert read_results(path) == {"runs": {"other-seed0": {"seed": 0}, "plain-seed0": {"seed": 0}}, "failed": {}}
    add_failure(path, "plain-seed0", "bad")
    assert read_results(path)["runs"]["plain-seed0"] == {"seed": 0}, "an older record stays"
    assert [x.name for x in path.parent.iterdir()] == ["foods.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"runs": {}}', '{"runs": 1, "failed": {}}'])
def test_damaged_results(tmp_path: Path, text: str) -> None:
    path = tmp_path / "foods.json"
    path.write_text(text, "utf8")
    with pytest.raises(ValueError, match="BS092"):
        add_record(path, "x", {})
    assert path.read_text("utf8") == text


def test_predictions_are_copied(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(b"123")
    copy_predictions(tmp_path / "a.gz", tmp_path / "x" / "b.gz")
    assert (tmp_path / "x" / "b.gz").read_bytes() == b"123" and len(list((tmp_path / "x").iterdir())) == 1


def test_measures() -> None:
    report = {
        "texts": 8,
        "about": {"seconds": 1.0},
        "polarity": {
            "accuracy": 0.12345678, "auc": None, "ok": True, "labels": ["a"], "per_label": {"a": {"f1": 1.0}},
            "intervals": {"accuracy": [0.1, 0.2]}, "confusion": {"rows": 1},
        },
        "emotions": None,
        "aspects": {"given": {"accuracy": 1}, "masked": None},
        "slices": {"polarity": {"accuracy": 0.1}},
    }  # fmt: skip
    assert get_measures(report) == {"texts": 8, "polarity.accuracy": 0.123457, "aspects.given.accuracy": 1}
    json.dumps(get_measures(report))


@pytest.mark.parametrize(
    "text,expected",
    [
        ('File "/home/me/code/x.py", line 3', 'File ".../x.py", line 3'),
        ("--output /data/a/b/model --seed 3", "--output .../model --seed 3"),
        ("python -m spacy train configs/x.cfg --paths.train training/a.spacy", None),
        ("--x='/a/b/c.txt' (/a/b) [/a/b/]", "--x='.../c.txt' (.../b) [.../]"),
        ("https://example.org/a/b and 3/4 or / alone", None),
        ("./a/b ../a/b", None),
    ],
)
def test_paths_are_hidden(text: str, expected: str) -> None:
    assert hide_paths(text) == (expected or text)
