"""What the machine can do at most: matrix products by precision, and the products that a text needs."""

import json
import time
from pathlib import Path
from typing import Any, Dict, Iterable, Tuple

import torch

from spacy_bertsent.benchmark.machine import get_threads

# By engine: what is multiplied. An engine that is not here has no peak.
TYPES: Dict[str, "torch.dtype"] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "OpenVINO bf16": torch.bfloat16,
}
SECONDS, QUICK_SECONDS = 3.0, 0.1
SIZE = 1024


def probe(engines: Iterable[str], *, gpu_id: int = -1, seconds: float = SECONDS) -> Dict[str, float]:
    """Measure matrix products.

    engines (Iterable[str]): See `TYPES`. gpu_id (int): -1 is the CPU. seconds (float): Of each.
    RETURNS (Dict[str, float]): Operations a second by engine.
    """
    torch.set_num_threads(get_threads())
    wanted = {name: TYPES[name] for name in engines if name in TYPES}
    found = {dtype: _probe(dtype, gpu_id, seconds) for dtype in dict.fromkeys(wanted.values())}
    return {name: found[dtype] for name, dtype in wanted.items()}


def _probe(dtype: "torch.dtype", gpu_id: int, seconds: float) -> float:
    device = torch.device("cuda", gpu_id) if gpu_id >= 0 else torch.device("cpu")
    # A GPU is not filled by small ones.
    size = 8 * SIZE if gpu_id >= 0 else SIZE
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    rates = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(rates) < 3:
        start = time.perf_counter()
        for _ in range(4):
            left @ right
        if gpu_id >= 0:
            torch.cuda.synchronize(device)
        rates.append(4 * 2 * size**3 / (time.perf_counter() - start))
    rates.sort()
    return rates[len(rates) // 2]


def get_moved(before: Dict[str, float], after: Dict[str, float]) -> float:
    """RETURNS (float): The largest change of a peak, as a share of what it was."""
    return max((abs(after[name] / before[name] - 1) for name in before), default=0.0)


def read_sizes(weights: Path) -> Tuple[int, int, int]:
    """RETURNS (Tuple[int, int, int]): Layers, width and inner width of an encoder of the kind of BERT."""
    config: Dict[str, Any] = json.loads((weights / "config.json").read_text("utf8"))
    return config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]


def count_flops(lengths: Iterable[int], sizes: Tuple[int, int, int]) -> int:
    """Count the operations of a plain forward pass without padding: matrix products only, all rows of all layers.

    lengths (Iterable[int]): Pieces of each text. sizes (Tuple[int, int, int]): From `read_sizes`.
    RETURNS (int): Operations, two for each product of two numbers.
    """
    layers, width, inner = sizes
    # Four projections and two layers of the feed-forward part; products of queries and keys, of weights and values.
    return sum(layers * (n * (8 * width**2 + 4 * width * inner) + 4 * n**2 * width) for n in lengths)
