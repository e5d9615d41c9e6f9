"""Which pieces of a long text are kept."""

from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.cutting import choose_part, find_focus

WORDS = [0, 0, 1, 2, 2, 2, 3, 4]


@pytest.mark.parametrize(
    "focus, room, expected",
    [
        ((2, 3), 5, (0, 5)),  # word 2 is all that there is on the right
        ((1, 2), 5, (0, 3)),  # word 2 would be torn at 5
        ((2, 3), 7, (0, 7)),
        ((7, 8), 3, (6, 8)),  # at the end; 5 is in the middle of word 2
        ((0, 2), 2, (0, 2)),
        ((3, 6), 4, (2, 6)),
        ((3, 6), 3, (3, 6)),
        ((3, 6), 2, (3, 5)),  # longer than the room: its start
        ((4, 5), 2, (3, 5)),  # a part of a word
        ((4, 5), 1, (4, 5)),
    ],
)
def test_choose_part_by_hand(focus: Tuple[int, int], room: int, expected: Tuple[int, int]) -> None:
    assert choose_part(WORDS, focus, room) == expected


def test_word_that_fills_the_space_is_cut() -> None:
    assert choose_part([0] * 10 + [1] + [2] * 10, (10, 11), 7) == (7, 14)


@st.composite
def texts(draw: st.DrawFn) -> Tuple[List[int], Tuple[int, int], int]:
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=30))
    words = [i for i, n in enumerate(lengths) for _ in range(n)]
    first = draw(st.integers(0, len(words) - 1))
    end = draw(st.integers(first, len(words)))
    return words, (first, end), draw(st.integers(1, len(words)))


@given(texts())
def test_focus_is_kept_and_words_stay_whole(text: Tuple[List[int], Tuple[int, int], int]) -> None:
    words, (first, end), room = text
    start, stop = choose_part(words, (first, end), room)
    assert 0 <= start <= stop <= len(words) and stop - start <= room
    if end - first >= room:
        assert (start, stop) == (first, first + room)
        return
    assert start <= first and end <= stop, "all of the focus"
    # No word is longer than 4 pieces, so no side loses more than 3 of what could be kept.
    assert stop - start >= min(room, len(words)) - 6
    for place, inner in ((start, words[start:first]), (stop, words[end:stop])):
        torn = 0 < place < len(words) and words[place] == words[place - 1]
        assert not torn or len(set(inner)) <= 1, "only a word that fills the space is torn"


@pytest.mark.parametrize(
    "focus, expected",
    [((4, 8), (1, 3)), ((5, 6), (1, 2)), ((0, 12), (0, 4)), ((3, 4), (1, 1)), ((12, 13), (4, 4)), ((0, 0), (0, 0))],
    ids=["two pieces", "inside a piece", "all", "space", "behind", "nothing"],
)
def test_find_focus(focus: Tuple[int, int], expected: Tuple[int, int]) -> None:
    assert find_focus([(0, 3), (4, 6), (6, 8), (9, 12)], focus) == expected


def test_pieces_of_one_character_belong_together() -> None:
    """As byte-level vocabularies have them."""
    assert find_focus([(0, 1), (2, 3), (2, 3), (2, 3), (4, 5)], (2, 3)) == (1, 4)
