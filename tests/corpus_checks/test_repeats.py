from typing import Dict, List

from spacy.tokens import Doc

from spacy_bertsent.corpus_checks import Finding
from spacy_bertsent.corpus_checks.repeats import check_repeats, group_texts

from .util import get_cases, get_names, make_doc


def check(**splits: List[Doc]) -> List[Finding]:
    return check_repeats(splits, group_texts(splits))


def test_group_texts() -> None:
    groups = group_texts({"train": [make_doc("A b."), make_doc(" ")], "dev": [make_doc("c"), make_doc("a  B")]})
    assert {key: [str(place) for place in places] for key, places in groups.items()} == {
        "ab": ["train 0", "dev 1"],
        "c": ["dev 0"],
    }


def test_duplicates_and_leaks() -> None:
    texts: Dict[str, List[str]] = {
        "train": ["Old.", "Hot!", "hot", "HOT", "Old?", ""],
        "dev": ["new", "hot ...", "Hot"],
        "test": ["New!", "old", "", "soup"],
    }
    findings = check(**{split: [make_doc(text) for text in rows] for split, rows in texts.items()})
    assert [(finding.name, finding.splits, finding.count, finding.total) for finding in findings] == [
        ("duplicates", ["train"], 3, 6),
        ("duplicates", ["dev"], 1, 3),
        ("leaks", ["train", "dev"], 2, 3),
        ("leaks", ["train", "test"], 1, 4),
        ("leaks", ["dev", "test"], 1, 4),
    ]
    assert get_cases(findings, "duplicates") == [
        ("train", 2, "= train 1"),
        ("train", 3, "= train 1"),
        ("train", 4, "= train 0"),
        ("dev", 2, "= dev 1"),
    ]
    assert get_cases(findings, "leaks") == [
        ("dev", 1, "= train 1"),
        ("dev", 2, "= train 1"),
        ("test", 1, "= train 0"),
        ("test", 0, "= dev 0"),
    ]
    assert findings[2].cases[0].text == "hot ..."


def test_polarity() -> None:
    train = [
        make_doc("A", polarity="positive"),
        make_doc("a", cats={"polarity:positive": 0.7, "polarity:negative": 0.0}),  # the same, but weaker
        make_doc("b", polarity="positive"),
        make_doc("b", emotions={"joy": 1.0}),  # not annotated is no contradiction
        make_doc("c", polarity="positive"),
    ]
    assert get_names(check(train=train)) == ["duplicates"]
    findings = check(train=train, dev=[make_doc("C!", polarity="negative"), make_doc("d", polarity="negative")])
    found = [finding for finding in findings if finding.name == "contradictory-polarity"]
    assert [(finding.splits, finding.count, finding.total) for finding in found] == [(["train", "dev"], 1, 2)]
    detail = "positive: train 4; negative: dev 0"
    assert get_cases(findings, "contradictory-polarity") == [("train", 4, detail)]


def test_emotions() -> None:
    docs = [
        make_doc("A", emotions={"joy": 1.0, "fear": 0.0}),
        make_doc("a", emotions={"joy": 1.0, "anger": 1.0}),  # of different sets: the one that both have agrees
        make_doc("b", emotions={"joy": 1.0, "fear": 0.0, "anger": 1.0}),
        make_doc("b", emotions={"joy": 0.0, "fear": 0.0, "anger": 1.0}),
    ]
    findings = check(train=docs)
    assert get_cases(findings, "contradictory-emotions") == [("train", 2, "joy: train 2; none: train 3")]
    assert [finding.total for finding in findings if finding.name == "contradictory-emotions"] == [2]


def test_aspects() -> None:
    copies = ["The soup, the soup!", '"the  SOUP - the soup"']
    first = make_doc(copies[0], aspects=[("soup", "FOOD", "positive"), ("soup@1", "FOOD", "negative")])
    same = make_doc(copies[1], aspects=[("SOUP", "FOOD", "positive"), ("soup", "FOOD", "negative")])
    other_category = make_doc(copies[1], aspects=[("SOUP", "PRICE", "negative"), ("the", "FOOD", "negative")])
    not_annotated = make_doc(copies[1], aspects=[("SOUP", "FOOD", "")])
    assert get_names(check(train=[first, same, other_category, not_annotated, first])) == ["duplicates"]
    other = make_doc(copies[1], aspects=[("soup", "FOOD", "neutral")])
    findings = check(train=[first, same], dev=[other])
    detail = "'soup' FOOD negative: train 0 and 1 more; 'soup' FOOD neutral: dev 0"
    assert get_cases(findings, "contradictory-aspects") == [("train", 0, detail)]


def test_opinions_within_one_text_are_no_contradiction() -> None:
    both = make_doc("The soup", aspects=[("soup", "", "positive"), ("soup", "", "negative")])
    turned = make_doc("The soup", aspects=[("soup", "", "negative"), ("soup", "", "positive")])
    assert get_names(check(train=[both, turned])) == ["duplicates"]
    assert "contradictory-aspects" in get_names(
        check(train=[both, make_doc("The soup", aspects=[("soup", "", "positive")])])
    )
