"""Readers that own an encoder: what `nlp.replace_listeners` puts in the place of a listener."""

from typing import Any, Callable, Dict, List, Sequence, Tuple, cast

from spacy.tokens import Doc
from spacy_transformers.data_classes import TransformerData
from thinc.api import Model

from ..types import AspectQuery, Encoded, EncoderInput, TextInput, Windows
from .alignment import make_trf_data, split_gradient
from .pairs import check_settings, make_pairs

EncoderT = Model[EncoderInput, Encoded]


def doc_encoder(encoder: EncoderT) -> Model[List[Doc], Windows]:
    """Make a reader of documents with an encoder of its own. encoder (EncoderT): Owned by it."""
    return Model("doc_encoder", forward_docs, init=init, layers=[encoder], dims={"nO": None})


def pair_encoder(encoder: EncoderT, *, order: str, context: str) -> Model[List[AspectQuery], Windows]:
    """Make a reader of pairs with an encoder of its own. See `make_pair_listener` for the settings."""
    check_settings(order, context)
    attrs = {"order": order, "context": context}
    return Model("pair_encoder", forward_pairs, init=init, layers=[encoder], attrs=attrs, dims={"nO": None})


def token_encoder(encoder: EncoderT) -> Model[List[Doc], List[TransformerData]]:
    """Make a reader of tokens, for stock pipes, with an encoder of its own. encoder (EncoderT): Owned by it."""
    return Model("token_encoder", forward_tokens, init=init, layers=[encoder], dims={"nO": None})


def replace_listener(copied: EncoderT, listener: Model, backbone: Any) -> Model:
    """Make the reader that replaces a listener. copied (EncoderT): A copy of the backbone's encoder."""
    listens = listener.attrs.get("listens")
    if listens == "docs":
        return doc_encoder(copied)
    if listens == "pairs":
        return pair_encoder(copied, order=listener.attrs["order"], context=listener.attrs["context"])
    return token_encoder(copied)


def replace_listener_cfg(backbone_cfg: Dict[str, Any], listener_cfg: Dict[str, Any]) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The config block that makes what `replace_listener` made."""
    settings = {k: v for k, v in listener_cfg.items() if k not in ("@architectures", "upstream")}
    name = listener_cfg["@architectures"]
    kinds = {"spacy-bertsent.DocListener.v1": "Doc", "spacy-bertsent.PairListener.v1": "Pair"}
    return {
        "@architectures": f"spacy-bertsent.{kinds.get(name, 'Token')}Encoder.v1",
        "encoder": dict(backbone_cfg),
        **settings,
    }


def forward_docs(
    model: Model[List[Doc], Windows], docs: Sequence[Doc], is_train: bool
) -> Tuple[Windows, Callable[[Windows], List[Doc]]]:
    return _encode(model, [TextInput(doc.text) for doc in docs], is_train)


def forward_pairs(
    model: Model[List[AspectQuery], Windows], queries: Sequence[AspectQuery], is_train: bool
) -> Tuple[Windows, Callable[[Windows], List[Any]]]:
    return _encode(model, make_pairs(queries, order=model.attrs["order"], context=model.attrs["context"]), is_train)


def _encode(model: Model, texts: List[TextInput], is_train: bool) -> Tuple[Windows, Callable[[Windows], List[Any]]]:
    encoded, bp_encoded = model.layers[0](EncoderInput(texts), is_train)

    def backprop(dY: Windows) -> List[Any]:
        bp_encoded((dY.rows, None))
        return []

    return cast(Encoded, encoded).windows, backprop


def forward_tokens(
    model: Model[List[Doc], List[TransformerData]], docs: Sequence[Doc], is_train: bool
) -> Tuple[List[TransformerData], Callable[[List[TransformerData]], List[Doc]]]:
    encoded, bp_encoded = model.layers[0](EncoderInput([TextInput(doc.text) for doc in docs], tokens=True), is_train)
    rows = cast(Encoded, encoded).tokens or []

    def backprop(dY: List[TransformerData]) -> List[Doc]:
        bp_encoded((None, split_gradient(docs, dY, [r.hidden for r in rows])))
        return []

    return [make_trf_data(doc, r) for doc, r in zip(docs, rows)], backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize()
    model.set_dim("nO", model.layers[0].get_dim("nO"), force=True)
