"""Which engine runs an encoder: torch or OpenVINO, and in which precision."""

from typing import Any

import torch

from ..errors import Errors
from .engine import Engine
from .hf import HFEncoder
from .openvino.engine import OpenVINOEngine
from .openvino.graph import get_form

RUNTIMES = ("auto", "packed", "compiled", "module", "openvino")
INT8 = "int8"


def make_engine(encoder: HFEncoder, *, runtime: str, precision: str, dtype: torch.dtype, device: Any) -> Engine:
    """Choose what runs an encoder.

    encoder (HFEncoder): The encoder. runtime (str): One of `RUNTIMES`; "auto" is torch, and OpenVINO for int8 weights.
    precision (str): "int8", or anything else. dtype (torch.dtype): What floats are multiplied in.
    device (torch.device): Where the encoder is.
    RETURNS (Engine): To run it with.
    RAISES (ValueError): BS121 to BS126 if the settings do not fit each other, the encoder or the device.
        ImportError: BS120 if OpenVINO is asked for and not installed.
    """
    is_int8 = precision == INT8
    if is_int8 and encoder.int8 is None:
        raise ValueError(Errors.BS121.format(runtime=runtime))
    if is_int8 and runtime not in ("auto", "openvino"):
        raise ValueError(Errors.BS123.format(runtime=runtime))
    if not is_int8 and not encoder.has_weights:
        raise ValueError(Errors.BS124.format(wanted=f"precision {precision!r}"))
    if is_int8 or runtime == "openvino":
        _, activation = get_form(encoder)
        if device.type != "cpu":
            raise ValueError(Errors.BS126.format(device=device))
        return OpenVINOEngine(encoder, dtype, int8=is_int8, activation=activation)
    engine = Engine(encoder, dtype, packed=runtime != "module", compiled=runtime == "compiled")
    if runtime in ("packed", "compiled") and engine.parts is None:
        family = encoder.config.get("model_type")
        raise ValueError(Errors.BS122.format(runtime=runtime, family=family, activation="any activation"))
    return engine
