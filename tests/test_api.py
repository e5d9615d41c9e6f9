import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, SpanGroup

from spacy_bertsent import mark_aspects, to_dict
from spacy_bertsent.extensions import get_sources

from .util import HEADS, TEXTS, make_nlp

TEXT = "The battery life is short. The Battery is old, and batteries are dear."


def make_doc(text: str = TEXT) -> Doc:
    return spacy.blank("en").make_doc(text)


def get_marked(doc: Doc) -> "list[tuple[str, int]]":
    return [(span.text, span.start_char) for span in doc.spans["aspects"]]


def test_words_are_marked_wherever_they_stand() -> None:
    doc = mark_aspects(make_doc(), ["battery"])
    assert get_marked(doc) == [("battery", 4), ("Battery", 31)], "whole words, case does not matter"
    assert all(span.label_ == "" and span.kb_id_ == "" for span in doc.spans["aspects"])


def test_offsets_and_spans_are_marked() -> None:
    doc = make_doc()
    assert mark_aspects(doc, [(4, 16), doc[5:6], [31, 38]], category="POWER") is doc
    assert get_marked(doc) == [("battery life", 4), (".", 25), ("Battery", 31)]
    assert {span.kb_id_ for span in doc.spans["aspects"]} == {"POWER"}


def test_marks_are_added_once_each() -> None:
    doc = mark_aspects(make_doc(), ["battery life"])
    mark_aspects(doc, ["old", "battery life"])
    mark_aspects(doc, ["battery life"], category="POWER")
    assert [(s.text, s.kb_id_) for s in doc.spans["aspects"]] == [
        ("battery life", ""),
        ("battery life", "POWER"),
        ("old", ""),
    ]


def test_marks_with_signs_of_regular_expressions() -> None:
    doc = mark_aspects(make_doc("Is C++ (fast) fine? C++ is."), ["C++"])
    assert get_marked(doc) == [("C++", 3), ("C++", 20)]


def test_case_may_matter() -> None:
    assert get_marked(mark_aspects(make_doc(), ["Battery"], match_case=True)) == [("Battery", 31)]
    with pytest.raises(ValueError, match="BS011"):
        mark_aspects(make_doc(), ["BATTERY"], match_case=True)


def test_words_that_are_a_part_of_tokens_are_no_mention() -> None:
    text = "Is C fine? C++ is."
    assert get_marked(mark_aspects(make_doc(text), [" C "])) == [("C", 3)]
    assert get_marked(mark_aspects(make_doc(text), ["C"], alignment_mode="contract")) == [("C", 3)]
    assert get_marked(mark_aspects(make_doc(text), ["C"], alignment_mode="expand")) == [("C", 3), ("C++", 11)]
    with pytest.raises(ValueError, match=r"BS010.*\('C'\)[\s\S]*'C\+\+'"):
        mark_aspects(make_doc("Is C++ fine?"), ["C"])


def test_offsets_off_the_tokens_may_be_aligned() -> None:
    offsets = [(5, 18)]  # "attery life i"
    assert get_marked(mark_aspects(make_doc(), offsets, alignment_mode="expand")) == [("battery life is", 4)]
    assert get_marked(mark_aspects(make_doc(), offsets, alignment_mode="contract")) == [("life", 12)]
    with pytest.raises(ValueError, match=r"BS010[\s\S]*alignment_mode=\"expand\""):
        mark_aspects(make_doc(), offsets)
    with pytest.raises(ValueError, match="BS010"):
        mark_aspects(make_doc(), [(5, 7)], alignment_mode="contract")
    with pytest.raises(ValueError, match="BS026.*'widen'. Expected one of: strict, contract, expand"):
        mark_aspects(make_doc(), offsets, alignment_mode="widen")


def test_marks_are_noted_as_given() -> None:
    doc = make_doc()
    doc.spans["aspects"] = SpanGroup(doc, spans=[doc[5:6], doc[1:3]], attrs={"sources": ["keyword", "entity"]})
    mark_aspects(doc, ["old", "battery life"])
    assert [(s.text, source) for s, source in zip(doc.spans["aspects"], get_sources(doc))] == [
        ("battery life", "entity"), (".", "keyword"), ("old", "given"),
    ]  # fmt: skip


@pytest.mark.parametrize("aspect", ["camera", "batter", "", " "])
def test_words_that_do_not_occur_are_an_error(aspect: str) -> None:
    doc = make_doc()
    with pytest.raises(ValueError, match=r"BS011.*does not occur in the text 'The battery[\s\S]*\[\(start, end\)\]"):
        mark_aspects(doc, ["old", aspect])
    assert "aspects" not in doc.spans, "nothing has changed"


@pytest.mark.parametrize("start, end", [(5, 16), (4, 15), (-1, 4), (4, 4), (16, 4), (0, 10_000)])
def test_offsets_off_the_tokens_are_an_error(start: int, end: int) -> None:
    doc = make_doc()
    with pytest.raises(ValueError, match="BS010") as error:
        mark_aspects(doc, [(start, end)])
    assert "mark_aspects(doc, [(" in str(error.value)
    if (start, end) == (5, 16):
        assert "('attery life')" in str(error.value) and "[(4, 16)]" in str(error.value)
    assert "aspects" not in doc.spans


def test_span_of_another_doc_is_an_error() -> None:
    other = make_doc()
    with pytest.raises(ValueError, match=r"BS005.*'battery life' is a span of another Doc[\s\S]*\[\(4, 16\)\]"):
        mark_aspects(make_doc(), [other[1:3]])


def test_results_as_plain_data(weights: Path) -> None:
    nlp = make_nlp(weights, "aspects", *HEADS)
    result = to_dict(nlp(TEXTS[0]))
    assert json.loads(json.dumps(result)) == result
    assert set(result) == {
        "text", "polarity", "polarity_scores", "sentiment", "emotions", "emotion_scores", "aspects",
    }  # fmt: skip
    assert result["text"] == TEXTS[0]
    places = [(a["text"], a["start_char"], a["end_char"]) for a in result["aspects"]]
    assert places == [("soup", 4, 8), ("waiter", 28, 34)]
    assert set(result["aspects"][0]) == {
        "text", "start_char", "end_char", "category", "sentiment", "score", "scores", "source", "cut",
    }  # fmt: skip
    assert [a["source"] for a in result["aspects"]] == ["keyword", "keyword"]
    assert result["sentiment"] == pytest.approx(
        result["polarity_scores"]["positive"] - result["polarity_scores"]["negative"]
    )


def test_results_of_what_the_pipeline_has(weights: Path) -> None:
    assert to_dict(make_doc("soup")) == {"text": "soup"}
    assert set(to_dict(make_nlp(weights, "polarity")("soup"))) == {"text", "polarity", "polarity_scores", "sentiment"}
    assert set(to_dict(make_nlp(weights, "emotions")("soup"))) == {"text", "emotions", "emotion_scores"}
    assert to_dict(make_nlp(weights, "aspects", "aspect_sentiment")("tea")) == {"text": "tea", "aspects": []}
