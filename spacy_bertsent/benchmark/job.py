"""One run on the bench: train, choose, predict, score, record."""

import shlex
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import machine
from .bench import Bench, RunFailed, RunSkipped, get_tail
from .corpora import Corpus, merge_corpora
from .records import add_record, copy_predictions, get_measures, get_time, hide_paths
from .runs import Run, get_command, get_fingerprint, get_train_command, get_values
from .suite import DataSet, Overrides

LOG = "log.txt"


class Trial(NamedTuple):
    """A system with one set of overrides, trained.

    overrides (Dict[str, Any]): Those of the candidate. command (List[str]): What trained it.
    model (Optional[Path]): The pipeline, if it is one. select (Dict[str, Path]): Predictions for the selection split of
    each data set; none if that was trained on. measures (Dict[str, Dict[str, float]]): Of these.
    """

    overrides: Overrides
    command: List[str]
    model: Optional[Path]
    select: Dict[str, Path]
    measures: Dict[str, Dict[str, float]]


def make_run(bench: Bench, run: Run) -> float:
    """Make a run and record it.

    bench (Bench): Where it is made. run (Run): The run.
    RETURNS (float): Its first measure on the first data set.
    RAISES (RunFailed): If it gives no results. RunSkipped: if it cannot be made here.
    """
    folder = bench.get_folder(run)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    start = time.perf_counter()
    job = start_job(bench, run)
    for words in run.system.before:
        job.run_words(get_command(words, "", job.values))
    if run.system.command:
        trials = [job.try_command()]
    else:
        trials = [job.try_config(i, overrides) for i, overrides in enumerate(run.system.candidates or [{}])]
    best = max(trials, key=job.compare)
    files, parameters = job.predict_report(best)
    records = {}
    for dataset in run.training_set.datasets:
        records[dataset.name] = {
            **job.describe(best, trials),
            "scores": job.score_report(dataset, files[dataset.name], best),
            "select_scores": best.measures.get(dataset.name),
            "selected": _list_selected(run, dataset),
            "texts": {
                "train": job.train.texts,
                **{x: job.corpora[dataset.name][x].texts for x in ("select", "report")},
            },
            "seconds": {"train": round(job.seconds), "all": round(time.perf_counter() - start)},
            "parameters": parameters,
        }
    for dataset in run.training_set.datasets:
        copy_predictions(files[dataset.name], bench.get_predictions(run, dataset))
        add_record(bench.get_results(dataset), run.key, records[dataset.name])
    _clear(folder, best.model if bench.keep_models else None)
    first = run.training_set.datasets[0]
    return float(records[first.name]["scores"][first.measures[0]])


@dataclass
class Job:
    """A run that is being made.

    bench (Bench), run (Run): Where, and what. folder (Path): For its files.
    corpora (Dict[str, Dict[str, Corpus]]): By data set and split. train (Corpus): What is trained on, of all data sets.
    values (Dict[str, object]): What stands in the place of names in braces. seconds (float): Spent in commands.
    """

    bench: Bench
    run: Run
    folder: Path
    corpora: Dict[str, Dict[str, Corpus]]
    train: Corpus
    values: Dict[str, object]
    seconds: float = 0.0

    def try_config(self, number: int, overrides: Overrides) -> Trial:
        """Train a pipeline. number (int), overrides (Dict[str, Any]): Of the candidate. RETURNS (Trial): Its scores."""
        if not self.run.config.is_file():
            raise RunFailed(f"There is no config {self.run.config}")
        output = self.folder / f"train-{number}"
        command = get_train_command(self.run, overrides, self.values, texts=self.train.texts, output=output)
        self.run_words(command)
        model = output / f"model-{self.run.system.choose}"
        for path in output.glob("model-*"):
            if path != model:
                shutil.rmtree(path)
        selected = self.list_selected()
        files = {name: self.folder / f"select-{number}-{name}.jsonl.gz" for name in selected}
        if selected:
            self.bench.predict(model, {corpus.path: files[name] for name, corpus in selected.items()})
        return Trial(overrides, command, model, files, self.score_select(files))

    def try_command(self) -> Trial:
        """Run a script. RETURNS (Trial): Its scores. RAISES (RunSkipped): If it cannot be run here."""
        python = self.run.system.python
        if python and not Path(python).is_file():
            raise RunSkipped(f"there is no {python}")
        command = get_command(self.run.system.command, python, self.values)
        self.run_words(command)
        files = dict.fromkeys(self.list_selected(), self.folder / "select.jsonl.gz")
        for path in (*files.values(), self.folder / "report.jsonl.gz"):
            if not path.is_file():
                raise RunSkipped(get_tail(self.folder / LOG, 1).removeprefix("Skipped: "))
        return Trial({}, command, None, files, self.score_select(files))

    def list_selected(self) -> Dict[str, Corpus]:
        """RETURNS (Dict[str, Corpus]): The selection splits, by data set; none if they are trained on."""
        if self.run.train == "all":
            return {}
        return {name: corpora["select"] for name, corpora in self.corpora.items()}

    def score_select(self, files: Dict[str, Path]) -> Dict[str, Dict[str, float]]:
        """RETURNS (Dict[str, Dict[str, float]]): Measures on the selection splits, with thresholds chosen there."""
        measures = {}
        for dataset in self.run.training_set.datasets:
            if dataset.name in files:
                path, corpus = files[dataset.name], self.corpora[dataset.name]["select"].path
                report = self.bench.score(path, corpus, thresholds_from=path, thresholds_corpus=corpus)
                measures[dataset.name] = _check_measures(dataset, get_measures(report))
        return measures

    def compare(self, trial: Trial) -> float:
        """RETURNS (float): What candidates are compared by: the first measure, mean of the data sets."""
        firsts = [trial.measures[x.name][x.measures[0]] for x in self.run.training_set.datasets if trial.measures]
        return sum(firsts) / len(firsts) if firsts else 0.0

    def predict_report(self, best: Trial) -> Tuple[Dict[str, Path], Optional[int]]:
        """RETURNS (Tuple[Dict[str, Path], Optional[int]]): Predictions for the reported splits, and parameters."""
        if best.model is None:
            return dict.fromkeys(self.corpora, self.folder / "report.jsonl.gz"), None
        files = {name: self.folder / f"report-{name}.jsonl.gz" for name in self.corpora}
        corpora = {found["report"].path: files[name] for name, found in self.corpora.items()}
        return files, self.bench.predict(best.model, corpora)

    def score_report(self, dataset: DataSet, predictions: Path, best: Trial) -> Dict[str, float]:
        """RETURNS (Dict[str, float]): Measures on the reported split, with thresholds from the selection split."""
        corpora = self.corpora[dataset.name]
        tuned: Dict[str, Path] = {}
        if dataset.name in best.select:
            tuned = {"thresholds_from": best.select[dataset.name], "thresholds_corpus": corpora["select"].path}
        report = self.bench.score(predictions, corpora["report"].path, **tuned)
        return _check_measures(dataset, get_measures(report))

    def describe(self, best: Trial, trials: Sequence[Trial]) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What was run, where and with what."""
        tried = [{"overrides": trial.overrides, "select": round(self.compare(trial), 6)} for trial in trials]
        command = ["python" if word == sys.executable else word for word in best.command]
        return {
            "system": self.run.system.name,
            "training_set": self.run.training_set.name,
            "seed": self.run.seed,
            "fingerprint": get_fingerprint(self.run, list(self.corpora.values())),
            "candidates": tried if len(trials) > 1 else [],
            "command": hide_paths(shlex.join(command)),
            "machine": machine.describe_machine(self.bench.gpu_id),
            "threads": machine.get_threads(),
            "versions": machine.get_versions(),
            "commit": machine.get_commit(),
            "time": get_time(),
        }

    def run_words(self, words: Sequence[str]) -> None:
        """Run a command. RAISES (RunFailed): If it fails."""
        start = time.perf_counter()
        status = self.bench.run(words, self.folder / LOG)
        self.seconds += time.perf_counter() - start
        if status:
            raise RunFailed(get_tail(self.folder / LOG))


def start_job(bench: Bench, run: Run) -> Job:
    """RETURNS (Job): A run with its corpora; those of several data sets are merged."""
    folder = bench.get_folder(run)
    corpora = {dataset.name: bench.get_corpora(dataset) for dataset in run.training_set.datasets}
    select = [found["select"] for found in corpora.values()]
    train = [found["train"] for found in corpora.values()] + (select if run.train == "all" else [])
    merged = bench.work / "corpora" / f"{run.training_set.name}-merged"
    all_train = merge_corpora(train, merged / f"{run.train}.spacy")
    paths = {"train": all_train.path, "select": merge_corpora(select, merged / "select.spacy").path}
    if len(corpora) == 1:
        paths["report"] = corpora[run.training_set.name]["report"].path
    values = get_values(run, folder, paths, texts=all_train.texts, gpu_id=bench.gpu_id)
    return Job(bench, run, folder, corpora, all_train, values)


def _check_measures(dataset: DataSet, measures: Dict[str, float]) -> Dict[str, float]:
    if dataset.measures[0] not in measures:
        raise RunFailed(f"There is no {dataset.measures[0]} in the report of {dataset.name}. It has: {list(measures)}")
    return measures


def _list_selected(run: Run, dataset: DataSet) -> List[str]:
    selected = ["step"] if run.system.choose == "best" else []
    if len(run.system.candidates) > 1:
        selected.append(f"1 of {len(run.system.candidates)} settings")
    if any(measure.startswith("emotions.") for measure in dataset.measures) and run.train != "all":
        selected.append("thresholds")
    return selected


def _clear(folder: Path, model: Optional[Path]) -> None:
    """Remove all that is large; the log, the predictions and a model stay."""
    for path in folder.iterdir():
        if path.is_dir() and (model is None or path != model.parent):
            shutil.rmtree(path)
