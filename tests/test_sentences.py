from typing import Any

import pytest
import spacy

from spacy_bertsent.sentences import get_sentences, widen_to_sentences


def test_get_sentences() -> None:
    nlp = spacy.blank("en")
    assert get_sentences(nlp("Ab. Cd.")) == []
    nlp.add_pipe("sentencizer")
    assert get_sentences(nlp("Ab. Cd.")) == [(0, 3), (4, 7)]


@pytest.mark.parametrize(
    "start, end, expected",
    [(0, 2, (0, 3)), (4, 6, (4, 9)), (2, 6, (0, 9)), (9, 10, (0, 9)), (3, 4, (0, 9))],
    ids=["first", "second", "both", "behind", "space between"],
)
def test_widen_to_sentences(start: int, end: int, expected: Any) -> None:
    assert widen_to_sentences("Ab. Cdef.   ", [(0, 3), (4, 9)], start, end) == expected


def test_widen_without_sentences_is_the_whole_text() -> None:
    assert widen_to_sentences("  a b  ", [], 2, 3) == (2, 5)
    assert widen_to_sentences("", [], 0, 0) == (0, 0)
    start, end = widen_to_sentences("   ", [], 0, 1)
    assert start >= end or not "   "[start:end].strip()


def test_widen_with_neighbours() -> None:
    sentences = [(0, 3), (4, 7), (8, 11), (12, 15)]
    found = [widen_to_sentences("Aa. Bb. Cc. Dd.", sentences, 9, 10, n) for n in range(4)]
    assert found == [(8, 11), (4, 15), (0, 15), (0, 15)]
    assert widen_to_sentences("Aa. Bb. Cc. Dd.", sentences, 2, 5, 1) == (0, 11)
    assert widen_to_sentences("Aa. Bb. Cc. Dd.", sentences, 13, 14, 1) == (8, 15)
