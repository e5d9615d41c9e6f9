"""The pieces around aspects, from pairs or from documents."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, cast

import numpy
from spacy.tokens import Doc
from thinc.api import Model, Ops
from thinc.types import Floats2d, Floats3d

from ..sentences import get_sentences, widen_to_sentences
from ..texts import get_text
from ..types import AspectQuery, AspectRows, Offsets, TextInput, TokenRows
from .pairs import find_cut
from .pieces import PieceTokenizer, count_at_most

# Gives the last layer of texts: (texts, is_train) -> one for each, and the callback that takes their gradients.
ReadT = Callable[[Sequence[TextInput], bool], Tuple[List[TokenRows], Callable[[List[Floats3d]], None]]]
OutT = Tuple[AspectRows, Callable[[AspectRows], List[AspectQuery]]]


class Place(NamedTuple):
    """Where an aspect stands.

    text (int): Number of the text. window (int): Of the text. focus (Optional[Offsets]): Its characters; None where it
    is not to be told.
    """

    text: int
    window: int
    focus: Optional[Offsets]


def read_pairs(read: ReadT, ops: Ops, pairs: Sequence[TextInput], is_train: bool) -> OutT:
    """Give the pieces of pairs. The mention is that in the context.

    read (ReadT): Gives the last layer of texts. ops (Ops): For arrays. pairs (Sequence[TextInput]): At least one.
    is_train (bool): Whether gradients will come.
    RETURNS (Tuple[AspectRows, Callable]): One sequence for each pair, and the callback.
    """
    rows, bp_rows = read(pairs, is_train)
    return _gather(ops, rows, bp_rows, [Place(i, 0, None if x.masked else x.focus) for i, x in enumerate(pairs)])


def read_spans(read: ReadT, ops: Ops, queries: Sequence[AspectQuery], is_train: bool) -> OutT:
    """Give the pieces of the documents that aspects stand in, of each the window that shows the aspect best.

    queries (Sequence[AspectQuery]): At least one. The aspect of a masked one is all of its sentences. See `read_pairs`
    for the other arguments.
    RETURNS (Tuple[AspectRows, Callable]): One sequence for each aspect, and the callback.
    """
    numbers: Dict[str, int] = {}
    for query in queries:
        numbers.setdefault(get_text(query.doc), len(numbers))
    rows, bp_rows = read([TextInput(text) for text in numbers], is_train)
    sentences: Dict[int, Tuple[Doc, List[Offsets]]] = {}
    places = []
    for query in queries:
        doc, focus = query.doc, (query.start_char, query.end_char)
        if query.masked:
            if id(doc) not in sentences:
                sentences[id(doc)] = (doc, get_sentences(doc))
            focus = widen_to_sentences(get_text(doc), sentences[id(doc)][1], *focus)
        text = numbers[get_text(doc)]
        places.append(Place(text, choose_window(rows[text].offsets, focus), focus))
    return _gather(ops, rows, bp_rows, places)


def choose_window(offsets: Sequence[Sequence[Offsets]], focus: Offsets) -> int:
    """Choose the window that shows some characters best.

    offsets (Sequence[Sequence[Offsets]]): Characters of each piece of each window. focus (Offsets): The characters.
    RETURNS (int): The window with most pieces of them; among equals, with most other pieces on the side that has fewer;
        where no window has any, the one that comes nearest.
    """
    if len(offsets) == 1:
        return 0
    ranks = []
    for window in offsets:
        spans, context = _get_spans(window)
        inside = numpy.flatnonzero(_find_focus(spans, focus))
        own = numpy.flatnonzero(context)
        if len(inside):
            ranks.append((len(inside), int(min(inside[0] - own[0], own[-1] - inside[-1]))))
        else:
            gaps = numpy.maximum(focus[0] - spans[own, 1], spans[own, 0] - focus[1])
            ranks.append((0, -int(gaps.min(initial=2**31))))
    return max(range(len(ranks)), key=ranks.__getitem__)


def find_cut_contexts(reader: Model, encoder: Model, queries: Sequence[AspectQuery]) -> List[bool]:
    """Tell of which aspects a part of the context is not read.

    reader (Model): Of pairs or of spans. encoder (Model): The encoder that it asks, or owns, with weights.
    queries (Sequence[AspectQuery]): The aspects. RETURNS (List[bool]): One for each.
    """
    if "pairs" in reader.attrs:
        return find_cut(encoder, queries, reader.attrs["pairs"])
    return find_cut_spans(encoder, queries)


def find_cut_spans(encoder: Model, queries: Sequence[AspectQuery]) -> List[bool]:
    """Tell of which aspects a part of the document is not read with them: it does not fit one window.

    encoder (Model): The encoder, with weights. queries (Sequence[AspectQuery]): The aspects.
    RETURNS (List[bool]): One for each aspect.
    """
    shim: Any = encoder.shims[0]
    tokenizer: PieceTokenizer = shim.encoder.tokenizer
    texts = [get_text(query.doc) for query in queries]
    doubtful = [text for text in dict.fromkeys(texts) if count_at_most(text) > tokenizer.room]
    rows = tokenizer([TextInput(text) for text in doubtful])
    cut = {text for text, windows in zip(doubtful, rows) if len(windows) > 1 or windows[-1].cut}
    return [text in cut for text in texts]


def _gather(
    ops: Ops, rows: List[TokenRows], bp_rows: Callable[[List[Floats3d]], None], places: Sequence[Place]
) -> OutT:
    parts: List[Any] = []
    contexts, mentions = [], []
    for place in places:
        spans, context = _get_spans(rows[place.text].offsets[place.window])
        mention = context if place.focus is None else _find_focus(spans, place.focus)
        if not context.any():
            # A text without pieces: [CLS] stands for it.
            context = numpy.arange(len(spans)) == 0
        contexts.append(context)
        mentions.append(mention if mention.any() else context)
        parts.append(rows[place.text].hidden[place.window, : len(spans)])
    lengths = [len(context) for context in contexts]
    context, mention = numpy.concatenate(contexts), numpy.concatenate(mentions)

    def backprop(dX: AspectRows) -> List[AspectQuery]:
        gradients = [cast(Floats3d, row.hidden * 0) for row in rows]
        start = 0
        for place, n in zip(places, lengths):
            gradients[place.text][place.window, :n] += dX.rows[start : start + n]
            start += n
        bp_rows(gradients)
        return []

    joined: Any = ops.xp.concatenate(parts)
    return AspectRows(cast(Floats2d, joined), lengths, context, mention), backprop


def _get_spans(window: Sequence[Offsets]) -> Tuple[numpy.ndarray, numpy.ndarray]:
    """RETURNS (Tuple[numpy.ndarray, numpy.ndarray]): (pieces, 2) characters, (pieces,) whether they are of the text."""
    spans = numpy.asarray(window, dtype="int64").reshape(-1, 2)
    return spans, spans[:, 1] > spans[:, 0]


def _find_focus(spans: numpy.ndarray, focus: Offsets) -> numpy.ndarray:
    return cast(numpy.ndarray, (spans[:, 0] < focus[1]) & (spans[:, 1] > focus[0]) & (spans[:, 1] > spans[:, 0]))
