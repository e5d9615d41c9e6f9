import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from benchmarks.peers import arguments

SCRIPTS = Path(arguments.__file__).parent


def parse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *more: str) -> arguments.argparse.Namespace:
    for name in ("train", "report"):
        (tmp_path / f"{name}.spacy").touch()
    line = ["--task", "polarity", "--train", str(tmp_path / "train.spacy"), "--report", str(tmp_path / "report.spacy")]
    monkeypatch.setattr(sys, "argv", ["peer", *line, "--predictions-report", "found.jsonl.gz", *more])
    return arguments.parse(arguments.make_parser("A peer.", precisions=("fp32", "bf16")))


def test_settings_have_the_recipe_of_the_benchmark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    args = parse(monkeypatch, tmp_path)
    assert (args.seed, args.epochs, args.learning_rate, args.batch_size) == (0, 3, 4e-5, 32)
    assert (args.precision, args.max_length, args.select) == ("fp32", 128, None)


@pytest.mark.parametrize(
    "more, message",
    [
        (["--train", "nowhere.spacy"], "there is no nowhere.spacy"),
        (["--epochs", "0"], "0 is not 1 or more"),
        (["--precision", "int8"], "invalid choice"),
        (["--predictions-select", "found.jsonl"], "go together"),
        (["--task", "irony"], "invalid choice"),
    ],
)
def test_mistakes_are_named(
    more: List[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
) -> None:
    with pytest.raises(SystemExit) as end:
        parse(monkeypatch, tmp_path, *more)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("script, name", [("hf_trainer", "hf"), ("setfit_absa", "setfit"), ("pyabsa_apc", "pyabsa")])
def test_a_peer_without_its_packages_is_skipped(script: str, name: str) -> None:
    # -S: without installed packages.
    command = [sys.executable, "-S", str(SCRIPTS / f"{script}.py")]
    done = subprocess.run(command, capture_output=True, text=True, env={})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Skipped: No module named ")
    assert done.stdout.endswith(f"Type: python benchmarks/peers/install.py {name}\n")
