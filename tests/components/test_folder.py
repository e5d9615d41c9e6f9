from pathlib import Path

from spacy_bertsent.components.folder import read_files, write_files


def test_what_is_written_is_read(tmp_path: Path) -> None:
    files = {"a.json": b"{}", "b.bin": bytes(range(256))}
    write_files(files, tmp_path / "model")
    assert read_files(tmp_path / "model") == files
    write_files({"a.json": b"[]"}, tmp_path / "model")
    assert read_files(tmp_path / "model") == {**files, "a.json": b"[]"}


def test_what_is_no_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert read_files(tmp_path) == {"folder": b""}, "so that a manifest can refuse it"
    assert read_files(tmp_path / "missing") == {}
