"""What speed costs: scores of trained pipelines with each engine, and how fast each is on the same texts.

    python benchmarks/speed/accuracy.py --data /path/to/data

The pipelines are those of the benchmark, which keeps them if it is told to:

    python -m spacy bertsent benchmark benchmarks/suite.yml --data /path/to/data --systems fine-tuned --seeds 0
        --datasets sst2,restaurants14,goemotions --keep-models

int8 weights take their ranges from training texts. Scored are the texts of the split that the benchmark reports, given
aspects where there are aspects. All engines read the same texts in turns.
"""

import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence

import numpy
import spacy
from records import make_record, make_table, number, span, write_record
from rounds import get_quartiles
from settings import ROOT, get_engine, make_parser, parse, say, skip
from spacy.language import Language
from spacy.tokens import Doc

from spacy_bertsent.benchmark.suite import DataSet, read_suite
from spacy_bertsent.cli.quantize import quantize
from spacy_bertsent.evaluation.agreement import compare_runs
from spacy_bertsent.evaluation.corpus import read_gold
from spacy_bertsent.evaluation.predict import give_aspects, predict_corpus
from spacy_bertsent.evaluation.predictions import Predictions
from spacy_bertsent.evaluation.report import get_measure, make_report

SUITE = ROOT / "benchmarks" / "suite.yml"
DATASETS = ("sst2", "restaurants14", "goemotions")
RUN = "fine-tuned-seed0"
REFERENCE = "fp32"
BATCH_SIZE, SAMPLE = 256, 600
TITLES = {
    "polarity.accuracy": "accuracy",
    "polarity.macro_f1": "macro-F1",
    "aspects.given.accuracy": "accuracy",
    "aspects.given.macro_f1": "macro-F1",
    "emotions.macro_f1": "macro-F1",
    "emotions.micro_f1": "micro-F1",
}


class Trained(NamedTuple):
    """A pipeline with an engine. nlp (Language): Ready. predictions (Predictions): Of the reported texts."""

    nlp: Language
    predictions: Predictions


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "training" / "benchmark", help="of the benchmark")
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=list(DATASETS))
    parser.add_argument("--gold", type=int, help="score so many texts of each data set alone")
    args = parse(parser)
    if args.gpu_id >= 0:
        spacy.require_gpu(args.gpu_id)
    suite = read_suite(SUITE)
    most = 24 if args.quick else args.gold
    rows: List[Dict[str, Any]] = []
    failed: Dict[str, str] = {}
    for name in args.datasets:
        models = sorted((args.work / "runs" / name / RUN).glob("train-*/model-*"))
        corpora = args.work / "corpora" / name
        if not models:
            failed[name] = f"no trained pipeline in {RUN}: see the head of this script"
            say(f"{name}: {failed[name]}")
            continue
        nlp = spacy.load(models[0])
        gold = read_gold(corpora / "report.spacy", nlp.vocab)[:most]
        sample = read_gold(corpora / "train.spacy", nlp.vocab)[: 24 if args.quick else SAMPLE]
        pipelines: Dict[str, Trained] = {}
        for engine in [REFERENCE, *(x for x in args.engines if x != REFERENCE)]:
            say(f"{name}, {engine}")
            nlp = load(models[0], get_engine(args, engine), sample)
            pipelines[engine] = Trained(nlp, predict_corpus(nlp, gold, masked=False))
        rows += make_rows(suite.datasets[name], pipelines, gold, rounds=args.rounds)
    if not rows:
        skip("accuracy", "; ".join(f"{name}: {why}" for name, why in failed.items()))
    record = make_record("accuracy", args, rows=rows, failed=failed)
    write_record(record, args, make_page(record))


def load(path: Path, engine: Dict[str, Any], sample: Sequence[Doc]) -> Language:
    """Load a pipeline with an engine.

    path (Path): Of the pipeline. engine (Dict[str, Any]): Settings of its backbone's model.
    sample (Sequence[Doc]): Annotated texts, for int8 weights.
    RETURNS (Language): Ready.
    """
    is_int8 = engine["precision"] == "int8"
    settings = {"precision": "fp32"} if is_int8 else engine
    nlp = spacy.load(path, config={"components": {"backbone": {"model": dict(settings)}}})
    if is_int8:
        quantize(nlp, sample, n=len(sample) // 2)
    return nlp


def make_rows(
    dataset: DataSet, pipelines: Dict[str, Trained], gold: Sequence[Doc], *, rounds: int
) -> List[Dict[str, Any]]:
    """Score all engines and time them in turns.

    dataset (DataSet): Of the suite. pipelines (Dict[str, Trained]): By engine. gold (Sequence[Doc]): The texts.
    rounds (int): How often each is timed, after a round that warms up.
    RETURNS (List[Dict[str, Any]]): "dataset", "engine", "scores", "lost" (points, against fp32, by measure), "same"
        (share of the labels), "largest" (difference of a probability), "per_second", "ratio" to fp32 with "ratios"
        (quartiles).
    """
    seconds: Dict[str, List[float]] = {engine: [] for engine in pipelines}
    for i in range(rounds + 1):
        for engine, trained in pipelines.items():
            taken = time_pipe(trained.nlp, gold)
            seconds[engine] += [taken] if i else []
    base = numpy.asarray(seconds[REFERENCE])
    reports = {x: make_report(gold, one.predictions, n_resamples=0, slices=False) for x, one in pipelines.items()}
    rows = []
    for engine, trained in pipelines.items():
        scores = {x: get_measure(reports[engine], x) for x in dataset.measures if x in TITLES}
        before = {x: get_measure(reports[REFERENCE], x) for x in scores}
        agreements = list(compare_runs(pipelines[REFERENCE].predictions, trained.predictions).values())
        taken = numpy.asarray(seconds[engine])
        ratio, ratios = get_quartiles(base / taken)
        rows.append(
            {
                "dataset": dataset.name, "title": dataset.title, "engine": engine, "n": len(gold), "scores": scores,
                "lost": {x: 100 * ((before[x] or 0.0) - (scores[x] or 0.0)) for x in scores},
                "same": sum(x.same for x in agreements) / sum(x.items for x in agreements),
                "largest": max(x.largest for x in agreements),
                "per_second": len(gold) / float(numpy.median(taken)), "ratio": ratio, "ratios": ratios,
            }
        )  # fmt: skip
    return rows


def time_pipe(nlp: Language, gold: Sequence[Doc]) -> float:
    """RETURNS (float): Seconds of `nlp.pipe` over texts that it has not kept; tokens and given aspects are there."""
    backbone: Any = nlp.get_pipe("backbone")
    backbone._cache.clear()
    docs = [give_aspects(nlp.make_doc(doc.text), doc) for doc in gold]
    start = time.perf_counter()
    for _ in nlp.pipe(docs, batch_size=BATCH_SIZE):
        pass
    return time.perf_counter() - start


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    lines = [
        "Trained pipelines (seed 0 of the benchmark) with each engine. *Lost*: points of the score, against fp32.",
        "*Same*: share of the labels that are those of fp32; *largest*: difference of a probability. Speed:",
        "documents a second of the whole pipeline, behind spaCy's tokenizer; the ratio is the median of the ratios",
        "within each round.",
        "",
    ]
    for name in dict.fromkeys(row["dataset"] for row in record["rows"]):
        mine = [row for row in record["rows"] if row["dataset"] == name]
        measures = list(mine[0]["scores"])
        head = ["engine"]
        for measure in measures:
            head += [f"{TITLES[measure]} (%)", "lost"]
        lines += [f"## {mine[0]['title']} (n = {mine[0]['n']})", ""]
        lines += make_table(
            [*head, "same", "largest", "documents/s", "× fp32", "quartiles"],
            [
                [
                    row["engine"],
                    *(
                        cell
                        for x in measures
                        for cell in (number(100 * row["scores"][x], 1), number(row["lost"][x], 1))
                    ),
                    f"{row['same']:.1%}", f"{row['largest']:.1e}", number(row["per_second"]),
                    number(row["ratio"], 2), span(row["ratios"], 2),
                ]
                for row in mine
            ],
        )  # fmt: skip
    return [*lines, *(f"Not measured: {name} ({why})." for name, why in record["failed"].items()), ""]


if __name__ == "__main__":
    main()
