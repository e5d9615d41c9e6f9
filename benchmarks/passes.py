"""Compare what a forward pass of the engine can be made of: the measurements behind its choices.

    python benchmarks/passes.py --data /path/to/data --threads 2
    python benchmarks/passes.py --quick

- attention: torch's fused kernel against plain products, forward and backward, in float32;
- filling up: passes over as many pieces as the texts have, against passes that are filled up to one of few numbers, in
  bfloat16, on texts that were not met before: prediction, and forward and backward;
- side by side: OpenVINO on all threads, one pass after the other, against one pass on each thread.

In turns; medians in microseconds a text, and their ratio. Nothing is written.
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence

import torch

from spacy_bertsent.architectures.backbone import build_backbone
from spacy_bertsent.layers import engine as engine_module
from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine
from spacy_bertsent.layers.pieces import Row
from spacy_bertsent.types import TextInput

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
Work = Callable[[Sequence[Row]], None]


class Exact(Engine):
    """Fills nothing up."""

    _filled = False  # type: ignore[assignment]


class Fused(Engine):
    """Fused attention in training, too."""

    _fused = True  # type: ignore[assignment]


class InTurn(OpenVINOEngine):
    """One pass after the other, on all threads."""

    def make_batches(self, lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
        return Engine.make_batches(self, lengths, min(max_pieces, engine_module.CPU_PIECES))

    def run_all(self, run: Any, batches: Any) -> Any:
        return Engine.run_all(self, run, batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("assets"), help="directory of the public data sets")
    parser.add_argument("--weights", default=DEFAULT, help="directory or name of the encoder")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="see whether it works: few texts, one round")
    args = parser.parse_args()
    path = args.data / "sst2" / "train.tsv"
    if not path.exists():
        sys.stdout.write(f"Skipped: there is no {path}. Type: python -m spacy project assets\n")
        return
    torch.set_num_threads(args.threads)
    model = build_backbone(args.weights)
    model.initialize()
    encoder: Any = model.shims[0].encoder  # type: ignore[attr-defined]
    texts = [line.split("\t")[0] for line in path.read_text(encoding="utf8").splitlines() if line]
    random.Random(0).shuffle(texts)
    rows = [row for found in encoder.tokenizer([TextInput(text) for text in texts]) for row in found]
    rounds = 1 if args.quick else args.rounds
    large, small = (16, 8) if args.quick else (256, 32)

    exact, filled = Exact(encoder, torch.bfloat16), Engine(encoder, torch.bfloat16)
    cases: Dict[str, Dict[str, Work]] = {
        "attention, forward and backward": {
            "fused": learn(Fused(encoder, torch.float32)),
            "plain": learn(Engine(encoder, torch.float32)),
        },
        "filling up, prediction": {"exact": predict(exact), "filled": predict(filled)},
        "filling up, forward and backward": {"exact": learn(exact), "filled": learn(filled)},
    }
    try:
        import openvino  # noqa: F401
    except ImportError:
        sys.stdout.write('OpenVINO is not installed. Type: pip install ".[openvino]"\n')
    else:
        kinds = {"in turn": InTurn, "side by side": OpenVINOEngine}
        cases["OpenVINO, prediction"] = {
            name: predict(kind(encoder, torch.bfloat16, int8=False, activation="gelu")) for name, kind in kinds.items()
        }
    for title, works in cases.items():
        # No text twice, so that nobody has met its number of pieces in the other's turn.
        fresh = take(rows, small if "backward" in title else large)
        report(title, works, fresh, rounds)


def take(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """YIELDS (Sequence[Row]): So many rows, none twice before all were given."""
    while True:
        yield from (rows[i : i + size] for i in range(0, len(rows) - size, size))


def report(title: str, works: Dict[str, Work], batches: Iterator[Sequence[Row]], rounds: int) -> None:
    times: Dict[str, List[float]] = {name: [] for name in works}
    for work in works.values():
        work(next(batches))
    for _ in range(rounds):
        for name, work in works.items():
            batch = next(batches)
            start = time.perf_counter()
            work(batch)
            times[name].append((time.perf_counter() - start) * 1e6 / len(batch))
    first, second = (statistics.median(x) for x in times.values())
    names = ", ".join(f"{name} {statistics.median(x):.0f}" for name, x in times.items())
    sys.stdout.write(f"{title}: {names}, ratio {first / second:.2f}\n")


def predict(engine: Engine) -> Work:
    def run(rows: Sequence[Row]) -> None:
        batches = engine.make_batches([len(row.ids) for row in rows], 4096)
        engine.run_all(lambda batch: engine.predict(batch, tokens=False), [[rows[i] for i in b] for b in batches])

    return run


def learn(engine: Engine) -> Work:
    def run(rows: Sequence[Row]) -> None:
        batches = engine.make_batches([len(row.ids) for row in rows], 4096)
        outputs, backprop = engine.begin_update([[rows[i] for i in b] for b in batches], tokens=False)
        backprop([torch.ones_like(output) for output in outputs])
        engine.clear_gradients()

    return run


if __name__ == "__main__":
    main()
