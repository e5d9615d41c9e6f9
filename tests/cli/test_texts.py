from pathlib import Path

import pytest

from spacy_bertsent.cli.texts import open_texts


def test_rows_with_their_lines_and_keys(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('\ufeff{"text": "One\\nand two.", "id": 7}\n\n{"text": " "}\r\n{"text": "Caf\u00e9."}', "utf8")
    assert list(open_texts(path)) == [("One\nand two.", 1, {"id": 7}), ("Caf\u00e9.", 4, {})]
    path = tmp_path / "texts.txt"
    path.write_text(" One.\r\n\r\nTwo\u2028lines.\n", "utf8")
    assert list(open_texts(path)) == [("One.", 1, {}), ("Two\u2028lines.", 3, {})]


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "One."}\nbroken\n', "utf8")
    rows = open_texts(path)
    assert next(rows).text == "One."
    with pytest.raises(ValueError, match="BS040.*line 2: no JSON"):
        next(rows)


def test_faulty_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_bytes(b"one\ntwo\ncaf\xe9\n")
    rows = open_texts(path)
    assert [next(rows).text, next(rows).text] == ["one", "two"]
    with pytest.raises(ValueError, match="BS111.*texts.txt, line 3 is not in UTF-8: .*can't decode byte 0xe9"):
        next(rows)


def test_path_is_checked_at_once(tmp_path: Path) -> None:
    for name, code in (("nowhere.txt", "BS021"), ("texts.csv", "BS041"), ("", "BS036")):
        with pytest.raises(ValueError, match=code):
            open_texts(tmp_path / name)
    (tmp_path / "blank.txt").write_text(" \n\n", "utf8")
    with pytest.raises(ValueError, match="BS042"):
        list(open_texts(tmp_path / "blank.txt"))
