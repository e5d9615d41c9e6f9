"""Texts to windows, pairs to one row: nothing is lost, and the aspect stays."""

import pickle
from pathlib import Path
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.hf import load_pretrained
from spacy_bertsent.layers.pieces import PieceTokenizer, Row, WindowSizes, _starts
from spacy_bertsent.types import TextInput

from ..util import LONGEST

LETTERS = "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9"


def make_tokenizer(weights: Path, window: int = 0, overlap: int = 4) -> PieceTokenizer:
    return load_pretrained(weights, overrides={}, sizes=WindowSizes(window, overlap)).tokenizer


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
    assert row.cut and len(row.ids) == tokenizer.sizes.window
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
    assert not row.cut
    expected = tokenizer._tokenizer.encode("soup", "The soup was a.")
    assert row.ids == expected.ids and row.types == expected.type_ids


def test_very_long_aspect_leaves_half_of_the_window_to_its_context(any_weights: Path) -> None:
    tokenizer = make_tokenizer(any_weights)
    (row,) = tokenizer([TextInput("x " * 100, "y " * 100, long=1, focus=(0, 1))])[0]
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
    assert short([TextInput(text)])[0] == rows[:2]
    assert short([TextInput("a b")])[0] == full([TextInput("a b")])[0]
