"""Making many runs, one after the other, and saying how far they are."""

import time
import traceback
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from .bench import Bench, RunFailed, RunSkipped
from .corpora import find_missing
from .job import make_run
from .records import add_failure
from .runs import Run


def make_runs(
    bench: Bench,
    runs: Sequence[Run],
    *,
    echo: Callable[..., None],
    force: bool = False,
    minutes: Optional[float] = None,
) -> List[Run]:
    """Make runs, one after the other, and say how far they are.

    bench (Bench): Where they are made. runs (Sequence[Run]): The runs; those that are recorded are left out.
    echo (Callable[..., None]): Prints a text, followed by `nl`.
    force (bool): Make those, too. minutes (Optional[float]): Begin no run after so many.
    RETURNS (List[Run]): Those that failed.
    """
    runs = leave_out_absent(bench, runs, echo=echo)
    start = time.perf_counter()
    failed: List[Run] = []
    spent: List[float] = []
    for number, run in enumerate(runs, 1):
        elapsed = time.perf_counter() - start
        if minutes is not None and elapsed > 60 * minutes:
            echo(f"Stopped after {to_time(elapsed)}: {len(runs) - number + 1} runs were not begun")
            break
        echo(f"[{number}/{len(runs)}] {run} ... ", nl=False)
        began = time.perf_counter()
        try:
            for dataset in run.training_set.datasets:
                bench.get_corpora(dataset, force=force)
            if not force and bench.is_done(run):
                echo("done before")
                continue
            value = make_run(bench, run)
        except RunSkipped as e:
            echo(f"skipped: {e}")
            continue
        except Exception as e:
            output = str(e) if isinstance(e, (RunFailed, ValueError)) else traceback.format_exc(limit=-3)
            _record_failure(bench, run, output)
            failed.append(run)
            echo(f"failed, see {bench.get_folder(run) / 'log.txt'}\n{output}")
            continue
        spent.append(time.perf_counter() - began)
        rest = (len(runs) - number) * sum(spent) / len(spent)
        left = f", about {to_time(rest)} left" if number < len(runs) else ""
        first = run.training_set.datasets[0].measures[0]
        so_far = to_time(time.perf_counter() - start)
        echo(f"{100 * value:.1f} {first}, {to_time(spent[-1])}; {so_far} in all{left}")
    return failed


def leave_out_absent(bench: Bench, runs: Sequence[Run], *, echo: Callable[..., None]) -> List[Run]:
    """Leave out the runs whose raw data is not there, and say so once for each training set.

    bench (Bench), runs (Sequence[Run]), echo (Callable[..., None]): See `make_runs`.
    RETURNS (List[Run]): The others.
    """
    absent: Dict[str, Path] = {}
    for run in runs:
        missing = [path for dataset in run.training_set.datasets for path in find_missing(dataset, bench.data)]
        if missing and run.training_set.name not in absent:
            absent[run.training_set.name] = missing[0]
    for name, path in absent.items():
        count = sum(run.training_set.name == name for run in runs)
        echo(f"Skipped: {name}, {count} of {len(runs)} runs: there is no {path}")
    return [run for run in runs if run.training_set.name not in absent]


def to_time(seconds: float) -> str:
    """RETURNS (str): Such as "42 s", "12 min" or "3 h 05 min"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _record_failure(bench: Bench, run: Run, output: str) -> None:
    for dataset in run.training_set.datasets:
        add_failure(bench.get_results(dataset), run.key, output)
