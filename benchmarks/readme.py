"""Fill the table of the README from the results of the benchmark, between its two marks.

python benchmarks/readme.py            writes it
python benchmarks/readme.py --check    exit status 1 if it is not up to date
"""

import argparse
import sys
from pathlib import Path

from spacy_bertsent.benchmark.records import read_results
from spacy_bertsent.benchmark.suite import read_suite
from spacy_bertsent.benchmark.tables import fill_readme, make_summary

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, default=ROOT / "benchmarks" / "suite.yml")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args()
    try:
        suite = read_suite(args.suite)
        results = {name: read_results(args.results / f"{name}.json") for name in suite.datasets}
        text = args.readme.read_text("utf8")
        filled = fill_readme(text, make_summary(suite, results), name=args.readme.name)
    except (ValueError, OSError) as e:
        sys.stderr.write(f"{e}\n")
        return 1
    if args.check and filled != text:
        sys.stderr.write(f"{args.readme.name} is not up to date. Type: python benchmarks/readme.py\n")
        return 1
    if not args.check:
        args.readme.write_text(filled, "utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
