"""The bench on which runs are made: its folders, its corpora, and what was made already."""

import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Protocol, Sequence

from .corpora import Corpus, RunT, make_corpora, read_account
from .records import read_results
from .runs import Run, get_fingerprint
from .suite import DataSet


class RunFailed(Exception):
    """A run did not give results. The message is the end of its output."""


class RunSkipped(Exception):
    """A run cannot be made here. The message says why."""


class PredictT(Protocol):
    """Write the predictions of a pipeline.

    model (Path): Its directory. corpora (Mapping[Path, Path]): Where the predictions for each corpus go.
    RETURNS (Optional[int]): Number of parameters.
    """

    def __call__(self, model: Path, corpora: Mapping[Path, Path]) -> Optional[int]: ...


class ScoreT(Protocol):
    """Score a file of predictions.

    predictions (Path): The file. corpus (Path): The gold.
    thresholds_from (Optional[Path]): Predictions for `thresholds_corpus` (Optional[Path]), from which the thresholds of
        the emotions are chosen, if there are any; they are written into the file.
    RETURNS (Dict[str, Any]): The report.
    """

    def __call__(
        self,
        predictions: Path,
        corpus: Path,
        *,
        thresholds_from: Optional[Path] = None,
        thresholds_corpus: Optional[Path] = None,
    ) -> Dict[str, Any]: ...


@dataclass
class Bench:
    """Where runs are made. The room of evaluation comes in as two functions: rooms do not know each other.

    data (Path): Raw data. work (Path): Corpora, models and logs. results (Path): Records, predictions and tables.
    predict (PredictT), score (ScoreT): See there. run (RunT): Runs a command.
    gpu_id (int): -1 is the CPU. keep_models (bool): Keep the pipelines that were scored.
    made (Dict[str, Dict[str, Corpus]]): Corpora that were found or made, by data set and split.
    """

    data: Path
    work: Path
    results: Path
    predict: PredictT
    score: ScoreT
    run: RunT
    gpu_id: int = -1
    keep_models: bool = False
    made: Dict[str, Dict[str, Corpus]] = field(default_factory=dict)

    def get_results(self, dataset: DataSet) -> Path:
        """RETURNS (Path): The JSON file of a data set."""
        return self.results / f"{dataset.name}.json"

    def get_predictions(self, run: Run, dataset: DataSet) -> Path:
        """RETURNS (Path): Where the predictions of a run for the reported split are kept."""
        return self.results / "predictions" / dataset.name / f"{run.key}.jsonl.gz"

    def get_folder(self, run: Run) -> Path:
        """RETURNS (Path): The folder of a run: its log and models."""
        return self.work / "runs" / run.training_set.name / run.key

    def get_corpora(self, dataset: DataSet, *, force: bool = False) -> Dict[str, Corpus]:
        """Find or make the corpora of a data set.

        dataset (DataSet): The data set. force (bool): Make them again, once.
        RETURNS (Dict[str, Corpus]): By split.
        RAISES (ValueError): BS094 or BS035, see `make_corpora`.
        """
        if dataset.name not in self.made:
            folder = self._get_corpora_folder(dataset)
            found = None if force else read_account(dataset, self.data, folder)
            self.made[dataset.name] = found or make_corpora(dataset, self.data, folder, self.run)
        return self.made[dataset.name]

    def get_state(self, run: Run) -> str:
        """Tell how far a run is; nothing is made for it.

        run (Run): The run.
        RETURNS (str): "done", "failed", "to do", or "changed" if another config, setting or corpus was recorded. Where
            the corpora are not made, a record is believed.
        """
        datasets = run.training_set.datasets
        accounts = [read_account(x, self.data, self._get_corpora_folder(x)) for x in datasets]
        known = [account for account in accounts if account is not None]
        fingerprint = get_fingerprint(run, known) if len(known) == len(accounts) else None
        states = {self._get_state(run, dataset, fingerprint) for dataset in datasets}
        return next(state for state in ("failed", "to do", "changed", "done") if state in states)

    def is_done(self, run: Run) -> bool:
        """RETURNS (bool): Whether this very run is recorded, for each of its data sets."""
        datasets = run.training_set.datasets
        fingerprint = get_fingerprint(run, [self.get_corpora(dataset) for dataset in datasets])
        return all(self._get_state(run, dataset, fingerprint) == "done" for dataset in datasets)

    def _get_state(self, run: Run, dataset: DataSet, fingerprint: Optional[str]) -> str:
        results = read_results(self.get_results(dataset))
        record = results["runs"].get(run.key)
        if record is None:
            return "failed" if run.key in results["failed"] else "to do"
        return "done" if fingerprint in (None, record["fingerprint"]) else "changed"

    def _get_corpora_folder(self, dataset: DataSet) -> Path:
        return self.work / "corpora" / dataset.name


def run_command(words: Sequence[str], log: Path) -> int:
    """Run a command.

    words (Sequence[str]): The command. log (Path): Gets it and its output.
    RETURNS (int): Its exit status.
    """
    with log.open("ab") as file:
        file.write(f"$ {shlex.join(words)}\n".encode())
        file.flush()
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
    return done.returncode


def get_tail(path: Path, n_lines: int = 15) -> str:
    """RETURNS (str): The last lines of a log."""
    if not path.is_file():
        return ""
    lines: List[str] = path.read_text("utf8", errors="replace").splitlines()
    return "\n".join(lines[-n_lines:])
