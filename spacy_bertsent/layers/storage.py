"""How the backbone is stored: files and a manifest with their sha256. No pickle, no code, no other file."""

import hashlib
import json
from typing import Any, Dict, Optional

import safetensors.torch
import srsly
import torch

from ..errors import Errors
from .families import find_parts
from .hf import HFEncoder, build_encoder
from .openvino.int8 import dump_int8, load_int8
from .pieces import WindowSizes

VERSION = 1
CONFIG, TOKENIZER, WEIGHTS, MANIFEST = "config.json", "tokenizer.json", "model.safetensors", "manifest.json"
FILES = (CONFIG, TOKENIZER, WEIGHTS, MANIFEST)
# Beside the weights, or in their place: then the encoder can predict, but not learn.
INT8 = "int8.safetensors"


def dump_files(encoder: HFEncoder) -> Dict[str, bytes]:
    """Turn an encoder into files.

    encoder (HFEncoder): On any device.
    RETURNS (Dict[str, bytes]): Contents by file name: `FILES`, and `INT8` where there are int8 weights.
    """
    sizes = {f"bertsent_{key}": value for key, value in encoder.tokenizer.sizes._asdict().items()}
    config = {**encoder.config, **sizes}
    files = {
        CONFIG: json.dumps(config, indent=2, sort_keys=True).encode("utf8"),
        TOKENIZER: encoder.tokenizer.json.encode("utf8"),
    }
    if encoder.has_weights:
        weights = {k: v.detach().to("cpu").contiguous() for k, v in encoder.module.state_dict().items()}
        files[WEIGHTS] = safetensors.torch.save(weights)
    if encoder.int8 is not None:
        files[INT8] = dump_int8(encoder.int8)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = {"format": "spacy-bertsent", "version": VERSION, "sha256": hashes}
    return {**files, MANIFEST: json.dumps(manifest, indent=2).encode("utf8")}


def load_files(files: Dict[str, bytes]) -> HFEncoder:
    """Make an encoder from files.

    files (Dict[str, bytes]): Contents by file name.
    RETURNS (HFEncoder): On the CPU.
    RAISES (ValueError): BS007 if anything is missing, unknown, changed or does not fit.
    """
    try:
        check_files(files)
        config = json.loads(files[CONFIG])
        sizes = WindowSizes(config.pop("bertsent_window"), config.pop("bertsent_overlap"))
        sizes = sizes._replace(max_windows=config.pop("bertsent_max_windows", 0))
        weights: Optional[Dict[str, torch.Tensor]] = None
        if WEIGHTS in files:
            weights = safetensors.torch.load(files[WEIGHTS])
        encoder = build_encoder(config, files[TOKENIZER].decode("utf8"), sizes=sizes, weights=weights)
        if INT8 in files:
            encoder.int8 = load_int8(files[INT8], find_parts(encoder.module))
        return encoder
    # tokenizers raises bare Exception.
    except Exception as error:
        raise ValueError(Errors.BS007.format(fault=error)) from error


def check_files(files: Dict[str, bytes]) -> None:
    """Check names and hashes. RAISES (ValueError): Says which file is wrong, and how."""
    needed = {CONFIG, TOKENIZER, MANIFEST} | ({WEIGHTS} if INT8 not in files else set())
    missing, extra = sorted(needed - set(files)), sorted(set(files) - {*FILES, INT8})
    if missing:
        raise ValueError(f"missing {', '.join(missing)}")
    if extra:
        raise ValueError(f"unknown files {', '.join(extra)}")
    manifest: Any = json.loads(files[MANIFEST])
    if not isinstance(manifest, dict) or manifest.get("format") != "spacy-bertsent":
        raise ValueError(f"{MANIFEST} is not one of spacy_bertsent")
    if manifest.get("version") != VERSION:
        raise ValueError(f"{MANIFEST} has version {manifest.get('version')}, this package reads version {VERSION}")
    missing = sorted(set(manifest["sha256"]) - set(files))
    if missing:
        raise ValueError(f"missing {', '.join(missing)}")
    for name in sorted(set(files) - {MANIFEST}):
        found, expected = hashlib.sha256(files[name]).hexdigest(), manifest["sha256"].get(name)
        if found != expected:
            raise ValueError(f"{name} has sha256 {found}, the manifest says {expected}")


def pack_files(files: Dict[str, bytes]) -> bytes:
    """RETURNS (bytes): The files as one message."""
    return srsly.msgpack_dumps(files)


def unpack_files(data: bytes) -> Dict[str, bytes]:
    """RETURNS (Dict[str, bytes]): The files of a message. RAISES (ValueError): BS007 if it is not one."""
    try:
        files = srsly.msgpack_loads(data)
    except Exception as error:
        raise ValueError(Errors.BS007.format(fault=f"not a message of files: {error}")) from error
    if not isinstance(files, dict) or not all(isinstance(v, bytes) for v in files.values()):
        raise ValueError(Errors.BS007.format(fault="not a message of files"))
    return files
