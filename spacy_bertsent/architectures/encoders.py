"""The standalone kin of the listeners. `nlp.replace_listeners` writes them into the config."""

from typing import List

from spacy.tokens import Doc
from spacy_transformers.layers import trfs2arrays
from thinc.api import Model, chain
from thinc.types import Floats2d, Ragged

from ..layers.encoders import doc_encoder, pair_encoder, span_encoder, token_encoder
from ..types import AspectQuery, AspectRows, Encoded, EncoderInput, Windows


def build_doc_encoder(encoder: Model[EncoderInput, Encoded]) -> Model[List[Doc], Windows]:
    """Build a `DocListener` with an encoder of its own, registered as `spacy-bertsent.DocEncoder.v1`.

    encoder (Model[EncoderInput, Encoded]): A `Backbone`.
    """
    return doc_encoder(encoder)


def build_pair_encoder(
    encoder: Model[EncoderInput, Encoded],
    order: str = "aspect_sentence",
    context: str = "sentence",
    neighbours: int = 0,
    mention: str = "repeated",
) -> Model[List[AspectQuery], Windows]:
    """Build a `PairListener` with an encoder of its own, registered as `spacy-bertsent.PairEncoder.v1`.

    encoder (Model[EncoderInput, Encoded]): A `Backbone`.
    order (str), context (str), neighbours (int), mention (str): As of `PairListener`.
    """
    return pair_encoder(encoder, order=order, context=context, neighbours=neighbours, mention=mention)


def build_span_encoder(encoder: Model[EncoderInput, Encoded]) -> Model[List[AspectQuery], AspectRows]:
    """Build a `SpanListener` with an encoder of its own, registered as `spacy-bertsent.SpanEncoder.v1`.

    encoder (Model[EncoderInput, Encoded]): A `Backbone`.
    """
    return span_encoder(encoder)


def build_token_encoder(
    encoder: Model[EncoderInput, Encoded], pooling: Model[Ragged, Floats2d], grad_factor: float = 1.0
) -> Model[List[Doc], List[Floats2d]]:
    """Build a stock `TransformerListener` with an encoder of its own, registered as `spacy-bertsent.TokenEncoder.v1`.

    encoder (Model[EncoderInput, Encoded]): A `Backbone`. pooling (Model[Ragged, Floats2d]): Pieces to tokens.
    grad_factor (float): Multiplies the gradient.
    """
    return chain(token_encoder(encoder), trfs2arrays(pooling, grad_factor))
