"""Throughput by batch size, by length of texts and by threads, and latency of one text at a time.

    python benchmarks/speed/batches.py --data /path/to/data

Polarity alone: the peers have one classifier. Texts are distinct; texts of one length are joined sentences, cut.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy
from records import get_path, make_notes, make_record, make_table, number, write_record
from rounds import Block, Case, Worker, start
from settings import get_base, get_engine, make_parser, parse, skip
from texts import MissingData, load_tokenizer, make_length, read_texts, write_work

from spacy_bertsent.benchmark.machine import describe_machine
from spacy_bertsent.layers.weights import find_weights

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
LENGTHS = (8, 16, 32, 64, 128, 256, 512)
# Pieces of all texts of one length together.
PIECES = 16384
HEADS = ["polarity"]


def main() -> None:
    parser = make_parser(__doc__, rounds=3)
    parser.add_argument("--n-texts", type=int, default=1024)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--lengths", type=int, nargs="+", default=list(LENGTHS), help="wordpieces")
    parser.add_argument("--thread-counts", type=int, nargs="+", default=list_threads())
    parser.add_argument("--n-single", type=int, default=500, help="texts whose latency is measured")
    args = parse(parser)
    if args.quick:
        args.n_texts, args.n_single = min(args.n_texts, 16), min(args.n_single, 6)
        args.sizes, args.lengths, args.thread_counts = args.sizes[:1] + [8], args.lengths[:2], args.thread_counts[:1]
    try:
        texts = [text for text, _ in read_texts(args.data, args.n_texts, args.seed)]
    except MissingData as e:
        skip("batches", e)
    weights = find_weights(args.weights).resolve()
    failed: Dict[str, str] = {}
    workers = start_workers(args, weights, failed)
    settings = {"rounds": args.rounds, "engines": args.engines, "gpu_id": args.gpu_id, "quick": args.quick}
    rows: Dict[str, List[Dict[str, Any]]] = {"by_size": [], "by_length": [], "by_threads": []}
    blocks: List[Dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        work = str(write_work(Path(directory) / "texts.json", texts))
        for size in args.sizes:
            block = Block(f"batch size {size}", make_cases(workers, work, len(texts), size)).run(**settings)
            rows["by_size"] += [{"size": size, **row} for row in block.get_rows()]
            blocks.append(block.get_account())
        single = str(write_work(Path(directory) / "single.json", texts[: args.n_single]))
        block = Block("one at a time", make_cases(workers, single, args.n_single, 1, single=True)).run(**settings)
        latencies = [make_latency(block, case.name) for case in block.cases if case.name in block.answers]
        blocks.append(block.get_account())
        tokenizer = load_tokenizer(weights)
        for length in args.lengths:
            cut = make_length(texts, tokenizer, length, get_count(length, args.quick), args.seed)
            path = str(write_work(Path(directory) / f"length{length}.json", cut))
            block = Block(f"{length} pieces", make_cases(workers, path, len(cut), 256, peers=32)).run(**settings)
            rows["by_length"] += [{"length": length, **row} for row in block.get_rows()]
            blocks.append(block.get_account())
        stop(workers)
        for threads in args.thread_counts:
            workers = start_workers(args, weights, failed, threads=threads)
            cases = make_cases(workers, work, len(texts), 256, peers=32)
            block = Block(f"{threads} thread(s)", cases).run(**settings)
            rows["by_threads"] += [{"threads": threads, **row} for row in block.get_rows()]
            blocks.append(block.get_account())
            stop(workers)
    record = make_record("batches", args, **rows, latencies=latencies, blocks=blocks, failed=failed)
    names = draw(record, args)
    write_record(record, args, make_page(record, names))


def list_threads() -> List[int]:
    """RETURNS (List[int]): 1, 2, 4 … up to all cores."""
    cores = os.cpu_count() or 1
    return sorted({*(2**i for i in range(cores.bit_length()) if 2**i <= cores), cores})


def get_count(length: int, quick: bool) -> int:
    """RETURNS (int): How many texts of a length are measured."""
    return 4 if quick else max(32, PIECES // length)


def start_workers(
    args: argparse.Namespace, weights: Path, failed: Dict[str, str], threads: int = 0
) -> Dict[str, Worker]:
    """RETURNS (Dict[str, Worker]): By the name of the tables. threads (int): Instead of those of the settings."""
    threads = threads or args.threads
    base = get_base(args, weights, threads=threads, batch_size=max(args.sizes))
    wanted = [("Hugging Face pipeline fp32", "huggingface", {**base, "precision": "fp32"})]
    wanted += [(f"ours {name}", "ours", {**base, "engine": get_engine(args, name)}) for name in args.engines]
    wanted += [("spaCy transformer + textcat fp32", "stock", base)]
    if not args.no_peers:
        wanted += [("sentence-transformers fp32", "sentence_transformers", {**base, "precision": "fp32"})]
    started = {name: start(name, system, settings, failed, threads=threads) for name, system, settings in wanted}
    return {name: worker for name, worker in started.items() if worker is not None}


def stop(workers: Dict[str, Worker]) -> None:
    """End all processes."""
    for worker in workers.values():
        worker.close()


def make_cases(
    workers: Dict[str, Worker], work: str, n: int, size: int, *, peers: int = 0, single: bool = False
) -> List[Case]:
    """RETURNS (List[Case]): One for each system. size (int): Of the batches. peers (int): Of the batches of those that
    do not sort texts by length. single (bool): One text after the other."""
    cases = []
    for name, worker in workers.items():
        if single and worker.system == "sentence_transformers":
            continue
        spacy = worker.system in ("ours", "stock")
        request = {"work": work, "heads": HEADS, "batch_size": size if spacy else peers or size, "single": single}
        cases.append(Case(name, worker, request, n))
    return cases


def make_latency(block: Block, name: str) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): Milliseconds of one text: the median and the 99th percentile of all rounds."""
    each = [1000 * seconds for answer in block.answers[name] for seconds in answer["each"]]
    p50, p99 = numpy.percentile(each, [50, 99]).tolist()
    return {"case": name, "n": len(each), "p50": p50, "p99": p99}


def draw(record: Dict[str, Any], args: argparse.Namespace) -> List[str]:
    """Draw the pictures. RETURNS (List[str]): Their file names."""
    from plots import plot_lines

    note = f"{describe_machine(args.gpu_id)}, {args.threads} thread(s), {record['weights']}, {record['date']}"
    wanted = [
        ("by_size", "size", "Throughput by batch size", "batch size", "texts/s", False),
        ("by_length", "length", "Throughput by length", "wordpieces of a text", "texts/s", True),
        ("by_threads", "threads", "Throughput by threads", "threads", "texts/s", False),
    ]
    names = []
    for rows, key, title, x, y, log_y in wanted:
        lines: Dict[str, List[Any]] = {}
        for row in record[rows]:
            lines.setdefault(row["case"], []).append((row[key], row["per_second"]))
        path = get_path(args, f"batches-{rows[3:]}", ".png")
        plot_lines(lines, path, title=title, x=x, y=y, log_y=log_y, note=note)
        names.append(path.name)
    return names


def make_page(record: Dict[str, Any], pictures: Sequence[str]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    lines = [
        "Texts a second: medians of the rounds. Polarity alone. sentence-transformers reads no more of a text than its",
        "model's own setting says, 256 wordpieces for all-MiniLM-L6-v2.",
        "",
    ]
    for rows, key, title in (
        ("by_size", "size", "Batch size"),
        ("by_length", "length", "Length in wordpieces (ours and spaCy in batches of 256, the others of 32)"),
        ("by_threads", "threads", "Threads (batches as above)"),
    ):
        values = list(dict.fromkeys(row[key] for row in record[rows]))
        names = list(dict.fromkeys(row["case"] for row in record[rows]))
        found = {(row["case"], row[key]): row["per_second"] for row in record[rows]}
        lines += [f"## {title}", ""]
        lines += make_table(["system", *values], [[n, *[number(found.get((n, v))) for v in values]] for n in names])
    lines += ["## Latency: one text at a time", ""]
    lines += make_table(
        ["system", "median, ms", "99th percentile, ms", "measurements"],
        [[x["case"], number(x["p50"], 2), number(x["p99"], 2), x["n"]] for x in record["latencies"]],
    )
    lines += [line for name in pictures for line in (f"![{name}]({name})", "")]
    return [*lines, *make_notes(record["blocks"], record["failed"])]


if __name__ == "__main__":
    main()
