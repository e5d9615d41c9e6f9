import gzip
from pathlib import Path

import pytest

from spacy_bertsent.labels import POLARITY

from .util import DATA, get_chosen, read

CSV = DATA / "imdb.csv"


def test_imdb() -> None:
    docs, report = read("imdb", CSV)
    assert [doc.text for doc in docs] == [
        'A "small" film.\n\nI would see it again, twice.',
        "Two hours of rain,\nand not one umbrella.",
        "The dog acts best\u0085by far.\nGood dog.",
        "I left early.",
        "He said: <b>no</b>.",
    ]
    assert [get_chosen(doc, POLARITY)[0] for doc in docs] == [
        "positive",
        "negative",
        "positive",
        "negative",
        "negative",
    ]
    assert docs[0].cats == {"polarity:positive": 1.0, "polarity:negative": 0.0}
    assert not report.faults


def test_breaks() -> None:
    docs, _ = read("imdb", CSV, breaks="keep")
    assert docs[0].text == 'A "small" film.<br /><br />I would see it again, twice.'
    with pytest.raises(ValueError, match=r"\[BS033\] Unknown value 'drop' of --breaks. Expected one of: newline, keep"):
        read("imdb", CSV, breaks="drop")


def test_gzip_crlf_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "imdb.csv.gz"
    # Within a text the end of a line stays what it is.
    raw = CSV.read_bytes().replace(b"\n", b"\r\n").replace(b"rain,\r\n", b"rain,\n")
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + raw))
    assert [doc.to_json() for doc in read("imdb", path)[0]] == [doc.to_json() for doc in read("imdb", CSV)[0]]


def test_faults_are_named_by_the_line_where_the_row_starts() -> None:
    docs, report = read("imdb", DATA / "imdb_faulty.csv", skip_errors=True)
    assert [doc.text for doc in docs] == ["Good,\nreally."]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (4, "unknown label 'bad', expected one of: positive, negative"),
        (6, "3 columns, expected 2: review, sentiment"),
        (7, "the text is empty"),
        (8, "1 columns, expected 2: review, sentiment"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*imdb_faulty.csv, line 4: unknown label 'bad'"):
        read("imdb", DATA / "imdb_faulty.csv")


@pytest.mark.parametrize(
    "rows,line",
    [
        ('Good.,positive\n"Bad.,negative\nNot closed.,positive\n', 3),
        ('Good.,positive\n"Bad." too,negative\n', 3),
        (f"Good.,positive\nBad.,negative\n{'long ' * 30000},negative\n", 4),
    ],
)
def test_damaged_csv(tmp_path: Path, rows: str, line: int) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"review,sentiment\n{rows}")
    with pytest.raises(ValueError, match=rf"\[BS030\].*rows.csv cannot be read beyond line {line}: "):
        read("imdb", path, skip_errors=True)


def test_damaged_gzip(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"review,sentiment\n" + b"Good.,positive\n" * 1000)[:-12])
    with pytest.raises(ValueError, match=r"\[BS030\].*rows.csv.gz cannot be read beyond line"):
        read("imdb", path, skip_errors=True)


def test_bytes_that_are_not_utf8_are_the_fault_of_a_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"review,sentiment\nGood.,positive\nCaf\xe9.,positive\n")
    docs, report = read("imdb", path, skip_errors=True)
    assert len(docs) == 1
    assert [(fault.line, fault.text) for fault in report.faults] == [(3, "the text is not valid UTF-8 at character 3")]


def test_header_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("Good.,positive\n")
    with pytest.raises(ValueError, match=r"\[BS050\].*no column 'review'. Its first line: 'Good., positive'"):
        read("imdb", path)
