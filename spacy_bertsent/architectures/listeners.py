from typing import List

from spacy.tokens import Doc
from thinc.api import Model

from ..layers.listeners import make_doc_listener, make_pair_listener
from ..types import AspectQuery, Windows


def build_doc_listener(upstream: str = "*") -> Model[List[Doc], Windows]:
    """Build a reader of documents, registered as `spacy-bertsent.DocListener.v1`.

    upstream (str): Name of the backbone component, "*" for any.
    RETURNS (Model[List[Doc], Windows]): The [CLS] vector of each window of each document.
    """
    return make_doc_listener(upstream)


def build_pair_listener(
    upstream: str = "*", order: str = "aspect_sentence", context: str = "sentence"
) -> Model[List[AspectQuery], Windows]:
    """Build a reader of pairs of aspect and context, registered as `spacy-bertsent.PairListener.v1`.

    upstream (str): Name of the backbone component, "*" for any.
    order (str): "aspect_sentence" or "sentence_aspect": public checkpoints differ.
    context (str): "sentence" (the document where there are no sentence boundaries) or "document".
    RETURNS (Model[List[AspectQuery], Windows]): The [CLS] vector of each pair.
    RAISES (ValueError): BS006 for another order, BS016 for another context.
    """
    return make_pair_listener(upstream, order=order, context=context)
