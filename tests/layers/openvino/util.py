"""What the tests of OpenVINO share."""

import functools
from pathlib import Path
from typing import Dict, List

import numpy

from spacy_bertsent.layers.hf import HFEncoder
from spacy_bertsent.layers.openvino.int8 import quantise_encoder
from spacy_bertsent.layers.pieces import Row
from spacy_bertsent.types import TextInput

from ...util import ODD_TEXTS, TEXTS, make_encoder

# Texts that ranges are taken from.
SAMPLE = [*TEXTS, "soup", "The garden was rude.", "a road and a price?", "What was the happy waiter, but a soup!"]


def load(weights: Path) -> HFEncoder:
    return make_encoder(weights).shims[0].encoder  # type: ignore[attr-defined]


def get_rows(encoder: HFEncoder) -> List[Row]:
    """Rows of many lengths: an empty text, the windows of a long one, and pairs."""
    pairs = [TextInput(aspect, text, long=1) for aspect in ("soup", "the waiter") for text in TEXTS]
    texts = [TextInput(text) for text in [*ODD_TEXTS, *TEXTS]] + pairs
    return [row for rows in encoder.tokenizer(texts) for row in rows]


@functools.lru_cache
def make_int8(weights: Path, all_products: bool = True) -> Dict[str, numpy.ndarray]:
    """Int8 weights of a tiny encoder, made once."""
    encoder = load(weights)
    pairs = [TextInput("soup", text, long=1) for text in SAMPLE]
    rows = encoder.tokenizer([*(TextInput(text) for text in SAMPLE), *pairs])
    return quantise_encoder(encoder, [row for group in rows for row in group], all_products=all_products)
