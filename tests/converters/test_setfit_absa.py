import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.converters.setfit_absa import find_occurrence

from .util import DATA, get_aspects, read

CSV = DATA / "setfit_absa.csv"
LENS = "Good lens, weak flash. A weak lens cap, too."


def test_csv() -> None:
    docs, report = read("setfit_absa", CSV)
    assert [doc.text for doc in docs] == [
        LENS,
        "Nothing to say about the strap.",
        "Green tea, then\nblack tea.",
        "The screen is bright and dull.",
    ]
    assert get_aspects(docs[0]) == [("lens", "", "positive"), ("flash", "", "negative"), ("lens cap", "", "negative")]
    assert docs[2].spans["aspects"][0].start_char == 22
    assert report.dropped == {"repeated aspect": 1, "aspect with conflict": 1}
    assert not report.faults


def test_jsonl(tmp_path: Path) -> None:
    docs, _ = read("setfit_absa", DATA / "setfit_absa.jsonl")
    assert [get_aspects(doc) for doc in docs] == [[("lens", "", "negative")], [("tea", "", "neutral")]]
    assert [doc.spans["aspects"][0].start_char for doc in docs] == [30, 22]
    packed = tmp_path / "rows.json.gz"
    packed.write_bytes(gzip.compress((DATA / "setfit_absa.jsonl").read_bytes()))
    assert [doc.to_json() for doc in read("setfit_absa", packed)[0]] == [doc.to_json() for doc in docs]


def test_conflict() -> None:
    assert get_aspects(read("setfit_absa", CSV)[0][3]) == []
    assert get_aspects(read("setfit_absa", CSV, conflict="keep")[0][3]) == [("screen", "", "conflict")]
    assert get_aspects(read("setfit_absa", CSV, conflict="neutral")[0][3]) == [("screen", "", "neutral")]
    with pytest.raises(ValueError, match=r"\[BS033\] Unknown value 'x' of --conflict"):
        read("setfit_absa", CSV, conflict="x")


def test_faulty_csv() -> None:
    docs, report = read("setfit_absa", DATA / "setfit_absa_faulty.csv", skip_errors=True)
    assert [doc.text for doc in docs] == ["A good lens."]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (3, "occurrence 1 of 'lens': the text has 1, counted from 0"),
        (5, "the ordinal is 'one', expected a number"),
        (6, "3 columns, expected 4: label, text, span, ordinal"),
        (7, "unknown label 'great', expected one of: positive, neutral, negative, conflict"),
        (8, "occurrence 0 of '': the text has 0, counted from 0"),
        (9, "the text is empty"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*setfit_absa_faulty.csv, line 3: occurrence 1"):
        read("setfit_absa", DATA / "setfit_absa_faulty.csv")


def test_faulty_jsonl() -> None:
    docs, report = read("setfit_absa", DATA / "setfit_absa_faulty.jsonl", skip_errors=True)
    assert len(docs) == 1
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (1, "the value of 'ordinal' is True, expected int"),
        (2, "occurrence -1 of 'lens': the text has 1, counted from 0"),
        (3, "the key 'ordinal' is missing"),
        (4, "expected a JSON object, not list"),
    ]


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("text,span,label,ordinal\n")
    with pytest.raises(ValueError, match=r"\[BS051\] '.*rows.txt' is neither CSV nor JSON lines"):
        read("setfit_absa", path)
    path = tmp_path / "rows.csv"
    path.write_text("text,span,label\nA lens.,lens,positive\n")
    with pytest.raises(
        ValueError, match=r"\[BS050\].*rows.csv has no column 'ordinal'. Its first line: 'text, span, label'"
    ):
        read("setfit_absa", path)
    path.write_text("")
    with pytest.raises(ValueError, match=r"\[BS050\].*no column 'text'"):
        read("setfit_absa", path)


def test_occurrences_overlap_and_stand_inside_words() -> None:
    assert [find_occurrence("banana and an ant", "an", i) for i in range(5)] == [1, 3, 7, 11, 14]
    assert [find_occurrence("aaa", "aa", i) for i in (0, 1)] == [0, 1]


@given(text=st.text("ab ", max_size=12), words=st.text("ab ", min_size=1, max_size=3))
def test_occurrences_are_those_of_a_search_from_the_left(text: str, words: str) -> None:
    found, start = [], text.find(words)
    while start >= 0:
        found.append(start)
        start = text.find(words, start + 1)
    assert [find_occurrence(text, words, i) for i in range(len(found))] == found
    with pytest.raises(ValueError, match=f"the text has {len(found)}"):
        find_occurrence(text, words, len(found))


def test_the_two_forms_are_equal(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": LENS, "span": "lens", "label": "positive", "ordinal": 0},
        {"text": LENS, "span": "flash", "label": "negative", "ordinal": 0},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    assert get_aspects(read("setfit_absa", path)[0][0]) == get_aspects(read("setfit_absa", CSV)[0][0])[:2]
