"""Train the ways of telling mentions of the same words apart, and compare them.

    python benchmarks/mentions.py --data /path/to/data --folds 5 --seeds 0 1 2
    python benchmarks/mentions.py --data /path/to/data --quick

Each variant is the setting `mention` of `PairListener.v1` in configs/aspect_sentiment.cfg, trained with the recipe of
the data set in benchmarks/suite.yml. Its last model is scored on the selection split: all aspects, those whose words
stand more than once in their sentence, and those of them where the same words have different sentiments. These are few:
with --folds, the training and the selection split together are cut into so many parts, and each is scored by a model
that was trained on the others. Runs that are recorded already are skipped; --force runs them again. --quick trains a
few steps on a few texts and records nothing.
"""

import argparse
import datetime
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Dict, List, Sequence, Set, Tuple

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_bertsent.benchmark.bench import get_tail, run_command
from spacy_bertsent.benchmark.corpora import find_missing, make_corpora, read_account, read_docs, write_docs
from spacy_bertsent.benchmark.machine import describe_machine, get_commit, get_threads, get_versions
from spacy_bertsent.benchmark.runs import get_recipe_overrides
from spacy_bertsent.benchmark.suite import DataSet, read_suite
from spacy_bertsent.evaluation.items import get_rated_aspects
from spacy_bertsent.layers.pairs import MENTIONS, make_pairs

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "configs" / "aspect_sentiment.cfg"
SETTING = "components.aspect_sentiment.model.tok2vec.mention"
GROUPS = ("all", "repeated", "repeated, different sentiments")
QUICK_TEXTS = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "assets", help="directory of the public data sets")
    parser.add_argument("--dataset", default="restaurants14", help="one of benchmarks/suite.yml with aspects")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--folds", type=int, default=1, help="models for each seed; 1 scores the selection split")
    parser.add_argument("--variants", nargs="+", choices=MENTIONS, default=list(MENTIONS))
    parser.add_argument("--gpu-id", type=int, default=-1)
    parser.add_argument("--work", type=Path, default=ROOT / "training" / "mentions", help="corpora and logs")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "mentions.json")
    parser.add_argument("--force", action="store_true", help="run again what is recorded")
    parser.add_argument("--quick", action="store_true", help="see whether it works: a few steps, nothing recorded")
    args = parser.parse_args()
    dataset = read_suite(ROOT / "benchmarks" / "suite.yml").datasets[args.dataset]
    if find_missing(dataset, args.data):
        sys.stdout.write(f"Skipped: there is no data in {args.data}. Type: python -m spacy project assets\n")
        return
    folder = args.work / "corpora" / dataset.name
    corpora = find_corpora(dataset, args.data, folder, folds=args.folds, quick=args.quick)
    results: Dict[str, Any] = {}
    if args.output.is_file() and not args.quick:
        results = json.loads(args.output.read_text("utf8"))
    for seed in args.seeds:
        for variant in args.variants:
            key = f"{dataset.name}/{variant}/folds{args.folds}/seed{seed}"
            if key in results and not args.force:
                continue
            results[key] = run(variant, seed, dataset, corpora, args)
            sys.stdout.write(f"{key}: {results[key]['right']} of {results[key]['aspects']}\n")
            sys.stdout.flush()
            if not args.quick:
                args.output.parent.mkdir(parents=True, exist_ok=True)
                args.output.write_text(json.dumps(results, indent=1) + "\n", "utf8")
                args.output.with_suffix(".md").write_text(make_page(results), "utf8")
    if args.quick:
        sys.stdout.write(make_page(results))


def find_corpora(dataset: DataSet, data: Path, folder: Path, *, folds: int, quick: bool) -> List[Tuple[Path, Path]]:
    """RETURNS (List[Tuple[Path, Path]]): What is trained on and what is scored, for each fold."""
    made = read_account(dataset, data, folder) or make_corpora(dataset, data, folder, run_command)
    parts = {part: read_docs(made[part].path)[: QUICK_TEXTS if quick else None] for part in ("train", "select")}
    if folds < 2 and not quick:
        return [(made["train"].path, made["select"].path)]
    docs = [*parts["train"], *parts["select"]]
    found = []
    for i in range(folds):
        scored = docs[i::folds] if folds > 1 else parts["select"]
        trained = [doc for k, doc in enumerate(docs) if k % folds != i] if folds > 1 else parts["train"]
        names = [folder / f"{part}-{i}-of-{folds}{'-quick' * quick}.spacy" for part in ("train", "score")]
        for path, some in zip(names, (trained, scored)):
            write_docs(some, path)
        found.append((names[0], names[1]))
    return found


def run(
    variant: str, seed: int, dataset: DataSet, corpora: Sequence[Tuple[Path, Path]], args: argparse.Namespace
) -> Dict[str, Any]:
    """Train a variant and score it. RETURNS (Dict[str, Any]): Numbers of aspects, and how and where they were made."""
    total: Dict[str, List[int]] = {name: [0, 0] for name in GROUPS}
    recipe = dataset.recipe.model_copy(update={"epochs": 1} if args.quick else {})
    for fold, (trained, scored) in enumerate(corpora):
        overrides = {
            "paths.train": str(trained),
            "paths.dev": str(scored),
            "system.seed": seed,
            "training.logger.progress_bar": "null",
            **get_recipe_overrides(recipe, texts=len(read_docs(trained)), every_epoch=False),
            SETTING: variant,
        }
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, "-m", "spacy", "train", str(CONFIG), "--output", folder]
            words += ["--gpu-id", str(args.gpu_id)]
            words += [word for key, value in overrides.items() for word in (f"--{key}", str(value))]
            log = args.work / "logs" / f"{dataset.name}-{variant}-seed{seed}-{fold}.txt"
            log.parent.mkdir(parents=True, exist_ok=True)
            if run_command(words, log):
                sys.exit(f"Failed, see {log}:\n{get_tail(log)}")
            if args.gpu_id >= 0:
                spacy.require_gpu(args.gpu_id)
            for name, counts in score(spacy.load(Path(folder) / "model-last"), read_docs(scored)).items():
                total[name] = [old + new for old, new in zip(total[name], counts)]
    return {
        "right": {name: counts[0] for name, counts in total.items()},
        "aspects": {name: counts[1] for name, counts in total.items()},
        "folds": len(corpora),
        "machine": describe_machine(args.gpu_id),
        "threads": get_threads(),
        "versions": get_versions(),
        "commit": get_commit(),
        "date": datetime.date.today().isoformat(),
    }


def score(nlp: Language, gold: Sequence[Doc]) -> Dict[str, Tuple[int, int]]:
    """Score the given aspects of a corpus.

    nlp (Language): The pipeline. gold (Sequence[Doc]): The corpus.
    RETURNS (Dict[str, Tuple[int, int]]): Right ones and all, by group.
    """
    head: Any = nlp.get_pipe("aspect_sentiment")
    queries, labels, words = [], [], []
    for i, reference in enumerate(gold):
        doc = nlp.get_pipe("sentencizer")(nlp.make_doc(reference.text))
        aspects = get_rated_aspects(reference)
        queries += head.queries(doc, aspects)
        labels += [span.label_ for span in aspects]
        words += [(i, span.text.lower()) for span in aspects]
    probabilities = numpy.concatenate([head.probabilities(queries[i : i + 256]) for i in range(0, len(queries), 256)])
    right = [head.labels[int(row.argmax())] == label for row, label in zip(probabilities, labels)]
    pairs = make_pairs(queries, order="aspect_sentence", context="sentence", neighbours=0, mention="repeated")
    repeated = [pair.mark for pair in pairs]
    sentiments: Dict[Tuple[int, str], Set[str]] = defaultdict(set)
    for key, label in zip(words, labels):
        sentiments[key].add(label)
    different = [is_twice and len(sentiments[key]) > 1 for is_twice, key in zip(repeated, words)]
    members = dict(zip(GROUPS, ([True] * len(right), repeated, different)))
    return {name: (sum(x for x, is_in in zip(right, mask) if is_in), sum(mask)) for name, mask in members.items()}


def make_page(results: Dict[str, Any]) -> str:
    """RETURNS (str): A table in Markdown for each data set: mean and, with several seeds, standard deviation."""
    lines = ["# Mentions of the same words", "", "Made by `python benchmarks/mentions.py`. Accuracy in per cent of the"]
    lines += ["last model of each run; the number of aspects stands in the heading.", ""]
    names = {key: key.split("/") for key in results}
    for dataset, folds in dict.fromkeys((name[0], name[2]) for name in names.values()):
        runs = {key: name[1] for key, name in names.items() if (name[0], name[2]) == (dataset, folds)}
        counts = results[next(iter(runs))]["aspects"]
        split = "the selection split" if folds == "folds1" else f"{folds.removeprefix('folds')} folds"
        lines += [f"## {dataset}, {split}", ""]
        lines += [f"| mention | {' | '.join(f'{x} ({counts[x]})' for x in GROUPS)} | seeds |"]
        lines += ["| --- |" + " ---: |" * (len(GROUPS) + 1)]
        for variant in MENTIONS:
            mine = [results[key] for key, name in runs.items() if name == variant]
            if mine:
                cells = [to_cell([100 * x["right"][g] / x["aspects"][g] for x in mine if counts[g]]) for g in GROUPS]
                lines.append(f"| {variant} | {' | '.join(cells)} | {len(mine)} |")
        lines.append("")
    for name in ("machine", "threads", "date", "commit"):
        lines.append(f"{name}: {', '.join(sorted({str(found[name]) for found in results.values()}))}  ")
    versions = {", ".join(f"{k} {v}" for k, v in found["versions"].items()) for found in results.values()}
    return "\n".join([*lines, f"versions: {'; '.join(sorted(versions))}", ""])


def to_cell(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
