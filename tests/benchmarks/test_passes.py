"""The script that measures what a pass can be made of."""

import subprocess
import sys
from pathlib import Path

from ..util import TEXTS

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "passes.py"


def run(*args: object) -> str:
    command = [sys.executable, str(SCRIPT), *map(str, args), "--quick", "--threads", "2"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_each_choice_is_measured(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "sst2").mkdir()
    lines = [f"{text} {i}\t1\n" for i in range(20) for text in TEXTS if text.strip()]
    (tmp_path / "sst2" / "train.tsv").write_text("".join(lines), encoding="utf8")
    printed = run("--data", tmp_path, "--weights", weights).splitlines()
    assert [line.split(":")[0] for line in printed] == [
        "attention, forward and backward",
        "filling up, prediction",
        "filling up, forward and backward",
        "OpenVINO, prediction",
    ]
    assert all("ratio" in line for line in printed)


def test_missing_data_is_told(tmp_path: Path) -> None:
    assert run("--data", tmp_path).startswith("Skipped: there is no ")
