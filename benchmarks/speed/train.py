"""Training steps a second beside Hugging Face's Trainer and stock spaCy.

    python benchmarks/speed/train.py --data /path/to/data

Polarity of SST-2 sentences: the same texts in the same batches and order, the same weights, precision and dropout,
AdamW with weight decay, gradients clipped at 1. Ours and stock spaCy run in the loop of `spacy train`. The first steps,
in which the optimizer makes its state, are not counted.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, Dict, List

from records import make_notes, make_record, make_table, number, span, write_record
from rounds import Block, Case, start
from settings import get_base, get_engine, make_parser, parse, skip
from texts import MissingData, read_texts, write_work

from spacy_bertsent.layers.weights import find_weights

PRECISIONS = ("fp32", "bf16")


def main() -> None:
    parser = make_parser(__doc__, rounds=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20, help="of each measurement")
    args = parse(parser)
    if args.quick:
        args.batch_size, args.steps = min(args.batch_size, 4), min(args.steps, 2)
    try:
        # Two steps more: those that are not counted.
        rows = read_texts(args.data, args.batch_size * (args.steps + 2), args.seed)
    except MissingData as e:
        skip("train", e)
    steps = min(args.steps, len(rows) // args.batch_size - 2)
    if steps < 1:
        skip("train", f"{len(rows)} texts are too few for batches of {args.batch_size}")
    failed: Dict[str, str] = {}
    found: List[Dict[str, Any]] = []
    blocks: List[Dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        work = str(write_work(Path(directory) / "texts.json", [x for x, _ in rows], labels=[y for _, y in rows]))
        request = {"work": work, "batch_size": args.batch_size, "steps": steps}
        for precision in [x for x in PRECISIONS if x in args.engines]:
            cases = make_cases(args, precision, request, failed)
            block = Block(precision, cases).run(
                rounds=args.rounds, engines=[precision], gpu_id=args.gpu_id, quick=args.quick
            )
            found += block.get_rows()
            blocks.append(block.get_account())
            for case in cases:
                case.worker.close()
    record = make_record(
        "train", args, batch_size=args.batch_size, steps=steps, rows=found, blocks=blocks, failed=failed
    )
    write_record(record, args, make_page(record))


def make_cases(args: argparse.Namespace, precision: str, request: Dict[str, Any], failed: Dict[str, str]) -> List[Case]:
    """RETURNS (List[Case]): The systems that can train in a precision; the Trainer comes first where it is there."""
    weights = find_weights(args.weights).resolve()
    base = get_base(args, weights)
    wanted = [] if args.no_peers else [("Hugging Face Trainer", "trainer", {**base, "precision": precision})]
    wanted += [("ours, spacy train", "train", {**base, "name": "ours", "engine": get_engine(args, precision)})]
    if precision == "fp32":
        wanted += [("spaCy transformer + textcat, spacy train", "train", {**base, "name": "stock"})]
    cases = []
    for name, system, settings in wanted:
        worker = start(f"{name} {precision}", system, settings, failed)
        if worker is not None:
            cases.append(Case(name, worker, request, request["steps"]))
    return cases


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    lines = [
        f"Steps of {record['batch_size']} texts a second: medians of the rounds, {record['steps']} steps each.",
        "",
    ]
    for block in record["blocks"]:
        mine = [row for row in record["rows"] if row["block"] == block["block"]]
        lines += [f"## {block['block']}", ""]
        lines += make_table(
            ["system", "steps/s", "quartiles", "× first", "quartiles"],
            [
                [
                    row["case"], number(row["per_second"], 2), span(row["spread"], 2), number(row.get("ratio"), 2),
                    span(row.get("ratios"), 2),
                ]
                for row in mine
            ],
        )  # fmt: skip
    return [*lines, *make_notes(record["blocks"], record["failed"])]


if __name__ == "__main__":
    main()
