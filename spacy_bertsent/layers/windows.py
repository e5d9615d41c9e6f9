"""The windows of long texts: the logits of each, and the characters that it holds."""

import unicodedata
from typing import Any, List, Sequence, Tuple, cast

from spacy.tokens import Span
from thinc.api import Model
from thinc.types import Floats2d

from ..texts import get_text
from ..types import LongText, Offsets, TextInput, Windows
from .pieces import PieceTokenizer, Row


def predict_windows(
    model: Model[Any, Floats2d], inputs: Sequence[Any], n_texts: int
) -> Tuple[Floats2d, List[LongText]]:
    """Classify texts, and each window of those that are read in several.

    model (Model[Any, Floats2d]): A document head: a reader, and a `window_head` as the last layer.
    inputs (Sequence[Any]): Docs and spans. n_texts (int): The windows of the first so many are asked for.
    RETURNS (Tuple[Floats2d, List[LongText]]): Logits of the inputs and, in the rows behind them, of the windows of the
        texts that are listed, in order.
    """
    reader, head = model.get_ref("tok2vec"), model.layers[-1]
    if reader.name not in ("doc_listener", "doc_encoder"):
        # spaCy's own layers take no spans.
        inputs = [x.as_doc() if isinstance(x, Span) else x for x in inputs]
    read = reader.predict(inputs)
    logits = head.predict(read)
    long = find_long_texts(reader, inputs[:n_texts], read) if isinstance(read, Windows) else []
    if not long:
        return logits, []
    starts = [sum(read.lengths[: text.place]) for text in long]
    rows = [i for start, text in zip(starts, long) for i in range(start, start + len(text.windows))]
    index = model.ops.asarray1i(rows)
    # Each window as a text of its own.
    parts = Windows(read.rows[index], [1] * len(rows), read.weights[index])
    return cast(Floats2d, model.ops.xp.concatenate([logits, head.predict(parts)])), long


def find_long_texts(reader: Model, texts: Sequence[Any], read: Windows) -> List[LongText]:
    """Find the texts that do not fit one window, or were not read to their end, and cut them again for the characters.

    reader (Model): A `DocListener`, or what replaced it. texts (Sequence[Any]): Docs or spans.
    read (Windows): Theirs, and maybe more behind them. RETURNS (List[LongText]): In order.
    """
    tokenizer = get_tokenizer(reader)
    places = [i for i, n in enumerate(read.lengths[: len(texts)]) if n > 1]
    if tokenizer.sizes.max_windows == 1:
        # Only what fills its window can be cut.
        places = [i for i, weight in enumerate(read.weights[: len(texts)].tolist()) if weight >= tokenizer.room]
    if not places:
        return []
    long = [get_text(texts[i]) for i in places]
    nested = tokenizer([TextInput(text) for text in long], offsets=True)
    return [
        LongText(i, [find_offsets(text, row) for row in rows], rows[-1].cut)
        for i, text, rows in zip(places, long, nested)
        if len(rows) > 1 or rows[-1].cut
    ]


def get_tokenizer(reader: Model) -> PieceTokenizer:
    """RETURNS (PieceTokenizer): That of the encoder that a reader asks, or owns."""
    encoder: Any = reader.attrs["link"].get(reader).model if "link" in reader.attrs else reader.layers[0]
    return cast(PieceTokenizer, encoder.shims[0].encoder.tokenizer)


def find_offsets(text: str, row: Row) -> Offsets:
    """RETURNS (Offsets): The characters from the first piece of a window to its last."""
    spans = [(start, end) for start, end in row.offsets if start < end]
    if not spans:
        return 0, 0
    start, end = spans[0][0], max(end for _, end in spans)
    # An accent that the tokenizer joins with its letter, or leaves out, belongs to it.
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return start, end
