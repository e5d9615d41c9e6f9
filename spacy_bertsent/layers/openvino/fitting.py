"""Int8 weights fitted to a sample: each product to what it gives in float32."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy
import torch

from ..engine import Engine
from ..families import find_parts
from ..hf import HFEncoder
from ..pieces import Row
from .arrays import PRODUCTS, ArraysT

# How much of the differences between columns goes from the input to the matrix, and which parts of the range are kept.
MIGRATIONS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CLIPS = (1.0, 0.9, 0.8, 0.7, 0.6)
# The input of this one, behind the activation, lies on one side of zero. Those of the others lie around it.
SHIFTED = "down"
N_PIECES = 2048
LEAST = 1e-5


class Matrix(NamedTuple):
    """weight (torch.Tensor): (outputs, inputs) whole numbers. scale (torch.Tensor): (outputs,). smooth (torch.Tensor):
    (inputs,) what the input is multiplied by before."""

    weight: torch.Tensor
    scale: torch.Tensor
    smooth: torch.Tensor


class Fit(NamedTuple):
    """error (float): Mean squared. matrix (Matrix): The matrix. most (float): End of the input's range.
    lost (torch.Tensor): (outputs,) mean error, for the bias."""

    error: float
    matrix: Matrix
    most: float
    lost: torch.Tensor


def fit_arrays(arrays: ArraysT, floats: ArraysT, inputs: Dict[str, torch.Tensor]) -> ArraysT:
    """Choose for each product, among several, the matrix and the range whose results are nearest on a sample.

    With y = W x + b, computed is y' = scale * W8 q(s * (x - z)) + b', where q rounds to 255 steps. The shift z is the
    middle of each column (Wei et al. 2023, https://arxiv.org/abs/2304.09145), s moves differences between columns to
    the matrix (Xiao et al. 2023, https://arxiv.org/abs/2211.10438, equation 4), and b' = b + mean(W x - (y' - b')) on
    the sample (Nagel et al. 2019, https://arxiv.org/abs/1906.04721, section 4.2).

    arrays (ArraysT): Int8 weights to begin with. Products that are in floats stay as they are.
    floats (ArraysT): The weights in float32.
    inputs (Dict[str, torch.Tensor]): See `record_inputs`.
    RETURNS (ArraysT): Int8 weights.
    """
    found = dict(arrays)
    for name, x in inputs.items():
        if f"{name}.scale" not in arrays:
            continue
        weight = torch.from_numpy(floats[f"{name}.weight"])
        middle = (x.amax(0) + x.amin(0)) / 2 if name.endswith(SHIFTED) else torch.zeros(x.shape[1])
        shifted = x - middle
        # The one that was given stands beside those that are made here.
        first = (torch.from_numpy(arrays[f"{name}.{key}"]) for key in ("weight", "scale", "smooth"))
        matrices = [Matrix(*(array.float() for array in first))]
        matrices += [make_matrix(weight, shifted, migration) for migration in MIGRATIONS]
        best = fit_product(matrices, shifted, x @ weight.T)
        steps = {"weight": best.matrix.weight.to(torch.int8), "scale": best.matrix.scale, "smooth": best.matrix.smooth}
        found.update({f"{name}.{key}": value.numpy() for key, value in steps.items()})
        found[f"{name}.shift"] = (-middle * best.matrix.smooth).numpy()
        found[f"{name}.bias"] = floats[f"{name}.bias"] + best.lost.numpy()
        found[f"{name}.range"] = numpy.asarray([-best.most * 128 / 127, best.most, 256], dtype="float32")
    return found


def make_matrix(weight: torch.Tensor, x: torch.Tensor, migration: float) -> Matrix:
    """Round a matrix, each row to 255 steps.

    weight (torch.Tensor): (outputs, inputs). x (torch.Tensor): (pieces, inputs), shifted. migration (float): See
    `MIGRATIONS`. RETURNS (Matrix): The matrix.
    """
    largest = [array.abs().amax(0).clamp(min=LEAST) for array in (weight, x)]
    smooth = largest[0] ** (1 - migration) / largest[1] ** migration
    smooth = smooth / smooth.mean()
    scale = (weight / smooth).abs().amax(1).clamp(min=LEAST) / 127
    return Matrix((weight / smooth / scale[:, None]).round(), scale, smooth)


def fit_product(matrices: Sequence[Matrix], x: torch.Tensor, y: torch.Tensor) -> Fit:
    """Choose a matrix and a range.

    matrices (Sequence[Matrix]): At least one. x (torch.Tensor): (pieces, inputs), shifted.
    y (torch.Tensor): (pieces, outputs) What they should give. RETURNS (Fit): The best one.
    """
    best: Optional[Fit] = None
    for matrix in matrices:
        smoothed, product = x * matrix.smooth, (matrix.weight * matrix.scale[:, None]).T
        for clip in CLIPS:
            most = max(float(smoothed.abs().max()) * clip, LEAST)
            step = most / 127
            difference = y - (smoothed / step).round().clamp(-128, 127) @ product * step
            lost = difference.mean(0)
            error = float((difference - lost).square().mean())
            if best is None or error < best.error:
                best = Fit(error, matrix, most, lost)
    assert best is not None
    return best


def record_inputs(encoder: HFEncoder, batches: Sequence[Sequence[Row]]) -> Dict[str, torch.Tensor]:
    """Run a sample in float32 and keep what the products get.

    encoder (HFEncoder): Of BERT's make. batches (Sequence[Sequence[Row]]): The sample.
    RETURNS (Dict[str, torch.Tensor]): (pieces, inputs) by the name of the product, of about `N_PIECES` pieces.
    """
    parts = find_parts(encoder.module)
    assert parts is not None
    modules = {
        f"layers.{i}.{name}": getattr(layer, "query" if name == "attend" else name)
        for i, layer in enumerate(parts.layers)
        for name in PRODUCTS
    }
    engine = Engine(encoder, torch.float32, packed=False)
    stride = -(-sum(len(row.ids) for rows in batches for row in rows) // N_PIECES)
    kept: Dict[str, List[torch.Tensor]] = {name: [] for name in modules}
    mask = torch.zeros(0)

    def keep(name: str) -> Any:
        def hook(module: torch.nn.Module, args: Any) -> None:
            kept[name].append(args[0][mask][::stride].float().cpu())

        return hook

    handles = [module.register_forward_pre_hook(keep(name)) for name, module in modules.items()]
    try:
        for rows in batches:
            lengths = torch.tensor([len(row.ids) for row in rows])
            mask = torch.arange(int(lengths.max())) < lengths[:, None]
            engine.predict(rows, tokens=True)
    finally:
        for handle in handles:
            handle.remove()
    return {name: torch.cat(arrays) for name, arrays in kept.items()}
