"""The forward pass of BERT's family over packed rows, as an OpenVINO graph: what `packed.py` does in torch."""

from itertools import chain
from typing import Any, List, NamedTuple, Sequence, Tuple

import numpy

from ...errors import Errors
from ..families import EncoderParts, find_parts
from ..hf import HFEncoder
from ..packing import fill_up
from ..pieces import Row
from .arrays import TABLES, ArraysT
from .packages import import_openvino

# By the name in the config of transformers, how OpenVINO calls it.
GELU = {"gelu": "erf", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
ACTIVATIONS = (*GELU, "relu")
# Shapes of the attention are filled up, too: few rows are not, and the longest one is, to a multiple of so many pieces.
FEW_ROWS, STEP = 16, 4


class PaddedRows(NamedTuple):
    """Rows end to end, and how attention sees them: padded to the longest. The inputs of the graph, in its order.
    Pieces and rows are filled up with some that nobody reads.

    ids, types, positions (numpy.ndarray): (pieces,) int32, of all rows. starts (numpy.ndarray): (rows,) int32, first
    piece of each.
    pad (numpy.ndarray): (rows, length) int32, where each padded piece comes from.
    unpad (numpy.ndarray): (pieces,) int32, where each piece went.
    mask (numpy.ndarray): (rows, 1, 1, length) bool, True for real pieces.
    """

    ids: numpy.ndarray
    types: numpy.ndarray
    positions: numpy.ndarray
    starts: numpy.ndarray
    pad: numpy.ndarray
    unpad: numpy.ndarray
    mask: numpy.ndarray


def pad_rows(rows: Sequence[Row], *, first_position: int = 0) -> PaddedRows:
    """Lay rows end to end.

    rows (Sequence[Row]): At least one, best of like lengths. first_position (int): Index of a row's first position.
    RETURNS (PaddedRows): In the order of the rows.
    """
    lengths = numpy.asarray([len(row.ids) for row in rows], dtype="int32")
    ends = lengths.cumsum(dtype="int32")
    starts = ends - lengths
    n = int(ends[-1])
    n_pieces = fill_up(n)
    n_rows = len(rows) if len(rows) < FEW_ROWS else -(-len(rows) // STEP) * STEP
    # A row that was filled up with is the first piece, once.
    all_starts = numpy.zeros(n_rows, dtype="int32")
    all_starts[: len(rows)] = starts
    all_lengths = numpy.ones(n_rows, dtype="int32")
    all_lengths[: len(rows)] = lengths
    places = numpy.arange(-(-int(lengths.max()) // STEP) * STEP, dtype="int32")
    real = places < all_lengths[:, None]

    def fill(values: Any) -> numpy.ndarray:
        filled = numpy.zeros(n_pieces, dtype="int32")
        filled[:n] = values
        return filled

    return PaddedRows(
        fill(list(chain.from_iterable(row.ids for row in rows))),
        fill(list(chain.from_iterable(row.types for row in rows))),
        fill(numpy.arange(n) - numpy.repeat(starts, lengths) + first_position),
        all_starts,
        # A padded place repeats the row's first piece: finite, and masked.
        all_starts[:, None] + places * real,
        fill(numpy.flatnonzero(real[: len(rows)])),
        numpy.ascontiguousarray(real[:, None, None, :]),
    )


def get_form(encoder: HFEncoder) -> Tuple[EncoderParts, str]:
    """Find what a graph is built from.

    encoder (HFEncoder): The encoder.
    RETURNS (Tuple[EncoderParts, str]): Its parts, and one of `ACTIVATIONS`.
    RAISES (ValueError): BS122 if there is no graph for its family or its activation.
    """
    parts, config = find_parts(encoder.module), encoder.config
    activation = str(config.get("hidden_act", config.get("activation")))
    if parts is None or activation not in ACTIVATIONS:
        family = config.get("model_type")
        raise ValueError(Errors.BS122.format(runtime="openvino", family=family, activation=activation))
    return parts, activation


def build_graph(parts: EncoderParts, arrays: ArraysT, *, activation: str, tokens: bool) -> Any:
    """Build the graph of an encoder.

    parts (EncoderParts): Its form; weights are not read. arrays (ArraysT): Its weights (`arrays.py`).
    activation (str): One of `ACTIVATIONS`. tokens (bool): Give every piece, not [CLS] alone.
    RETURNS (openvino.Model): With the inputs of `PaddedRows`; gives (pieces, width), with those that it was
        filled up with, or (rows, width).
    """
    return _Builder(parts, arrays, activation).build(tokens)


class _Builder:
    def __init__(self, parts: EncoderParts, arrays: ArraysT, activation: str):
        self.openvino = import_openvino()
        self.op: Any = self.openvino.opset13
        self.parts, self.arrays, self.activation = parts, arrays, activation
        self.width = arrays["norm.weight"].shape[0]
        self.size = self.width // parts.n_heads

    def build(self, tokens: bool) -> Any:
        inputs = self._make_inputs()
        by_name = dict(zip(PaddedRows._fields, inputs))
        tables = zip(TABLES, (by_name["ids"], by_name["positions"], by_name["types"]))
        # In the order of the transformers library, so that float32 sums are equal.
        found = {name: self._take(self._constant(self._table(name)), at) for name, at in tables if name in self.arrays}
        x = found["words"]
        for name in ("types", "positions"):
            x = self.op.add(x, found[name]) if name in found else x
        x = self._normalise(x, "norm", self.parts.norm.eps)
        for i in range(len(self.parts.layers)):
            x = self._run_layer(x, i, by_name, cls_only=not tokens and i == len(self.parts.layers) - 1)
        return self.openvino.Model([self.op.result(x)], inputs, "encoder")

    def _make_inputs(self) -> List[Any]:
        shapes = {"pad": [-1, -1], "mask": [-1, 1, 1, -1]}
        types = {"mask": self.openvino.Type.boolean}
        default = self.openvino.Type.i32
        return [self.op.parameter(shapes.get(x, [-1]), types.get(x, default), name=x) for x in PaddedRows._fields]

    def _run_layer(self, x: Any, i: int, rows: Any, cls_only: bool) -> Any:
        """Run one layer; of its products, those of `PRODUCTS` are named as their weights are."""
        layer, name = self.parts.layers[i], f"layers.{i}"
        attended = self._attend(x, f"{name}.attend", rows, cls_only)
        if cls_only:
            x = self._take(x, rows["starts"])
        else:
            attended = self._take(attended, rows["unpad"])
        y = self._multiply(attended, f"{name}.output")
        x = self._normalise(self.op.add(x, y), f"{name}.output_norm", layer.output_norm.eps)
        y = self._multiply(self._activate(self._multiply(x, f"{name}.up")), f"{name}.down")
        return self._normalise(self.op.add(x, y), f"{name}.norm", layer.norm.eps)

    def _attend(self, x: Any, name: str, rows: Any, cls_only: bool) -> Any:
        """RETURNS (openvino.Node): (padded pieces, width), or (rows, width)."""
        swap = self._ints(0, 2, 1, 3)
        if cls_only:
            # The last layer of [CLS] alone: its query, and all keys and values.
            q = self._multiply(self._take(x, rows["starts"]), name, 0, 1)
            q = self.op.transpose(self.op.reshape(q, self._ints(-1, 1, self.parts.n_heads, self.size), False), swap)
            heads = [q, *self._split_heads(self._multiply(x, name, 1, 3), rows["pad"], 2)]
        else:
            heads = self._split_heads(self._multiply(x, name), rows["pad"], 3)
        output = self.op.scaled_dot_product_attention(*heads, rows["mask"])
        return self.op.reshape(self.op.transpose(output, swap), self._ints(-1, self.width), False)

    def _split_heads(self, x: Any, pad: Any, count: int) -> List[Any]:
        """RETURNS (List[openvino.Node]): Of `count` matrices side by side, each as (rows, heads, length, size)."""
        padded = self._take(x, pad)
        split = self.op.variadic_split(padded, self._constant(numpy.int64(2)), self._ints(*[self.width] * count))
        shape, swap = self._ints(0, 0, self.parts.n_heads, self.size), self._ints(0, 2, 1, 3)
        return [self.op.transpose(self.op.reshape(split.output(k), shape, True), swap) for k in range(count)]

    def _multiply(self, x: Any, name: str, first: int = 0, last: int = 0) -> Any:
        """Multiply by a matrix and add its bias. first, last (int): Of query, key and value, which; 0, 0 for all."""
        part = slice(first * self.width, last * self.width or None)
        weight, bias = (self.arrays[f"{name}.{key}"][part] for key in ("weight", "bias"))
        is_int8 = weight.dtype == numpy.int8
        matrix = self._constant(weight if is_int8 else weight.astype("float32"))
        if is_int8:
            x = self._quantise(x, name)
            # In the form that OpenVINO knows as int8: it multiplies integers, and the scale comes after.
            scale = self._constant(self.arrays[f"{name}.scale"][part, None])
            matrix = self.op.multiply(self.op.convert(matrix, "f32"), scale)
        y = self.op.matmul(x, matrix, False, True, name=name)
        y = self.op.add(y, self._constant(bias[None]))
        return self.op.squeeze(y, self._ints(0)) if is_int8 else y

    def _quantise(self, x: Any, name: str) -> Any:
        """RETURNS (openvino.Node): (1, pieces, width)."""
        low, high, steps = self.arrays[f"{name}.range"].tolist()
        # Of three dimensions: with two, OpenVINO does not join it to the product before, and takes six times as long.
        x = self.op.unsqueeze(x, self._ints(0))
        x = self.op.multiply(x, self._constant(self.arrays[f"{name}.smooth"][None, None]))
        if self.arrays[f"{name}.shift"].any():
            x = self.op.add(x, self._constant(self.arrays[f"{name}.shift"][None, None]))
        ends = [self._constant(numpy.float32(value)) for value in (low, high)]
        return self.op.fake_quantize(x, *ends, *ends, int(steps))

    def _normalise(self, x: Any, name: str, eps: float) -> Any:
        y = self.op.mvn(x, self._ints(1), True, eps, "INSIDE_SQRT")
        weight, bias = (self._constant(self.arrays[f"{name}.{key}"][None]) for key in ("weight", "bias"))
        return self.op.add(self.op.multiply(y, weight), bias)

    def _activate(self, x: Any) -> Any:
        return self.op.relu(x) if self.activation == "relu" else self.op.gelu(x, GELU[self.activation])

    def _table(self, name: str) -> numpy.ndarray:
        return self.arrays[name].astype("float32")

    def _take(self, x: Any, places: Any) -> Any:
        return self.op.gather(x, places, self._constant(numpy.int64(0)))

    def _ints(self, *values: int) -> Any:
        return self._constant(numpy.asarray(values, dtype="int64"))

    def _constant(self, value: Any) -> Any:
        return self.op.constant(numpy.ascontiguousarray(value))
