from pathlib import Path
from typing import List

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.converters.marked import MARK, make_marked_doc
from spacy_bertsent.converters.rows import Report

from .util import DATA, get_aspects, read

RAW = DATA / "twitter2014.raw"
NLP = spacy.blank("en")


def test_twitter2014() -> None:
    docs, report = read("twitter2014", RAW)
    assert [doc.text for doc in docs][:2] == [
        "waited an hour for the night bus , never again",
        "the harbour band plays in town tonight",
    ]
    assert [get_aspects(doc) for doc in docs] == [
        [("night bus", "", "negative")],
        [("the harbour band", "", "neutral")],
        [("mayor okoye", "", "positive")],
        [("museum", "", "neutral")],
        [("queue", "", "negative")],
        [("museum", "", "neutral")],
    ]
    assert not docs[0].cats and not report.faults and not report.moved


def test_each_mark_becomes_the_target_and_the_first_is_the_aspect() -> None:
    docs, report = read("twitter2014", RAW)
    assert docs[2].text == "mayor okoye fans say mayor okoye is the best , and mayor okoye agrees"
    assert docs[2].spans["aspects"][0].start_char == 0
    assert report.dropped == {"further mention of a target": 2}


def test_merge() -> None:
    docs, report = read("twitter2014", RAW, merge=True)
    assert len(docs) == 4
    assert get_aspects(docs[3]) == [("museum", "", "neutral"), ("queue", "", "negative")]
    assert report.dropped["repeated aspect"] == 1


def test_pyabsa_merges_what_has_the_same_text() -> None:
    docs, report = read("pyabsa", DATA / "pyabsa.raw")
    assert [doc.text for doc in docs] == ["The soup was cold , the waiter was not .", "No soup today ."]
    # The same words with another label are another aspect.
    assert get_aspects(docs[0]) == [("soup", "", "negative"), ("waiter", "", "positive"), ("soup", "", "neutral")]
    assert [span.start_char for span in docs[0].spans["aspects"]] == [4, 24, 4]
    assert report.dropped == {"repeated aspect": 1}
    assert len(read("pyabsa", DATA / "pyabsa.raw", merge=False)[0]) == 5


def test_faulty_items() -> None:
    docs, report = read("twitter2014", DATA / "twitter2014_faulty.raw", skip_errors=True)
    assert [doc.text for doc in docs] == ["a good day for trams", "ferries at last"]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        # The item after it has no mark, and seems to belong to it.
        (4, "an item of 6 lines, expected 3: sentence with $T$, target, label"),
        (10, "an item of 2 lines, expected 3: sentence with $T$, target, label"),
        (12, "the target is empty"),
        (15, "unknown label '2', expected one of: -1, 0, 1, negative, neutral, positive"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*twitter2014_faulty.raw, line 4: an item of 6 lines"):
        read("twitter2014", DATA / "twitter2014_faulty.raw")


def test_faulty_items_of_pyabsa() -> None:
    docs, report = read("pyabsa", DATA / "pyabsa_faulty.raw", skip_errors=True)
    assert [get_aspects(doc) for doc in docs] == [[("soup", "", "negative")]]
    assert [(fault.line, fault.text[:20]) for fault in report.faults] == [(4, "unknown label 'cold'")]
    with pytest.raises(ValueError, match=r"\[BS014\].*pyabsa_faulty.raw, line 4: unknown label 'cold'"):
        read("pyabsa", DATA / "pyabsa_faulty.raw")


def test_no_item_begins_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "plain.raw"
    path.write_text("one\ntwo\n0\n")
    with pytest.raises(ValueError, match=r"\[BS014\].*plain.raw, line 1: the sentence has no \$T\$: 'one'"):
        read("twitter2014", path)


WORDS = st.lists(st.sampled_from(["a", "night-bus", "isn't", "#late", "\U0001f600", "caf\u00e9!"]), max_size=4)


@given(before=WORDS, target=WORDS.filter(bool), after=WORDS)
def test_the_aspect_is_always_the_target(before: List[str], target: List[str], after: List[str]) -> None:
    report = Report()
    sentence = " ".join([*before, MARK, *after])
    doc = make_marked_doc(NLP, sentence, " ".join(target), "positive", report)
    span = doc.spans["aspects"][0]
    assert (span.text, span.label_) == (" ".join(target), "positive")
    assert span.start_char == sum(len(x) + 1 for x in before)
    assert doc.text.split(" ") == [*before, *target, *after]
    assert not report.moved and not report.dropped
