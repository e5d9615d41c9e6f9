"""Prediction beside its peers: the same texts, the same weights, the same threads, in turns.

    python benchmarks/speed/predict.py --data /path/to/data

Texts are distinct sentences of SST-2; pairs are aspects of SemEval-2014 restaurants in their sentence. No head is
trained: what a head says does not change how long it takes. No vector is met again: the cache of the backbone is empty
at the start, and holds one batch. The peers give what they give to their users: scores of all labels, or vectors.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from peak import count_flops, read_sizes
from records import make_notes, make_record, make_table, number, percent, span, write_record
from rounds import Block, Case, Worker, start
from settings import get_base, get_engine, make_parser, parse, skip
from texts import MissingData, count_pieces, get_pairs, load_tokenizer, read_marked, read_texts, write_work

from spacy_bertsent.layers.weights import find_weights

HEADS: Dict[str, List[str]] = {
    "polarity": ["polarity"],
    "emotions": ["emotions"],
    "polarity + emotions": ["polarity", "emotions"],
    "three heads": ["polarity", "emotions", "stars"],
}
# With aspects: the pairs alone, and all that a user asks for.
ASPECT_HEADS: Dict[str, List[str]] = {
    "aspects": ["aspect_sentiment"],
    "polarity + emotions + aspects": ["polarity", "emotions", "aspect_sentiment"],
}
BASELINE = "Hugging Face pipeline fp32, batch 32"


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--n-texts", type=int, default=872)
    parser.add_argument("--n-marked", type=int, default=300, help="texts with aspects")
    parser.add_argument("--aspects", type=int, nargs="+", default=[1, 2, 5], help="of each text")
    parser.add_argument("--batch-size", type=int, default=256, help="of the spaCy pipelines")
    args = parse(parser)
    if args.quick:
        args.n_texts, args.n_marked, args.aspects = min(args.n_texts, 24), min(args.n_marked, 8), args.aspects[:1]
    try:
        texts = [text for text, _ in read_texts(args.data, args.n_texts, args.seed)]
        marked = {k: read_marked(args.data, args.n_marked, k, args.seed) for k in args.aspects}
    except MissingData as e:
        skip("predict", e)
    weights = find_weights(args.weights).resolve()
    tokenizer, sizes = load_tokenizer(weights), read_sizes(weights)
    failed: Dict[str, str] = {}
    workers = start_workers(args, weights, failed)
    rows: List[Dict[str, Any]] = []
    blocks: List[Dict[str, Any]] = []
    settings = {"rounds": args.rounds, "engines": args.engines, "gpu_id": args.gpu_id, "quick": args.quick}
    with tempfile.TemporaryDirectory() as directory:
        path = write_work(Path(directory) / "texts.json", texts)
        block = Block("texts", make_text_cases(workers, str(path), len(texts), args)).run(**settings)
        lengths = count_pieces(tokenizer, texts)
        rows += complete(block, sum(lengths), count_flops(lengths, sizes), args.engines)
        blocks.append(block.get_account())
        for k, items in marked.items():
            path = write_work(Path(directory) / f"marked{k}.json", [], items)
            pairs = get_pairs(items)
            block = Block(
                f"pairs, {k} a text", make_pair_cases(workers, str(path), len(pairs), clock=args.gpu_id < 0)
            ).run(**settings)
            lengths = count_pieces(tokenizer, pairs)
            rows += complete(block, sum(lengths), count_flops(lengths, sizes), args.engines)
            blocks.append(block.get_account())
    record = make_record("predict", args, batch_size=args.batch_size, rows=rows, blocks=blocks, failed=failed)
    write_record(record, args, make_page(record))


def start_workers(args: argparse.Namespace, weights: Path, failed: Dict[str, str]) -> Dict[str, Worker]:
    """RETURNS (Dict[str, Worker]): All systems that can be measured here, by name."""
    base = get_base(args, weights, batch_size=args.batch_size)
    wanted = [(f"ours {name}", "ours", {**base, "engine": get_engine(args, name)}) for name in args.engines]
    wanted += [(f"huggingface {x}", "huggingface", {**base, "precision": x}) for x in ("fp32", "bf16")]
    wanted += [(f"plain_forward {x}", "plain_forward", {**base, "precision": x}) for x in ("fp32", "bf16")]
    wanted += [(name, name, base) for name in ("stock", "spacy_tokenizer", "wordpieces")]
    if not args.no_peers:
        wanted += [("sentence_transformers", "sentence_transformers", {**base, "precision": "fp32"})]
        wanted += [("pyabsa", "pyabsa", base)]
    started = {name: start(name, system, settings, failed) for name, system, settings in wanted}
    return {name: worker for name, worker in started.items() if worker is not None}


def make_text_cases(workers: Dict[str, Worker], work: str, n: int, args: argparse.Namespace) -> List[Case]:
    """RETURNS (List[Case]): What is done with texts; the first is the baseline."""
    cases: List[Case] = []

    def add(name: str, worker: str, **request: Any) -> None:
        if worker in workers:
            cases.append(Case(name, workers[worker], {"work": work, **request}, n))

    add(BASELINE, "huggingface fp32", batch_size=32)
    add("Hugging Face pipeline fp32, batch 1", "huggingface fp32", batch_size=1)
    add("Hugging Face pipeline bf16, batch 32", "huggingface bf16", batch_size=32)
    add("sentence-transformers encode fp32, batch 32", "sentence_transformers", batch_size=32)
    add("spaCy transformer + textcat fp32", "stock", batch_size=args.batch_size)
    for engine in args.engines:
        for name, heads in HEADS.items():
            # On a GPU a clock makes the host wait.
            add(f"ours {engine}, {name}", f"ours {engine}", heads=heads, clock=args.gpu_id < 0)
    add("encoder forward alone fp32, sorted, batch 32", "plain_forward fp32", batch_size=32)
    add("encoder forward alone bf16, sorted, batch 32", "plain_forward bf16", batch_size=32)
    add("spaCy tokenizer alone", "spacy_tokenizer")
    add("wordpiece tokenizer alone", "wordpieces")
    return cases


def make_pair_cases(workers: Dict[str, Worker], work: str, n: int, *, clock: bool) -> List[Case]:
    """RETURNS (List[Case]): What is done with pairs, all counted in pairs. clock (bool): Time the forward passes."""
    wanted = [
        (BASELINE, "huggingface fp32", {"pairs": True, "batch_size": 32}),
        ("Hugging Face pipeline fp32, batch 1", "huggingface fp32", {"pairs": True, "batch_size": 1}),
        ("Hugging Face pipeline bf16, batch 32", "huggingface bf16", {"pairs": True, "batch_size": 32}),
        ("PyABSA FAST_LCF_BERT fp32, batch 128", "pyabsa", {}),
    ]
    for name in workers:
        if name.startswith("ours "):
            wanted += [
                (f"{name}, {title}", name, {"heads": heads, "clock": clock}) for title, heads in ASPECT_HEADS.items()
            ]
    return [
        Case(name, workers[worker], {"work": work, **request}, n)
        for name, worker, request in wanted
        if worker in workers
    ]


def complete(block: Block, pieces: int, flops: int, engines: Sequence[str]) -> List[Dict[str, Any]]:
    """Add to the rows of a block what the clock and the peak of the machine say.

    pieces (int), flops (int): Of the work, without padding. engines (Sequence[str]): Of ours.
    RETURNS (List[Dict[str, Any]]): With "forward_share", "padding" and "peak_share" where they are known.
    """
    rows = block.get_rows()
    for row in rows:
        engine = next((x for x in engines if row["case"].startswith(f"ours {x},")), None)
        forward, seconds = block.get_median(row["case"], "forward"), block.get_median(row["case"], "seconds")
        computed = block.get_median(row["case"], "computed")
        if forward and seconds:
            row["forward_share"] = forward / seconds
        # Pieces and operations are those of one pass over the texts, or over the pairs, and not of both.
        if row["case"].endswith("+ aspects"):
            continue
        if computed:
            row["padding"] = computed / pieces
        peak = get_peak(block, engine)
        if peak and seconds:
            row["peak_share"] = flops / seconds / peak
    return rows


def get_peak(block: Block, engine: Optional[str]) -> Optional[float]:
    """RETURNS (Optional[float]): Operations a second of the machine while a block was measured."""
    peaks = block.peaks.get(engine or "", [])
    return sum(peaks) / len(peaks) if peaks else None


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    lines = [
        "Documents (or pairs) a second: the median of the rounds, and the quartiles. The ratio is the median of the",
        "ratios within each round. *Forward* is the share of the time that the encoder's own forward passes take,",
        "*padding* the pieces that are computed over those that are there, *of peak* the operations that a plain pass",
        "without padding needs, over what the machine reached in matrix products of that precision.",
        "",
    ]
    for block in record["blocks"]:
        mine = [row for row in record["rows"] if row["block"] == block["block"]]
        unit = "pairs/s" if block["block"].startswith("pairs") else "texts/s"
        lines += [f"## {block['block'].capitalize()} (n = {mine[0]['n'] if mine else 0})", ""]
        lines += make_table(
            ["system", unit, "quartiles", "× baseline", "quartiles", "forward", "padding", "of peak"],
            [
                [
                    row["case"], number(row["per_second"]), span(row["spread"]), number(row.get("ratio"), 2),
                    span(row.get("ratios"), 2), percent(row.get("forward_share")), number(row.get("padding"), 3),
                    percent(row.get("peak_share")),
                ]
                for row in mine
            ],
        )  # fmt: skip
    return [*lines, f"Baseline: {BASELINE}.", "", *make_notes(record["blocks"], record["failed"])]


if __name__ == "__main__":
    main()
