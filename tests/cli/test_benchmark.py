import json
import os
import re
import shlex
import signal
from pathlib import Path
from typing import Any, Dict, Sequence

import pytest
import srsly
from thinc.api import Config

from spacy_bertsent.cli import benchmark
from spacy_bertsent.evaluation.predictions import read_predictions

from ..benchmark.util import ToyRoom, ToyRunner, make_suite, write_suite
from ..benchmark.util import make_data as make_toy_data
from .util import make_rows, run

ROOT = Path(__file__).parent.parent.parent
OPENINGS = ("The", "That", "This", "Our", "Your")


def make_data(folder: Path) -> Path:
    """150 texts with polarity, emotions and aspects."""
    folder.mkdir()
    rows = [row for opening in OPENINGS for row in make_rows(opening)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return folder


def make_real_suite(weights: Path) -> Dict[str, Any]:
    """Two data sets of the same texts, and one system that trains all heads on both."""
    make = [
        "bertsent {data}/rows.jsonl {corpus}/all.spacy --dev {corpus}/report.spacy --dev-share 0.2",
        {"split": "all.spacy", "rest": "train.spacy", "aside": "select.spacy", "share": 0.2},
    ]
    recipe = {"epochs": 4, "batch": 16, "learn_rate": 0.003}
    backbone = {"name": str(weights), "precision": "fp32"}
    dataset = {"task": "joint", "select": "a fifth", "report": "a fifth", "make": make, "recipe": recipe}
    measures = [f"aspects.{x}" for x in ("given.accuracy", "given.macro_f1", "masked.accuracy", "end_to_end.f1")]
    return {
        "datasets": {
            "aspects": {**dataset, "title": "Aspects", "measures": measures},
            "moods": {**dataset, "title": "Moods", "measures": ["emotions.macro_f1", "polarity.accuracy"]},
        },
        "together": {"both": {"datasets": ["aspects", "moods"], "task": "joint", "recipe": recipe}},
        "systems": {
            "joint": {
                "title": "Joint",
                "on": ["both"],
                "config": str(ROOT / "configs" / "{task}.cfg"),
                "recipe": True,
                "choose": "best",
                "overrides": {f"components.backbone.model.{key}": value for key, value in backbone.items()},
            }
        },
    }


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run commands in this process: saves seconds for each."""

    def run_here(words: Sequence[str], log: Path) -> int:
        assert words[1:3] == ["-m", "spacy"]
        code, printed = run(*words[3:])
        with log.open("a", encoding="utf8") as file:
            file.write(f"$ {shlex.join(words)}\n{printed}")
        return code

    monkeypatch.setattr(benchmark, "run_command", run_here)


def test_benchmark(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, in_process: None) -> None:
    monkeypatch.chdir(tmp_path)
    make_data(tmp_path / "data")
    write_suite(make_real_suite(weights), tmp_path / "suite.yml")
    options = ["--data", "data", "--output", "results", "--work", "work", "--seeds", "3"]
    code, printed = run("bertsent", "benchmark", "suite.yml", *options)
    assert code == 0, printed
    assert re.search(
        r"^\[1/1\] both, joint, seed 3 \.\.\. [\d.]+ aspects.given.accuracy, \d+ s; \d+ s in all$", printed, re.M
    )
    aspects = json.loads(Path("results/aspects.json").read_text())["runs"]["joint-seed3"]
    moods = json.loads(Path("results/moods.json").read_text())["runs"]["joint-seed3"]
    assert aspects["texts"] == {"train": 192, "select": 24, "report": 30}
    # 4 epochs of 192 texts in batches of 16
    assert "--training.max_steps 48 --training.eval_frequency 12 " in aspects["command"]
    assert "--training.batcher.size 16 " in aspects["command"]
    assert "--paths.train work/corpora/both-merged/train.spacy" in aspects["command"]
    assert set(aspects["scores"]) >= {"aspects.given.accuracy", "aspects.masked.accuracy", "aspects.end_to_end.f1"}
    assert aspects["parameters"] > 10_000 and (aspects["selected"], moods["selected"]) == (
        ["step"],
        ["step", "thresholds"],
    )
    # What is recorded is what the predictions give, with the thresholds that were chosen on the selection split.
    predictions = read_predictions(Path("results/predictions/moods/joint-seed3.jsonl.gz"))
    select = read_predictions(Path("work/runs/both/joint-seed3/select-0-moods.jsonl.gz"))
    assert len(predictions.rows) == 30 and len(select.rows) == 24
    assert predictions.thresholds == select.thresholds and len(set(predictions.thresholds.values())) > 1
    assert "soup" not in Path("results/moods.json").read_text()
    code, printed = run(
        "bertsent", "evaluate", "results/predictions/moods/joint-seed3.jsonl.gz", "work/corpora/moods/report.spacy",
        "--output", "again.json", "--resamples", 0,
    )  # fmt: skip
    assert code == 0, printed
    again = json.loads(Path("again.json").read_text())
    assert again["emotions"]["macro_f1"] == pytest.approx(moods["scores"]["emotions.macro_f1"], abs=1e-6)
    assert again["polarity"]["accuracy"] == pytest.approx(moods["scores"]["polarity.accuracy"], abs=1e-6)
    page = Path("results/aspects.md").read_text()
    assert "| Joint | " in page and "accuracy, aspect masked" in page and "| step | 192 |" in page
    # No model is left, and the next call has nothing to do.
    assert sorted(path.name for path in Path("work/runs/both/joint-seed3").iterdir())[:1] == ["log.txt"]
    assert not list(Path("work").rglob("model-*"))
    before = Path("results/aspects.json").read_text()
    code, printed = run("bertsent", "benchmark", "suite.yml", *options)
    assert code == 0 and "done before" in printed and Path("results/aspects.json").read_text() == before


def test_real_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing script and a missing interpreter, through the shell's own door."""
    monkeypatch.chdir(tmp_path)
    data = make_suite(tmp_path)
    make_data(tmp_path / "data")
    foods = data["datasets"]["foods"]
    foods["make"][0] = foods["make"][0].replace("foods", "rows")
    Path("bad.py").write_text("import sys; print('Something is wrong here.'); sys.exit(3)", "utf8")
    Path("mute.py").write_text("print('Skipped: no such package')", "utf8")
    for name in ("bad", "mute"):
        data["systems"][name] = {"title": name, "on": ["foods"], "command": f"python {name}.py", "seeds": 1}
    data["systems"]["far"] = {**data["systems"]["bad"], "command": "x.py", "python": "nowhere/python"}
    write_suite(data, tmp_path / "suite.yml")
    code, printed = run(
        "bertsent", "benchmark", "suite.yml", "--data", "data", "-o", "out", "-w", "work", "--systems", "bad, mute,far"
    )
    assert code == 1, printed
    assert "[1/3] foods, bad, seed 0 ... failed, see work/runs/foods/bad-seed0/log.txt" in printed
    assert "[2/3] foods, mute, seed 0 ... skipped: no such package" in printed
    assert "[3/3] foods, far, seed 0 ... skipped: there is no nowhere/python" in printed
    assert "Failed: 1 of 3 runs" in printed and "    foods, bad, seed 0: work/runs/foods/bad-seed0/log.txt" in printed
    failed = json.loads(Path("out/foods.json").read_text())["failed"]
    assert failed["bad-seed0"]["output"][-1] == "Something is wrong here."
    code, printed = run("bertsent", "benchmark", "suite.yml", "-d", "data", "-o", "out", "-w", "work", "--list")
    assert code == 0 and re.search(r"foods +bad +failed", printed) and re.search(r"both +joint +to do +to do", printed)
    assert not Path("out/foods.md").exists(), "nothing to show"


def test_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C and `kill` leave the finished runs and their tables."""
    monkeypatch.chdir(tmp_path)
    data = make_suite(tmp_path)
    data["systems"]["script"]["seeds"] = 2
    write_suite(data, tmp_path / "suite.yml")
    runner, room = ToyRunner(), ToyRoom()

    def run_or_stop(words: Sequence[str], log: Path) -> int:
        if runner.count("script.py"):
            os.kill(os.getpid(), signal.SIGTERM)
        return runner(words, log)

    monkeypatch.setattr(benchmark, "run_command", run_or_stop)
    monkeypatch.setattr(benchmark, "predict", room.predict)
    monkeypatch.setattr(benchmark, "score", room.score)
    handler = signal.getsignal(signal.SIGTERM)
    try:
        code, printed = run(
            "bertsent", "benchmark", "suite.yml", "--data", make_toy_data(tmp_path / "data"), "-o", "out",
            "--systems", "script",
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert code != 0 and "[2/2] foods, script, seed 1 ..." in printed
    results = json.loads(Path("out/foods.json").read_text())
    assert list(results["runs"]) == ["script-seed0"] and results["failed"] == {}
    assert "| A script | 69.0 | 69.0 | 0 |" in Path("out/foods.md").read_text()


def test_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_suite(make_suite(tmp_path), tmp_path / "suite.yml")
    code, printed = run("bertsent", "benchmark", "suite.yml")
    assert code == 0 and "There is no data in assets. Name its directory: --data DIR" in printed
    code, printed = run("bertsent", "benchmark", "suite.yml", "--list", "--systems", "joint", "--seeds", "0,5")
    assert code == 0 and re.search(r"Trained on +System +Seed 0 +Seed 5", printed)
    assert re.search(r"both +joint +to do +to do", printed) and "foods" not in printed
    assert not Path("benchmarks").exists() and not Path("training").exists()


def test_tables_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_suite(make_suite(tmp_path), tmp_path / "suite.yml")
    record = {
        "system": "plain", "seed": 0, "fingerprint": "a", "scores": {"polarity.accuracy": 0.75}, "selected": [],
        "texts": {"train": 1, "select": 2, "report": 3}, "seconds": {"train": 60}, "parameters": None, "machine": "x",
        "threads": 1, "versions": {}, "time": "2026-11-20T09:30:00Z",
    }  # fmt: skip
    Path("out").mkdir()
    srsly.write_json("out/foods.json", {"runs": {"plain-seed0": record}, "failed": {}})
    code, printed = run("bertsent", "benchmark", "suite.yml", "-o", "out", "--tables-only")
    assert code == 0 and "out/foods.md" in printed and "moods" not in printed
    assert "| Plain | 75.0 | - | 0 | nothing | 1 | - | 1.0 |" in Path("out/foods.md").read_text()


def test_errors_are_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_suite(make_suite(tmp_path), tmp_path / "suite.yml")
    write_suite({"datasets": {}}, tmp_path / "half.yml")
    for args, message in (
        (["nothing.yml"], "[BS021]"),
        (["half.yml"], "[BS090] 'half.yml' is no suite of benchmarks: systems: Field required"),
        (["suite.yml", "--datasets", "food"], "[BS091] The suite has no data set 'food'"),
        (["suite.yml", "--systems", "x"], "[BS091] The suite has no system 'x'"),
        (["suite.yml", "--seeds", "one"], "[BS095] Cannot read 'one' as --seeds"),
    ):
        code, printed = run("bertsent", "benchmark", *args)
        assert code == 1 and message in printed and "No benchmark was run" in printed and "Traceback" not in printed


def test_words() -> None:
    assert benchmark.split_words("a, b c,,") == ["a", "b", "c"] and benchmark.split_words(" ") is None
    assert benchmark.read_numbers("0,1 2", "--seeds") == [0, 1, 2] and benchmark.read_numbers(None, "--seeds") is None
    with pytest.raises(ValueError, match="BS095"):
        benchmark.read_numbers("1.5", "--seeds")


def test_suite_of_the_project_is_sound() -> None:
    """Its configs exist, and take their overrides."""
    from spacy_bertsent.benchmark.runs import get_recipe_overrides, get_step_overrides, list_runs
    from spacy_bertsent.benchmark.suite import read_suite

    suite = read_suite(ROOT / "benchmarks" / "suite.yml")
    for one in list_runs(suite, seeds=[0]):
        if one.system.command:
            assert (ROOT / one.system.command.split()[0]).is_file(), str(one)
        else:
            overrides = {"paths.train": "x", "paths.dev": "x", "system.seed": 0}
            if one.system.recipe:
                overrides.update(get_recipe_overrides(one.training_set.recipe, texts=100, every_epoch=False))
            if one.system.epochs:
                optimizer = Config().from_disk(ROOT / one.config, interpolate=False)["training"]["optimizer"]
                schedule = isinstance(optimizer.get("learn_rate"), dict)
                overrides.update(
                    get_step_overrides(one.system.epochs, 32, texts=100, every_epoch=False, schedule=schedule)
                )
            for candidate in one.system.candidates or [{}]:
                settings = {**overrides, **one.system.overrides, **candidate}
                config = Config().from_disk(ROOT / one.config, overrides=settings, interpolate=False)
                steps = config["training"]["optimizer"].get("learn_rate")
                if isinstance(steps, dict) and "total_steps" in steps:
                    assert steps["total_steps"] == config["training"]["max_steps"], str(one)
