import re
import signal
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import typer
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.util import load_model
from spacy.vocab import Vocab
from wasabi import msg

from ..benchmark.bench import Bench, run_command
from ..benchmark.machine import count_parameters
from ..benchmark.progress import make_runs
from ..benchmark.records import read_results
from ..benchmark.runs import Run, list_runs
from ..benchmark.suite import Suite, read_suite
from ..benchmark.tables import make_page
from ..errors import Errors
from ..evaluation.corpus import read_gold
from ..evaluation.predict import predict_corpus
from ..evaluation.predictions import read_predictions, write_predictions
from ..evaluation.report import make_report
from ..evaluation.thresholds import tune_thresholds
from ..tables import Table, to_text
from .root import bertsent_cli, readable_errors


@bertsent_cli.command("benchmark")
def benchmark_cli(
    suite: Path = Arg(..., help="YAML file of data sets and systems, such as benchmarks/suite.yml"),
    data: Path = Opt(Path("assets"), "--data", "-d", help="Directory of the raw data"),
    datasets: Optional[str] = Opt(None, "--datasets", help="Only what is trained on these, with commas: sst2,imdb"),
    systems: Optional[str] = Opt(None, "--systems", help="Only these, with commas: majority,fine-tuned"),
    seeds: Optional[str] = Opt(None, "--seeds", help="In the place of those of the suite, with commas: 0,1,2"),
    output: Path = Opt(Path("benchmarks/results"), "--output", "-o", help="Directory for records and tables"),
    work: Path = Opt(Path("training/benchmark"), "--work", "-w", help="Directory for corpora, models and logs"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
    force: bool = Opt(False, "--force", "-f", help="Run again what is recorded, on corpora made anew"),
    list_only: bool = Opt(False, "--list", "-l", help="Print the runs and how far they are, and stop"),
    tables_only: bool = Opt(False, "--tables-only", "-t", help="Write the tables of what is recorded, and stop"),
    minutes: Optional[float] = Opt(None, "--minutes", "-m", help="Begin no run after so many minutes"),
    keep_models: bool = Opt(False, "--keep-models", "-k", help="Keep the pipelines that were scored"),
) -> None:
    """Train systems on data sets with several seeds, score them, and write one table for each data set.

    Everything is selected on a part of the training texts, and scored on others. Runs that are recorded are left out,
    so the command goes on where it stopped.
    """
    with readable_errors("No benchmark was run"):
        found = read_suite(suite)
        runs = list_runs(
            found,
            training_sets=split_words(datasets),
            systems=split_words(systems),
            seeds=read_numbers(seeds, "--seeds"),
        )
        bench = Bench(data, work, output, predict, score, run_command, gpu_id=gpu_id, keep_models=keep_models)
        if list_only:
            typer.echo(to_text(make_list(bench, runs)))
            return
        if tables_only:
            write_pages(found, suite, output)
            return
        if not data.is_dir():
            msg.warn("Skipped")
            typer.echo(f"There is no data in {data}. Name its directory: --data DIR")
            return
        setup_gpu(gpu_id, silent=True)
        # `kill` stops as Ctrl-C does: the command that is running ends with it.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            failed = make_runs(bench, runs, echo=typer.echo, force=force, minutes=minutes)
        # Also if it is interrupted.
        finally:
            write_pages(found, suite, output)
    if failed:
        msg.fail(f"Failed: {len(failed)} of {len(runs)} runs")
        typer.echo("\n".join(f"    {run}: {bench.get_folder(run) / 'log.txt'}" for run in failed))
        raise typer.Exit(1)


def make_list(bench: Bench, runs: Sequence[Run]) -> Table:
    """RETURNS (Table): One row for each system and training set, one column for each seed."""
    seeds = sorted({run.seed for run in runs})
    states: Dict[Tuple[str, str], Dict[int, str]] = {}
    for run in runs:
        states.setdefault((run.training_set.name, run.system.name), {})[run.seed] = bench.get_state(run)
    rows = [[*names, *(found.get(seed, "") for seed in seeds)] for names, found in states.items()]
    return Table(["Trained on", "System", *(f"Seed {seed}" for seed in seeds)], rows, n_words=2 + len(seeds))


def write_pages(suite: Suite, path: Path, output: Path) -> None:
    """Write the table of each data set that has results.

    suite (Suite): The suite. path (Path): Its file. output (Path): Directory of the records.
    """
    for name, dataset in suite.datasets.items():
        results = read_results(output / f"{name}.json")
        page = make_page(suite, dataset, results, path=path.as_posix())
        if page:
            (output / f"{name}.md").write_text(page, "utf8")
            msg.good(f"Table: {output / name}.md")


def predict(model: Path, corpora: Mapping[Path, Path]) -> Optional[int]:
    """Write the predictions of a pipeline. See `benchmark.bench.PredictT`."""
    nlp = load_model(model)
    for corpus, output in corpora.items():
        write_predictions(predict_corpus(nlp, read_gold(corpus, nlp.vocab)), output)
    return count_parameters(nlp)


def score(
    predictions: Path,
    corpus: Path,
    *,
    thresholds_from: Optional[Path] = None,
    thresholds_corpus: Optional[Path] = None,
) -> Dict[str, Any]:
    """Score a file of predictions. See `benchmark.bench.ScoreT`."""
    found = read_predictions(predictions)
    if thresholds_from is not None and thresholds_corpus is not None and found.labels.get("emotions"):
        found.thresholds = tune_thresholds(read_gold(thresholds_corpus, Vocab()), read_predictions(thresholds_from))
        write_predictions(found, predictions)
    return make_report(read_gold(corpus, Vocab()), found, n_resamples=0, slices=False)


def split_words(words: Optional[str]) -> Optional[List[str]]:
    """RETURNS (Optional[List[str]]): Words between commas or spaces; None if there are none."""
    return [word for word in re.split(r"[,\s]+", words or "") if word] or None


def read_numbers(words: Optional[str], option: str) -> Optional[List[int]]:
    """RETURNS (Optional[List[int]]): Numbers between commas. RAISES (ValueError): BS095 if one is none."""
    try:
        return [int(word) for word in split_words(words) or []] or None
    except ValueError as e:
        raise ValueError(Errors.BS095.format(value=words, option=option)) from e
