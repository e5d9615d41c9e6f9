"""Classifiers of aspects that read more than the [CLS] vector. They take the place of `PairHead` in a config."""

from typing import Any, Optional

from thinc.api import Dropout, Linear, Model, chain
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.aspect_pooling import local_pooling, mention_pooling
from ..layers.chunks import predict_in_chunks
from ..layers.local_context import local_attention
from ..types import AspectRows

# Aspects whose last layers are held at a time at prediction.
CHUNK = 512


def build_pair_aspect_head(
    tok2vec: Model[Any, Any], pooling: str = "mean", dropout: float = 0.1, nO: Optional[int] = None
) -> Model[Any, Floats2d]:
    """Build a linear classifier of the [CLS] vector joined with that of the aspect in its context, registered as
    `spacy-bertsent.PairAspectHead.v1`.

    tok2vec (Model): A `PairListener`. pooling (str): "mean" or "max" of the aspect's pieces.
    dropout (float): See `build_doc_head`. nO (Optional[int]): Number of labels.
    RETURNS (Model): Logits, (aspects, labels).
    RAISES (ValueError): BS016 for another pooling, BS096 for another tok2vec.
    """
    return _build_head("PairAspectHead", tok2vec, mention_pooling(pooling), dropout, nO)


def build_span_head(
    tok2vec: Model[Any, Any], pooling: str = "mean", dropout: float = 0.1, nO: Optional[int] = None
) -> Model[Any, Floats2d]:
    """Build a linear classifier of the [CLS] vector of a document joined with that of the aspect in it, registered as
    `spacy-bertsent.SpanHead.v1`. It needs no pass for each aspect.

    tok2vec (Model): A `SpanListener`. pooling (str), dropout (float), nO (Optional[int]): See `build_pair_aspect_head`.
    RETURNS (Model): Logits, (aspects, labels).
    RAISES (ValueError): BS016 for another pooling, BS096 for another tok2vec.
    """
    return _build_head("SpanHead", tok2vec, mention_pooling(pooling), dropout, nO)


def build_local_context_head(
    tok2vec: Model[Any, Any],
    focus: str = "mask",
    distance: int = 3,
    n_heads: int = 0,
    dropout: float = 0.1,
    nO: Optional[int] = None,
) -> Model[Any, Floats2d]:
    """Build a classifier that looks closely at what stands near the aspect, registered as
    `spacy-bertsent.LocalContextHead.v1`.

    Source: the local context focus of Zeng et al. (2019), https://doi.org/10.3390/app9163389. `local_attention` says
    what differs. Without attention it is a light kin of it: the mean of the weighted pieces, joined with [CLS].

    tok2vec (Model): A `PairListener` or a `SpanListener`.
    focus (str): "mask" leaves out what is further away than the distance; "weight" lets it fade.
    distance (int): In wordpieces from the edge of the aspect.
    n_heads (int): Attention heads of the layers in the paper, such as 12; 0 for the light kin.
    dropout (float): See `build_doc_head`. nO (Optional[int]): Number of labels.
    RETURNS (Model): Logits, (aspects, labels).
    RAISES (ValueError): BS016 for another setting, BS096 for another tok2vec, BS097 for heads that do not fit.
    """
    pool = local_attention(focus, distance, n_heads, dropout) if n_heads else local_pooling(focus, distance)
    return _build_head("LocalContextHead", tok2vec, pool, dropout, nO)


def _build_head(
    name: str, tok2vec: Model[Any, Any], pool: Model[AspectRows, Floats2d], dropout: float, nO: Optional[int]
) -> Model[Any, Floats2d]:
    _ask_for_pieces(name, tok2vec)
    output: Model[Floats2d, Floats2d] = Linear(nO=nO)
    model = predict_in_chunks(chain(tok2vec, pool, Dropout(dropout), output), CHUNK)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    return model


def _ask_for_pieces(name: str, tok2vec: Model[Any, Any]) -> None:
    readers = [node for node in tok2vec.walk() if "pieces" in node.attrs]
    if not readers:
        raise ValueError(Errors.BS096.format(head=name, found=tok2vec.name))
    for reader in readers:
        reader.attrs["pieces"] = True
