import gzip
from pathlib import Path

import pytest

from .util import DATA, read


def test_sst2() -> None:
    docs, report = read("sst2", DATA / "sst2.tsv")
    assert len(docs) == 5
    assert docs[0].text == "a warm , wry and quietly moving little film"
    assert docs[0].cats == {"polarity:positive": 1.0, "polarity:negative": 0.0}
    assert docs[1].cats == {"polarity:positive": 0.0, "polarity:negative": 1.0}
    assert not docs[0].spans
    assert not report.faults and not report.dropped and not report.moved


def test_u0085_does_not_end_a_line() -> None:
    docs, _ = read("sst2", DATA / "sst2.tsv")
    assert docs[3].text == "three cheers\u0085for the cellist , who deserves a film of her own"


def test_gzip_crlf_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "sst2.tsv.gz"
    raw = (DATA / "sst2.tsv").read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + raw))
    plain, _ = read("sst2", DATA / "sst2.tsv")
    zipped, _ = read("sst2", path)
    assert [doc.to_json() for doc in zipped] == [doc.to_json() for doc in plain]


def test_damaged_gzip(tmp_path: Path) -> None:
    path = tmp_path / "sst2.tsv.gz"
    path.write_bytes(gzip.compress(b"a fine film\t1\n" * 1000)[:-12])
    with pytest.raises(ValueError, match=r"\[BS030\].*sst2.tsv.gz cannot be read beyond line"):
        read("sst2", path, skip_errors=True)


def test_faulty_rows_are_named() -> None:
    with pytest.raises(ValueError) as e:
        read("sst2", DATA / "sst2_faulty.tsv")
    message = str(e.value)
    assert message.startswith("[BS014]")
    assert f"{DATA / 'sst2_faulty.tsv'}, line 2: 1 columns, expected 2: sentence, label" in message
    assert "line 3: unknown label '2', expected one of: 0, 1" in message
    assert "line 4: the text is empty" in message
    assert "line 5: the text is not valid UTF-8 at character 6" in message
    assert "line 6: 3 columns" in message
    assert "--skip-errors" in message


def test_faulty_rows_are_skipped_and_counted() -> None:
    docs, report = read("sst2", DATA / "sst2_faulty.tsv", skip_errors=True)
    assert [doc.text for doc in docs] == ["a good film", "a dull film"]
    assert [fault.line for fault in report.faults] == [2, 3, 4, 5, 6]


def test_many_faults_are_shortened(tmp_path: Path) -> None:
    path = tmp_path / "sst2.tsv"
    path.write_text("x\n" * 25)
    with pytest.raises(ValueError, match=r"line 10: .*\n +and 15 more"):
        read("sst2", path)
