"""Post-training quantisation: int8 matrices, and the ranges of what they multiply, from a sample of rows."""

import contextlib
from typing import Any, Collection, Dict, Iterator, List, Optional, Sequence

import numpy
import safetensors.numpy
import torch

from ..engine import Engine
from ..families import EncoderParts
from ..hf import HFEncoder
from ..pieces import Row
from .arrays import NORMS, TABLES, ArraysT, check_int8, name_products, read_arrays
from .fitting import fit_arrays, record_inputs
from .graph import build_graph, get_form, pad_rows
from .packages import import_nncf

# Products of a layer's matrices alone become integers: sums, the softmax and the norms stay as they are.
FLOAT_OPERATIONS = ("Add", "Gather", "Multiply", "MVN", "ScaledDotProductAttention")
# Of MiniLM's error, two thirds come from this product and from the last layer; in bfloat16 they cost a twentieth of the
# time.
FRAGILE = "down"


def quantise_encoder(encoder: HFEncoder, rows: Sequence[Row], *, all_products: bool = False) -> ArraysT:
    """Make int8 weights of an encoder.

    encoder (HFEncoder): In float32. rows (Sequence[Row]): The sample, at least one.
    all_products (bool): Leave none in floats. Faster where there is no bfloat16, and further from float32.
    RETURNS (ArraysT): For `HFEncoder.int8`.
    RAISES (ValueError): BS122 if it is of a family that has none. ImportError: BS120 if NNCF is not installed.
    """
    parts, activation = get_form(encoder)
    sample = make_sample(rows)
    floats = () if all_products else choose_floats(parts)
    arrays = quantise(parts, sample, activation=activation, floats=floats)
    return fit_arrays(arrays, read_arrays(parts), record_inputs(encoder, sample))


def choose_floats(parts: EncoderParts) -> List[str]:
    """RETURNS (List[str]): Products that lose most in int8: the fragile ones, and all of the last layer."""
    last = f"layers.{len(parts.layers) - 1}."
    return [name for name in name_products(parts) if name.endswith(FRAGILE) or name.startswith(last)]


@contextlib.contextmanager
def record_rows(shim: Any) -> Iterator[List[Row]]:
    """Keep the rows that an encoder predicts. shim (EncoderShim): Holds it. YIELDS (List[Row]): Those so far."""
    rows: List[Row] = []
    predict = shim.predict

    def record(inputs: Any) -> Any:
        rows.extend(inputs[0])
        return predict(inputs)

    shim.predict = record
    try:
        yield rows
    finally:
        del shim.predict


def encode_rows(engine: Engine, rows: Sequence[Row], *, max_pieces: int = 4096) -> torch.Tensor:
    """RETURNS (torch.Tensor): (rows, width) The [CLS] vectors, shortest rows first."""
    batches = engine.make_batches([len(row.ids) for row in rows], max_pieces)
    inputs = [[rows[i] for i in batch] for batch in batches]
    return torch.cat(engine.run_all(lambda batch: engine.predict(batch, tokens=False), inputs))


def get_cosine(first: torch.Tensor, second: torch.Tensor) -> float:
    """RETURNS (float): The mean cosine of the rows of two matrices."""
    return float(torch.nn.functional.cosine_similarity(first, second).mean())


def quantise(
    parts: EncoderParts, batches: Sequence[Sequence[Row]], *, activation: str, floats: Collection[str] = ()
) -> ArraysT:
    """Make int8 weights of an encoder, without training (Jacob et al. 2018; Xiao et al. 2023, "SmoothQuant").

    parts (EncoderParts): The encoder, in float32. batches (Sequence[Sequence[Row]]): The sample: at least one row each.
    activation (str): See `build_graph`. floats (Collection[str]): Names of products that stay as they are.
    RETURNS (ArraysT): See `get_int8_layout`.
    RAISES (ImportError): BS120 if NNCF is not installed.
    """
    nncf = import_nncf()
    arrays = read_arrays(parts)
    # All pieces of the last layer too: what reads them later must find their ranges.
    model = build_graph(parts, arrays, activation=activation, tokens=True)
    inputs = [pad_rows(rows, first_position=parts.first_position)._asdict() for rows in batches]
    quantised = nncf.quantize(
        model,
        nncf.Dataset(inputs),
        subset_size=len(inputs),
        model_type=nncf.ModelType.TRANSFORMER,
        # Symmetric ranges: others cost a correction after each product, a sixth of the time.
        preset=nncf.QuantizationPreset.PERFORMANCE,
        ignored_scope=nncf.IgnoredScope(names=list(floats), types=list(FLOAT_OPERATIONS), validate=False),
    )
    nodes = {node.get_friendly_name(): node for node in quantised.get_ops()}
    found: ArraysT = {name: arrays[name].astype("float16") for name in TABLES if name in arrays}
    for name in ["norm", *(f"layers.{i}.{norm}" for i in range(len(parts.layers)) for norm in NORMS)]:
        found.update({f"{name}.{key}": arrays[f"{name}.{key}"] for key in ("weight", "bias")})
    for name in name_products(parts):
        kept = {"weight": arrays[f"{name}.weight"].astype("float16"), "bias": arrays[f"{name}.bias"]}
        product = kept if name in floats else _read_product(nodes[name])
        found.update({f"{name}.{key}": array for key, array in product.items()})
    check_int8(found, parts)
    return found


def _read_product(node: Any) -> Dict[str, numpy.ndarray]:
    """Read what was made of one product.

    node (openvino.Node): Of the type MatMul. Its input goes through a Multiply, if it is smoothed, and a FakeQuantize.
        Its matrix is a constant in int8, converted and scaled; a bias follows, which corrects the mean error.
    RETURNS (Dict[str, numpy.ndarray]): By key, see `get_int8_layout`.
    """
    fake, scaled = _get_input(node, 0, "FakeQuantize"), _get_input(node, 1, "Multiply")
    weight = _read_constant(_get_input(scaled, 0, "Convert"), 0)
    ends = [_read_constant(fake, k).item() for k in range(1, 5)]
    if ends[:2] != ends[2:]:
        raise RuntimeError(f"{node.get_friendly_name()}: ranges {ends} before and after quantisation")
    before = fake.input_value(0).get_node()
    smooth = numpy.ones(weight.shape[1], dtype="float32")
    if before.get_friendly_name().endswith("nncf_smooth_quant"):
        smooth = _read_constant(before, 1).ravel()
    (after,) = node.output(0).get_target_inputs()
    steps = fake.get_attributes()["levels"]
    return {
        "weight": weight,
        "scale": _read_constant(scaled, 1).ravel(),
        "bias": _read_constant(after.get_node(), 1).ravel(),
        "smooth": smooth,
        "shift": numpy.zeros_like(smooth),
        "range": numpy.asarray([*ends[:2], steps], dtype="float32"),
    }


def _get_input(node: Any, index: int, kind: str) -> Any:
    found = node.input_value(index).get_node()
    if found.get_type_name() != kind:
        raise RuntimeError(f"{node.get_friendly_name()}: input {index} is {found.get_type_name()}, expected {kind}")
    return found


def _read_constant(node: Any, index: int) -> numpy.ndarray:
    return numpy.array(_get_input(node, index, "Constant").get_data())


def dump_int8(arrays: ArraysT) -> bytes:
    """RETURNS (bytes): Int8 weights in the format of safetensors."""
    return bytes(safetensors.numpy.save(arrays))


def load_int8(data: bytes, parts: Optional[EncoderParts]) -> ArraysT:
    """Read int8 weights. Needs neither OpenVINO nor NNCF.

    data (bytes): From `dump_int8`. parts (Optional[EncoderParts]): The encoder that they must fit.
    RETURNS (ArraysT): See `get_int8_layout`.
    RAISES (Exception): Says what is wrong, if anything is.
    """
    if parts is None:
        raise ValueError("int8 weights of an encoder that is not of BERT's make")
    arrays: ArraysT = safetensors.numpy.load(data)
    check_int8(arrays, parts)
    return arrays


def make_sample(rows: Sequence[Row], *, size: int = 16) -> List[List[Row]]:
    """RETURNS (List[List[Row]]): The rows, sorted by length and cut into batches. size (int): Rows of a batch."""
    ordered = sorted(rows, key=lambda row: len(row.ids))
    return [list(ordered[i : i + size]) for i in range(0, len(ordered), size)]
