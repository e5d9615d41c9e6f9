import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import spacy

from spacy_bertsent.benchmark import machine

from ..util import get_module, make_nlp


def test_machine() -> None:
    assert re.search(r", \d+ cores", machine.describe_machine())
    assert machine.get_versions()["spacy"] == version("spacy")
    assert machine.get_versions()["python"] == platform.python_version()
    assert "no-such-package" not in machine.get_versions()


@pytest.mark.parametrize("value,expected", [("3", 3), ("", None), ("many", None)])
def test_threads(monkeypatch: pytest.MonkeyPatch, value: str, expected: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert machine.get_threads() == (expected or 16)


def test_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert machine.describe_machine(0) == "GPU"


def test_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert machine.get_commit() is None
    run = machine._get_output
    run(["git", "init", "--quiet"])
    author = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    run(["git", *author, "commit", "--quiet", "--allow-empty", "-m", "x"])
    commit = machine.get_commit()
    if commit is None:
        pytest.skip("there is no git")
    assert re.fullmatch(r"[0-9a-f]{7,}", commit)
    (tmp_path / "results.md").write_text("x", "utf8")
    assert machine.get_commit() == commit
    (tmp_path / "code.py").write_text("x", "utf8")
    assert machine.get_commit() == f"{commit}+"


def test_parameters(weights: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    assert machine.count_parameters(nlp) is None
    alone = make_nlp(weights, "backbone", "polarity")
    encoder = sum(x.numel() for x in get_module(alone).parameters())
    # 32 wide, 3 labels; the head listens to the backbone and does not own it.
    assert machine.count_parameters(alone) == encoder + 32 * 3 + 3
    assert machine.count_parameters(make_nlp(weights, "backbone", "polarity", "aspect_sentiment")) == encoder + 2 * 99
