import gzip
import json
from pathlib import Path
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.evaluation.predictions import (
    Found,
    Predictions,
    Row,
    get_digest,
    read_predictions,
    round_scores,
    write_predictions,
)

HEADER = {
    "format": "spacy-bertsent-predictions",
    "version": 1,
    "labels": {"polarity": ["a", "b"], "emotions": ["joy"], "sentiment": ["a", "b"]},
    "thresholds": {},
    "about": {},
}


def make_predictions() -> Predictions:
    rows = [
        Row(get_digest("The soup\u2028was caf\u00e9."), [0.25, 0.75], [0.5]),
        Row(get_digest(""), None, None, given=[Found(0, 3, "FOOD", [0.1, 0.9])], masked=[[0.4, 0.6]], found=[]),
        Row(get_digest("x"), found=[Found(0, 1, "", [1.0, 0.0]), Found(0, 1, "A\nB", [0.0, 1.0])]),
        Row(get_digest("y z"), contexts=[(0, 1), (2, 3)], categories=[Found(2, 3, "FOOD", [0.3, 0.7])]),
    ]
    labels: Any = HEADER["labels"]
    return Predictions(labels, {"joy": 0.3}, rows, {"model": "mod\u00e8le", "seconds": 1.5})


@pytest.mark.parametrize("name", ["new/deep/out.jsonl", "out.jsonl.gz"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    predictions, path = make_predictions(), tmp_path / name
    write_predictions(predictions, path)
    found = read_predictions(path)
    assert found == predictions
    assert isinstance(found.rows[1].given[0], Found)  # type: ignore[index]
    assert [x.name for x in path.parent.iterdir()] == [path.name], "nothing else is left"
    before = path.read_bytes()
    write_predictions(found, path)
    assert path.read_bytes() == before


def test_no_text_is_in_the_file(tmp_path: Path) -> None:
    write_predictions(make_predictions(), tmp_path / "out.jsonl")
    assert "soup" not in (tmp_path / "out.jsonl").read_text("utf8")


SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=2).map(round_scores)
ASPECTS = st.none() | st.lists(
    st.builds(Found, st.integers(0, 99), st.integers(0, 99), st.text(max_size=3), SCORES), max_size=3
)
ROWS = st.lists(
    st.builds(
        Row,
        st.text(max_size=9).map(get_digest),
        st.none() | SCORES,
        st.none() | st.lists(st.floats(0, 1), min_size=1, max_size=1).map(round_scores),
        ASPECTS,
        st.none() | st.lists(SCORES, max_size=3),
        ASPECTS,
    ),
    max_size=4,
)


@given(ROWS)
def test_round_trip_of_any_rows(tmp_path_factory: pytest.TempPathFactory, rows: List[Row]) -> None:
    path = tmp_path_factory.mktemp("rows") / "out.jsonl"
    predictions = Predictions(HEADER["labels"], {}, rows)  # type: ignore[arg-type]
    write_predictions(predictions, path)
    assert read_predictions(path) == predictions


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_predictions(make_predictions(), path)
    before = path.read_bytes()
    broken = make_predictions()
    broken.about["object"] = object()
    with pytest.raises(TypeError):
        write_predictions(broken, path)
    assert path.read_bytes() == before


def test_digest() -> None:
    assert get_digest("") == "e3b0c44298fc1c14", "SHA-256 of nothing"
    assert get_digest("abc") == "ba7816bf8f01cfea"
    assert get_digest("\ud800") != get_digest("\ud801"), "lone surrogates have one, too"


def test_scores_are_rounded() -> None:
    assert round_scores([1 / 3, 1.0, 0]) == [0.33333, 1.0, 0.0]


@pytest.mark.parametrize(
    "lines,line,fault",
    [
        ("", 1, "Expecting value"),
        ("[]", 1, "no attribute"),
        ("{}", 1, "expected a header with format"),
        (json.dumps({**HEADER, "version": 2}), 1, "version 1"),
        (json.dumps({k: v for k, v in HEADER.items() if k != "labels"}), 1, "labels"),
        (json.dumps(HEADER) + "\n{", 2, "Expecting"),
        (json.dumps(HEADER) + '\n{"digest": "x"}\n{"polarity": [1, 0]}', 3, "digest"),
        (json.dumps(HEADER) + '\n{"digest": "x", "mood": 1}', 2, "mood"),
        (json.dumps(HEADER) + '\n{"digest": "x", "polarity": [1.0]}', 2, "1 scores of polarity, expected 2"),
        (json.dumps(HEADER) + '\n{"digest": "x", "emotions": [1, 0]}', 2, "2 scores of emotions, expected 1"),
        (json.dumps(HEADER) + '\n{"digest": "x", "given": [[0, 1, "", [1.0]]]}', 2, "1 scores of sentiment"),
        (json.dumps(HEADER) + '\n{"digest": "x", "found": [[0, 1]]}', 2, "missing"),
        (json.dumps(HEADER) + '\n{"digest": "x", "masked": [1.0]}', 2, "len"),
        (json.dumps(HEADER) + '\n{"digest": "x", "polarity": [1.5, 0]}', 2, "are not probabilities"),
        (json.dumps(HEADER) + '\n{"digest": "x", "polarity": [NaN, 0]}', 2, "are not probabilities"),
        (json.dumps(HEADER) + '\n{"digest": "x", "polarity": ["1", "0"]}', 2, "not supported"),
        (json.dumps({**HEADER, "labels": ["a"]}), 1, "update sequence"),
    ],
)
def test_a_corrupt_file_is_named(tmp_path: Path, lines: str, line: int, fault: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines, "utf8")
    with pytest.raises(ValueError, match=rf"BS070.*is no file of predictions, line {line}: .*{fault}"):
        read_predictions(path)


@pytest.mark.parametrize("cut", [5, 60, -3])
def test_a_cut_or_false_gzip_file_is_named(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.jsonl.gz"
    write_predictions(make_predictions(), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="BS070"):
        read_predictions(path)
    path.write_bytes(b"plain")
    with pytest.raises(ValueError, match="BS070"):
        read_predictions(path)
    path.write_bytes(gzip.compress(b"\xff\xfe"))
    with pytest.raises(ValueError, match="BS070.*utf-8"):
        read_predictions(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="BS021.*\n.*--predictions"):
        read_predictions(tmp_path / "nowhere.jsonl")
    with pytest.raises(ValueError, match="BS036"):
        read_predictions(tmp_path)
