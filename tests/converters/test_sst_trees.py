from collections import Counter
from typing import Any, List

import pytest

from spacy_bertsent.labels import POLARITY

from .util import DATA, get_chosen, read

TREES = DATA / "sst_trees.txt"


def get_rows(**settings: Any) -> List[str]:
    docs, _ = read("sst_trees", TREES, **settings)
    return [f"{doc.text}: {get_chosen(doc, POLARITY)[0]}" for doc in docs]


def test_binary_phrases() -> None:
    assert get_rows() == [
        "A film worth the ticket: positive",
        "worth the ticket: positive",
        "It drags .: negative",
        "drags .: negative",
        "drags: negative",
        "Lovely ( truly ) brass/strings: positive",
        "Lovely ( truly ): positive",
        "Lovely: positive",
        "truly: positive",
        "brass/strings: positive",
        "lovely film: positive",
    ]


def test_report() -> None:
    docs, report = read("sst_trees", TREES)
    assert docs[0].cats == {"polarity:positive": 1.0, "polarity:negative": 0.0}
    # "lovely" of the last tree repeats "Lovely" of the one before it.
    assert report.dropped == {"labelled neutral": 17, "repeated phrase": 1}


def test_lower() -> None:
    docs, _ = read("sst_trees", TREES, lower=True)
    assert docs[5].text == "lovely ( truly ) brass/strings"
    assert len(docs) == len(get_rows())


def test_three_classes() -> None:
    docs, report = read("sst_trees", TREES, classes="three")
    assert list(docs[0].cats) == ["polarity:positive", "polarity:neutral", "polarity:negative"]
    labels = Counter(get_chosen(doc, POLARITY)[0] for doc in docs)
    assert labels == {"positive": 8, "neutral": 15, "negative": 3}
    assert report.dropped == {"repeated phrase": 3}


def test_five_classes() -> None:
    docs, _ = read("sst_trees", TREES, classes="five", phrases=False)
    labels = ["very positive", "positive", "neutral", "negative", "very negative"]
    assert list(docs[0].cats) == [POLARITY + label for label in labels]
    assert [get_chosen(doc, POLARITY) for doc in docs] == [
        ["positive"],
        ["negative"],
        ["neutral"],
        ["very positive"],
        ["positive"],
    ]


def test_sentences() -> None:
    assert get_rows(phrases=False) == [
        "A film worth the ticket: positive",
        "It drags .: negative",
        "Lovely ( truly ) brass/strings: positive",
        "lovely film: positive",
    ]
    assert get_rows(phrases=False, classes="three")[2] == "The ferry: neutral"


def test_unknown_classes() -> None:
    with pytest.raises(
        ValueError, match=r"\[BS033\] Unknown value 'four' of --classes. Expected one of: binary, three, five"
    ):
        read("sst_trees", TREES, classes="four")


def test_faulty_trees() -> None:
    docs, report = read("sst_trees", DATA / "sst_trees_faulty.txt", skip_errors=True, phrases=False)
    assert [doc.text for doc in docs] == ["A gem", "A mess"]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (2, "1 brackets are not closed"),
        (3, "unknown label '7', expected one of: 0, 1, 2, 3, 4"),
        (4, "'(' after the end of the tree"),
        (5, "'A' outside of a tree"),
        (6, "a phrase without words"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*sst_trees_faulty.txt, line 2: 1 brackets"):
        read("sst_trees", DATA / "sst_trees_faulty.txt")
