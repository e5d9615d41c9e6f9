from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.components.overlaps import KINDS, OVERLAPS, Find, resolve

WHOLE = Find(0, 3, "", "noun_chunk")
CAMERA = Find(1, 2, "CAMERA", "keyword")
LENS = Find(2, 4, "LENS", "pattern")


def test_longest_stands() -> None:
    assert resolve([CAMERA, WHOLE]) == [WHOLE]
    # Of two that are as long as each other, that of the better source; then the first in the text.
    assert resolve([Find(1, 3, "A", "entity"), LENS]) == [LENS]
    assert resolve([Find(1, 3, "A", "pattern"), LENS]) == [Find(1, 3, "A", "pattern")]


def test_shortest_may_stand() -> None:
    assert resolve([CAMERA, WHOLE, LENS], overlap="shortest") == [CAMERA, LENS]


def test_source_may_come_before_length() -> None:
    assert resolve([CAMERA, WHOLE], overlap="source") == [CAMERA]
    assert resolve([Find(5, 6, "", "entity"), CAMERA, WHOLE], overlap="source") == [CAMERA, Find(5, 6, "", "entity")]
    assert resolve([CAMERA, WHOLE], overlap="source", order=["noun_chunk", "keyword"]) == [WHOLE]


def test_order_of_sources() -> None:
    same = [Find(0, 1, "A", kind) for kind in KINDS]
    for kind in KINDS:
        order = [kind, *(x for x in KINDS if x != kind)]
        assert resolve([x._replace(source="finder:a") if x.source == "finder" else x for x in same], order=order) == [
            Find(0, 1, "A", "finder:a" if kind == "finder" else kind)
        ]
    # Finders in the order in which they come.
    assert resolve([Find(0, 1, "", "finder:b"), Find(0, 1, "", "finder:a")]) == [Find(0, 1, "", "finder:b")]


def test_same_words_under_two_categories() -> None:
    finds = [Find(0, 1, "FOOD", "keyword"), Find(0, 1, "PRICE", "entity"), Find(0, 1, "FOOD", "pattern")]
    assert resolve(finds) == finds[:2]
    assert resolve([*finds, Find(0, 1, "", "finder:a")]) == finds[:2]
    # One without a category that comes first stays alone.
    assert resolve(finds, given=[Find(0, 1, "", "given")]) == []
    assert resolve(finds, given=[Find(0, 1, "FOOD", "given")]) == [finds[1]]


def test_given_aspects_stand_even_if_they_are_shorter() -> None:
    assert resolve([WHOLE, Find(3, 4, "", "noun_chunk")], given=[Find(1, 2, "", "given")]) == [
        Find(3, 4, "", "noun_chunk")
    ]


finds_strategy: Any = st.lists(
    st.builds(
        lambda start, length, category, source: Find(start, start + length, category, source),
        st.integers(0, 8),
        st.integers(1, 4),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["keyword", "pattern", "finder:x", "finder:y", "entity", "noun_chunk"]),
    ),
    max_size=12,
)


@given(finds_strategy, st.permutations(KINDS), st.sampled_from(OVERLAPS))
def test_properties(finds: List[Find], order: List[str], overlap: str) -> None:
    kept = resolve(finds, order=order, overlap=overlap)
    assert kept == sorted(kept) and set(kept) <= set(finds)
    for i, one in enumerate(kept):
        for other in kept[i + 1 :]:
            same = (one.start, one.end) == (other.start, other.end)
            assert one.end <= other.start or (same and one.category and one.category != other.category)
    # Nothing that is free is lost.
    for find in finds:
        assert any(find.end > x.start and find.start < x.end for x in kept)
    # Once more changes nothing, but for the order of finders that come no longer.
    assert {x[:3] for x in resolve(kept, order=order, overlap=overlap)} == {x[:3] for x in kept}


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_nothing(overlap: str) -> None:
    assert resolve([], overlap=overlap) == []
