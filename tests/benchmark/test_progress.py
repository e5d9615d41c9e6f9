import re
from pathlib import Path
from typing import Any, List, Mapping, Optional

import pytest

from spacy_bertsent.benchmark.progress import make_runs, to_time
from spacy_bertsent.benchmark.records import read_results
from spacy_bertsent.benchmark.runs import list_runs

from .util import ToyRoom, ToyRunner, make_bench, make_suite, read_toy


class Screen:
    def __init__(self) -> None:
        self.text = ""

    def __call__(self, text: str, nl: bool = True) -> None:
        self.text += text + "\n" * nl

    @property
    def lines(self) -> List[str]:
        return self.text.splitlines()


def test_runs_are_made_once(tmp_path: Path) -> None:
    runner, screen = ToyRunner(), Screen()
    suite = read_toy(make_suite(tmp_path))
    runs = list_runs(suite)
    assert {make_bench(tmp_path).get_state(run) for run in runs} == {"to do"}
    assert make_runs(make_bench(tmp_path, runner), runs, echo=screen) == []
    assert runner.count("convert") == 2 and runner.count("script.py") == 2
    # plain on two, tuned with 3 candidates and joint with two seeds each
    assert runner.count("train") == 2 + 2 * 3 + 2
    assert len(screen.lines) == 8
    times = r"\d+ s; \d+ s in all"
    first, last = "[1/8] foods, plain, seed 0 ... 49.0", "[8/8] both, joint, seed 1 ... 39.0"
    assert re.fullmatch(rf"{re.escape(first)} polarity.accuracy, {times}, about \d+ s left", screen.lines[0])
    assert re.fullmatch(rf"{re.escape(last)} polarity.accuracy, {times}", screen.lines[-1])
    assert {make_bench(tmp_path).get_state(run) for run in runs} == {"done"}
    # Again: nothing to do.
    screen, again = Screen(), ToyRunner()
    assert make_runs(make_bench(tmp_path, again), runs, echo=screen) == [] and again.commands == []
    assert screen.lines[2] == "[3/8] foods, script, seed 0 ... done before"
    # Unless it is asked for.
    make_runs(make_bench(tmp_path, again), runs[:2], echo=screen, force=True)
    assert again.count("convert") == 1 and again.count("train") == 4


def test_changed_runs_are_made_again(tmp_path: Path) -> None:
    data = make_suite(tmp_path)
    make_runs(make_bench(tmp_path), list_runs(read_toy(data)), echo=Screen())
    data["systems"]["joint"]["overrides"] = {"toy.size": 4}
    runs = list_runs(read_toy(data))
    states = {run.key: make_bench(tmp_path).get_state(run) for run in runs}
    assert [key for key, state in states.items() if state == "changed"] == ["joint-seed0", "joint-seed1"]
    runner = ToyRunner()
    make_runs(make_bench(tmp_path, runner), runs, echo=Screen())
    assert runner.count("train") == 2 and runner.count("--toy.size") == 2 and runner.count("convert") == 0
    assert {make_bench(tmp_path).get_state(run) for run in runs} == {"done"}


def test_others_go_on_after_a_failure(tmp_path: Path) -> None:
    screen = Screen()
    suite = read_toy(make_suite(tmp_path))
    runs = list_runs(suite, training_sets=["foods", "both"])
    failed = make_runs(make_bench(tmp_path, ToyRunner(broken="train")), runs, echo=screen)
    assert [run.key for run in failed] == ["plain-seed0", "tuned-seed0", "tuned-seed1", "joint-seed0", "joint-seed1"]
    foods = read_results(tmp_path / "results" / "foods.json")
    assert list(foods["runs"]) == ["script-seed0", "script-seed1"]
    assert sorted(foods["failed"]) == sorted(run.key for run in failed)
    assert foods["failed"]["plain-seed0"]["output"] == ["one line", "and the last line"]
    assert list(read_results(tmp_path / "results" / "moods.json")["failed"]) == ["joint-seed0", "joint-seed1"]
    assert "failed, see" in screen.lines[0] and screen.lines[1:3] == ["one line", "and the last line"]
    bench = make_bench(tmp_path)
    assert [bench.get_state(run) for run in runs] == ["failed", "failed", "done", "failed", "done", "failed", "failed"]
    # The next call tries them again.
    assert make_runs(bench, runs, echo=Screen()) == []
    assert read_results(tmp_path / "results" / "foods.json")["failed"] == {}


def test_unforeseen_errors_cost_one_run(tmp_path: Path) -> None:
    class Broken(ToyRoom):
        def predict(self, model: Path, corpora: Mapping[Path, Path]) -> Optional[int]:
            if "tuned-seed0" in str(model):
                raise KeyError("out of the blue")
            return super().predict(model, corpora)

    runs = list_runs(read_toy(make_suite(tmp_path)), training_sets=["foods"])
    failed = make_runs(make_bench(tmp_path, room=Broken()), runs, echo=Screen())
    assert [run.key for run in failed] == ["tuned-seed0"]
    output = read_results(tmp_path / "results" / "foods.json")["failed"]["tuned-seed0"]["output"]
    assert output[-1] == "KeyError: 'out of the blue'" and str(tmp_path) not in "".join(output)


def test_interrupted_runs_start_over(tmp_path: Path) -> None:
    class Interrupted(ToyRunner):
        def __call__(self, words: Any, log: Path) -> int:
            if "train" in words and self.count("train") == 3:
                raise KeyboardInterrupt
            return super().__call__(words, log)

    runs = list_runs(read_toy(make_suite(tmp_path)), training_sets=["foods"])
    with pytest.raises(KeyboardInterrupt):
        make_runs(make_bench(tmp_path, Interrupted()), runs, echo=Screen())
    results = read_results(tmp_path / "results" / "foods.json")
    assert list(results["runs"]) == ["plain-seed0"] and results["failed"] == {}
    runner = ToyRunner()
    assert make_runs(make_bench(tmp_path, runner), runs, echo=Screen()) == []
    assert runner.count("train") == 6 and runner.count("convert") == 0


def test_no_raw_data(tmp_path: Path) -> None:
    screen = Screen()
    bench = make_bench(tmp_path)
    (bench.data / "moods.jsonl").unlink()
    assert make_runs(bench, list_runs(read_toy(make_suite(tmp_path)), seeds=[0]), echo=screen) == []
    absent = bench.data / "moods.jsonl"
    assert screen.lines[:2] == [
        f"Skipped: moods, 1 of 5 runs: there is no {absent}", f"Skipped: both, 1 of 5 runs: there is no {absent}",
    ]  # fmt: skip
    assert [line.split(" ...")[0] for line in screen.lines[2:]] == [
        "[1/3] foods, plain, seed 0", "[2/3] foods, tuned, seed 0", "[3/3] foods, script, seed 0",
    ]  # fmt: skip


def test_no_run_is_begun_after_some_minutes(tmp_path: Path) -> None:
    screen, runner = Screen(), ToyRunner()
    runs = list_runs(read_toy(make_suite(tmp_path)))
    assert make_runs(make_bench(tmp_path, runner), runs, echo=screen, minutes=0) == []
    assert screen.lines == ["Stopped after 0 s: 8 runs were not begun"] and runner.commands == []


@pytest.mark.parametrize(
    "seconds,expected",
    [(0.2, "0 s"), (119, "119 s"), (120, "2 min"), (7000, "117 min"), (7200, "2 h 00 min"), (36300, "10 h 05 min")],
)
def test_time(seconds: float, expected: str) -> None:
    assert to_time(seconds) == expected
