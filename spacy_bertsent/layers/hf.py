"""The border to `transformers`: no other file names it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

import numpy
import torch
from thinc.api import get_torch_default_device
from transformers import AutoConfig, AutoModel, AutoTokenizer, PretrainedConfig
from transformers.modeling_utils import no_init_weights
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.utils import logging as hf_logging

from ..errors import Errors
from .dropout import replace_dropout
from .pieces import PieceTokenizer, WindowSizes

# Families whose first positions are taken by padding: position ids start at pad_token_id + 1.
_SHIFTED = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "ibert"}
# What a config could use to run code that is not transformers' own: an attention may be named as a kernel on the hub.
_REMOTE_KEYS = (
    "auto_map", "custom_pipelines", "trust_remote_code", "_name_or_path", "name_or_path",
    "attn_implementation", "_attn_implementation", "_attn_implementation_internal", "_attn_implementation_autoset",
)  # fmt: skip
# Room for the special pieces of a pair and some of its texts.
_MIN_WINDOW = 8


@dataclass
class HFEncoder:
    """An encoder with everything that it needs.

    module (torch.nn.Module): Returns the last hidden layer first. tokenizer (PieceTokenizer): Its tokenizer.
    config (Dict[str, Any]): Its configuration as plain JSON. segments (bool): Whether it takes segment ids.
    int8 (Optional[Dict[str, numpy.ndarray]]): Weights for prediction (`openvino/int8.py`), made from the module's.
    has_weights (bool): Whether the module has its weights; one that was left with int8 weights alone has its form only.
    """

    module: torch.nn.Module
    tokenizer: PieceTokenizer
    config: Dict[str, Any]
    int8: Optional[Dict[str, numpy.ndarray]] = None

    @property
    def width(self) -> int:
        config: Any = self.module.config
        return int(config.hidden_size)

    @property
    def has_weights(self) -> bool:
        return not next(self.module.parameters()).is_meta

    @property
    def segments(self) -> bool:
        return int(self.config.get("type_vocab_size") or 0) > 1


def load_pretrained(path: Path, *, overrides: Mapping[str, Any], sizes: WindowSizes) -> HFEncoder:
    """Load weights and tokenizer from a directory. Reads safetensors only and never runs code from the directory.

    path (Path): From `find_weights`. overrides (Mapping[str, Any]): Settings of the model's config, such as
        `{"hidden_dropout_prob": 0.2}`. sizes (WindowSizes): How long texts are cut.
    RETURNS (HFEncoder): In float32, on the CPU.
    RAISES (ValueError): BS012 if there is no fast tokenizer.
    """
    source = str(path)
    config = AutoConfig.from_pretrained(source, trust_remote_code=False, **overrides)
    config._attn_implementation = overrides.get("attn_implementation") or _choose_attention()  # not the file's
    tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, trust_remote_code=False)
    if not tokenizer.is_fast:
        raise ValueError(Errors.BS012.format(name=source))
    level = hf_logging.get_verbosity()
    hf_logging.set_verbosity_error()
    try:
        module = AutoModel.from_pretrained(
            source, config=config, use_safetensors=True, trust_remote_code=False, torch_dtype=torch.float32
        )
    finally:
        hf_logging.set_verbosity(level)
    plain = _plain_config(config)
    plain["bertsent_max_length"] = min(int(tokenizer.model_max_length), 10**6)
    return _make_encoder(module, plain, tokenizer.backend_tokenizer.to_str(), sizes=sizes)


def build_encoder(
    config: Dict[str, Any], tokenizer_json: str, *, sizes: WindowSizes, weights: Optional[Dict[str, torch.Tensor]]
) -> HFEncoder:
    """Make an encoder from its parts, strictly: each weight must be there, with its shape and type, and no other.

    weights (Optional[Dict[str, torch.Tensor]]): None for the form alone.
    RAISES (ValueError): Says which part does not fit.
    """
    model_type = config.get("model_type")
    if model_type not in CONFIG_MAPPING:
        raise ValueError(f"config.json: unknown model_type {model_type!r}")
    hf_config = AutoConfig.for_model(**{k: v for k, v in config.items() if k not in _REMOTE_KEYS})
    hf_config._attn_implementation = _choose_attention()
    # No random weights are drawn: all of them are in the file.
    with no_init_weights(), torch.device("cpu" if weights is not None else "meta"):
        module: torch.nn.Module = AutoModel.from_config(hf_config, trust_remote_code=False)
    if weights is None:
        return _make_encoder(module, config, tokenizer_json, sizes=sizes)
    _drop_pooler(module)
    expected = module.state_dict()
    missing, extra = sorted(set(expected) - set(weights)), sorted(set(weights) - set(expected))
    if missing or extra:
        raise ValueError(f"model.safetensors: missing weights {missing[:3]}, unknown weights {extra[:3]}")
    for name, weight in weights.items():
        want = expected[name]
        if weight.shape != want.shape or weight.dtype != want.dtype:
            raise ValueError(
                f"model.safetensors: {name} is {weight.dtype} {tuple(weight.shape)}, "
                f"expected {want.dtype} {tuple(want.shape)}"
            )
        if weight.is_floating_point() and not bool(torch.isfinite(weight).all()):
            raise ValueError(f"model.safetensors: {name} has values that are not finite")
    module.load_state_dict(weights, strict=True)
    return _make_encoder(module, config, tokenizer_json, sizes=sizes)


def _choose_attention() -> Optional[str]:
    """RETURNS (Optional[str]): None for what transformers prefers. On a CPU, plain matrix products: torch's fused
    attention gains nothing there, backwards (`benchmarks/passes.py`)."""
    return "eager" if get_torch_default_device().type == "cpu" else None


def _make_encoder(
    module: torch.nn.Module, config: Dict[str, Any], tokenizer_json: str, *, sizes: WindowSizes
) -> HFEncoder:
    _drop_pooler(module)
    replace_dropout(module)
    # All of it: what was just put in would be in training mode below a module that is not.
    module.eval()
    pad_id = int(config.get("pad_token_id") or 0)
    longest = min(int(config.get("max_position_embeddings") or 10**6), int(config["bertsent_max_length"]))
    if config.get("model_type") in _SHIFTED:
        longest = min(int(config["max_position_embeddings"]) - pad_id - 1, longest)
    if sizes.window and sizes.window < _MIN_WINDOW:
        expected = f"0 (the model's own limit), {_MIN_WINDOW} or more"
        raise ValueError(Errors.BS016.format(name="window", value=sizes.window, expected=expected, pipe="backbone"))
    window = min(sizes.window, longest) if sizes.window else longest
    sizes = sizes._replace(window=window, overlap=min(sizes.overlap, window // 2))
    return HFEncoder(module, PieceTokenizer(tokenizer_json, pad_id=pad_id, sizes=sizes), config)


def train_top_layers(module: torch.nn.Module, n_trainable: int) -> None:
    """Leave all weights as they are but those of the last layers.

    module (torch.nn.Module): Of an `HFEncoder`. n_trainable (int): Number of layers to train, -1 for all weights.
    RAISES (ValueError): BS023 if there are not so many.
    """
    if n_trainable == -1:
        return
    config: Any = module.config
    count = int(config.num_hidden_layers)
    if not 0 <= n_trainable <= count:
        raise ValueError(Errors.BS023.format(value=n_trainable, count=count))
    layers = next(x for x in module.modules() if isinstance(x, torch.nn.ModuleList) and len(x) == count)
    module.requires_grad_(False)
    for layer in layers[count - n_trainable :]:
        layer.requires_grad_(True)


def _drop_pooler(module: torch.nn.Module) -> None:
    """Drop the pretrained pooler: no listener reads it, so it would be saved but never trained."""
    if getattr(module, "pooler", None) is not None:
        module.pooler = None  # type: ignore[assignment]


def _plain_config(config: PretrainedConfig) -> Dict[str, Any]:
    plain: Dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    return {k: v for k, v in plain.items() if k not in _REMOTE_KEYS}
