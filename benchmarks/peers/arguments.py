"""The command line that all peers share. Nothing but the standard library is needed to read it."""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn, Sequence

TASKS = ("polarity", "aspect_sentiment", "emotions")
MINILM = "sentence-transformers/all-MiniLM-L6-v2"

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def make_parser(
    description: str, *, tasks: Sequence[str] = TASKS, precisions: Sequence[str] = ("fp32",)
) -> argparse.ArgumentParser:
    """Make the parser; a peer adds its own settings to it.

    description (str): What the peer is. tasks (Sequence[str]), precisions (Sequence[str]): What it can do.
    RETURNS (ArgumentParser): For `parse`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=tasks, required=True)
    parser.add_argument("--train", type=_existing, required=True, help="corpus: a .spacy file, or a directory of them")
    parser.add_argument("--report", type=_existing, required=True, help="corpus that is reported on")
    parser.add_argument("--predictions-report", type=Path, required=True, help="where its predictions are written")
    parser.add_argument("--select", type=_existing, help="corpus to choose thresholds on; nothing is chosen here")
    parser.add_argument("--predictions-select", type=Path, help="where its predictions are written")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=_positive, default=3)
    parser.add_argument("--learning-rate", type=float, default=4e-5)
    parser.add_argument("--batch-size", type=_positive, default=32, help="texts, or aspects, of an optimizer step")
    parser.add_argument("--precision", choices=precisions, default=precisions[0])
    parser.add_argument("--max-length", type=_positive, default=128, help="wordpieces; what is longer is cut")
    parser.add_argument("--weights", default=MINILM, help="directory or name of the pretrained weights")
    return parser


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """RETURNS (Namespace): The settings. A mistake in them ends the program with exit code 2."""
    args = parser.parse_args()
    if (args.select is None) != (args.predictions_select is None):
        parser.error("--select and --predictions-select go together")
    return args


def skip(peer: str, reason: object) -> NoReturn:
    """Say why a peer cannot be measured, and end with exit code 0: a missing peer is no failure.

    peer (str): Its name for `install.py`. reason (object): What is missing.
    """
    sys.stdout.write(f"Skipped: {reason}. Type: python benchmarks/peers/install.py {peer}\n")
    raise SystemExit(0)


def _existing(value: str) -> Path:
    path = Path(value)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"there is no {value}")
    return path


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return number
