from typing import Any, List

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from spacy_bertsent.aspect_group import AspectRow, read_rows, remove_source, write_rows

VOCAB = spacy.blank("en").vocab


def make_doc(n_aspects: int = 0, **attrs: Any) -> Doc:
    doc = Doc(VOCAB, words=["soup", "road", "price"])
    doc.spans["aspects"] = [Span(doc, i, i + 1, "neutral", kb_id=f"C{i}", span_id=f"id{i}") for i in range(n_aspects)]
    doc.spans["aspects"].attrs.update(attrs)
    return doc


def test_document_without_group_has_no_rows() -> None:
    doc = Doc(VOCAB, words=["soup"])
    assert read_rows(doc) == []
    remove_source(doc, "category")
    assert "aspects" not in doc.spans


def test_what_nobody_has_kept_is_empty() -> None:
    doc = make_doc(2, labels=["positive", "negative"], scores=[[0.5, 0.5]], cut=[True])
    first, second = read_rows(doc)
    assert first == (doc.spans["aspects"][0], {"positive": 0.5, "negative": 0.5}, "", True)
    assert second == (doc.spans["aspects"][1], {}, "", False)


def test_judging_keeps_all_but_label_and_scores() -> None:
    doc = make_doc(1)
    row = AspectRow(doc.spans["aspects"][0], {"old": 1.0}, "keyword").judge(["a", "b", "c"], [0.2, 0.4, 0.4], True)
    assert (row.span.label_, row.span.kb_id_, row.span.id_, row.span.text) == ("b", "C0", "id0", "soup")
    assert row.scores == {"a": 0.2, "b": 0.4, "c": 0.4} and (row.source, row.cut) == ("keyword", True)


def test_labels_of_two_writers_are_joined() -> None:
    doc = make_doc(3, by="me")
    first, second, third = (row.span for row in read_rows(doc))
    rows = [
        AspectRow(first, {"b": 0.9, "a": 0.1}),
        AspectRow(second, {}, "given"),
        AspectRow(third, {"c": 1.0}, "x", True),
    ]
    write_rows(doc, rows, ["a", "b"])
    group = doc.spans["aspects"]
    assert group.attrs == {
        "by": "me",
        "labels": ["a", "b", "c"],
        "scores": [[0.1, 0.9, 0.0], [], [0.0, 0.0, 1.0]],
        "sources": ["", "given", "x"],
        "cut": [False, False, True],
    }
    stored = next(iter(DocBin(docs=[doc]).get_docs(VOCAB)))
    assert [row[1:] for row in read_rows(stored)] == [row[1:] for row in read_rows(doc)]
    assert [row.span.text for row in read_rows(stored)] == ["soup", "road", "price"]


@given(st.lists(st.sampled_from(["category", "keyword", ""]), max_size=3))
def test_removing_a_source_leaves_the_others_in_step(sources: List[str]) -> None:
    n = len(sources)
    # As many labels as spans must not be taken for a list in step with them.
    labels = ["a", "b", "c"][:n]
    doc = make_doc(n, sources=sources, scores=[[float(i)] * n for i in range(n)], labels=labels, other=list(range(n)))
    remove_source(doc, "category")
    left = [i for i in range(n) if sources[i] != "category"]
    group = doc.spans["aspects"]
    assert [span.id_ for span in group] == [f"id{i}" for i in left]
    assert list(group.attrs["other"]) == left and list(group.attrs["labels"]) == labels
    assert [row.source for row in read_rows(doc)] == [sources[i] for i in left]
    assert list(group.attrs["scores"]) == [[float(i)] * n for i in left]


def test_rows_are_read_as_aspects() -> None:
    doc = make_doc(1)
    (row,) = read_rows(doc)
    write_rows(doc, [row.judge(["neutral", "positive"], [0.25, 0.75], False)], ["neutral", "positive"])
    (aspect,) = spacy.blank("en").add_pipe("bertsent_aspects") and doc._.aspects
    assert (aspect.text, aspect.sentiment, aspect.score) == ("soup", "positive", pytest.approx(0.75))
