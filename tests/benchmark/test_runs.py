import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.benchmark import runs
from spacy_bertsent.benchmark.corpora import Corpus
from spacy_bertsent.benchmark.runs import (
    Run,
    get_command,
    get_fingerprint,
    get_recipe_overrides,
    get_train_command,
    get_values,
    list_runs,
)
from spacy_bertsent.benchmark.suite import Recipe

from .util import make_suite, read_toy

CORPORA = [{part: Corpus(Path(f"{part}.spacy"), 10, part) for part in ("train", "select", "report")}]


def get_run(folder: Path, name: str, training_set: str = "foods", seed: int = 0, **changes: Any) -> Run:
    data = make_suite(folder)
    data["systems"][name].update(changes)
    suite = read_toy(data)
    return Run(suite.get_set(training_set), suite.systems[name], seed)


def test_runs_are_listed(tmp_path: Path) -> None:
    suite = read_toy(make_suite(tmp_path))

    def names(**choice: Any) -> List[str]:
        return [str(run) for run in list_runs(suite, **choice)]

    assert names() == [
        "foods, plain, seed 0", "foods, tuned, seed 0", "foods, script, seed 0",
        "foods, tuned, seed 1", "foods, script, seed 1",
        "moods, plain, seed 0",
        "both, joint, seed 0", "both, joint, seed 1",
    ]  # fmt: skip
    assert names(training_sets=["both"], seeds=[7]) == ["both, joint, seed 7"]
    assert names(systems=["plain"], seeds=[3, 4]) == ["foods, plain, seed 3", "moods, plain, seed 3"]
    assert names(training_sets=["moods"], systems=["joint"]) == []
    with pytest.raises(ValueError, match="BS091.*data set 'food'.*foods, moods, both"):
        list_runs(suite, training_sets=["food"])
    with pytest.raises(ValueError, match="BS091.*system 'slow'.*plain, tuned"):
        list_runs(suite, systems=["slow"])


def test_fingerprint(tmp_path: Path) -> None:
    run = get_run(tmp_path, "tuned")
    fingerprint = get_fingerprint(run, CORPORA)
    assert fingerprint == get_fingerprint(get_run(tmp_path, "tuned", seed=1, title="x"), CORPORA)
    moved = [{part: corpus._replace(path=Path("x") / corpus.path) for part, corpus in CORPORA[0].items()}]
    assert fingerprint == get_fingerprint(run, moved)
    others = [
        get_fingerprint(get_run(tmp_path, "tuned", candidates=[]), CORPORA),
        get_fingerprint(get_run(tmp_path, "tuned", overrides={"a.b": 1}), CORPORA),
        get_fingerprint(get_run(tmp_path, "tuned", before=["x"]), CORPORA),
        get_fingerprint(get_run(tmp_path, "tuned", choose="last"), CORPORA),
        get_fingerprint(get_run(tmp_path, "tuned", recipe=False), CORPORA),
        get_fingerprint(get_run(tmp_path, "tuned", recipe=False, epochs=3), CORPORA),
        get_fingerprint(run, [{**CORPORA[0], "select": Corpus(Path("x"), 10, "other")}]),
    ]
    (tmp_path / "toy.cfg").write_text("[training]\nmax_steps = 2\n", "utf8")
    others.append(get_fingerprint(run, CORPORA))
    assert len({fingerprint, *others}) == 9


def make_command(run: Run, candidate: Dict[str, Any]) -> List[str]:
    corpora = {"train": Path("t.spacy"), "select": Path("s.spacy")}
    values = get_values(run, Path("folder"), corpora, texts=10, gpu_id=0)
    return get_train_command(run, candidate, values, texts=10, output=Path("folder/train-0"))


def test_train_command(tmp_path: Path) -> None:
    overrides = {"vars.task": "{task}", "paths.vectors": "{run}/vectors", "x.y": True, "x.z": {"a": 1}, "x.w": None}
    run = get_run(tmp_path, "plain", overrides=overrides, seed=2)
    assert make_command(run, {"x.y": 0.5}) == [
        sys.executable, "-m", "spacy", "train", f"{tmp_path}/toy.cfg", "--output", "folder/train-0",
        "--paths.train", "t.spacy", "--paths.dev", "s.spacy", "--system.seed", "2",
        "--training.logger.progress_bar", "null", "--vars.task", "polarity", "--paths.vectors", "folder/vectors",
        "--x.y", "0.5", "--x.z", '{"a": 1}', "--x.w", "null", "--gpu-id", "0",
    ]  # fmt: skip


def test_config_without_progress_bar(tmp_path: Path) -> None:
    run = get_run(tmp_path, "plain")
    (tmp_path / "toy.cfg").write_text("[training]\nmax_steps = 2\n", "utf8")
    assert "--training.logger.progress_bar" not in make_command(run, {})


def test_recipe_in_command(tmp_path: Path) -> None:
    # 2 epochs of 10 texts in batches of 4, scored after each
    words = make_command(get_run(tmp_path, "tuned"), {"training.batcher.size": 8})
    options = dict(zip(words[5::2], words[6::2]))
    assert options["--training.max_steps"] == options["--training.optimizer.learn_rate.total_steps"] == "4"
    assert options["--training.eval_frequency"] == "2"
    assert options["--training.optimizer.learn_rate.initial_rate"] == "0.001"
    assert options["--training.batcher.size"] == "8", "the candidate comes last"
    assert "--training.max_steps" not in make_command(get_run(tmp_path, "plain"), {})


@pytest.mark.parametrize("choose,frequency", [("last", "10"), ("best", "5")])
def test_steps_follow_the_texts(tmp_path: Path, choose: str, frequency: str) -> None:
    # 2 epochs of 10 texts, in the config's batches of 2
    run = get_run(tmp_path, "plain", epochs=2, choose=choose)
    training = "[training]\nmax_steps = 1\n\n[training.batcher]\nsize = 2\n\n[training.optimizer]\n"
    run.config.write_text(f"{training}learn_rate = 0.1\n", "utf8")
    steps = {"--training.max_steps": "10", "--training.eval_frequency": frequency}

    def read_options() -> Dict[str, str]:
        words = make_command(run, {})
        return {key: value for key, value in zip(words[5::2], words[6::2]) if key.startswith("--training")}

    assert read_options() == steps
    schedule = "[training.optimizer.learn_rate]\ninitial_rate = 0.1\n"
    run.config.write_text(f"{training}\n{schedule}", "utf8")
    rate = "--training.optimizer.learn_rate"
    assert read_options() == {**steps, f"{rate}.total_steps": "10", f"{rate}.warmup_steps": "1"}


def test_weights_are_looked_for_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "find_weights", lambda name: tmp_path / name)
    plain, asking = get_run(tmp_path, "plain"), get_run(tmp_path, "plain", overrides={"vars.name": "{weights}"})
    assert get_values(plain, tmp_path, {}, texts=1, gpu_id=-1)["weights"] == ""
    found = get_values(asking, tmp_path, {}, texts=1, gpu_id=-1)["weights"]
    assert found == tmp_path / "sentence-transformers" / "all-MiniLM-L6-v2"


def test_steps() -> None:
    recipe = Recipe(epochs=3, batch=32, learn_rate=4e-5, overrides={"a.b": 1})
    found = get_recipe_overrides(recipe, texts=6920, every_epoch=False)
    assert found == {
        "training.max_steps": 649,
        "training.eval_frequency": 649,
        "training.batcher.size": 32,
        "training.optimizer.learn_rate.total_steps": 649,
        "training.optimizer.learn_rate.warmup_steps": 65,
        "training.optimizer.learn_rate.initial_rate": 4e-5,
        "a.b": 1,
    }
    found = get_recipe_overrides(recipe, texts=6920, every_epoch=True)
    assert found["training.max_steps"] == 648 and found["training.eval_frequency"] == 216


@given(st.floats(0.1, 20), st.integers(1, 64), st.integers(1, 10000), st.booleans())
def test_last_step_is_scored(epochs: float, batch: int, texts: int, every_epoch: bool) -> None:
    recipe = Recipe(epochs=epochs, batch=batch, learn_rate=0.1)
    found = get_recipe_overrides(recipe, texts=texts, every_epoch=every_epoch)
    steps = found["training.max_steps"]
    assert steps >= 1 and steps % found["training.eval_frequency"] == 0
    assert found["training.optimizer.learn_rate.total_steps"] == steps
    # Rounded once for each score.
    assert abs(steps - epochs * texts / batch) <= max(1, round(epochs))


def test_script_command(tmp_path: Path) -> None:
    run = get_run(tmp_path, "script", seed=1)
    values = get_values(run, Path("my folder"), {"train": Path("t.spacy")}, texts=10, gpu_id=-1)
    rest = ["t.spacy", "1", "my folder/select.jsonl.gz", "my folder/report.jsonl.gz", "--epochs", "2"]
    assert get_command(run.system.command, "", values) == ["script.py", *rest]
    assert get_command(run.system.command, ".venv/bin/python", values) == [".venv/bin/python", "script.py", *rest]
    # 2 epochs of 10 texts in batches of 4
    assert get_command("python -m spacy {learn_rate} {batch} {steps}", "", values) == [
        sys.executable, "-m", "spacy", "0.001", "4", "5",
    ]  # fmt: skip


def test_what_is_trained_on(tmp_path: Path) -> None:
    assert get_run(tmp_path, "plain").train == "train"
    assert get_run(tmp_path, "plain", train="all").train == "all"
    data = make_suite(tmp_path)
    data["datasets"]["moods"]["train"] = "all"
    suite = read_toy(data)
    assert Run(suite.get_set("both"), suite.systems["joint"], 0).train == "all"
    assert Run(suite.get_set("foods"), suite.systems["plain"], 0).train == "train"
