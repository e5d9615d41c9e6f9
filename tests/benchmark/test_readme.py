"""benchmarks/readme.py"""

import runpy
from pathlib import Path
from typing import List

import pytest

from spacy_bertsent.benchmark.records import add_record
from spacy_bertsent.benchmark.tables import END, START

from .test_tables import make_record
from .util import make_suite, write_suite

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "readme.py"


def test_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    suite = write_suite(make_suite(tmp_path), tmp_path / "suite.yml")
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n{START}\n{END}\nAfter.\n", "utf8")
    add_record(tmp_path / "foods.json", "plain-seed0", make_record("plain", 0, 0.75))

    def run(*args: str) -> int:
        words: List[str] = [
            str(SCRIPT),
            "--suite",
            str(suite),
            "--results",
            str(tmp_path),
            "--readme",
            str(readme),
            *args,
        ]
        monkeypatch.setattr("sys.argv", words)
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        return int(ended.value.code or 0)

    assert run("--check") == 1 and "README.md is not up to date" in capsys.readouterr().err
    assert readme.read_text("utf8") == f"Before.\n{START}\n{END}\nAfter.\n"
    assert run() == 0
    table = "| Data | Measure | Plain | Joint |\n| --- | --- | ---: | ---: |\n| The foods | accuracy | 75.0 | - |\n"
    assert readme.read_text("utf8") == f"Before.\n{START}\n{table}{END}\nAfter.\n"
    assert run("--check") == 0
    readme.write_text("No marks.", "utf8")
    assert run() == 1 and "[BS093]" in capsys.readouterr().err
    assert readme.read_text("utf8") == "No marks."


def test_readme_shows_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [str(SCRIPT), "--check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert not ended.value.code, "type: python benchmarks/readme.py"
