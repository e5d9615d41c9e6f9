"""An encoder's weights as plain arrays by name: in float32, or with int8 matrices (`int8.py`)."""

from typing import Collection, Dict, List, NamedTuple, Tuple

import numpy
import torch

from ..families import EncoderParts, LayerParts

ArraysT = Dict[str, numpy.ndarray]
# The products of a layer: query, key and value in one, then the others of `LayerParts`.
PRODUCTS = ("attend", "output", "up", "down")
TABLES = ("words", "positions", "types")
NORMS = ("output_norm", "norm")


class Expected(NamedTuple):
    """shape (Tuple[int, ...]): Of an array. dtype (str): Its type."""

    shape: Tuple[int, ...]
    dtype: str


def read_arrays(parts: EncoderParts) -> ArraysT:
    """Read the weights of an encoder.

    parts (EncoderParts): On any device.
    RETURNS (Dict[str, numpy.ndarray]): float32, by name: tables, norms, "layers.0.up.weight" and so on.
    """
    found = {name: getattr(parts, name).weight for name in TABLES if getattr(parts, name) is not None}
    found.update({"norm.weight": parts.norm.weight, "norm.bias": parts.norm.bias})
    for i, layer in enumerate(parts.layers):
        for name, (weight, bias) in _read_products(layer).items():
            found.update({f"layers.{i}.{name}.weight": weight, f"layers.{i}.{name}.bias": bias})
        for name in NORMS:
            norm = getattr(layer, name)
            found.update({f"layers.{i}.{name}.weight": norm.weight, f"layers.{i}.{name}.bias": norm.bias})
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in found.items()}


def _read_products(layer: LayerParts) -> Dict[str, Tuple[torch.Tensor, torch.Tensor]]:
    linears = (layer.query, layer.key, layer.value)
    with torch.no_grad():
        attend = torch.cat([x.weight for x in linears]), torch.cat([x.bias for x in linears])
    others = {name: getattr(layer, name) for name in PRODUCTS[1:]}
    return {PRODUCTS[0]: attend, **{name: (x.weight, x.bias) for name, x in others.items()}}


def name_products(parts: EncoderParts) -> List[str]:
    """RETURNS (List[str]): The names of all products, in order."""
    return [f"layers.{i}.{product}" for i in range(len(parts.layers)) for product in PRODUCTS]


def get_int8_layout(parts: EncoderParts, floats: Collection[str] = ()) -> Dict[str, Expected]:
    """Tell what int8 weights of an encoder consist of.

    Of each product: "weight" in int8, "scale" of each of its rows, "bias", "smooth", which its input is multiplied by
    (Xiao et al. 2023), "shift", which is added then, and "range" of what comes of it: least, greatest, number of steps.

    parts (EncoderParts): The encoder; its weights are not read.
    floats (Collection[str]): Products that stay as they were: they have "weight", in float16, and "bias" alone.
    RETURNS (Dict[str, Expected]): Shape and type of each array. Tables are kept in float16.
    """
    layout = {
        name: Expected(tuple(getattr(parts, name).weight.shape), "float16")
        for name in TABLES
        if getattr(parts, name) is not None
    }
    norms = {"norm": parts.norm}
    for i, layer in enumerate(parts.layers):
        norms.update({f"layers.{i}.{name}": getattr(layer, name) for name in NORMS})
        shapes = {name: tuple(getattr(layer, name).weight.shape) for name in PRODUCTS[1:]}
        shapes[PRODUCTS[0]] = (3 * layer.query.weight.shape[0], layer.query.weight.shape[1])
        for product, (n_out, n_in) in shapes.items():
            name, sizes = f"layers.{i}.{product}", {"bias": n_out}
            if name not in floats:
                sizes.update({"scale": n_out, "smooth": n_in, "shift": n_in, "range": 3})
            layout[f"{name}.weight"] = Expected((n_out, n_in), "float16" if name in floats else "int8")
            layout.update({f"{name}.{key}": Expected((n,), "float32") for key, n in sizes.items()})
    for name, norm in norms.items():
        shape = tuple(norm.weight.shape)
        layout.update({f"{name}.{key}": Expected(shape, "float32") for key in ("weight", "bias")})
    return layout


def check_int8(arrays: ArraysT, parts: EncoderParts) -> None:
    """Check int8 weights before they are used. RAISES (ValueError): Says which array does not fit, and why."""
    weights = ((name, arrays.get(f"{name}.weight")) for name in name_products(parts))
    layout = get_int8_layout(parts, [name for name, x in weights if x is not None and x.dtype == "float16"])
    missing, extra = sorted(set(layout) - set(arrays)), sorted(set(arrays) - set(layout))
    if missing or extra:
        raise ValueError(f"int8 weights: missing {missing[:3]}, unknown {extra[:3]}")
    for name, (shape, dtype) in layout.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"int8 weights: {name} is {array.dtype} {array.shape}, expected {dtype} {shape}")
        if not numpy.isfinite(array).all():
            raise ValueError(f"int8 weights: {name} has values that are not finite")
        if name.endswith((".scale", ".smooth")) and not (array > 0).all():
            raise ValueError(f"int8 weights: {name} has values that are not positive")
        if name.endswith(".range") and not (array[0] < array[1] and array[2] in range(2, 257)):
            raise ValueError(f"int8 weights: {name} is {array.tolist()}, expected least, greatest and steps up to 256")
