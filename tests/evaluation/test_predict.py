from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bertsent.evaluation.predict import give_aspects, has_finder, predict_corpus
from spacy_bertsent.evaluation.predictions import Found, get_digest, read_predictions, round_scores, write_predictions
from spacy_bertsent.types import AspectQuery

from ..util import ROWS, make_example, make_examples, make_nlp, set_heads
from .util import LABELS, hot
from .util import make_doc as make_gold

ALL = ("aspects", "backbone", "polarity", "emotions", "aspect_sentiment")
CONFIG: Dict[str, Dict[str, Any]] = {"emotions": {"thresholds": {"joy": 0.3}}}


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    nlp = make_nlp(weights, *ALL, config=CONFIG)
    set_heads(nlp)
    return nlp


@pytest.fixture(scope="module")
def gold(nlp: Language) -> List[Doc]:
    docs = [eg.reference for eg in make_examples(nlp)]
    # No aspect, where the finder would find one; aspects not annotated; an aspect without sentiment.
    docs.append(make_example(nlp, "A soup.", "neutral", aspects=[]).reference)
    docs.append(make_example(nlp, "The garden.", "positive").reference)
    docs.append(make_example(nlp, "", "neutral", {"joy": 0.0}, []).reference)
    docs.append(
        make_example(nlp, "The road was happy.", aspects=[("road", "", ""), ("happy", "", "neutral")]).reference
    )
    return docs


def test_whole_texts(nlp: Language, gold: List[Doc]) -> None:
    found = predict_corpus(nlp, gold)
    assert found.labels == {"polarity": LABELS, "emotions": ["joy", "fear", "anger"], "sentiment": LABELS}
    assert found.thresholds == {"joy": 0.3}
    assert found.about["texts"] == len(gold) and found.about["seconds"] >= 0
    for row, reference in zip(found.rows, gold, strict=True):
        doc = nlp(reference.text)
        assert row.digest == get_digest(reference.text)
        assert row.polarity == pytest.approx(list(doc._.polarity_scores.values()), abs=2e-5)
        assert row.emotions == pytest.approx([doc.cats[f"emotion:{x}"] for x in found.labels["emotions"]], abs=2e-5)
        assert row.found is not None
        assert [(x.start_char, x.end_char, x.category) for x in row.found] == [
            (x.start_char, x.end_char, x.category) for x in doc._.aspects
        ]
        for one, aspect in zip(row.found, doc._.aspects):
            assert one.scores == pytest.approx(list(aspect.scores.values()), abs=2e-5)


def test_given_and_masked_aspects(nlp: Language, gold: List[Doc]) -> None:
    found = predict_corpus(nlp, gold)
    head: Any = nlp.get_pipe("aspect_sentiment")
    for row, reference in zip(found.rows, gold):
        if "aspects" not in reference.spans:
            assert row.given is None and row.masked is None
            continue
        assert row.given is not None and row.masked is not None
        spans = [x for x in reference.spans["aspects"] if x.label_]
        assert [(x.start_char, x.end_char, x.category) for x in row.given] == [
            (x.start_char, x.end_char, x.kb_id_) for x in spans
        ]
        assert len(row.masked) == len(row.given)
        if spans:
            doc = nlp.get_pipe("sentencizer")(nlp.make_doc(reference.text))
            queries: List[AspectQuery] = head.queries(doc, spans)
            for one, scores in zip(row.given, head.probabilities(queries)):
                assert one.scores == pytest.approx(scores.tolist(), abs=2e-5)
            queries = head.queries(doc, spans, masked=True)
            for masked, scores in zip(row.masked, head.probabilities(queries)):
                assert masked == pytest.approx(scores.tolist(), abs=2e-5)
    # The aspects of a text of one sentence cannot be told apart where they are masked.
    first = found.rows[0]
    assert first.masked is not None and first.masked[0] == first.masked[1]
    assert first.given is not None and first.given[0].scores != first.given[1].scores


def test_without_the_control(nlp: Language, gold: List[Doc]) -> None:
    found = predict_corpus(nlp, gold, masked=False, batch_size=2)
    assert {row.masked is None for row in found.rows} == {True}
    whole = predict_corpus(nlp, gold)
    assert [x.category for x in found.rows[0].given or []] == [x.category for x in whole.rows[0].given or []]


def test_files_hold_the_same(nlp: Language, gold: List[Doc], tmp_path: Path) -> None:
    found = predict_corpus(nlp, gold)
    write_predictions(found, tmp_path / "out.jsonl")
    assert read_predictions(tmp_path / "out.jsonl") == found


@pytest.mark.parametrize("existing", ["keep", "extend", "replace"])
def test_the_finder_does_not_touch_given_aspects(weights: Path, existing: str) -> None:
    keywords = {"FOOD": ["soup", "the soup"]}
    config: Dict[str, Dict[str, Any]] = {"aspects": {"keywords": keywords, "existing": existing}}
    nlp = make_nlp(weights, "aspects", "backbone", "aspect_sentiment", config=config)
    gold = [make_example(nlp, *ROWS[0]).reference]
    row = predict_corpus(nlp, gold).rows[0]
    assert [x.category for x in row.given or []] == ["FOOD", "STAFF"]
    assert [(x.start_char, x.end_char) for x in row.found or []] == [(0, 8)]


def test_a_component_that_changes_given_aspects(weights: Path) -> None:
    @Language.component("test_changes_aspects")
    def change(doc: Doc) -> Doc:
        doc.spans["aspects"] = [doc[:1]]
        return doc

    nlp = make_nlp(weights, "aspect_sentiment")
    nlp.add_pipe("test_changes_aspects", before="aspect_sentiment")
    gold = [make_example(nlp, *ROWS[0]).reference]
    with pytest.raises(ValueError, match=r"BS077.*test_changes_aspects.*The soup was lovely"):
        predict_corpus(nlp, gold)


def test_a_pipeline_of_others() -> None:
    """Only the keys on the Doc matter."""

    @Language.component("test_writes_keys")
    def write(doc: Doc) -> Doc:
        doc.cats = {"polarity:good": 0.75, "polarity:bad": 0.25, "other": 1.0}
        spans = list(doc.spans.get("aspects", [])) or [doc[1:2]]
        spans = [Span(doc, x.start, x.end, label="good", kb_id=x.kb_id_) for x in spans]
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans)
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("test_writes_keys")
    found = predict_corpus(nlp, [make_gold("The soup was cold", aspects=[(1, 2, "bad", "FOOD"), (3, 4, "bad", "")])])
    assert found.labels == {"polarity": ["good", "bad"], "emotions": [], "sentiment": ["good"]}
    row = found.rows[0]
    assert row.polarity == [0.75, 0.25] and row.emotions is None and row.masked is None
    assert row.given == [Found(4, 8, "FOOD", [1.0]), Found(13, 17, "", [1.0])]
    assert row.found == [Found(4, 8, "", [1.0])]


def test_without_a_finder_nothing_is_looked_for(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    nlp.initialize()
    doc = nlp.make_doc("The soup was a soup.")
    doc.spans["aspects"] = [Span(doc, 1, 2, label="positive")]
    (row,) = predict_corpus(nlp, [doc]).rows
    assert row.given is not None and len(row.given) == 1 and row.found is None
    assert not has_finder(nlp)
    # One that finds nothing has looked.
    nlp.add_pipe("bertsent_aspects", name="aspects", first=True)
    assert has_finder(nlp)
    (row,) = predict_corpus(nlp, [doc]).rows
    assert row.found == []
    other = spacy.blank("en")
    other.add_pipe("spancat", config={"spans_key": "aspects"})
    assert has_finder(other)
    elsewhere = spacy.blank("en")
    elsewhere.add_pipe("spancat", config={"spans_key": "found"})
    elsewhere.add_pipe("span_finder", config={"spans_key": "found"})
    assert not has_finder(elsewhere), "nobody takes aspects from that group"
    elsewhere.add_pipe("bertsent_aspects", config={"finders": ["found"]})
    assert has_finder(elsewhere)


def test_a_finder_alone() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("bertsent_aspects", config={"keywords": {"FOOD": ["soup"]}})
    found = predict_corpus(nlp, [make_gold("The soup", aspects=[(1, 2, "positive", "")]), make_gold("x")])
    assert [row.found for row in found.rows] == [[Found(4, 8, "FOOD", [])], []]
    assert [row.given for row in found.rows] == [None, None]


def test_polarity_alone(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    found = predict_corpus(nlp, [make_gold("x", aspects=[(0, 1, "positive", "")])])
    assert found.rows[0].polarity is not None
    assert found.rows[0].found is None and found.rows[0].given is None
    assert predict_corpus(nlp, []).rows == []


def test_aspects_beside_tokens_are_widened_and_keep_their_place() -> None:
    nlp = spacy.blank("en")
    words = Doc(nlp.vocab, words=["soup", "bowl", "x"], spaces=[False, True, False])
    words.spans["aspects"] = [Span(words, 0, 1, "positive", kb_id="A"), Span(words, 2, 3, "", kb_id="B")]
    doc = give_aspects(nlp.make_doc(words.text), words)
    assert [(x.text, x.kb_id_, x.label_) for x in doc.spans["aspects"]] == [("soupbowl", "A", "")]

    @Language.component("test_rates")
    def rate(doc: Doc) -> Doc:
        old = doc.spans.get("aspects", [])
        spans = [Span(doc, x.start, x.end, label="positive", kb_id=x.kb_id_) for x in old]
        attrs = {"labels": LABELS, "scores": [hot("positive", 1 / 3) for _ in spans]}
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", attrs=attrs, spans=spans)
        return doc

    nlp.add_pipe("test_rates")
    row = predict_corpus(nlp, [words]).rows[0]
    assert row.given == [Found(0, 4, "A", round_scores([1 / 3] * 3))] and row.found is None


@pytest.mark.parametrize("heads", [("category_sentiment",), ("category_sentiment", "aspect_sentiment")])
def test_categories(weights: Path, heads: Any) -> None:
    """They stand by themselves; those of gold are given like other aspects, and then no more of them are found."""
    text = "The soup was lovely. The waiter was rude."
    rows: Any = [("soup", "FOOD", "positive"), (text, "PRICE", "negative"), (text[21:], "STAFF", "negative")]
    config = {"category_sentiment": {"threshold": 1.0}}
    nlp = make_nlp(weights, "aspects", *heads, config=config, initialize=False)
    gold = [make_example(nlp, text, aspects=rows, ents=False), make_example(nlp, "A soup.", aspects=[])]
    nlp.initialize(lambda: gold)
    found = predict_corpus(nlp, [eg.reference for eg in gold])
    first, second = found.rows
    assert first.contexts == [(0, 20), (21, 41)] and second.contexts == [(0, 7)]
    assert first.categories is not None and first.found is not None and first.given is not None
    assert [x[:3] for x in first.categories] == [
        (start, end, category) for start, end in first.contexts for category in ("FOOD", "PRICE", "STAFF")
    ]
    assert [x.category for x in first.found] == ["FOOD", "STAFF"], "the words of the finder"
    assert [x.category for x in first.given] == ["FOOD", "PRICE", "STAFF"]
    # The soup has words: only the other head judges them.
    assert [sum(x.scores) > 0.99 for x in first.given] == [len(heads) > 1, True, True]
    for x in first.categories:
        assert sum(x.scores) == pytest.approx(1.0, abs=1e-4)
    assert (first.masked is None) == (len(heads) == 1)
    alone = make_nlp(weights, "category_sentiment", config=config, initialize=False)
    alone.initialize(lambda: gold)
    assert predict_corpus(alone, [eg.reference for eg in gold]).rows[0].found is None, "nobody looks for words"
