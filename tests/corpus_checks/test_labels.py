from pathlib import Path

import pytest

from spacy_bertsent.corpus_checks.counts import SplitCounts, count_split
from spacy_bertsent.corpus_checks.labels import check_known, check_labels

from ..util import make_nlp
from .util import NLP, get_cases, get_names, make_doc


@pytest.fixture
def train() -> SplitCounts:
    docs = [make_doc("a", polarity="positive", emotions={"joy": 1.0, "fear": 1.0, "trust": 0.0})] * 3
    docs.append(make_doc("a b", polarity="negative", emotions={"joy": 1.0}, aspects=[("a", "A", "positive")]))
    return count_split(docs)


def test_rare(train: SplitCounts) -> None:
    assert check_labels({"train": train}, rare=0) == []
    (finding,) = check_labels({"train": train}, rare=4)
    assert (finding.name, finding.splits, finding.total) == ("rare-labels", ["train"], 2 + 3 + 1)
    assert [(case.text, case.detail) for case in finding.cases] == [
        ("positive", "polarity, 3 examples"),
        ("negative", "polarity, 1 examples"),
        ("fear", "emotions, 3 examples"),
        ("trust", "emotions, 0 examples"),
        ("positive", "aspect_sentiment, 1 examples"),
    ]


def test_labels_of_one_split_only(train: SplitCounts) -> None:
    dev = count_split([make_doc("a", emotions={"trust": 1.0, "anger": 1.0, "hope": 0.0})])
    findings = check_labels({"train": train, "dev": dev}, rare=0)
    assert get_names(findings) == ["unseen-labels", "unmeasured-labels"]
    unseen, unmeasured = findings
    assert unseen.splits == unmeasured.splits == ["train", "dev"]
    assert [(case.split, case.text) for case in unseen.cases] == [("dev", "trust"), ("dev", "anger")]
    assert unseen.text == "Labels of 'dev' that 'train' has no example of: 2 of 3"
    # Polarity and aspects are not annotated in 'dev': nothing to be said of their labels.
    assert [(case.split, case.text) for case in unmeasured.cases] == [("train", "joy"), ("train", "fear")]
    assert unmeasured.text == "Labels of 'train' that 'dev' has no example of: 2 of 3"


def test_equal_splits(train: SplitCounts) -> None:
    assert check_labels({"train": train, "dev": train, "test": train}, rare=0) == []


def test_labels_of_a_pipeline(weights: Path, train: SplitCounts) -> None:
    assert check_known({"train": train}, NLP) == []
    config = {"polarity": {"labels": ["positive", "negative"]}}
    nlp = make_nlp(weights, "polarity", config=config, initialize=False)
    assert check_known({"train": train}, nlp) == []
    nlp.add_pipe("bertsent_emotions", name="moods", config={"labels": ["joy", "trust"]})
    nlp.add_pipe("bertsent_aspect_sentiment")  # no labels yet: any will do
    findings = check_known({"train": train, "dev": count_split([make_doc("a", emotions={"joy": 1.0})])}, nlp)
    assert get_names(findings) == ["unknown-labels"]
    assert get_cases(findings, "unknown-labels") == [("train", None, "emotions, 3 examples")]
    assert findings[0].cases[0].text == "fear" and findings[0].total == 5
