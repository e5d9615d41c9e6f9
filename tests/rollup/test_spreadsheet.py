import csv
from pathlib import Path
from typing import Any, Dict, List

import pytest

from spacy_bertsent.rollup import count_aspects, write_csv
from spacy_bertsent.rollup.spreadsheet import protect

from .test_counts import make_docs
from .util import make_doc

TEXTS = ("document", "aspect", "category", "sentiment", "example_1")


def read(path: Path) -> List[Dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_for_each_aspect_and_sentiment(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    assert write_csv(count_aspects(make_docs(), by="both"), path) == [path]
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"aspect","category","sentiment","count","share"')
    rows = read(path)
    assert [(row["aspect"], row["category"], row["sentiment"], row["count"]) for row in rows[:6]] == [
        ("soup", "FOOD", "positive", "1"),
        ("soup", "FOOD", "neutral", "1"),
        ("soup", "FOOD", "negative", "1"),
        ("soup", "", "positive", "1"),
        ("soup", "", "neutral", "0"),
        ("soup", "", "negative", "0"),
    ]
    assert len(rows) == 9
    negative = rows[2]
    assert (negative["share"], negative["mean_score"]) == ("0.3333", "0.2667")
    assert (negative["mentions"], negative["documents"], negative["net"], negative["net_low"]) == (
        "3", "3", "0.0", "-0.6398"
    )  # fmt: skip
    assert negative["example_1"] == "The Soup was bad." and rows[4]["example_1"] == ""


def test_tables_of_documents_are_beside_it(tmp_path: Path) -> None:
    path, other = tmp_path / "a.b.csv", tmp_path / "a.b.documents.csv"
    docs = [(doc, f"id{i}") for i, doc in enumerate(make_docs())]
    assert write_csv(count_aspects(docs, per_doc=True, examples=0), path) == [path, other]
    assert list(read(path)[0])[-1] == "net_high", "no columns of examples"
    rows = read(other)
    assert [row["document"] for row in rows] == ["id0"] * 3 + ["id2"] * 6 + ["id4"] * 3
    assert (rows[-2]["aspect"], rows[-2]["sentiment"], rows[-2]["count"]) == ("soup", "neutral", "1")


def test_mentions_without_sentiment(tmp_path: Path) -> None:
    docs = [make_doc("A soup.", [("soup", "positive", "")]), make_doc("One soup.", [("soup", "", "")])]
    write_csv(count_aspects(docs), tmp_path / "table.csv")
    rows = read(tmp_path / "table.csv")
    assert [(row["sentiment"], row["count"], row["share"]) for row in rows] == [
        ("positive", "1", "1.0"),
        ("(none)", "1", ""),
    ]
    assert rows[1]["example_1"] == "One soup." and rows[0]["mean_score"] == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "-", "=cmd|' /C calc'!A0"]
)
def test_formulas_become_text(text: str) -> None:
    assert protect(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["soup", "a=b", "'=1", "", -0.5, 3, None])
def test_other_cells_stay(cell: Any) -> None:
    assert protect(cell) == cell


def test_no_cell_of_a_file_is_a_formula(tmp_path: Path) -> None:
    doc = make_doc("=sum with the soup", [("=sum", "positive", "@FOOD"), ("soup", "-bad", "+X")])
    for path in write_csv(count_aspects([(doc, "+id")], by="both", per_doc=True), tmp_path / "table.csv"):
        for row in read(path):
            texts = {key: value for key, value in row.items() if key in TEXTS}
            assert not any(value.startswith(("=", "+", "-", "@")) for value in texts.values())
            assert row.get("document", "'+id") == "'+id"
    rows = read(tmp_path / "table.csv")
    assert [(row["aspect"], row["category"], row["sentiment"], row["example_1"]) for row in rows] == [
        ("'=sum", "'@FOOD", "positive", "'=sum with the soup"),
        ("'=sum", "'@FOOD", "'-bad", ""),
        ("soup", "'+X", "positive", ""),
        ("soup", "'+X", "'-bad", "'=sum with the soup"),
    ]
