import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from spacy_bertsent.benchmark.bench import Bench, RunFailed, RunSkipped
from spacy_bertsent.benchmark.corpora import read_docs
from spacy_bertsent.benchmark.job import make_run
from spacy_bertsent.benchmark.records import read_results
from spacy_bertsent.benchmark.runs import Run, get_fingerprint

from .util import ToyRoom, ToyRunner, make_bench, make_suite, read_toy


def get_run(folder: Path, name: str, training_set: str = "foods", seed: int = 0, **changes: Any) -> Run:
    data = make_suite(folder)
    data["systems"][name].update(changes)
    suite = read_toy(data)
    return Run(suite.get_set(training_set), suite.systems[name], seed)


def get_record(bench: Bench, run: Run, dataset: str = "foods") -> Dict[str, Any]:
    record: Dict[str, Any] = read_results(bench.results / f"{dataset}.json")["runs"][run.key]
    return record


def get_files(folder: Path) -> List[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_run_of_a_config(tmp_path: Path) -> None:
    runner, room = ToyRunner(), ToyRoom()
    bench, run = make_bench(tmp_path, runner, room), get_run(tmp_path, "plain", overrides={"toy.quality": 0.9})
    assert make_run(bench, run) == pytest.approx(0.89)
    record = get_record(bench, run)
    assert record["scores"] == {"texts": 8, "polarity.accuracy": 0.89, "polarity.macro_f1": 0.89}
    assert record["select_scores"]["polarity.accuracy"] == 0.9
    assert record["texts"] == {"train": 24, "select": 8, "report": 8}
    assert record["selected"] == [] and record["candidates"] == [] and record["parameters"] == 1234
    assert record["fingerprint"] == get_fingerprint(run, [bench.get_corpora(run.training_set.datasets[0])])
    assert record["command"].startswith(
        "python -m spacy train .../toy.cfg --output .../train-0 --paths.train .../train"
    )
    assert str(tmp_path) not in (bench.results / "foods.json").read_text("utf8")
    assert {"system", "seed", "machine", "threads", "versions", "commit", "time", "seconds"} <= record.keys()
    # The last model was asked, for both splits; the report is not touched before.
    assert json.loads((bench.results / "predictions/foods/plain-seed0.jsonl.gz").read_text())["model"] == "model-last"
    assert room.calls == [
        ["predict", bench.get_folder(run) / "train-0" / "model-last", ["select.spacy"]],
        ["score", "select-0-foods.jsonl.gz", "select.spacy", True, "select.spacy"],
        ["predict", bench.get_folder(run) / "train-0" / "model-last", ["report.spacy"]],
        ["score", "report-foods.jsonl.gz", "report.spacy", True, "select.spacy"],
    ]
    assert get_files(bench.get_folder(run)) == ["log.txt", "report-foods.jsonl.gz", "select-0-foods.jsonl.gz"]


def test_best_candidate_is_reported(tmp_path: Path) -> None:
    room = ToyRoom()
    bench, run = make_bench(tmp_path, room=room), get_run(tmp_path, "tuned", seed=1)
    bench.keep_models = True
    assert make_run(bench, run) == pytest.approx(0.69)
    record = get_record(bench, run)
    assert record["candidates"] == [
        {"overrides": {"toy.quality": 0.4}, "select": 0.3},
        {"overrides": {"toy.quality": 0.8}, "select": 0.7},
        {"overrides": {"toy.quality": 0.6}, "select": 0.5},
    ]
    assert "--toy.quality 0.8" in record["command"] and "--system.seed 1" in record["command"]
    assert record["selected"] == ["step", "1 of 3 settings"]
    # The losers never saw the texts that are reported.
    assert [call[1].parts[-2:] for call in room.calls if call[2] == ["report.spacy"]] == [("train-1", "model-best")]
    assert get_files(bench.get_folder(run))[-1] == "train-1/model-best/toy.json"
    assert len(get_files(bench.get_folder(run))) == 6


def test_several_data_sets_are_trained_together(tmp_path: Path) -> None:
    runner, room = ToyRunner(), ToyRoom()
    bench, run = make_bench(tmp_path, runner, room), get_run(tmp_path, "joint", "both")
    make_run(bench, run)
    train = runner.commands[-1][runner.commands[-1].index("--paths.train") + 1]
    assert [doc.text[:5] for doc in read_docs(Path(train))] == ["foods"] * 24 + ["moods"] * 24
    assert runner.count("train") == 1
    foods, moods = get_record(bench, run), get_record(bench, run, "moods")
    assert foods["training_set"] == moods["training_set"] == "both" and foods["texts"]["train"] == 48
    assert foods["fingerprint"] == moods["fingerprint"] and foods["command"] == moods["command"]
    assert foods["selected"] == [] and moods["selected"] == ["thresholds"]
    assert "emotions.macro_f1" in moods["scores"] and "polarity.accuracy" in foods["scores"]
    for dataset in ("foods", "moods"):
        assert bench.get_predictions(run, run.training_set.datasets[dataset == "moods"]).is_file()
    assert room.calls[-1] == ["score", "report-moods.jsonl.gz", "report.spacy", True, "select.spacy"]


def test_training_on_all(tmp_path: Path) -> None:
    runner, room = ToyRunner(), ToyRoom()
    bench, run = make_bench(tmp_path, runner, room), get_run(tmp_path, "joint", "both", train="all")
    make_run(bench, run)
    train = runner.commands[-1][runner.commands[-1].index("--paths.train") + 1]
    assert len(read_docs(Path(train))) == 64
    record = get_record(bench, run, "moods")
    assert record["texts"]["train"] == 64 and record["select_scores"] is None and record["selected"] == []
    assert [call[1:] for call in room.calls if call[0] == "score"] == [
        ["report-foods.jsonl.gz", "report.spacy", False, None],
        ["report-moods.jsonl.gz", "report.spacy", False, None],
    ]


def test_script(tmp_path: Path) -> None:
    runner = ToyRunner()
    bench, run = make_bench(tmp_path, runner), get_run(tmp_path, "script")
    assert make_run(bench, run) == pytest.approx(0.69)
    assert runner.commands[-1][0] == "script.py" and get_record(bench, run)["command"].startswith("script.py ")
    assert get_record(bench, run)["parameters"] is None
    assert (bench.results / "predictions/foods/script-seed0.jsonl.gz").is_file()


def test_script_is_skipped(tmp_path: Path) -> None:
    bench = make_bench(tmp_path, ToyRunner(mute=True))
    with pytest.raises(RunSkipped, match="and the last line"):
        make_run(bench, get_run(tmp_path, "script"))
    with pytest.raises(RunSkipped, match="there is no nowhere/python"):
        make_run(bench, get_run(tmp_path, "script", python="nowhere/python"))
    assert not bench.results.exists()


def test_commands_before(tmp_path: Path) -> None:
    runner = ToyRunner()
    bench = make_bench(tmp_path, runner)
    run = get_run(tmp_path, "plain", before=["python -m vectors {train} {run}/vectors", "other {seed}"])
    make_run(bench, run)
    folder = str(bench.get_folder(run))
    assert runner.commands[-3][1:3] == ["-m", "vectors"] and runner.commands[-3][4] == f"{folder}/vectors"
    assert runner.commands[-2] == ["other", "0"]


def test_failures(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="one line\nand the last line"):
        make_run(make_bench(tmp_path, ToyRunner(broken="train")), get_run(tmp_path, "plain"))
    with pytest.raises(RunFailed, match="There is no config nothing.cfg"):
        make_run(make_bench(tmp_path), get_run(tmp_path, "plain", config="nothing.cfg"))
    suite = make_suite(tmp_path)
    suite["datasets"]["foods"]["measures"] = ["polarity.beauty"]
    run = Run(read_toy(suite).get_set("foods"), read_toy(suite).systems["plain"], 0)
    with pytest.raises(RunFailed, match="no polarity.beauty in the report of foods.*polarity.accuracy"):
        make_run(make_bench(tmp_path), run)
    assert not (tmp_path / "results").exists()


def test_half_a_training_starts_over(tmp_path: Path) -> None:
    bench, run = make_bench(tmp_path), get_run(tmp_path, "plain")
    left = bench.get_folder(run) / "train-0" / "model-last" / "half"
    left.mkdir(parents=True)
    bench.keep_models = True
    make_run(bench, run)
    assert not left.exists() and (left.parent / "toy.json").is_file()
