"""Measure what goes wrong with bad texts, long texts, lost workers and stored pipelines, and write a table.

    python benchmarks/reliability.py                      # the tiny encoder of the tests, full counts
    python benchmarks/reliability.py --quick --only R1,R9
    python benchmarks/reliability.py --model training/joint/model-best

Exit status 1 if a check is missed. The table is written to benchmarks/results/reliability.md and .json; with --only,
the other tests of the same pipeline stay there as they are. With --quick it is printed alone.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import spacy  # noqa: E402
from spacy.language import Language  # noqa: E402

from benchmarks.reliability_checks import batches, faults, odd_texts, pieces, storing, streams  # noqa: E402
from benchmarks.reliability_checks.finding import Finding  # noqa: E402
from benchmarks.reliability_checks.models import make_finder, make_tiny  # noqa: E402
from spacy_bertsent.benchmark.machine import describe_machine, get_commit, get_versions  # noqa: E402
from tests.util import save_weights  # noqa: E402

VERDICTS = {True: "pass", False: "**miss**", None: "not asked for"}
RESULTS = ROOT / "benchmarks" / "results" / "reliability"
PLACES = [10, 510, 511, 512, 600, 5_000, 50_000]
CheckT = Callable[[], List[Finding]]


class Row(NamedTuple):
    """A finding, and how long its check took.

    seconds (float): Of all findings of the check. made (str): Date and commit. See `Finding` for the others.
    """

    test: str
    name: str
    figure: str
    passed: Optional[bool]
    seconds: float
    made: str


def make_checks(nlp: Language, path: Path, quick: bool) -> Dict[str, List[CheckT]]:
    """Choose counts. nlp (Language): What is measured. path (Path): An empty directory. quick (bool): Small counts."""
    share = 20 if quick else 1
    texts, pairs, stored = 1000 // share, 2000 // share, 200 // share
    (path / "finder").mkdir()

    def find_far_words() -> List[Finding]:
        steps, lengths = (80, [4, 8, 16, 64, 200]) if quick else (160, [4, 8, 16, 64, 200, 500])
        return pieces.check_far_words(make_finder(path / "finder", steps, lengths), PLACES)

    sizes = [1_000, 10_000, 100_000]
    return {
        "R1": [partial(streams.check_poison, nlp, 10_000 // share, 100 // share, [1, 7, 64, 256], [1, 2])],
        "R2": [partial(faults.check_faults, nlp, 50 // (5 if quick else 1))],
        "R3": [partial(streams.check_odd_inputs, nlp, 1000)],
        "R4": [partial(streams.check_killed_workers, nlp, 2 if quick else 20)],
        "R5": [partial(batches.check_batches, nlp, texts, [1, 2, 8, 32, 128], 2 if quick else 5)],
        "R6": [partial(batches.check_pairs, nlp, pairs)],
        "R8": [partial(odd_texts.check_unicode, nlp, 2000 if quick else 100_000)],
        "R9": [
            partial(odd_texts.check_runs, nlp, sizes if quick else [*sizes, 1_000_000], tokenizer_only=True),
            partial(odd_texts.check_runs, nlp, sizes if quick else [*sizes, 1_000_000]),
            partial(odd_texts.check_many_aspects, nlp, [100, 800]),
        ],
        "R10": [partial(pieces.check_special_pieces, nlp, 500)],
        "R11": [find_far_words],
        "R12": [partial(storing.check_storing, nlp, path, stored)],
    }


def run(checks: Dict[str, List[CheckT]], only: List[str]) -> List[Row]:
    rows = []
    made = f"{datetime.date.today().isoformat()}, {get_commit()}"
    for test in only:
        for check in checks[test]:
            start = time.perf_counter()
            findings = check()
            seconds = round(time.perf_counter() - start, 1)
            for finding in findings:
                rows.append(Row(*finding, seconds, made))
                sys.stderr.write(f"{VERDICTS[finding.passed]}  {' | '.join(finding[:3])}\n")
    return rows


def make_table(rows: List[Row], notes: List[str]) -> str:
    """RETURNS (str): Markdown."""
    lines = ["# Reliability", "", *notes, "", "| test | what | found | | s |", "| --- | --- | --- | --- | ---: |"]
    for i, row in enumerate(rows):
        # The seconds of a check stand in its first line.
        seconds = f"{row.seconds:.1f}" if i == 0 or rows[i - 1][::4] != row[::4] else ""
        name, figure = (cell.replace("|", "\\|") for cell in (row.name, row.figure))
        lines.append(f"| {row.test} | {name} | {figure} | {VERDICTS[row.passed]} | {seconds} |")
    return "\n".join([*lines, ""])


def get_title(model: Optional[Path]) -> str:
    return model.name if model else "tiny random encoder (2 layers, 32 wide)"


def merge(rows: List[Row], model: Optional[Path]) -> List[Row]:
    """Add what is recorded of other tests of the same pipeline. RETURNS (List[Row]): In the order of the tests."""
    path = RESULTS.with_suffix(".json")
    old = json.loads(path.read_text("utf8")) if path.is_file() else {"model": "", "rows": []}
    new = {row.test for row in rows}
    kept = [Row(**row) for row in old["rows"] if old["model"] == get_title(model) and row["test"] not in new]
    return sorted([*rows, *kept], key=lambda row: int(row.test[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small counts, about two minutes")
    parser.add_argument("--model", type=Path, help="a trained pipeline with polarity; default: a tiny random one")
    parser.add_argument("--only", default="", help="tests with commas, such as R1,R9")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "weights").mkdir()
        nlp = spacy.load(args.model) if args.model else make_tiny(save_weights(path / "weights", "bert"))
        checks = make_checks(nlp, path, args.quick)
        only = args.only.split(",") if args.only else list(checks)
        if set(only) - set(checks):
            parser.error(f"no such test: {', '.join(sorted(set(only) - set(checks)))}. There are {', '.join(checks)}.")
        rows = run(checks, only)
    if not args.quick:
        rows = merge(rows, args.model)
    record = {
        "model": get_title(args.model),
        "machine": describe_machine(),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "versions": get_versions(),
        "rows": [row._asdict() for row in rows],
    }
    versions = ", ".join(f"{name} {value}" for name, value in get_versions().items())
    notes = [
        f"Pipeline: {record['model']}. Machine: {record['machine']}, threads: {record['threads']}.",
        f"{versions}. Date, commit: {'; '.join(sorted({row.made for row in rows}))}.",
        "R11 has an encoder of its own, trained so that one word decides. That one window in a hundred decides is",
        "asked of `combine = max` alone. Made by `python benchmarks/reliability.py`.",
    ]
    table = make_table(rows, notes)
    sys.stdout.write(table)
    if not args.quick:
        RESULTS.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", "utf8")
        RESULTS.with_suffix(".md").write_text(table, "utf8")
    sys.exit(1 if any(row.passed is False for row in rows) else 0)


if __name__ == "__main__":
    main()
