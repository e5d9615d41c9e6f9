"""Long streams: time per document and memory as they grow; and how long it takes until the first result.

    python benchmarks/speed/scale.py --data /path/to/data --n 1000000

One stream is measured at powers of ten. Its texts come again and again in the same order, and are more than the cache
holds, so that none is met while its vectors are kept. Growth of memory is counted from the first tenth of the stream,
at least 2,000 documents.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Sequence

from records import make_record, make_table, number, write_record
from rounds import Unavailable, start
from settings import ENGINES, get_base, get_engine, make_parser, parse, say, skip
from texts import MissingData, read_texts, write_work

from spacy_bertsent.layers.weights import find_weights

HEADS = ["polarity", "emotions"]
WARM_UP = 2000
START_UP = {
    "import spacy": "import spacy",
    "import spacy_bertsent": "import spacy_bertsent",
    "spacy.load and a first text": "import spacy; nlp = spacy.load(r'{model}'); nlp('A text.')",
    "Hugging Face pipeline and a first text": (
        "import torch; torch.set_num_threads({threads}); from transformers import pipeline; "
        "pipeline('text-classification', model=r'{weights}', tokenizer=r'{weights}', device='cpu')('A text.')"
    ),
}


def main() -> None:
    parser = make_parser(__doc__, rounds=5)
    parser.add_argument("--n", type=int, default=100_000, help="documents of the stream")
    parser.add_argument("--engine", choices=list(ENGINES), default="bf16")
    parser.add_argument("--n-texts", type=int, default=1000, help="texts that come again and again")
    parser.add_argument("--batch-size", type=int, default=250, help="divides --n-texts")
    args = parse(parser)
    if args.quick:
        args.n, args.n_texts, args.batch_size = min(args.n, 40), min(args.n_texts, 10), 5
    try:
        texts = [text for text, _ in read_texts(args.data, args.n_texts, args.seed)]
    except MissingData as e:
        skip("scale", e)
    weights = find_weights(args.weights).resolve()
    settings = get_base(args, weights, batch_size=args.batch_size)
    failed: Dict[str, str] = {}
    worker = start(f"ours {args.engine}", "stream", {**settings, "engine": get_engine(args, args.engine)}, failed)
    if worker is None:
        skip("scale", failed)
    with tempfile.TemporaryDirectory() as directory:
        work = str(write_work(Path(directory) / "texts.json", texts))
        say(f"{args.n} documents")
        # All texts once between two looks at the clock: each stretch is the same work.
        request = {"work": work, "heads": HEADS, "n": args.n, "every": len(texts)}
        try:
            marks = worker.ask(request)["marks"]
            worker.ask({"save": f"{directory}/model"})
        except Unavailable as e:
            skip("scale", e)
        worker.close()
        starts = measure_start_up(args, f"{directory}/model", str(weights))
    record = make_record(
        "scale", args, engine=args.engine, n=args.n, n_texts=len(texts), marks=thin(marks), start_up=starts,
        rows=make_rows(marks), memory=get_memory(marks),
    )  # fmt: skip
    write_record(record, args, make_page(record))


def make_rows(marks: Sequence[Sequence[float]]) -> List[Dict[str, Any]]:
    """Cut the stream at powers of ten.

    marks (Sequence[Sequence[float]]): Documents, seconds and bytes, each from the start.
    RETURNS (List[Dict[str, Any]]): "n"; "microseconds" a document of all up to there; "recent": the same, of the last
        stretches up to there, a tenth of the stream so far but at least one; "rss" in MB.
    """
    wanted = [10**i for i in range(10)]
    points = [mark for mark in marks if mark[0] in wanted] or []
    if not points or points[-1] != marks[-1]:
        points.append(marks[-1])
    rows = []
    for n, seconds, rss in points:
        before = [[0, 0.0, 0], *[mark for mark in marks if mark[0] < n]]
        last = next((mark for mark in reversed(before) if n - mark[0] >= n / 10), before[0])
        recent = (seconds - last[1]) / (n - last[0])
        rows.append({"n": n, "microseconds": 1e6 * seconds / n, "recent": 1e6 * recent, "rss": rss / 2**20})
    return rows


def get_memory(marks: Sequence[Sequence[float]]) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): MB after the warm-up and at the end; "growth": the most above the first."""
    n = marks[-1][0]
    later = [mark for mark in marks if mark[0] >= max(WARM_UP, n / 10)] or [marks[-1]]
    first, last = later[0][2] / 2**20, later[-1][2] / 2**20
    most = max(mark[2] for mark in later) / 2**20
    return {"from": later[0][0], "start": first, "end": last, "growth": most - first}


def thin(marks: Sequence[Sequence[float]], most: int = 200) -> List[Sequence[float]]:
    """RETURNS (List[Sequence[float]]): Not more marks than a file should hold, the last one among them."""
    step = -(-len(marks) // most)
    return [*marks[: len(marks) - 1 : step], marks[-1]]


def measure_start_up(args: argparse.Namespace, model: str, weights: str) -> List[Dict[str, Any]]:
    """Run each of `START_UP` in processes of their own, in turns.

    RETURNS (List[Dict[str, Any]]): "case" and "seconds" (the median).
    """
    seconds: Dict[str, List[float]] = {}
    for _ in range(args.rounds):
        for name, code in START_UP.items():
            say(name)
            code = code.format(model=model, weights=weights, threads=args.threads)
            timed = f"import time; start = time.perf_counter(); {code}; print(time.perf_counter() - start)"
            done = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)
            seconds.setdefault(name, []).append(json.loads(done.stdout.splitlines()[-1]))
    return [{"case": name, "seconds": statistics.median(values)} for name, values in seconds.items()]


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    memory = record["memory"]
    return [
        f"`nlp.pipe` with {' and '.join(HEADS)}, {record['engine']}, one stream.",
        "",
        *make_table(
            ["documents", "µs a document, all so far", "µs a document, lately", "memory, MB"],
            [
                [number(row["n"]), number(row["microseconds"], 1), number(row["recent"], 1), number(row["rss"])]
                for row in record["rows"]
            ],
        ),
        f"Memory: {number(memory['start'], 1)} MB after {number(memory['from'])} documents,",
        f"{number(memory['end'], 1)} MB at the end; the most that it grew is {number(memory['growth'], 1)} MB.",
        "",
        "## Until the first result",
        "",
        *make_table(["", "seconds"], [[row["case"], number(row["seconds"], 2)] for row in record["start_up"]]),
    ]


if __name__ == "__main__":
    main()
