"""An encoder's weights as arrays, and the checks of int8 weights."""

from pathlib import Path
from typing import Any, Dict

import numpy
import pytest

from spacy_bertsent.layers.families import find_parts
from spacy_bertsent.layers.openvino.arrays import check_int8, get_int8_layout, read_arrays

from .util import load, make_int8


def test_arrays_are_the_weights(any_weights: Path) -> None:
    encoder = load(any_weights)
    parts = find_parts(encoder.module)
    assert parts is not None
    arrays = read_arrays(parts)
    assert ("types" in arrays) is (parts.types is not None)
    assert arrays["layers.1.attend.weight"].shape == (96, 32)
    assert (arrays["layers.1.attend.weight"][32:64] == parts.layers[1].key.weight.detach().numpy()).all()
    assert (arrays["layers.0.down.bias"] == parts.layers[0].down.bias.detach().numpy()).all()
    n_values = sum(array.size for array in arrays.values())
    assert n_values == sum(param.numel() for param in encoder.module.parameters()), "all, each once"


def test_layout_needs_no_weights(any_weights: Path) -> None:
    encoder = load(any_weights)
    layout = get_int8_layout(find_parts(encoder.module))  # type: ignore[arg-type]
    assert layout == get_int8_layout(find_parts(encoder.module.to("meta")))  # type: ignore[arg-type]
    assert layout["layers.1.up.weight"] == ((64, 32), "int8") and layout["layers.1.up.range"] == ((3,), "float32")
    mixed = get_int8_layout(find_parts(encoder.module), ["layers.1.up"])  # type: ignore[arg-type]
    assert mixed["layers.1.up.weight"] == ((64, 32), "float16")
    assert layout.keys() - mixed.keys() == {f"layers.1.up.{key}" for key in ("scale", "smooth", "shift", "range")}


def change(name: str, value: Any) -> Dict[str, Any]:
    return {name: value}


SCALE, RANGE = "layers.0.up.scale", "layers.1.attend.range"
F32 = numpy.float32
DAMAGE = {
    "missing": (change(SCALE, None), r"missing \['layers.0.up.scale'\]"),
    "unknown": (change("layers.2.up.scale", numpy.ones(64, F32)), r"unknown \['layers.2.up.scale'\]"),
    "shape": (change(SCALE, numpy.ones(63, F32)), r"float32 \(63,\), expected float32 \(64,\)"),
    "type": (change("layers.0.up.weight", numpy.ones((64, 32), F32)), r"float32 \(64, 32\), expected int8"),
    "half in floats": (change("layers.0.up.weight", numpy.ones((64, 32), "float16")), r"unknown \['layers.0.up.range'"),
    "not a number": (change("norm.bias", numpy.full(32, numpy.nan, F32)), "norm.bias has values that are not finite"),
    "infinite": (change("words", None), "missing"),
    "scale of 0": (change(SCALE, numpy.zeros(64, F32)), "not positive"),
    "smooth below 0": (change("layers.0.up.smooth", numpy.full(32, -1, F32)), "not positive"),
    "empty range": (change(RANGE, numpy.array([1, 1, 256], F32)), r"\[1.0, 1.0, 256.0\], expected least, greatest"),
    "one step": (change(RANGE, numpy.array([0, 1, 1], F32)), "expected least, greatest"),
    "many steps": (change(RANGE, numpy.array([0, 1, 1e9], F32)), "expected least, greatest"),
    "part of a step": (change(RANGE, numpy.array([0, 1, 7.5], F32)), "expected least, greatest"),
}


@pytest.mark.parametrize("changes, words", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_does_not_fit_is_told(weights: Path, changes: Dict[str, Any], words: str) -> None:
    parts = find_parts(load(weights).module)
    assert parts is not None
    check_int8(make_int8(weights), parts)
    damaged = {name: array for name, array in {**make_int8(weights), **changes}.items() if array is not None}
    with pytest.raises(ValueError, match=f"int8 weights: .*{words}"):
        check_int8(damaged, parts)
