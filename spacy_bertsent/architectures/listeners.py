from typing import List

from spacy.tokens import Doc
from thinc.api import Model

from ..layers.listeners import make_doc_listener, make_pair_listener, make_span_listener
from ..types import AspectQuery, AspectRows, Windows


def build_doc_listener(upstream: str = "*") -> Model[List[Doc], Windows]:
    """Build a reader of documents, registered as `spacy-bertsent.DocListener.v1`.

    upstream (str): Name of the backbone component, "*" for any.
    RETURNS (Model[List[Doc], Windows]): The [CLS] vector of each window of each document.
    """
    return make_doc_listener(upstream)


def build_pair_listener(
    upstream: str = "*",
    order: str = "aspect_sentence",
    context: str = "sentence",
    neighbours: int = 0,
    mention: str = "repeated",
) -> Model[List[AspectQuery], Windows]:
    """Build a reader of pairs of aspect and context, registered as `spacy-bertsent.PairListener.v1`.

    upstream (str): Name of the backbone component, "*" for any.
    order (str): "aspect_sentence" or "sentence_aspect": public checkpoints differ.
    context (str): "sentence" (the document where there are no sentence boundaries) or "document".
    neighbours (int): Sentences on either side that belong to the context, too. With "sentence" only.
    mention (str): How the aspect is told from other mentions of the same words: "mark" puts marks around it in its
        context, "repeated" only where its words stand there more than once, "position" asks for "food 2" there, and
        "none" does not tell.
    RETURNS (Model[List[AspectQuery], Windows]): The [CLS] vector of each pair.
    RAISES (ValueError): BS006 for another order, BS016 for another context or mention, BS053 for neighbours that do not
        fit the context.
    """
    return make_pair_listener(upstream, order=order, context=context, neighbours=neighbours, mention=mention)


def build_span_listener(upstream: str = "*") -> Model[List[AspectQuery], AspectRows]:
    """Build a reader of the documents that aspects stand in, registered as `spacy-bertsent.SpanListener.v1`.

    upstream (str): Name of the backbone component, "*" for any.
    RETURNS (Model[List[AspectQuery], AspectRows]): The pieces of the window of the document that shows the aspect best.
    """
    return make_span_listener(upstream)
