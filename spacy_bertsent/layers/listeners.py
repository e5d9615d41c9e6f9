"""Readers of the backbone. They own no weights: they ask the component that they are linked to."""

import weakref
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, cast

from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..types import AspectQuery, AspectRows, TextInput, Upstream, Windows
from . import aspect_rows
from .pairs import make_pairs, make_settings


class Link:
    """A weak reference to the backbone component, made again by `find_listeners`.

    Not a layer: a shim in two components' trees is stepped twice and saved twice. Weak: a backbone that was removed
    from the pipeline is gone. A copy of a listener is not linked to anything.
    """

    def __init__(self) -> None:
        self._ref: Optional[Callable[[], Any]] = None

    def set(self, upstream: Any) -> None:
        self._ref = weakref.ref(upstream)

    def get(self, model: Model) -> Upstream:
        """RETURNS (Upstream): The linked component. RAISES (ValueError): BS003 if there is none."""
        upstream = self._ref() if self._ref is not None else None
        if upstream is None:
            raise ValueError(Errors.BS003.format(pipe=model.attrs["pipe"], upstream=model.attrs["upstream"]))
        return cast(Upstream, upstream)

    def __deepcopy__(self, memo: Dict[int, Any]) -> "Link":
        return Link()

    def __getstate__(self) -> Dict[str, Any]:
        return {"upstream": self._ref() if self._ref is not None else None}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self._ref = None
        if state["upstream"] is not None:
            self.set(state["upstream"])


def make_doc_listener(upstream: str) -> Model[List[Doc], Windows]:
    """Make a reader of the [CLS] row of each window of each document.

    upstream (str): Name of the backbone component, "*" for any.
    RETURNS (Model[List[Doc], Windows]): One set of windows for each document.
    """
    return _make_listener("doc_listener", forward_docs, upstream, {"listens": "docs"})


def make_pair_listener(
    upstream: str, *, order: str, context: str, neighbours: int, mention: str
) -> Model[List[AspectQuery], Windows]:
    """Make a reader of pairs `[CLS] aspect [SEP] context [SEP]`.

    Source: Sun et al. (2019), https://arxiv.org/abs/1903.09588.

    upstream (str): Name of the backbone component, "*" for any.
    order (str), context (str), neighbours (int), mention (str): See `build_pair_listener`.
    RETURNS (Model[List[AspectQuery], Windows]): One window for each aspect; with the attribute `pieces`, `AspectRows`.
    RAISES (ValueError): BS006, BS016 or BS053 for settings that do not fit.
    """
    settings = make_settings(order, context, neighbours, mention)
    attrs = {"listens": "pairs", "pairs": settings, "find_cut": find_cut_queries, "pieces": False}
    return _make_listener("pair_listener", forward_pairs, upstream, attrs)


def make_span_listener(upstream: str) -> Model[List[AspectQuery], AspectRows]:
    """Make a reader of the pieces of the documents that aspects stand in.

    upstream (str): Name of the backbone component, "*" for any.
    RETURNS (Model[List[AspectQuery], AspectRows]): One sequence for each aspect.
    """
    return _make_listener(
        "span_listener", forward_spans, upstream, {"listens": "spans", "pieces": True, "find_cut": find_cut_queries}
    )


def _make_listener(name: str, forward: Callable, upstream: str, attrs: Dict[str, Any]) -> Model:
    # `pipe` is filled in with the link; until then errors name the layer.
    return Model(name, forward, dims={"nO": None}, attrs={**attrs, "upstream": upstream, "pipe": name, "link": Link()})


def forward_docs(
    model: Model[List[Doc], Windows], docs: Sequence[Doc], is_train: bool
) -> Tuple[Windows, Callable[[Windows], List[Doc]]]:
    Y, bp_upstream = model.attrs["link"].get(model).read_docs(model, docs, is_train)

    def backprop(dY: Windows) -> List[Doc]:
        bp_upstream(dY)
        return []

    return Y, backprop


def forward_pairs(
    model: Model[List[AspectQuery], Any], queries: Sequence[AspectQuery], is_train: bool
) -> Tuple[Any, Callable[[Any], List[AspectQuery]]]:
    pairs: List[TextInput] = make_pairs(queries, **model.attrs["pairs"])
    if model.attrs["pieces"]:
        return aspect_rows.read_pairs(partial(_read_tokens, model), model.ops, pairs, is_train)
    Y, bp_upstream = model.attrs["link"].get(model).read(model, pairs, is_train)

    def backprop(dY: Windows) -> List[AspectQuery]:
        bp_upstream(dY)
        return []

    return Y, backprop


def forward_spans(
    model: Model[List[AspectQuery], AspectRows], queries: Sequence[AspectQuery], is_train: bool
) -> Tuple[AspectRows, Callable[[AspectRows], List[AspectQuery]]]:
    return aspect_rows.read_spans(partial(_read_tokens, model), model.ops, queries, is_train)


def _read_tokens(model: Model, texts: Sequence[TextInput], is_train: bool) -> Any:
    return model.attrs["link"].get(model).read_tokens(model, texts, is_train)


def find_cut_queries(model: Model[List[AspectQuery], Any], queries: Sequence[AspectQuery]) -> List[bool]:
    """Tell of which aspects a part of the context was not read.

    model (Model): A listener for pairs or spans. queries (Sequence[AspectQuery]): The aspects.
    RETURNS (List[bool]): One for each.
    """
    return aspect_rows.find_cut_contexts(model, model.attrs["link"].get(model).model, queries)
