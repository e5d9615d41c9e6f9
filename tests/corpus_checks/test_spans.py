from typing import List, Sequence

import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bertsent.corpus_checks.spans import check_spans

from .util import NLP, AspectT, get_cases, get_names, make_doc

TEXT = "The soup and the soup."


@pytest.mark.parametrize(
    "aspects,expected",
    [
        ([], []),
        ([("soup", "", "positive"), ("soup@1", "", "negative")], []),
        ([("soup", "FOOD", "positive"), ("soup", "PRICE", "negative")], []),
        ([("soup", "FOOD", "positive"), ("soup", "FOOD", "negative")], ["opposed-opinions"]),
        ([("soup", "", "positive"), ("soup", "", "positive")], ["repeated-aspects"]),
        ([("soup", "", ""), ("soup", "", "")], ["aspects-without-sentiment", "repeated-aspects"]),
        ([("soup", "", ""), ("soup", "", "positive")], ["aspects-without-sentiment"]),
    ],
)
def test_opinions(aspects: Sequence[AspectT], expected: List[str]) -> None:
    findings = check_spans("train", [make_doc(TEXT, aspects=aspects)], NLP)
    assert sorted(set(get_names(findings))) == expected
    assert all(finding.total == len(aspects) for finding in findings)


def test_details() -> None:
    docs = [
        make_doc("no aspects"),
        make_doc(TEXT, aspects=[("soup", "FOOD", "positive"), ("soup", "FOOD", ""), ("soup", "FOOD", "negative")]),
        make_doc(TEXT, aspects=[(TEXT, "FOOD", "positive"), (TEXT, "FOOD", "positive")]),
    ]
    findings = check_spans("dev", docs, NLP)
    assert get_cases(findings, "opposed-opinions") == [("dev", 1, "'soup' FOOD (4 to 8) positive, negative")]
    assert get_cases(findings, "aspects-without-sentiment") == [("dev", 1, "'soup' FOOD (4 to 8)")]
    assert get_cases(findings, "repeated-aspects") == [("dev", 2, "FOOD (0 to 22) positive")]
    assert {finding.total for finding in findings} == {5}


def test_other_tokens() -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer.suffix_search = nlp.tokenizer.infix_finditer = None  # type: ignore[attr-defined]
    doc = make_doc("Cold soup. Old garden.", aspects=[("soup", "", "negative"), ("garden.", "", "neutral")])
    assert check_spans("train", [doc], NLP) == []
    findings = check_spans("train", [doc, doc], nlp)
    assert get_names(findings) == ["off-tokens"] and findings[0].total == 4
    detail = "'soup' (5 to 9) in the tokens 'soup.'"
    assert get_cases(findings, "off-tokens") == [("train", 0, detail), ("train", 1, detail)]


def test_spans_without_words() -> None:
    doc = Doc(NLP.vocab, words=["a", "\n", "b"], spaces=[False, False, False])
    spans = [Span(doc, 0, 0, label="positive"), Span(doc, 1, 2, label="positive"), Span(doc, 2, 3, label="positive")]
    doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans)
    findings = check_spans("train", [doc], NLP)
    assert get_names(findings) == ["empty-aspects"]
    details = ["characters 0 to 0", "characters 1 to 2"]
    assert get_cases(findings, "empty-aspects") == [("train", 0, detail) for detail in details]


def test_a_text_longer_than_the_pipeline_takes() -> None:
    nlp = spacy.blank("en")
    nlp.max_length = 5
    assert check_spans("train", [make_doc(TEXT, aspects=[("soup", "", "positive")])], nlp) == []
