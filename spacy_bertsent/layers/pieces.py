"""Texts to wordpieces: one call of the fast tokenizer per batch, special pieces added by a template."""

import re
import unicodedata
from functools import cached_property
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from tokenizers import Encoding, Tokenizer

from ..errors import Errors
from ..types import Offsets, TextInput
from .cutting import choose_part, find_focus

MASKS = ("[MASK]", "<mask>")
# Pieces that may stand around a mention, the first that a vocabulary has: reserved ones, else the mask.
MARKS = (("[unused1]", "[unused2]"), *((mask, mask) for mask in MASKS))
_SURROGATES = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One sequence for the encoder.

    ids (List[int]): Piece ids, special ones included. types (List[int]): Segment of each piece.
    weight (int): Pieces of the text itself, at least 1. offsets (List[Offsets]): Characters of each piece, empty
    unless asked for; those of a pair are characters of its long text, and (0, 0) for all other pieces.
    cut (bool): Whether pieces of the text or the pair were left out.
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
    n_special: int


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
        self._marks = self._find_marks()

    def _find_marks(self) -> Tuple[int, int]:
        """Choose the marks: pieces that no text can give, or quotes where the vocabulary has none of those."""
        for names in MARKS:
            first, second = (self._tokenizer.token_to_id(name) for name in names)
            literal = self._tokenizer.encode(" ".join(names), add_special_tokens=False).ids
            if first is not None and second is not None and not {first, second} & set(literal):
                return first, second
        quote = self._tokenizer.encode('"', add_special_tokens=False).ids[-1]
        return quote, quote

    def __getstate__(self) -> Dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if not k.startswith("_")}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._load()

    def __call__(self, texts: Sequence[TextInput], *, offsets: bool = False) -> List[List[Row]]:
        """Encode texts and pairs.

        texts (Sequence[TextInput]): What to encode. offsets (bool): Keep the characters of each piece.
        RETURNS (List[List[Row]]): The windows of each text, at least one. A pair has one row: its long text is cut
            around the focus where it does not fit.
        RAISES (ValueError): BS022 if a pair is to be masked and the vocabulary has no mask.
        """
        flat = [_clean(t.first) for t in texts] + [_clean(t.second) for t in texts if t.second is not None]
        # `encode_batch_fast` leaves offsets out: of a pair that is cut, the long text is encoded once more.
        spanned = offsets or any(text.mark for text in texts)
        encode = self._tokenizer.encode_batch if spanned else self._tokenizer.encode_batch_fast
        # A sentence with several aspects is the context of several pairs.
        distinct = list(dict.fromkeys(flat))
        known = {text: Pieces(e) for text, e in zip(distinct, encode(distinct, add_special_tokens=False))}
        again = known if spanned else {}
        return [
            self._single_rows(known[_clean(text.first)], offsets)
            if text.second is None
            else [self._pair_row(text, known, again, offsets)]
            for text in texts
        ]

    @property
    def room(self) -> int:
        """RETURNS (int): Most pieces of a text that a window takes, special ones left out."""
        return self.sizes.window - self._single.n_special

    def _single_rows(self, encoding: "Pieces", offsets: bool) -> List[Row]:
        ids = encoding.ids
        spans: List[Offsets] = encoding.offsets if offsets else []
        (before, after), types = self._single.parts, self._single.text_types[0]
        size = self.room
        if len(ids) <= size and not offsets:
            row_types = [*self._single.part_types[0], *[types] * len(ids), *self._single.part_types[1]]
            return [Row([*before, *ids, *after], row_types, max(1, len(ids)), [])]
        rows = []
        starts = _starts(len(ids), size, self.sizes.overlap)
        kept = starts[: self.sizes.max_windows or None]
        for start in kept:
            part = ids[start : start + size]
            row_types = [*self._single.part_types[0], *[types] * len(part), *self._single.part_types[1]]
            row_spans: List[Offsets] = []
            if offsets:
                row_spans = [(0, 0)] * len(before) + spans[start : start + size] + [(0, 0)] * len(after)
            cut = len(kept) < len(starts)
            rows.append(Row([*before, *part, *after], row_types, max(1, len(part)), row_spans, cut))
        return rows

    @property
    def pair_room(self) -> int:
        """RETURNS (int): Pieces of both texts of a pair that a window takes in any case, with marks or without."""
        return self.sizes.window - self._pair.n_special - len(self._marks)

    def _pair_row(self, text: TextInput, known: "KnownT", again: "KnownT", offsets: bool) -> Row:
        """known (KnownT): All texts. again (KnownT): Those that were encoded with offsets; more are added."""
        both = _clean(text.first), _clean(text.second)
        ids = [known[one].ids for one in both]
        long_spans: List[Offsets] = []
        long, short = text.long, 1 - text.long
        if text.masked:
            if self._mask_id is None:
                raise ValueError(Errors.BS022.format(masks=" or ".join(MASKS)))
            ids[short] = [self._mask_id]
        size = self.sizes.window - self._pair.n_special
        # Of the smallest windows, the half that is the context's has no room for marks and a piece between them.
        is_marked = text.mark and not text.masked and size - size // 2 > len(self._marks)
        n_marks = len(self._marks) if is_marked else 0
        n_long = len(ids[long]) + n_marks
        cut = len(ids[short]) + n_long > size
        if cut or is_marked or offsets:
            if both[long] not in again:
                again[both[long]] = Pieces(self._tokenizer.encode(both[long], add_special_tokens=False))
            whole = again[both[long]]
            focus = find_focus(whole.offsets, text.focus)
            start, stop = 0, len(whole.ids)
            if cut:
                ids[short] = ids[short][: max(size // 2, size - n_long)]
                start, stop = choose_part(whole.word_ids, focus, size - len(ids[short]) - n_marks)
            ids[long], long_spans = whole.ids[start:stop], whole.offsets[start:stop]
            if is_marked:
                places = [min(max(i, start), stop) - start for i in focus]
                ids[long] = _insert(ids[long], places, self._marks)
                long_spans = _insert(long_spans, places, [(0, 0), (0, 0)])
        p, t = self._pair, self._pair.text_types
        row_types = [
            *p.part_types[0], *[t[0]] * len(ids[0]), *p.part_types[1], *[t[1]] * len(ids[1]), *p.part_types[2]
        ]  # fmt: skip
        row_spans: List[Offsets] = []
        if offsets:
            n_before = sum(len(part) for part in p.parts[: long + 1]) + long * len(ids[0])
            n_after = sum(len(part) for part in p.parts[long + 1 :]) + short * len(ids[1])
            row_spans = [(0, 0)] * n_before + long_spans + [(0, 0)] * n_after
        return Row([*p.parts[0], *ids[0], *p.parts[1], *ids[1], *p.parts[2]], row_types, 1, row_spans, cut)


class Pieces:
    """What an encoding says of its pieces, taken out of it once: each look at an `Encoding` makes new lists."""

    def __init__(self, encoding: Encoding):
        self._encoding = encoding
        self.ids: List[int] = encoding.ids

    @cached_property
    def offsets(self) -> List[Offsets]:
        return list(self._encoding.offsets)

    @cached_property
    def word_ids(self) -> List[Optional[int]]:
        return list(self._encoding.word_ids)


KnownT = Dict[str, Pieces]


def _insert(pieces: Sequence[Any], places: Sequence[int], new: Sequence[Any]) -> List[Any]:
    """Put two new ones before two places."""
    first, second = places
    return [*pieces[:first], new[0], *pieces[first:second], new[1], *pieces[second:]]


def count_at_most(text: str) -> int:
    """RETURNS (int): At least the number of pieces of a text: each stands for a byte or more of it, or of its normal
    form, and some tokenizers put a space before it."""
    if text.isascii():
        return len(text) + 1
    text = _clean(text)
    return max(len(text.encode("utf8")), len(unicodedata.normalize("NFKD", text).encode("utf8"))) + 1


def _clean(text: Optional[str]) -> str:
    """Replace lone surrogates, which no UTF-8 library takes. Lengths stay, so offsets do."""
    if text is None or text.isascii():
        return text or ""
    return _SURROGATES.sub("\ufffd", text)


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
    return Template(parts, part_types, text_types, sum(map(len, parts)))
