"""Where the time of a document goes: tokenizers, forward passes, and everything else.

    python benchmarks/speed/stages.py --data /path/to/data

A clock stands on each stage of one run of `nlp.pipe`; the fast tokenizer alone is measured beside it. *Host overhead*
is all that is neither of the two tokenizers nor a forward pass: rows, micro-batches, cache, heads, writing to the Doc,
and spaCy's own pipe.
"""

import tempfile
from pathlib import Path
from typing import Any, Dict, List

from peak import count_flops, read_sizes
from records import make_notes, make_record, make_table, number, percent, write_record
from rounds import Block, Case, start
from settings import get_base, get_engine, make_parser, parse, skip
from texts import MissingData, count_pieces, load_tokenizer, read_texts, write_work

from spacy_bertsent.layers.weights import find_weights

HEADS: Dict[str, List[str]] = {
    "polarity": ["polarity"],
    "polarity + emotions": ["polarity", "emotions"],
    "three heads": ["polarity", "emotions", "stars"],
}
STAGES = {
    "make_doc": "spaCy tokenizer",
    "wordpieces": "fast wordpiece tokenizer",
    "rows": "wordpieces as rows",
    "forward": "forward passes",
    "batches": "micro-batches, order",
    "heads": "cache, listeners, heads",
    "set_annotations": "writing to the Doc",
    "rest": "nlp.pipe itself",
    "overhead": "**host overhead**",
    "total": "all",
}


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--n-texts", type=int, default=2048)
    parser.add_argument("--batch-size", type=int, default=256)
    args = parse(parser)
    n = min(args.n_texts, 24) if args.quick else args.n_texts
    try:
        texts = [text for text, _ in read_texts(args.data, n, args.seed)]
    except MissingData as e:
        skip("stages", e)
    weights = find_weights(args.weights).resolve()
    base = get_base(args, weights, batch_size=args.batch_size)
    failed: Dict[str, str] = {}
    with tempfile.TemporaryDirectory() as directory:
        work = str(write_work(Path(directory) / "texts.json", texts))
        pieces = start("wordpieces", "wordpieces", base, failed)
        cases = [Case("wordpieces", pieces, {"work": work}, len(texts))] if pieces else []
        for engine in args.engines:
            worker = start(f"ours {engine}", "stages", {**base, "engine": get_engine(args, engine)}, failed)
            if worker:
                cases += [
                    Case(f"ours {engine}, {name}", worker, {"work": work, "heads": heads}, len(texts))
                    for name, heads in HEADS.items()
                ]
        block = Block("stages", cases).run(
            rounds=args.rounds, engines=args.engines, gpu_id=args.gpu_id, quick=args.quick
        )
    sizes = read_sizes(weights)
    flops = count_flops(count_pieces(load_tokenizer(weights), texts), sizes)
    rows = [
        make_stages(block, case, flops) for case in cases if case.name.startswith("ours") and case.name in block.answers
    ]
    found = {"batch_size": args.batch_size, "n": len(texts), "layers": sizes[0], "rows": rows}
    record = make_record("stages", args, **found, blocks=[block.get_account()], failed=failed)
    write_record(record, args, make_page(record))


def make_stages(block: Block, case: Case, flops: int) -> Dict[str, Any]:
    """Put together what the clocks say.

    flops (int): Operations that plain passes over all texts need.
    RETURNS (Dict[str, Any]): "case", for each of `STAGES` microseconds a document (medians of the rounds), and
        "peak_share": those operations in the time of the forward passes, over the machine's peak.
    """

    def get(name: str, key: str) -> float:
        return (block.get_median(name, key) or 0.0) * 1e6 / case.n

    wordpieces = get("wordpieces", "seconds")
    clock = {
        key: get(case.name, key) for key in ("make_doc", "pieces", "forward", "encode", "predict", "set_annotations")
    }
    total = get(case.name, "seconds")
    row = {
        "make_doc": clock["make_doc"],
        "wordpieces": wordpieces,
        "rows": clock["pieces"] - wordpieces,
        "forward": clock["forward"],
        "batches": clock["encode"] - clock["pieces"] - clock["forward"],
        "heads": clock["predict"] - clock["encode"],
        "set_annotations": clock["set_annotations"],
        "rest": total - clock["make_doc"] - clock["predict"] - clock["set_annotations"],
        "overhead": total - clock["make_doc"] - wordpieces - clock["forward"],
        "total": total,
    }
    peaks = block.peaks.get(case.name.removeprefix("ours ").split(",")[0], [])
    share = flops / case.n / (clock["forward"] / 1e6) / (sum(peaks) / len(peaks)) if peaks else None
    return {"case": case.name, **{key: round(value, 2) for key, value in row.items()}, "peak_share": share}


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    rows = record["rows"]
    lines = [
        f"Microseconds a document (n = {record['n']}, batches of {record['batch_size']}), medians of the rounds. Host",
        "overhead is all but the two tokenizers and the forward passes.",
        "",
        *make_table(
            ["stage", *[row["case"] for row in rows]],
            [
                *([title, *[number(row[key], 1) for row in rows]] for key, title in STAGES.items()),
                ["forward passes, share of the peak", *[percent(row["peak_share"]) for row in rows]],
            ],
        ),
    ]
    return [*lines, *make_notes(record["blocks"], record["failed"])]


if __name__ == "__main__":
    main()
