import random
from typing import Dict, List, Tuple

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.corpus_checks.near import (
    BAND_ROWS,
    N_BANDS,
    RESEMBLANCE,
    check_near,
    find_near,
    make_signatures,
)
from spacy_bertsent.corpus_checks.repeats import group_texts

from .util import get_cases, make_doc

TEN = "one two three four five six seven eight nine ten".split()


@pytest.mark.parametrize(
    "other,expected",
    [
        (TEN[::-1], 1.0),
        ([*TEN, *TEN], 1.0),
        ([*TEN, "eleven"], 10 / 11),
        (TEN[:9], 0.9),
        (TEN[:8], None),
        ([*TEN[:9], "eleven"], None),
    ],
)
def test_resemblance(other: List[str], expected: float) -> None:
    found = find_near([TEN, other], [0, 0])
    assert found == ({} if expected is None else {(1, 0): (0, pytest.approx(expected))})


def test_short_texts_are_near_if_their_words_are_the_same() -> None:
    texts = [["thank", "you"], ["you", "thank"], ["thank", "you", "all"], [], []]
    assert find_near(texts, [0] * 5) == {(1, 0): (0, 1.0)}


def test_groups() -> None:
    texts = [TEN, TEN[:9], TEN, ["a"], TEN]
    assert find_near(texts, [0, 0, 1, 1, 2]) == {
        (1, 0): (0, 0.9),
        (2, 0): (0, 1.0),
        (4, 0): (0, 1.0),
        (4, 1): (2, 1.0),
    }


def compare_all(texts: List[List[str]], groups: List[int]) -> Dict[Tuple[int, int], bool]:
    bags = [set(words) for words in texts]
    return {
        (i, groups[j]): True
        for i in range(len(texts))
        for j in range(i)
        if bags[i] and len(bags[i] & bags[j]) / len(bags[i] | bags[j]) >= RESEMBLANCE
    }


@given(st.randoms(use_true_random=False))
def test_finds_what_comparing_all_pairs_finds(rng: random.Random) -> None:
    words = [f"w{i}" for i in range(40)]
    texts: List[List[str]] = []
    for _ in range(25):
        if texts and rng.random() < 0.6:
            text = list(rng.choice(texts))
            for _ in range(rng.randint(0, 2)):
                if text:
                    text[rng.randrange(len(text))] = rng.choice(words)
        else:
            text = [rng.choice(words) for _ in range(rng.randint(0, 35))]
        texts.append(text)
    groups = sorted(rng.randint(0, 2) for _ in texts)
    assert find_near(texts, groups).keys() == compare_all(texts, groups).keys()


def test_signatures_agree_as_often_as_texts_resemble() -> None:
    left, right = [f"w{i}" for i in range(80)], [f"w{i}" for i in range(20, 100)]  # 60 of 100
    signatures = make_signatures([left, right, left[::-1]], 4000)
    assert numpy.mean(signatures[0] == signatures[1]) == pytest.approx(0.6, abs=0.03)
    assert (signatures[0] == signatures[2]).all()
    assert (signatures == make_signatures([left, right, left[::-1]], 4000)).all()


def test_few_are_missed() -> None:
    assert 1 - (1 - RESEMBLANCE**BAND_ROWS) ** N_BANDS > 0.99999


def test_check_near() -> None:
    text = "The old garden was lovely and the waiter was happy to show us around."
    train = [make_doc(text), make_doc(text.replace("us", "me")), make_doc("A new road.")]
    dev = [make_doc(text.upper()), make_doc("New! A road."), make_doc(text.replace("lovely", "very lovely"))]
    splits = {"train": train, "dev": dev}
    findings = check_near(splits, group_texts(splits))
    assert [(finding.name, finding.splits, finding.total) for finding in findings] == [
        ("near-leaks", ["train", "dev"], 3),
    ]
    # The first text of `dev` is a leak, and that is not said twice.
    assert get_cases(findings, "near-leaks") == [
        ("dev", 1, "1.00 like train 2: 'A new road.'"),
        ("dev", 2, f"0.92 like train 0: {text!r}"),
    ]
    longer = [make_doc(text), make_doc(text.replace("lovely", "very lovely"))]
    findings = check_near({"train": longer}, group_texts({"train": longer}))
    assert [(finding.name, finding.splits) for finding in findings] == [("near-duplicates", ["train"])]
    assert get_cases(findings, "near-duplicates") == [("train", 1, f"0.92 like train 0: {text!r}")]
