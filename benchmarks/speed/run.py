"""Run all speed benchmarks, and write one page with the goals beside what was measured.

    python benchmarks/speed/run.py --data /path/to/data
    python benchmarks/speed/run.py --page          only the page, from results that are there

Nothing else should run on the machine meanwhile. A long stream for the last two goals: --n 1000000.
"""

import subprocess
import sys
from pathlib import Path
from typing import List

from goals import RecordsT, make_page, make_rows
from records import make_foot, read_record
from settings import QUICK_RESULTS, RESULTS, make_parser, say

SCRIPTS = ("exactness", "predict", "stages", "batches", "train", "scale", "accuracy")
QUICK = " (a quick run: nothing is shown by it)"
HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = make_parser(__doc__)
    parser.set_defaults(rounds=None)
    parser.add_argument("--only", nargs="+", choices=SCRIPTS, default=list(SCRIPTS))
    parser.add_argument("--n", type=int, default=100_000, help="documents of the stream")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    args = parser.parse_args()
    output = args.output or (QUICK_RESULTS if args.quick else RESULTS)
    failed: List[str] = []
    for name in [] if args.page else args.only:
        words = ["--data", args.data, "--weights", args.weights, "--threads", args.threads, "--gpu-id", args.gpu_id]
        words += ["--seed", args.seed, "--output", output]
        words += ["--engines", *args.engines] if args.engines else []
        words += ["--rounds", args.rounds] if args.rounds else []
        words += ["--max-pieces", args.max_pieces] if args.max_pieces else []
        words += ["--quick"] if args.quick else []
        words += ["--no-peers"] if args.no_peers else []
        words += ["--n", args.n] if name == "scale" else []
        say(f"== {name}")
        if subprocess.run([sys.executable, HERE / f"{name}.py", *map(str, words)]).returncode:
            failed.append(name)
    page = write_page(output)
    sys.stdout.write(f"Written: {page}\n")
    if failed:
        sys.stdout.write(f"Failed, or missed a gate: {', '.join(failed)}\n")
    return 1 if failed else 0


def write_page(output: Path) -> Path:
    """Write the page of goals beside the directory of the results. RETURNS (Path): The page."""
    records: RecordsT = {name: read_record(output, name) for name in SCRIPTS}
    records.update({f"{name}-gpu": read_record(output, name, gpu=True) for name in SCRIPTS})
    lines = [
        "# Speed: goals and what was measured",
        "",
        "Made by `python benchmarks/speed/run.py`. Spreads, and how each figure was measured, are on the pages below.",
        "Ratios were measured in turns within one run. *Waiting*: not measured yet.",
        "",
        *make_page(make_rows(records)),
    ]
    found = {name: record for name, record in records.items() if record}
    lines += [
        f"- [{name}]({output.name}/{name}.md), {record['date']}{QUICK if record['quick'] else ''}"
        for name, record in found.items()
    ]
    if found:
        lines += ["", *make_foot(next(iter(found.values())))]
    path = output.parent / f"{output.name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), "utf8")
    return path


if __name__ == "__main__":
    sys.exit(main())
