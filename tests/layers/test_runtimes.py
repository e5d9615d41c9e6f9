"""Which engine runs the encoder."""

from pathlib import Path

import pytest
import torch

from spacy_bertsent.layers import shim as shim_module
from spacy_bertsent.layers.openvino.engine import OpenVINOEngine
from spacy_bertsent.layers.runtimes import make_engine
from spacy_bertsent.layers.shim import EncoderShim
from spacy_bertsent.types import EncoderInput, TextInput

from ..util import make_encoder
from .openvino.util import load, make_int8
from .test_engine import make_albert

CPU = torch.device("cpu")


def describe(weights: Path, runtime: str, precision: str = "fp32", int8: bool = False) -> str:
    encoder = load(weights)
    encoder.int8 = make_int8(weights) if int8 else None
    dtype = {"fp32": torch.float32}.get(precision, torch.bfloat16)
    engine = make_engine(encoder, runtime=runtime, precision=precision, dtype=dtype, device=CPU)
    assert isinstance(engine, OpenVINOEngine) == (engine.describe()["runtime"] == "openvino")
    return " ".join(engine.describe()[key] for key in ("runtime", "runs", "precision"))


def test_choices(any_weights: Path) -> None:
    assert describe(any_weights, "auto") == describe(any_weights, "packed") == "torch packed float32"
    assert describe(any_weights, "module") == "torch padded float32"
    assert describe(any_weights, "openvino") == "openvino packed float32"
    assert describe(any_weights, "openvino", "bf16") == "openvino packed bfloat16"
    for runtime in ("auto", "openvino"):
        assert describe(any_weights, runtime, "int8", int8=True) == "openvino packed int8 and bfloat16"
    # Int8 weights are there, but not asked for.
    assert describe(any_weights, "auto", "bf16", int8=True) == "torch packed bfloat16"


def test_what_does_not_go_together_is_a_named_error(weights: Path) -> None:
    with pytest.raises(ValueError, match=r"BS121[\s\S]*spacy bertsent quantize MODEL SAMPLE.txt OUTPUT"):
        describe(weights, "openvino", "int8")
    for runtime in ("packed", "module"):
        with pytest.raises(ValueError, match=f'BS123.*runtime = "{runtime}"'):
            describe(weights, runtime, "int8", int8=True)
    encoder = load(weights)
    with pytest.raises(ValueError, match="BS126.*is on 'cuda:0'"):
        make_engine(encoder, runtime="openvino", precision="fp32", dtype=torch.float32, device=torch.device("cuda", 0))
    encoder.module.to("meta")
    with pytest.raises(ValueError, match="BS124.*precision 'bf16' needs"):
        make_engine(encoder, runtime="auto", precision="bf16", dtype=torch.bfloat16, device=CPU)


def test_other_families(weights: Path) -> None:
    albert = make_albert(load(weights))
    settings = {"precision": "fp32", "dtype": torch.float32, "device": CPU}
    for runtime in ("auto", "module"):
        assert make_engine(albert, runtime=runtime, **settings).describe()["runs"] == "padded"  # type: ignore[arg-type]
    for runtime in ("packed", "compiled", "openvino"):
        with pytest.raises(ValueError, match=f'BS122.*albert.*runtime = "{runtime}"'):
            make_engine(albert, runtime=runtime, **settings)  # type: ignore[arg-type]


def test_runtime_must_be_known() -> None:
    with pytest.raises(ValueError, match="BS016.*runtime = 'onnx'.*auto, packed, compiled, module, openvino"):
        EncoderShim(None, precision="fp32", runtime="onnx")


def test_engine_follows_the_settings(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shim_module, "_has_bf16", lambda device: False)
    model = make_encoder(weights, runtime="openvino", precision="auto")
    shim = model.shims[0]
    texts = EncoderInput([TextInput("the soup was"), TextInput("")])
    want = make_encoder(weights).predict(texts).windows.rows
    assert abs(model.predict(texts).windows.rows - want).max() < 1e-5
    assert model.attrs["describe"](model).runtime == "openvino" and shim.engine is shim.engine  # type: ignore[attr-defined]
    shim.cfg["runtime"] = "module"
    assert model.attrs["describe"](model)[:2] == ("torch", "padded")
    assert abs(model.predict(texts).windows.rows - want).max() < 1e-5
