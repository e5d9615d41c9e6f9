import argparse
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, SpanGroup

from benchmarks.peers.arguments import MINILM
from benchmarks.peers.corpora import (
    Item,
    PredictT,
    ScoresT,
    find_labels,
    make_items,
    make_predictions,
    read_docs,
    run,
)
from spacy_bertsent.evaluation.predictions import Found, get_digest, read_predictions

NLP = spacy.blank("en")
TEXT = " The soup was hot. The staff was rude."


def make_doc(text: str, cats: Optional[Dict[str, float]] = None, aspects: Optional[List[Any]] = None) -> Doc:
    """aspects (list): start_char, end_char, sentiment, category of each."""
    doc = NLP.make_doc(text)
    doc.cats = cats or {}
    if aspects is not None:
        spans = [doc.char_span(start, end, label=label, kb_id=name) for start, end, label, name in aspects]
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans)
    return doc


def make_corpus() -> List[Doc]:
    soup, staff, place = (5, 9, "positive", "FOOD"), (23, 28, "negative", ""), (0, 38, "neutral", "PLACE#GENERAL")
    unlabelled = (14, 17, "", "")
    return [
        make_doc("No aspects asked."),
        make_doc(TEXT, aspects=[staff, unlabelled, soup, place]),
        make_doc("", aspects=[]),
    ]


def test_texts_become_items() -> None:
    docs = [make_doc("Good.", {"polarity:positive": 1.0, "polarity:negative": 0.0, "emotion:joy": 1.0}), make_doc("")]
    items = make_items(docs, "polarity")
    assert items[0] == Item(0, 0, 5, "", "Good.", "", 0, {"positive": 1.0, "negative": 0.0})
    assert items[0].best == "positive"
    assert items[1] == Item(1, 0, 0, "", "", "", 0, {})
    assert [item.gold for item in make_items(docs, "emotions")] == [{"joy": 1.0}, {}]


def test_aspects_become_items_with_the_whole_text() -> None:
    text = TEXT.strip()
    assert make_items(make_corpus(), "aspect_sentiment") == [
        Item(1, 23, 28, "", "staff", text, 1, {"negative": 1.0}),
        Item(1, 5, 9, "FOOD", "soup", text, 1, {"positive": 1.0}),
        Item(1, 0, 38, "PLACE#GENERAL", "place general", text, 1, {"neutral": 1.0}),
    ]


def test_aspects_become_items_with_their_sentence() -> None:
    items = make_items(make_corpus(), "aspect_sentiment", "sentence")
    assert [(item.context, item.offset) for item in items] == [
        ("The staff was rude.", 19),
        ("The soup was hot.", 1),
        (TEXT.strip(), 1),
    ]


def test_the_focus_is_the_aspect_in_its_context() -> None:
    staff, soup, place = make_items(make_corpus(), "aspect_sentiment", "sentence")
    assert staff.focus == (4, 9)
    assert soup.focus == (4, 8)
    with pytest.raises(ValueError, match="'PLACE#GENERAL' is a category only"):
        _ = place.focus


@given(st.lists(st.text("ab .!?\n", min_size=1), min_size=1, max_size=4), st.data())
def test_the_focus_holds_the_words_of_any_aspect(parts: List[str], data: st.DataObject) -> None:
    doc = NLP.make_doc("".join(parts))
    tokens = [token for token in doc if not token.is_space]
    if not tokens:
        return
    token = data.draw(st.sampled_from(tokens))
    doc.spans["aspects"] = [doc.char_span(token.idx, token.idx + len(token), label="neutral")]
    for context in ("document", "sentence"):
        (item,) = make_items([doc], "aspect_sentiment", context)
        start, end = item.focus
        assert item.context[start:end] == item.text == token.text


def test_labels_are_ordered_as_in_the_components() -> None:
    items = make_items(make_corpus(), "aspect_sentiment")
    assert find_labels(items, "aspect_sentiment") == ["positive", "neutral", "negative"]
    docs = [make_doc("a", {"emotion:anger": 0.0, "emotion:pride": 0.0, "emotion:joy": 1.0})]
    assert find_labels(make_items(docs, "emotions"), "emotions") == ["joy", "anger", "pride"]


def test_scores_of_aspects_stand_under_their_documents() -> None:
    docs = make_corpus()
    items = make_items(docs, "aspect_sentiment")
    scores = [[0.1, 0.9], [0.75, 0.25], [0.5, 0.5]]
    predictions = make_predictions(docs, "aspect_sentiment", items, ["positive", "negative"], scores)
    assert predictions.labels == {"polarity": [], "emotions": [], "sentiment": ["positive", "negative"]}
    assert [row.digest for row in predictions.rows] == [get_digest(doc.text) for doc in docs]
    none, some, empty = (row.given for row in predictions.rows)
    assert none is None
    assert some == [
        Found(23, 28, "", [0.1, 0.9]),
        Found(5, 9, "FOOD", [0.75, 0.25]),
        Found(0, 38, "PLACE#GENERAL", [0.5, 0.5]),
    ]
    assert empty == []


@pytest.mark.parametrize("task, other", [("polarity", "emotions"), ("emotions", "polarity")])
def test_scores_of_texts_stand_in_their_rows(task: str, other: str) -> None:
    docs = [make_doc("a"), make_doc("b")]
    predictions = make_predictions(docs, task, make_items(docs, task), ["x", "y"], [[0.2, 0.8], [1 / 3, 2 / 3]])
    assert [getattr(row, task) for row in predictions.rows] == [[0.2, 0.8], [0.33333, 0.66667]]
    assert all(getattr(row, other) is None and row.given is None for row in predictions.rows)
    assert predictions.labels[task] == ["x", "y"]


def test_a_directory_is_read_by_the_names_of_its_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        DocBin(docs=[make_doc(f"{name} 1"), make_doc(f"{name} 2")]).to_disk(tmp_path / f"{name}.spacy")
    assert [doc.text for doc in read_docs(tmp_path)] == ["a 1", "a 2", "b 1", "b 2"]
    assert [doc.text for doc in read_docs(tmp_path / "b.spacy")] == ["b 1", "b 2"]


def test_a_run_trains_on_what_is_annotated_and_writes_both_files(tmp_path: Path) -> None:
    train = [make_doc("fine", {"polarity:positive": 1.0, "polarity:negative": 0.0}), make_doc("not annotated")]
    DocBin(docs=train).to_disk(tmp_path / "train.spacy")
    DocBin(docs=[make_doc("one"), make_doc("two two")]).to_disk(tmp_path / "report.spacy")
    DocBin(docs=[make_doc("three")]).to_disk(tmp_path / "select.spacy")
    args = argparse.Namespace(
        task="polarity",
        train=tmp_path / "train.spacy",
        report=tmp_path / "report.spacy",
        predictions_report=tmp_path / "out" / "report.jsonl.gz",
        select=tmp_path / "select.spacy",
        predictions_select=tmp_path / "out" / "select.jsonl",
        weights=MINILM,
    )

    def count_letters(args: argparse.Namespace, items: List[Item], labels: List[str]) -> PredictT:
        assert [item.text for item in items] == ["fine"]
        assert labels == ["positive", "negative"]

        def predict(asked: List[Item]) -> ScoresT:
            return [[len(item.text) / 10, 1 - len(item.text) / 10] for item in asked]

        return predict

    run("counter", args, count_letters, packages=["spacy"], context="document")
    report, select = (read_predictions(path) for path in (args.predictions_report, args.predictions_select))
    assert [row.polarity for row in report.rows] == [[0.3, 0.7], [0.7, 0.3]]
    assert [row.polarity for row in select.rows] == [[0.5, 0.5]]
    assert report.labels["polarity"] == ["positive", "negative"]
    assert (report.about["peer"], report.about["train_items"], report.about["texts"]) == ("counter", 1, 2)
    assert select.about["texts"] == 1
    assert report.about["versions"] == {"spacy": spacy.__version__}
    # No directory of this machine.
    assert report.about["settings"]["train"] == "train.spacy"
    assert report.about["settings"]["weights"] == MINILM
    assert str(tmp_path) not in str(report.about)
