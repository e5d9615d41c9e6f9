"""Readers that own an encoder: what `nlp.replace_listeners` puts in the place of a listener."""

from functools import partial
from typing import Any, Callable, Dict, List, Sequence, Tuple, cast

from spacy.tokens import Doc
from spacy_transformers.data_classes import TransformerData
from thinc.api import Model

from ..texts import get_text
from ..types import AspectQuery, AspectRows, Encoded, EncoderInput, TextInput, Windows
from . import aspect_rows
from .alignment import make_trf_data, split_gradient
from .pairs import make_pairs, make_settings

EncoderT = Model[EncoderInput, Encoded]


def doc_encoder(encoder: EncoderT) -> Model[List[Doc], Windows]:
    """Make a reader of documents with an encoder of its own. encoder (EncoderT): Owned by it."""
    return Model("doc_encoder", forward_docs, init=init, layers=[encoder], dims={"nO": None})


def pair_encoder(
    encoder: EncoderT, *, order: str, context: str, neighbours: int, mention: str
) -> Model[List[AspectQuery], Windows]:
    """Make a reader of pairs with an encoder of its own. See `make_pair_listener` for the settings."""
    settings = make_settings(order, context, neighbours, mention)
    attrs = {"pairs": settings, "find_cut": find_cut_queries, "pieces": False}
    return Model("pair_encoder", forward_pairs, init=init, layers=[encoder], attrs=attrs, dims={"nO": None})


def span_encoder(encoder: EncoderT) -> Model[List[AspectQuery], AspectRows]:
    """Make a reader of the documents around aspects with an encoder of its own. encoder (EncoderT): Owned by it."""
    attrs = {"pieces": True, "find_cut": find_cut_queries}
    return Model("span_encoder", forward_spans, init=init, layers=[encoder], attrs=attrs, dims={"nO": None})


def token_encoder(encoder: EncoderT) -> Model[List[Doc], List[TransformerData]]:
    """Make a reader of tokens, for stock pipes, with an encoder of its own. encoder (EncoderT): Owned by it."""
    return Model("token_encoder", forward_tokens, init=init, layers=[encoder], dims={"nO": None})


def replace_listener(copied: EncoderT, listener: Model, backbone: Any) -> Model:
    """Make the reader that replaces a listener. copied (EncoderT): A copy of the backbone's encoder."""
    listens = listener.attrs.get("listens")
    if listens == "docs":
        return doc_encoder(copied)
    if listens == "pairs":
        reader = pair_encoder(copied, **listener.attrs["pairs"])
        reader.attrs["pieces"] = listener.attrs["pieces"]
        return reader
    if listens == "spans":
        return span_encoder(copied)
    return token_encoder(copied)


def replace_listener_cfg(backbone_cfg: Dict[str, Any], listener_cfg: Dict[str, Any]) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The config block that makes what `replace_listener` made."""
    settings = {k: v for k, v in listener_cfg.items() if k not in ("@architectures", "upstream")}
    name = listener_cfg["@architectures"]
    kinds = {f"spacy-bertsent.{kind}Listener.v1": kind for kind in ("Doc", "Pair", "Span")}
    return {
        "@architectures": f"spacy-bertsent.{kinds.get(name, 'Token')}Encoder.v1",
        "encoder": dict(backbone_cfg),
        **settings,
    }


def forward_docs(
    model: Model[List[Doc], Windows], docs: Sequence[Doc], is_train: bool
) -> Tuple[Windows, Callable[[Windows], List[Doc]]]:
    return _encode(model, [TextInput(get_text(doc)) for doc in docs], is_train)


def forward_pairs(
    model: Model[List[AspectQuery], Any], queries: Sequence[AspectQuery], is_train: bool
) -> Tuple[Any, Callable[[Any], List[Any]]]:
    pairs = make_pairs(queries, **model.attrs["pairs"])
    if model.attrs["pieces"]:
        return aspect_rows.read_pairs(partial(_read_tokens, model), model.ops, pairs, is_train)
    return _encode(model, pairs, is_train)


def forward_spans(
    model: Model[List[AspectQuery], AspectRows], queries: Sequence[AspectQuery], is_train: bool
) -> Tuple[AspectRows, Callable[[AspectRows], List[AspectQuery]]]:
    return aspect_rows.read_spans(partial(_read_tokens, model), model.ops, queries, is_train)


def _read_tokens(model: Model, texts: Sequence[TextInput], is_train: bool) -> Any:
    encoded, bp_encoded = model.layers[0](EncoderInput(texts, tokens=True), is_train)
    return cast(Encoded, encoded).tokens or [], lambda d_rows: bp_encoded((None, d_rows))


def find_cut_queries(model: Model[List[AspectQuery], Any], queries: Sequence[AspectQuery]) -> List[bool]:
    """Tell of which aspects a part of the context was not read. See `listeners.find_cut_queries`."""
    return aspect_rows.find_cut_contexts(model, model.layers[0], queries)


def _encode(model: Model, texts: List[TextInput], is_train: bool) -> Tuple[Windows, Callable[[Windows], List[Any]]]:
    encoded, bp_encoded = model.layers[0](EncoderInput(texts), is_train)

    def backprop(dY: Windows) -> List[Any]:
        bp_encoded((dY.rows, None))
        return []

    return cast(Encoded, encoded).windows, backprop


def forward_tokens(
    model: Model[List[Doc], List[TransformerData]], docs: Sequence[Doc], is_train: bool
) -> Tuple[List[TransformerData], Callable[[List[TransformerData]], List[Doc]]]:
    encoded, bp_encoded = model.layers[0](
        EncoderInput([TextInput(get_text(doc)) for doc in docs], tokens=True), is_train
    )
    rows = cast(Encoded, encoded).tokens or []

    def backprop(dY: List[TransformerData]) -> List[Doc]:
        bp_encoded((None, split_gradient(docs, dY, [r.hidden for r in rows])))
        return []

    return [make_trf_data(doc, r) for doc, r in zip(docs, rows)], backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize()
    model.set_dim("nO", model.layers[0].get_dim("nO"), force=True)
