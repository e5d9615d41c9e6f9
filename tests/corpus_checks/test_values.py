from typing import Any, Dict, List

import pytest

from spacy_bertsent.corpus_checks.values import check_values

from .util import get_cases, get_names, make_doc


@pytest.mark.parametrize(
    "cats,expected",
    [
        ({"polarity:positive": 1.0, "polarity:negative": 0.0}, []),
        ({"polarity:positive": 0.7, "polarity:negative": 0.0}, []),
        ({"polarity:positive": 0.3334, "polarity:neutral": 0.3333, "polarity:negative": 0.3334}, []),
        ({"polarity:positive": 1.0, "polarity:negative": 1.0}, ["several-polarities"]),
        ({"polarity:positive": 0.8, "polarity:negative": 0.8}, ["several-polarities"]),
        ({"polarity:positive": 0.0, "polarity:negative": 0.0}, ["no-polarity"]),
        ({"emotion:joy": 1.0, "emotion:fear": 1.0}, []),
        ({"emotion:joy": 0.0}, []),
        ({"emotion:joy": 1.5}, ["invalid-values", "unannotated"]),
        ({"emotion:joy": float("nan"), "emotion:fear": 1}, ["invalid-values"]),
        ({"emotion:joy": "yes", "emotion:fear": 1}, ["invalid-values"]),
        ({"joy": 1.0}, ["unannotated", "unknown-keys"]),
        ({"emotion:": 1.0, "emotion:joy": 1.0}, ["unknown-keys"]),
        ({}, ["unannotated"]),
    ],
)
def test_cats(cats: Dict[str, Any], expected: List[str]) -> None:
    findings = check_values("train", [make_doc("The soup.", cats=cats)])
    assert get_names(findings) == expected
    assert all(finding.splits == ["train"] and finding.count == 1 for finding in findings)


def test_cases() -> None:
    docs = [
        make_doc("a", polarity="positive"),
        make_doc(" \n", polarity="positive"),
        make_doc("b", cats={"emotion:joy": -1, "spam": 1.0}),
        make_doc("c", aspects=[]),
        make_doc("", cats={"polarity:positive": 1.0, "polarity:neutral": 0.5, "polarity:negative": 0.0, "spam": 1.0}),
    ]
    findings = check_values("dev", docs)
    assert get_cases(findings, "empty-texts") == [("dev", 1, ""), ("dev", 4, "")]
    assert get_cases(findings, "invalid-values") == [("dev", 2, "emotion:joy = -1")]
    assert get_cases(findings, "several-polarities") == [("dev", 4, "positive 1, neutral 0.5")]
    assert get_cases(findings, "unknown-keys") == [("dev", None, "first in 2")]
    assert get_cases(findings, "unannotated") == [("dev", 2, "")]
    totals = {finding.name: finding.total for finding in findings}
    assert totals["empty-texts"] == 5
    assert totals["unknown-keys"] == 5  # polarity:positive, negative and neutral, emotion:joy, spam
