"""Compare the attention that a training step can use: torch's fused one ("sdpa") and plain matrix products ("eager").

    python benchmarks/attention.py

Forward and backward of the default backbone, in turns; medians, and their ratio. Nothing is written.
"""

import statistics
import sys
import time
from typing import Dict, List, Tuple

import numpy
import torch
from thinc.api import Model

from spacy_bertsent.architectures.backbone import build_backbone

SHAPES = ((4, 16), (32, 16), (32, 32), (16, 64), (8, 128))
ROUNDS = 7


def main() -> None:
    encoders = {name: load(name) for name in ("sdpa", "eager")}
    times: Dict[Tuple[int, int, str], List[float]] = {}
    for i in range(ROUNDS + 1):
        for rows, pieces in SHAPES:
            for name, encoder in encoders.items():
                seconds = step(encoder, rows, pieces)
                if i:  # the first round warms up
                    times.setdefault((rows, pieces, name), []).append(seconds)
    sys.stdout.write(f"{'rows':>5} {'pieces':>6} {'sdpa ms':>8} {'eager ms':>8} {'sdpa / eager':>12}\n")
    for rows, pieces in SHAPES:
        sdpa, eager = (1000 * statistics.median(times[rows, pieces, name]) for name in encoders)
        sys.stdout.write(f"{rows:>5} {pieces:>6} {sdpa:>8.0f} {eager:>8.0f} {sdpa / eager:>12.2f}\n")


def load(attention: str) -> Model:
    settings = {"attn_implementation": attention, "attention_probs_dropout_prob": 0.0}
    model = build_backbone("sentence-transformers/all-MiniLM-L6-v2", transformer_config=settings)
    model.initialize()
    return model


def step(model: Model, rows: int, pieces: int) -> float:
    """RETURNS (float): Seconds of one forward and backward pass."""
    random = numpy.random.RandomState(rows * pieces)
    ids = random.randint(1000, 20000, (rows, pieces))
    inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    start = time.perf_counter()
    output, backprop = model.shims[0].begin_update({**inputs, "tokens": False})
    backprop(torch.ones_like(output))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
