"""Last hidden layers as stock spaCy pipes expect them: aligned to the tokens of the Doc."""

from typing import Any, List, Sequence, cast

import numpy
from spacy.tokens import Doc
from spacy_transformers import data_classes
from spacy_transformers.data_classes import TransformerData, WordpieceBatch
from thinc.types import Floats3d, Ints1d, Ragged

from ..types import Offsets, TokenRows

# Named by transformers, whose border is another file.
_ModelOutput: Any = data_classes.ModelOutput  # type: ignore[attr-defined]


def make_trf_data(doc: Doc, rows: TokenRows) -> TransformerData:
    """Make what `TransformerListener` reads.

    doc (Doc): The document. rows (TokenRows): Its last hidden layer.
    RETURNS (TransformerData): As spacy-transformers makes it; empty for a Doc without tokens.
    """
    if len(doc) == 0:
        return TransformerData.empty()
    n_windows, longest = rows.hidden.shape[:2]
    ids = numpy.zeros((n_windows, longest), dtype="int64")
    mask = numpy.zeros((n_windows, longest), dtype="float32")
    for i, row in enumerate(rows.ids):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    pieces = WordpieceBatch(
        strings=[[str(piece) for piece in row] + [""] * (longest - len(row)) for row in rows.ids],
        input_ids=cast(Any, ids),
        attention_mask=cast(Any, mask),
        lengths=[len(row) for row in rows.ids],
        token_type_ids=None,
    )
    align = align_pieces(doc, rows.offsets, longest)
    return TransformerData(wordpieces=pieces, model_output=_ModelOutput(last_hidden_state=rows.hidden), align=align)


def align_pieces(doc: Doc, offsets: Sequence[Sequence[Offsets]], longest: int) -> Ragged:
    """Find the pieces of each token.

    doc (Doc): The document. offsets (Sequence[Sequence[Offsets]]): Characters of each piece of each window.
    longest (int): Pieces of a padded window.
    RETURNS (Ragged): For each token the indices of its pieces in the flattened windows; none for white space that
        has no piece.
    """
    tokens = numpy.asarray([(token.idx, token.idx + len(token)) for token in doc], dtype="int64").reshape(-1, 2)
    pieces = numpy.asarray([span for window in offsets for span in window], dtype="int64").reshape(-1, 2)
    places = numpy.asarray([w * longest + p for w, window in enumerate(offsets) for p in range(len(window))], dtype="i")
    # Tokens stand in order and apart, so those that a piece overlaps are neighbours: first <= token < last.
    first = numpy.searchsorted(tokens[:, 1], pieces[:, 0], side="right")
    last = numpy.searchsorted(tokens[:, 0], pieces[:, 1], side="left")
    counts = numpy.where(pieces[:, 0] < pieces[:, 1], numpy.maximum(last - first, 0), 0)
    starts = numpy.repeat(first - numpy.cumsum(counts) + counts, counts)
    owners = starts + numpy.arange(counts.sum())
    flat = numpy.repeat(places, counts)[numpy.argsort(owners, kind="stable")]
    lengths = numpy.bincount(owners, minlength=len(doc)).astype("i")
    return Ragged(cast(Ints1d, flat), cast(Ints1d, lengths))


def split_gradient(docs: Sequence[Doc], d_datas: Sequence[TransformerData], like: Sequence[Floats3d]) -> List[Floats3d]:
    """Give the gradient of each document, in order: stock listeners leave out documents without tokens.

    docs (Sequence[Doc]): All documents of the batch. d_datas (Sequence[TransformerData]): From a stock listener.
    like (Sequence[Floats3d]): The hidden layer of each document.
    RETURNS (List[Floats3d]): One gradient per document, zeros where there is none.
    """
    gradients = iter(d_datas)
    result: List[Floats3d] = []
    for doc, hidden in zip(docs, like):
        if len(doc) == 0:
            result.append(cast(Floats3d, hidden * 0))
        else:
            output: Any = next(gradients).model_output
            result.append(cast(Floats3d, output.last_hidden_state.reshape(hidden.shape)))
    return result
