"""Texts to wordpieces: one call of the fast tokenizer per batch, special pieces added by a template."""

import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from tokenizers import Encoding, Tokenizer

from ..errors import Errors
from ..types import Offsets, TextInput

MASKS = ("[MASK]", "<mask>")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One sequence for the encoder.

    ids (List[int]): Piece ids, special ones included. types (List[int]): Segment of each piece.
    weight (int): Pieces of the text itself, at least 1. offsets (List[Offsets]): Characters of each piece, empty
    unless asked for. cut (bool): Whether a pair's long text was cut.
    """

    ids: List[int]
    types: List[int]
    weight: int
    offsets: List[Offsets]
    cut: bool = False


class WindowSizes(NamedTuple):
    """How texts are cut that do not fit the model.

    window (int): Most pieces of a row, special ones included; 0 for the model's own limit.
    overlap (int): Pieces that two neighbouring windows of a long text share.
    max_windows (int): Most windows of a text, 0 for all. What follows them is not read.
    """

    window: int
    overlap: int
    max_windows: int = 0


class Template(NamedTuple):
    """The special pieces around one text or two, as the tokenizer's own post-processor puts them."""

    parts: List[List[int]]  # n texts + 1 runs of special ids
    part_types: List[List[int]]
    text_types: List[int]

    @property
    def n_special(self) -> int:
        return sum(len(part) for part in self.parts)


class PieceTokenizer:
    """Cut texts into rows of wordpieces that fit a window.

    tokenizer_json (str): A `tokenizer.json` of the tokenizers library.
    pad_id (int): Id of the padding piece.
    sizes (WindowSizes): How long texts are cut.
    """

    def __init__(self, tokenizer_json: str, *, pad_id: int, sizes: WindowSizes):
        self.json = tokenizer_json
        self.pad_id = pad_id
        self.sizes = sizes
        self._load()

    def _load(self) -> None:
        self._tokenizer = Tokenizer.from_str(self.json)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._single = _make_template(self._tokenizer.encode("a"), 1)
        self._pair = _make_template(self._tokenizer.encode("a", "a"), 2)
        # A literal "[SEP]" in a text is text. Not part of tokenizer.json, and lost by pickling.
        self._tokenizer.encode_special_tokens = True
        known = (self._tokenizer.token_to_id(name) for name in MASKS)
        self._mask_id = next((i for i in known if i is not None), None)

    def __getstate__(self) -> Dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if not k.startswith("_")}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._load()

    def __call__(self, texts: Sequence[TextInput], *, offsets: bool = False) -> List[List[Row]]:
        """Encode texts and pairs.

        texts (Sequence[TextInput]): What to encode. offsets (bool): Keep the characters of each piece (single texts).
        RETURNS (List[List[Row]]): The windows of each text, at least one. A pair has one row: its long text is cut
            around the focus where it does not fit.
        RAISES (ValueError): BS022 if a pair is to be masked and the vocabulary has no mask.
        """
        flat = [_clean(t.first) for t in texts] + [_clean(t.second) for t in texts if t.second is not None]
        encodings = (
            self._tokenizer.encode_batch_fast(flat, add_special_tokens=False)
            if not offsets
            else (self._tokenizer.encode_batch(flat, add_special_tokens=False))
        )
        seconds = iter(encodings[len(texts) :])
        # `encode_batch_fast` leaves offsets out: a pair that must be cut around its focus is encoded once more.
        return [
            self._single_rows(encoding, offsets)
            if text.second is None
            else [self._pair_row(text, encoding, next(seconds))]
            for text, encoding in zip(texts, encodings)
        ]

    def _single_rows(self, encoding: Encoding, offsets: bool) -> List[Row]:
        ids = encoding.ids
        spans: List[Offsets] = encoding.offsets if offsets else []
        (before, after), types = self._single.parts, self._single.text_types[0]
        size = self.sizes.window - self._single.n_special
        rows = []
        for start in _starts(len(ids), size, self.sizes.overlap)[: self.sizes.max_windows or None]:
            part = ids[start : start + size]
            row_types = [*self._single.part_types[0], *[types] * len(part), *self._single.part_types[1]]
            row_spans: List[Offsets] = []
            if offsets:
                row_spans = [(0, 0)] * len(before) + spans[start : start + size] + [(0, 0)] * len(after)
            rows.append(Row([*before, *part, *after], row_types, max(1, len(part)), row_spans))
        return rows

    def _pair_row(self, text: TextInput, first: Encoding, second: Encoding) -> Row:
        ids = [first.ids, second.ids]
        if text.masked:
            if self._mask_id is None:
                raise ValueError(Errors.BS022.format(masks=" or ".join(MASKS)))
            ids[1 - text.long] = [self._mask_id]
        size = self.sizes.window - self._pair.n_special
        cut = len(ids[0]) + len(ids[1]) > size
        if cut:
            short = 1 - text.long
            ids[short] = ids[short][: max(size // 2, size - len(ids[text.long]))]
            room = size - len(ids[short])
            if len(ids[text.long]) > room:
                start = self._focus_start(text, room)
                ids[text.long] = ids[text.long][start : start + room]
        p, t = self._pair, self._pair.text_types
        row_types = [
            *p.part_types[0], *[t[0]] * len(ids[0]), *p.part_types[1], *[t[1]] * len(ids[1]), *p.part_types[2]
        ]  # fmt: skip
        return Row([*p.parts[0], *ids[0], *p.parts[1], *ids[1], *p.parts[2]], row_types, 1, [], cut)

    def _focus_start(self, text: TextInput, room: int) -> int:
        """Find where to cut, so that the focus stands in the middle of what is kept."""
        long = _clean((text.first, text.second)[text.long])
        spans = self._tokenizer.encode(long, add_special_tokens=False).offsets
        start, end = text.focus
        inside = [i for i, (s, e) in enumerate(spans) if s < max(end, start + 1) and e > start] or [0]
        middle = (inside[0] + inside[-1] + 1) // 2
        return max(0, min(middle - room // 2, len(spans) - room))


def _clean(text: Optional[str]) -> str:
    """Replace lone surrogates, which no UTF-8 library takes. Lengths stay, so offsets do."""
    return _SURROGATES.sub("\ufffd", text or "")


def _starts(n_pieces: int, size: int, overlap: int) -> range:
    """The first piece of each window; neighbours share `overlap` pieces and the last one reaches the end."""
    if n_pieces <= size:
        return range(0, 1)
    step = max(1, size - overlap)
    return range(0, n_pieces - overlap, step)


def _make_template(encoding: Encoding, n_texts: int) -> Template:
    """Read off the special pieces around the probe texts, which stand where `special_tokens_mask` is 0."""
    parts: List[List[int]] = [[]]
    part_types: List[List[int]] = [[]]
    text_types: List[int] = []
    sequences: List[Optional[int]] = encoding.sequence_ids
    last: Optional[Tuple[int, int]] = None
    for i, (piece, type_id, special) in enumerate(zip(encoding.ids, encoding.type_ids, encoding.special_tokens_mask)):
        if special:
            parts[-1].append(piece)
            part_types[-1].append(type_id)
        else:
            here = (sequences[i] or 0, type_id)
            if here[0] != (last[0] if last else -1):
                parts.append([])
                part_types.append([])
                text_types.append(type_id)
            last = here
    assert len(text_types) == n_texts
    return Template(parts, part_types, text_types)
