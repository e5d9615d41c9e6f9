import json
from typing import List

import pytest
from spacy.tokens import Doc

from spacy_bertsent.corpus_checks import Checks, check_corpora

from .util import NLP, make_doc

TRAIN = [
    make_doc("The soup was hot.", polarity="positive"),
    make_doc("The soup was hot!", polarity="negative"),
    make_doc("", polarity="positive"),
    make_doc("The road was dark and the garden was old, so we were afraid.", polarity="negative"),
]
DEV = [
    make_doc("the soup was hot", polarity="positive"),
    make_doc("The road was dark and the garden was very old, so we were afraid.", polarity="negative"),
]


@pytest.fixture
def checks() -> Checks:
    return check_corpora({"train": TRAIN, "dev": DEV}, NLP, rare=0)


def test_check_corpora(checks: Checks) -> None:
    assert {name: counts.docs for name, counts in checks.splits.items()} == {"train": 4, "dev": 2}
    assert [(finding.level, finding.name) for finding in checks.findings] == [
        ("error", "leaks"),
        ("warning", "near-leaks"),
        ("warning", "contradictory-polarity"),
        ("warning", "empty-texts"),
        ("info", "duplicates"),
    ]


def test_failures(checks: Checks) -> None:
    assert [finding.name for finding in checks.get_failures()] == ["leaks"]
    assert checks.get_failures(ignore=["leaks", "rare-labels"]) == []
    strict = checks.get_failures(strict=True, ignore=["near-leaks"])
    assert [finding.name for finding in strict] == ["leaks", "contradictory-polarity", "empty-texts"]
    with pytest.raises(ValueError, match="BS061"):
        checks.get_failures(ignore=["leek"])


def test_settings() -> None:
    names = [finding.name for finding in check_corpora({"a": TRAIN, "b": DEV}, NLP, near=False, rare=3).findings]
    assert "near-leaks" not in names and "rare-labels" in names


def test_to_dict(checks: Checks) -> None:
    data = json.loads(json.dumps(checks.to_dict()))
    assert list(data) == ["splits", "window", "findings", "skipped"]
    assert data["splits"]["dev"]["labels"]["polarity"] == {"positive": 1, "negative": 1}
    assert [finding["name"] for finding in data["findings"]][:2] == ["leaks", "near-leaks"]


def test_nothing_is_found() -> None:
    checks = check_corpora({"train": [make_doc("The soup.", polarity="positive")]}, NLP, rare=1)
    # The two polarities are the labels of `make_doc`.
    assert [(finding.name, finding.cases[0].text) for finding in checks.findings] == [("rare-labels", "negative")]


@pytest.mark.parametrize("docs", [[], ()])
def test_a_split_without_documents(docs: List[Doc]) -> None:
    with pytest.raises(ValueError, match="BS060.*'dev'"):
        check_corpora({"train": TRAIN, "dev": docs}, NLP)
