"""The settings that all scripts of this folder share. Nothing but the standard library is needed to read them."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any, Dict, NoReturn, Optional, Sequence

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "speed"
# What a quick run writes shows that the scripts work, not how fast anything is.
QUICK_RESULTS = ROOT / "output" / "speed"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
# The rows of every table, and the settings of `spacy-bertsent.Backbone.v1` that choose them. One with int8 weights
# takes their ranges from a sample.
ENGINES: Dict[str, Dict[str, Any]] = {
    "fp32": {"precision": "fp32"},
    "bf16": {"precision": "bf16"},
    "OpenVINO bf16": {"precision": "bf16", "runtime": "openvino"},
    "int8": {"precision": "int8", "runtime": "openvino"},
}
# OpenVINO runs on the CPU here.
GPU_ENGINES = ("fp32", "bf16")
# Systems that have a virtual environment of their own, and its name for benchmarks/peers/install.py.
PEERS = {"sentence_transformers": "setfit", "pyabsa": "pyabsa", "trainer": "hf"}


def make_parser(description: str, *, rounds: int = 5) -> argparse.ArgumentParser:
    """Make the parser; a script adds its own settings to it.

    description (str): What the script measures. rounds (int): How often each system is measured, unless told otherwise.
    RETURNS (ArgumentParser): For `parse`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "assets", help="directory of the public data sets")
    parser.add_argument("--weights", default=MINILM, help="directory or name of the pretrained weights")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), help="default: all of the device")
    parser.add_argument("--max-pieces", type=int, help="of a forward pass, instead of the backbone's own choice")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of every system")
    parser.add_argument("--gpu-id", type=int, default=-1, help="-1 is the CPU")
    parser.add_argument("--rounds", type=int, default=rounds, help="times that each system is measured, in turns")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of texts")
    parser.add_argument("--output", type=Path, help="directory of the results")
    parser.add_argument("--quick", action="store_true", help="few texts: shows that the script works")
    parser.add_argument("--no-peers", action="store_true", help="leave out systems with an environment of their own")
    return parser


def parse(parser: argparse.ArgumentParser, words: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Read the settings and fix the threads; call it before anything that starts threads is imported.

    parser (ArgumentParser): From `make_parser`. words (Optional[Sequence[str]]): Instead of the command line.
    RETURNS (Namespace): With `output` filled in.
    """
    args = parser.parse_args(words)
    if args.quick:
        args.rounds = min(args.rounds, 2)
    args.output = args.output or (QUICK_RESULTS if args.quick else RESULTS)
    args.engines = args.engines or list(GPU_ENGINES if args.gpu_id >= 0 else ENGINES)
    set_threads(args.threads)
    return args


def get_engine(args: argparse.Namespace, name: str) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): Settings of the backbone's model. name (str): One of `ENGINES`."""
    return {**ENGINES[name], **({"max_pieces": args.max_pieces} if args.max_pieces else {})}


def get_base(args: argparse.Namespace, weights: Path, **more: Any) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): Settings of any system. weights (Path): A directory. more (Any): Of this one."""
    base = {"weights": str(weights), "threads": args.threads, "gpu_id": args.gpu_id}
    return {**base, "data": str(args.data), "n_sample": 24 if args.quick else 450, **more}


def set_threads(threads: int) -> None:
    """Tell all libraries how many threads they may use, those of the workers too. threads (int): 1 or more."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")


def skip(script: str, reason: object) -> NoReturn:
    """Say why nothing can be measured, and end with exit code 0. script (str): Its name. reason (object): Why."""
    sys.stdout.write(f"Skipped {script}: {reason}\n")
    raise SystemExit(0)


def say(text: str) -> None:
    """Show progress. text (str): A line."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
