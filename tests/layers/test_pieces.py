"""Texts to windows, pairs to one row: nothing is lost, and the aspect stays."""

import json
import pickle
from functools import lru_cache
from pathlib import Path
from typing import List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spacy_bertsent.layers.cutting import find_focus
from spacy_bertsent.layers.hf import load_pretrained
from spacy_bertsent.layers.pieces import PieceTokenizer, Row, WindowSizes, _clean, _starts, count_at_most
from spacy_bertsent.types import TextInput

from ..util import LONGEST

LETTERS = "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9"


def make_tokenizer(weights: Path, window: int = 0, overlap: int = 4) -> PieceTokenizer:
    return load_pretrained(weights, overrides={}, sizes=WindowSizes(window, overlap)).tokenizer


@lru_cache(None)
def get_tokenizer(weights: Path, window: int) -> PieceTokenizer:
    """For properties: made once."""
    return make_tokenizer(weights, window)


def own_ids(tokenizer: PieceTokenizer, text: str) -> List[int]:
    return tokenizer._tokenizer.encode(text, add_special_tokens=False).ids


def strip(tokenizer: PieceTokenizer, row: Row) -> List[int]:
    before, after = tokenizer._single.parts
    assert row.ids[: len(before)] == before and row.ids[len(row.ids) - len(after) :] == after
    return row.ids[len(before) : len(row.ids) - len(after)]


@given(n=st.integers(0, 300), size=st.integers(1, 60), share=st.floats(0, 0.99))
def test_each_piece_stands_in_a_window(n: int, size: int, share: float) -> None:
    overlap = int(share * size)
    starts = list(_starts(n, size, overlap))
    covered = {i for start in starts for i in range(start, min(n, start + size))}
    assert covered == set(range(n))
    # No window for nothing: each brings pieces that no earlier one had.
    assert starts[0] == 0 and all(start < n for start in starts[1:])
    ends = [min(n, start + size) for start in starts]
    assert ends == sorted(set(ends))


@pytest.mark.parametrize("window", [8, 11, 0])
@pytest.mark.parametrize("overlap", [0, 2, 4, 100])
def test_long_text_gives_windows_that_hold_all_pieces(any_weights: Path, window: int, overlap: int) -> None:
    tokenizer = make_tokenizer(any_weights, window=window, overlap=overlap)
    text = LETTERS + " " + LETTERS
    ids = own_ids(tokenizer, text)
    rows = tokenizer([TextInput(text)])[0]
    assert len(rows) > 1
    parts = [strip(tokenizer, row) for row in rows]
    assert all(len(row.ids) == len(row.types) <= tokenizer.sizes.window for row in rows)
    assert [row.weight for row in rows] == [len(part) for part in parts]
    size = tokenizer.sizes.window - 2
    step = size - tokenizer.sizes.overlap
    joined = parts[0] + [i for part in parts[1:] for i in part[size - step :]]
    assert joined == ids
    for left, right in zip(parts, parts[1:]):
        assert left[step:] == right[: size - step], "neighbours share the overlap"


@pytest.mark.parametrize("window", [1, 7, -5])
def test_window_that_is_too_small_is_refused(weights: Path, window: int) -> None:
    with pytest.raises(ValueError, match=rf"BS016.*window = {window}.*8 or more"):
        make_tokenizer(weights, window=window)


def test_short_and_empty_texts_have_one_window(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    for text in ["", " ", "\n\n", "soup"]:
        (row,) = tokenizer([TextInput(text)])[0]
        assert row.weight == max(1, len(strip(tokenizer, row)))
    fitting = "a " * (LONGEST - 2)
    assert len(tokenizer([TextInput(fitting.strip())])[0]) == 1


def test_offsets_are_those_of_the_text(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights, window=11)
    text = "The  soup, caf\u00e9 \U0001f600 " + LETTERS
    seen = set()
    for row in tokenizer([TextInput(text)], offsets=True)[0]:
        assert len(row.offsets) == len(row.ids)
        assert row.offsets[0] == row.offsets[-1] == (0, 0)
        seen |= {i for start, end in row.offsets for i in range(start, end)}
    assert seen >= {i for i, char in enumerate(text) if not char.isspace()}


def find(needle: List[int], hay: List[int]) -> bool:
    return any(hay[i : i + len(needle)] == needle for i in range(len(hay) - len(needle) + 1))


@pytest.mark.parametrize("long", [1, 0], ids=["aspect first", "sentence first"])
@pytest.mark.parametrize("place", [0, 60, 119])
def test_long_pair_keeps_aspect_and_cuts_around_it(any_weights: Path, long: int, place: int) -> None:
    tokenizer = make_tokenizer(any_weights)
    words = ["x"] * 120
    words[place] = "7"  # occurs once
    context = " ".join(words)
    start = context.index("7")
    texts = ("7", context) if long else (context, "7")
    (row,) = tokenizer([TextInput(*texts, long=long, focus=(start, start + 1))])[0]
    seven = own_ids(tokenizer, "x 7")[-1:]
    asked = own_ids(tokenizer, "7")
    # A word of two pieces at either end is kept or left out as a whole.
    assert row.cut and tokenizer.sizes.window - 2 <= len(row.ids) <= tokenizer.sizes.window
    body = tokenizer._pair.parts
    if long:
        assert row.ids[len(body[0]) :][: len(asked)] == asked
        kept = row.ids[len(body[0]) + len(asked) + len(body[1]) : len(row.ids) - len(body[2])]
    else:
        end = len(row.ids) - len(body[2])
        assert row.ids[end - len(asked) : end] == asked
        kept = row.ids[len(body[0]) : end - len(asked) - len(body[1])]
    wanted = asked if place == 0 else seven
    assert find(wanted, kept), "the aspect stands in what is kept of its context"
    if place == 60:
        where = kept.index(wanted[0])
        assert abs(where - len(kept) // 2) <= 2, "in the middle"


def test_pair_that_fits_is_not_cut(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    (row,) = tokenizer([TextInput("soup", "The soup was a.", long=1, focus=(4, 8))])[0]
    assert not row.cut and row.offsets == []
    expected = tokenizer._tokenizer.encode("soup", "The soup was a.")
    assert row.ids == expected.ids and row.types == expected.type_ids


def test_very_long_aspect_leaves_half_of_the_window_to_its_context(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    (row,) = tokenizer([TextInput("x " * 100, "y" * 100, long=1, focus=(0, 100))])[0]
    size = tokenizer.sizes.window - tokenizer._pair.n_special
    start = len(tokenizer._pair.parts[0])
    aspect = own_ids(tokenizer, "x " * 100)
    assert len(row.ids) == tokenizer.sizes.window
    assert row.ids[start : start + size // 2] == aspect[: size // 2]
    assert row.ids[start + size // 2] == tokenizer._pair.parts[1][0]


def test_very_long_aspect_may_use_what_a_short_context_leaves(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    (row,) = tokenizer([TextInput("x " * 100, "y", long=1, focus=(0, 1))])[0]
    assert len(row.ids) == tokenizer.sizes.window
    assert own_ids(tokenizer, "y")[-1] in row.ids


@pytest.mark.parametrize("text", ["a [SEP] b [CLS]", "a </s> b <s>", "[PAD] <pad> [MASK] <mask>"])
def test_special_pieces_in_a_text_are_text(any_weights: Path, text: str) -> None:
    tokenizer = make_tokenizer(any_weights)
    specials = {i for part in tokenizer._pair.parts for i in part} | {tokenizer.pad_id}
    for same in (tokenizer, pickle.loads(pickle.dumps(tokenizer))):
        (row,) = same([TextInput(text)])[0]
        assert not specials & set(strip(same, row))
        (pair,) = same([TextInput(text, text)])[0]
        assert sum(i in specials for i in pair.ids) == same._pair.n_special


def test_lone_surrogates_are_read(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    lone = tokenizer([TextInput("a \ud800 b"), TextInput("\udfff", "a \udc00", long=1)], offsets=False)
    clean = tokenizer([TextInput("a \ufffd b"), TextInput("\ufffd", "a \ufffd", long=1)])
    assert lone == clean
    offsets = [row.offsets for row in tokenizer([TextInput("a \ud800 b")], offsets=True)[0]]
    assert offsets[0][-2] == (4, 5), "characters stay where they are"


def test_texts_of_a_batch_do_not_touch_each_other(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    texts = [TextInput("soup"), TextInput("soup", "the soup", long=1), TextInput(LETTERS * 3), TextInput("")]
    assert tokenizer(texts) == [tokenizer([text])[0] for text in texts]


@pytest.mark.parametrize("long", [1, 0], ids=["aspect first", "sentence first"])
def test_masked_pair_has_the_mask_in_place_of_the_aspect(any_weights: Path, long: int) -> None:
    tokenizer = make_tokenizer(any_weights)
    texts = ("soup bowl", "a soup [MASK] was") if long else ("a soup [MASK] was", "soup bowl")
    (plain,) = tokenizer([TextInput(*texts, long, (2, 6))])[0]
    (masked,) = tokenizer([TextInput(*texts, long, (2, 6), masked=True)])[0]
    aspect = own_ids(tokenizer, "soup bowl")
    mask = next(i for i in map(tokenizer._tokenizer.token_to_id, ("[MASK]", "<mask>")) if i is not None)
    start = len(tokenizer._pair.parts[0])
    if not long:
        start = len(plain.ids) - len(tokenizer._pair.parts[2]) - len(aspect)
    assert plain.ids[start : start + len(aspect)] == aspect and mask not in plain.ids
    assert masked.ids == [*plain.ids[:start], mask, *plain.ids[start + len(aspect) :]]
    assert len(masked.types) == len(masked.ids)


def test_vocabulary_without_a_mask_is_a_named_error(weights: Path) -> None:
    tokenizer = make_tokenizer(weights)
    tokenizer._mask_id = None
    assert tokenizer([TextInput("soup", "the soup was", 1)])
    with pytest.raises(ValueError, match="BS022"):
        tokenizer([TextInput("soup", "the soup was", 1, masked=True)])


def test_no_more_windows_than_asked_for(any_weights: Path) -> None:
    full = make_tokenizer(any_weights, window=10, overlap=0)
    sizes = WindowSizes(10, 0, max_windows=2)
    short = load_pretrained(any_weights, overrides={}, sizes=sizes).tokenizer
    text = LETTERS + " " + LETTERS
    rows = full([TextInput(text)])[0]
    assert len(rows) > 2
    assert short([TextInput(text)])[0] == [row._replace(cut=True) for row in rows[:2]]
    assert short([TextInput("a b")])[0] == full([TextInput("a b")])[0]


# Marks and what is kept


def body(tokenizer: PieceTokenizer, row: Row, long: int) -> List[int]:
    """The pieces of the long text."""
    parts = tokenizer._pair.parts
    if long:
        separator = parts[1]
        starts = range(len(parts[0]), len(row.ids))
        start = next(i for i in starts if row.ids[i : i + len(separator)] == separator) + len(separator)
        return row.ids[start : len(row.ids) - len(parts[2])]
    start = len(parts[0])
    return row.ids[start : next(i for i in range(start, len(row.ids)) if row.ids[i : i + len(parts[1])] == parts[1])]


@st.composite
def long_pairs(draw: st.DrawFn) -> TextInput:
    """A context of words of one to four letters, with an aspect of some words in it."""
    words = draw(st.lists(st.text("abcxyz", min_size=1, max_size=4), min_size=1, max_size=60))
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, min(len(words), first + 6) - 1))
    start = sum(len(word) + 1 for word in words[:first])
    context, aspect = " ".join(words), " ".join(words[first : last + 1])
    focus, mark = (start, start + len(aspect)), draw(st.booleans())
    if draw(st.booleans()):
        return TextInput(aspect, context, 1, focus, mark=mark)
    return TextInput(context, aspect, 0, focus, mark=mark)


@given(pair=long_pairs(), window=st.integers(8, 40))
def test_all_pieces_of_an_aspect_are_kept_in_its_context(any_weights: Path, pair: TextInput, window: int) -> None:
    tokenizer = get_tokenizer(any_weights, window)
    (row,) = tokenizer([pair])[0]
    assert len(row.ids) == len(row.types) <= window
    kept = body(tokenizer, row, pair.long)
    texts = (pair.first, pair.second or "")
    whole = tokenizer._tokenizer.encode(texts[pair.long], add_special_tokens=False)
    aspect = find_focus(whole.offsets, pair.focus)
    asked = own_ids(tokenizer, texts[1 - pair.long])
    size = window - tokenizer._pair.n_special
    marks = list(tokenizer._marks) if pair.mark and size > 4 else []
    assert row.cut == (len(whole.ids) + len(asked) + len(marks) > size)
    if marks:
        first, second = (i for i, piece in enumerate(kept) if piece in marks)
        between = kept[first + 1 : second]
        assert [kept[first], kept[second]] == marks
        kept = [*kept[:first], *between, *kept[second + 1 :]]
    else:
        first, between = -1, []
    places = [i for i in range(len(whole.ids) - len(kept) + 1) if whole.ids[i : i + len(kept)] == kept]
    assert places, "what is kept stands together in the context"
    own = whole.ids[aspect[0] : aspect[1]]
    room = size - min(len(asked), max(size // 2, size - len(whole.ids) - len(marks))) - len(marks)
    expected = own if not row.cut or len(own) <= room else own[:room]
    assert find(expected, kept)
    if marks:
        assert between == expected, "the marks stand around the aspect"
        assert aspect[0] - first in places
    if not row.cut:
        assert kept == whole.ids


@pytest.mark.parametrize("long", [1, 0], ids=["aspect first", "sentence first"])
def test_two_mentions_give_two_rows(any_weights: Path, long: int) -> None:
    tokenizer = make_tokenizer(any_weights)
    context = "the soup was a soup"
    texts = ("soup", context) if long else (context, "soup")
    one, other = (TextInput(*texts, long, focus, mark=True) for focus in ((4, 8), (15, 19)))
    rows = [tokenizer([pair])[0][0] for pair in (one, other)]
    assert rows[0].ids != rows[1].ids and len(rows[0].ids) == len(rows[1].ids)
    plain = tokenizer([one._replace(mark=False)])[0][0]
    assert plain == tokenizer([other._replace(mark=False)])[0][0], "as they are without marks"
    for row in rows:
        unmarked = [piece for piece in row.ids if piece not in tokenizer._marks]
        assert unmarked == plain.ids and len(row.ids) == len(plain.ids) + 2 == len(row.types)
    masked = {tuple(tokenizer([pair._replace(masked=True)])[0][0].ids) for pair in (one, other)}
    assert len(masked) == 1, "a masked question does not show which is meant"


def test_marks_by_hand(weights: Path) -> None:
    tokenizer = make_tokenizer(weights)
    (row,) = tokenizer([TextInput("soup", "the soup was a soup", 1, (4, 8), mark=True)])[0]
    tokens = [tokenizer._tokenizer.id_to_token(i) for i in row.ids]
    mark = "[MASK]"  # this vocabulary has no reserved pieces
    assert tokens == ["[CLS]", "soup", "[SEP]", "the", mark, "soup", mark, "was", "a", "soup", "[SEP]"]
    assert row.types == [0, 0, 0, *[1] * 8]


def test_reserved_pieces_are_the_marks_where_there_are_some(weights: Path) -> None:
    tokenizer = make_tokenizer(weights)
    settings = json.loads(tokenizer.json)
    vocabulary = settings["model"]["vocab"]
    vocabulary.update({"[unused1]": len(vocabulary), "[unused2]": len(vocabulary) + 1})
    reserved = PieceTokenizer(json.dumps(settings), pad_id=0, sizes=tokenizer.sizes)
    assert reserved._marks == (vocabulary["[unused1]"], vocabulary["[unused2]"])
    literal = reserved([TextInput("[unused1]", "a [unused1] b [unused2] [MASK]", 1)])[0][0]
    assert not set(reserved._marks) & set(literal.ids), "no text gives them"
    # As an added piece that is not special, it would be found in a text.
    added = {"id": vocabulary["[unused1]"], "content": "[unused1]", "single_word": False, "lstrip": False}
    settings["added_tokens"].append({**added, "rstrip": False, "normalized": False, "special": False})
    spoilt = PieceTokenizer(json.dumps(settings), pad_id=0, sizes=tokenizer.sizes)
    assert spoilt._marks == (spoilt._mask_id, spoilt._mask_id)


def test_literal_mark_in_a_text_is_text(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    context = "a [MASK] soup <mask> [unused1] soup"
    start = context.index("soup")
    (row,) = tokenizer([TextInput("soup", context, 1, (start, start + 4), mark=True)])[0]
    assert sum(piece in tokenizer._marks for piece in row.ids) == 2


def test_quotes_are_the_marks_of_a_vocabulary_without_special_ones(weights: Path) -> None:
    settings = json.loads(make_tokenizer(weights).json)
    settings["added_tokens"] = [x for x in settings["added_tokens"] if x["content"] != "[MASK]"]
    settings["model"]["vocab"] = {
        {"[MASK]": "mask", "z": '"'}.get(word, word): i for word, i in settings["model"]["vocab"].items()
    }
    tokenizer = PieceTokenizer(json.dumps(settings), pad_id=0, sizes=WindowSizes(40, 4))
    quote = settings["model"]["vocab"]['"']
    assert tokenizer._mask_id is None and tokenizer._marks == (quote, quote)


def test_focus_without_pieces_is_marked_at_its_place(weights: Path) -> None:
    tokenizer = make_tokenizer(weights)
    context = "a \u200b b \u200b"  # the vocabulary's normalizer drops what has no width
    rows = [tokenizer([TextInput("x", context, 1, focus, mark=True)])[0][0] for focus in ((2, 3), (6, 7))]
    kept = [body(tokenizer, row, 1) for row in rows]
    a, b, mark = own_ids(tokenizer, "a b") + [tokenizer._marks[0]]
    assert kept == [[a, mark, mark, b], [a, b, mark, mark]]


@pytest.mark.parametrize("long", [1, 0], ids=["aspect first", "sentence first"])
@pytest.mark.parametrize("mark", [False, True])
def test_offsets_of_a_pair_are_those_of_its_long_text(any_weights: Path, long: int, mark: bool) -> None:
    tokenizer = make_tokenizer(any_weights)
    context = "x " * 60 + "the waiter was rude" + " x" * 60
    start = context.index("waiter")
    texts = ("the waiter", context) if long else (context, "the waiter")
    pair = TextInput(*texts, long, (start, start + 6), mark=mark)
    ((row,), (short,)) = tokenizer([pair, TextInput("a", "b soup", 1, (2, 6))], offsets=True)
    assert row._replace(offsets=[]) == tokenizer([pair])[0][0]
    assert len(row.offsets) == len(row.ids) and row.cut
    aspect = [i for i, (s, e) in enumerate(row.offsets) if s < start + 6 and e > start]
    assert "".join(dict.fromkeys(context[s:e].strip() for s, e in row.offsets if e)).count("waiter") <= 1
    covered = {c for i in aspect for c in range(*row.offsets[i])}
    assert covered >= set(range(start, start + 6))
    assert all(row.offsets[i] == (0, 0) for i, piece in enumerate(row.ids) if piece in tokenizer._marks)
    if mark:
        assert row.ids[aspect[0] - 1] == row.ids[aspect[-1] + 1] == tokenizer._marks[0]
    assert [offset for offset in short.offsets if offset != (0, 0)][0] == (0, 1)


def test_pairs_of_the_reckoned_length_are_not_cut(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    found = set()
    for n in range(30, 45):
        pair = TextInput("a" * 5, "." * (n - 5), 1, (0, 1), mark=True)
        (row,) = tokenizer([pair])[0]
        fits = len(own_ids(tokenizer, pair.first)) + len(own_ids(tokenizer, pair.second or "")) <= tokenizer.pair_room
        assert row.cut == (not fits)
        found.add(row.cut)
    assert False in found


@given(text=st.text(max_size=80))
@example(text="\u2126" * 9)  # longer than its normal form
@example(text="\ufdfa" * 9)  # shorter
def test_no_text_has_more_pieces_than_are_reckoned(any_weights: Path, text: str) -> None:
    tokenizer = get_tokenizer(any_weights, 0)
    (row,) = [tokenizer._tokenizer.encode(_clean(text), add_special_tokens=False)]
    assert len(row.ids) <= count_at_most(text)
