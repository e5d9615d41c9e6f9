"""Compare the architectures of aspect sentiment: scores, robustness, and speed of prediction and training.

    python benchmarks/architectures.py --data /path/to/data          train what is not trained yet, measure, write
    python benchmarks/architectures.py --data /path/to/data --quick  see whether it works; nothing is written

They are systems of benchmarks/suite.yml, and training is that of `python -m spacy bertsent benchmark`: runs that are
recorded there are left out, and --minutes N begins no run after so many minutes. All is scored on the selection split,
from predictions that the benchmark leaves in its work directory: runs that were made elsewhere show no slices. Speeds
are those of untrained pipelines, which are as fast as trained ones, in turns on the selection split: given aspects a
second, median of several rounds. Results: architectures.json and .md in --results.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_config, load_model_from_config
from spacy.vocab import Vocab

from spacy_bertsent.benchmark.bench import run_command
from spacy_bertsent.benchmark.corpora import find_missing, make_corpora, read_account
from spacy_bertsent.benchmark.machine import describe_machine, get_commit, get_threads, get_versions
from spacy_bertsent.benchmark.records import read_results
from spacy_bertsent.benchmark.suite import DataSet, Suite, System, fill_places, read_suite
from spacy_bertsent.benchmark.tables import select_runs, to_cell
from spacy_bertsent.evaluation.alignment import check_alignment
from spacy_bertsent.evaluation.corpus import read_gold
from spacy_bertsent.evaluation.items import collect_given, get_rated_aspects
from spacy_bertsent.evaluation.predict import give_aspects
from spacy_bertsent.evaluation.predictions import read_predictions
from spacy_bertsent.evaluation.slices import get_mixture
from spacy_bertsent.tables import Table, to_markdown

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "benchmarks" / "suite.yml"
SYSTEMS = ("fine-tuned", "pair-aspect", "pair-local", "pair-local-attention", "span")
DATASETS = ("restaurants14", "laptops14", "mams")
COLUMNS = {
    "aspects.given.accuracy": "accuracy",
    "aspects.given.macro_f1": "macro-F1",
    "aspects.masked.accuracy": "accuracy, aspect masked",
    "mixed": "accuracy, texts with several sentiments",
}
MIXED = "several of different sentiment"
ROUNDS = 5
# Texts, in training.
BATCH = 32
QUICK_TEXTS = 40
# Gives its seconds, and how much was done in them.
Work = Callable[[], Tuple[float, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "assets", help="directory of the public data sets")
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=list(DATASETS))
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--seeds", type=int, nargs="+", help="in the place of those of the suite")
    parser.add_argument("--minutes", type=float, help="begin no training after so many")
    parser.add_argument("--gpu-id", type=int, default=-1)
    parser.add_argument("--work", type=Path, default=ROOT / "training" / "benchmark", help="of the benchmark")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results", help="of the benchmark")
    parser.add_argument("--no-training", action="store_true", help="take what is recorded")
    parser.add_argument("--quick", action="store_true", help="no training, few texts, nothing written")
    args = parser.parse_args()
    suite = read_suite(SUITE)
    datasets = [x for x in map(suite.datasets.__getitem__, args.datasets) if not find_missing(x, args.data)]
    if not datasets:
        sys.stdout.write(f"Skipped: there is no data in {args.data}. Type: python -m spacy project assets\n")
        return
    if not (args.quick or args.no_training) and train(args, [dataset.name for dataset in datasets]):
        sys.stdout.write("Some runs failed: the table has the others.\n")
    if args.gpu_id >= 0:
        spacy.require_gpu(args.gpu_id)
    found: Dict[str, Any] = {}
    for dataset in datasets:
        folder = args.work / "corpora" / dataset.name
        corpora = read_account(dataset, args.data, folder) or make_corpora(dataset, args.data, folder, run_command)
        gold = read_gold(corpora["select"].path, Vocab())[: QUICK_TEXTS if args.quick else None]
        systems = [suite.systems[name] for name in args.systems]
        pipelines = [make_pipeline(system, dataset, gold) for system in systems]
        rounds = 1 if args.quick else ROUNDS
        speeds = measure_speeds([make_prediction(nlp, gold) for nlp in pipelines], rounds=rounds)
        trained = measure_speeds([make_training(nlp, gold) for nlp in pipelines], rounds=rounds)
        for i, system in enumerate(systems):
            found.setdefault(dataset.name, {})[system.name] = {
                "runs": [] if args.quick else score_runs(args, dataset, system, gold),
                "aspects_per_second": round(speeds[i], 1),
                "trained_per_second": round(trained[i], 1),
            }
            sys.stdout.write(f"{dataset.name}, {system.name}: {speeds[i]:.0f}, in training {trained[i]:.0f} a second\n")
            sys.stdout.flush()
    results = {
        "datasets": found,
        "machine": describe_machine(args.gpu_id),
        "threads": get_threads(),
        "versions": get_versions(),
        "commit": get_commit(),
        "date": datetime.date.today().isoformat(),
    }
    page = make_page(suite, results)
    if args.quick:
        sys.stdout.write(page)
        return
    (args.results / "architectures.json").write_text(json.dumps(results, indent=1) + "\n", "utf8")
    (args.results / "architectures.md").write_text(page, "utf8")


def train(args: argparse.Namespace, datasets: Sequence[str]) -> int:
    """Run the benchmark. RETURNS (int): Its exit status."""
    words = [sys.executable, "-m", "spacy", "bertsent", "benchmark", str(SUITE.relative_to(ROOT))]
    words += ["--data", args.data.resolve(), "--work", args.work.resolve(), "--output", args.results.resolve()]
    words += ["--datasets", ",".join(datasets), "--systems", ",".join(args.systems), "--gpu-id", str(args.gpu_id)]
    words += ["--seeds", ",".join(map(str, args.seeds))] if args.seeds else []
    words += ["--minutes", str(args.minutes)] if args.minutes is not None else []
    return subprocess.run(words, cwd=ROOT).returncode


def score_runs(args: argparse.Namespace, dataset: DataSet, system: System, gold: Sequence[Doc]) -> List[Dict[str, Any]]:
    """Collect the scores of the recorded runs of a system on the selection split.

    RETURNS (List[Dict[str, Any]]): By seed: `seed` and `scores`.
    """
    runs = []
    for record in select_runs(read_results(args.results / f"{dataset.name}.json"), system):
        scores = {name: record["select_scores"].get(name) for name in COLUMNS if record["select_scores"]}
        folder = args.work / "runs" / dataset.name / f"{system.name}-seed{record['seed']}"
        path = folder / f"select-0-{dataset.name}.jsonl.gz"
        scores["mixed"] = score_mixed(path, gold) if path.is_file() else None
        runs.append({"seed": record["seed"], "scores": scores})
    return runs


def score_mixed(predictions: Path, gold: Sequence[Doc]) -> Optional[float]:
    """RETURNS (Optional[float]): Accuracy in texts whose aspects have several sentiments, None if there are none."""
    found = read_predictions(predictions)
    check_alignment(gold, found)
    choices = collect_given(gold, found)
    is_mixed = [get_mixture(doc) == MIXED for doc in gold for _ in get_rated_aspects(doc)]
    return float(choices.right[is_mixed].mean()) if choices is not None and any(is_mixed) else None


def make_pipeline(system: System, dataset: DataSet, gold: Sequence[Doc]) -> Language:
    """Make the pipeline of a system, with the pretrained backbone and an untrained head.

    system (System): With a config. dataset (DataSet): For the task and the recipe's settings.
    gold (Sequence[Doc]): Gives the labels.
    RETURNS (Language): Without what finds aspects.
    """
    overrides = {**dataset.recipe.overrides, **system.overrides}
    path = ROOT / fill_places(system.config, {"task": dataset.task})
    config = load_config(path, overrides=overrides)
    # Of the training corpus, which is not at hand.
    config["initialize"]["components"] = {}
    nlp = load_model_from_config(config.interpolate(), auto_fill=True, exclude=["aspects"])
    nlp.initialize(lambda: [Example(nlp.make_doc(doc.text), doc) for doc in gold])
    return nlp


def make_prediction(nlp: Language, gold: Sequence[Doc]) -> Work:
    """RETURNS (Work): Predicts the sentiment of the given aspects."""

    def predict() -> Tuple[float, int]:
        docs = [give_aspects(nlp.make_doc(doc.text), doc) for doc in gold]
        backbone: Any = nlp.get_pipe("backbone")
        backbone._cache.clear()
        start = time.perf_counter()
        n_aspects = sum(len(doc.spans["aspects"]) for doc in nlp.pipe(docs))
        return time.perf_counter() - start, n_aspects

    return predict


def make_training(nlp: Language, gold: Sequence[Doc]) -> Work:
    """RETURNS (Work): Makes an epoch of training steps, each time with the same batches."""

    def update() -> Tuple[float, int]:
        examples = [Example(nlp.make_doc(doc.text), doc) for doc in gold]
        start = time.perf_counter()
        for i in range(0, len(examples), BATCH):
            nlp.update(examples[i : i + BATCH], drop=0.1, annotates=["sentencizer"])
        return time.perf_counter() - start, sum(len(get_rated_aspects(doc)) for doc in gold)

    return update


def measure_speeds(works: Sequence[Work], *, rounds: int) -> List[float]:
    """Let pieces of work take turns. The first round warms up.

    works (Sequence[Work]): The work. rounds (int): After the first.
    RETURNS (List[float]): How much each does in a second; the median of the rounds.
    """
    speeds: List[List[float]] = [[] for _ in works]
    for i in range(rounds + 1):
        for work, found in zip(works, speeds):
            seconds, n = work()
            if i:
                found.append(n / seconds)
    return [statistics.median(found) for found in speeds]


def make_page(suite: Suite, results: Dict[str, Any]) -> str:
    """RETURNS (str): A table in Markdown for each data set."""
    lines = [
        "# Architectures of aspect sentiment",
        "",
        "Made by `python benchmarks/architectures.py`. Scores on the selection split, in per cent: mean ± standard",
        "deviation over seeds. The last model of each run is scored; nothing is selected. Given aspects a second: in",
        f"`nlp.pipe`, tokenizing included; in training, batches of {BATCH} texts, from the second epoch on.",
    ]
    for dataset, systems in results["datasets"].items():
        rows = []
        for name, found in systems.items():
            runs = found["runs"]
            seeds = ", ".join(str(run["seed"]) for run in runs) or "-"
            cells = [to_cell(runs, column) for column in COLUMNS]
            speeds = [f"{found[key]:.0f}" for key in ("aspects_per_second", "trained_per_second")]
            rows.append([suite.systems[name].title, *cells, *speeds, seeds])
        header = ["Architecture", *COLUMNS.values(), "aspects a second", "in training", "seeds"]
        lines += [
            "",
            f"## {suite.datasets[dataset].title}",
            "",
            to_markdown(Table(header, rows, n_words=1)).rstrip("\n"),
        ]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    machine = f"{results['machine']}, {results['threads']} thread{'s' if results['threads'] > 1 else ''}"
    return "\n".join([*lines, "", f"Date: {results['date']}.", f"Machine: {machine}.", f"Versions: {versions}.", ""])


if __name__ == "__main__":
    main()
