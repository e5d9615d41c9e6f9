"""What the sentiment of aspects and of categories have in common."""

from pathlib import Path
from typing import Any, List

import pytest
from spacy.tokens import Doc

from spacy_bertsent import mark_aspects

from ..util import TEXTS, make_nlp


def make_docs(nlp: Any, repeat: int = 1) -> List[Doc]:
    return [mark_aspects(nlp.make_doc(" ".join(["The soup was lovely."] * repeat)), [(4, 8)]) for _ in range(2)]


def test_answers_stand_in_the_order_of_the_questions(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    head = nlp.get_pipe("aspect_sentiment")
    short, long = make_docs(nlp)[0], make_docs(nlp, repeat=100)[0]
    found = head.predict([short, nlp.make_doc(TEXTS[0]), long])
    assert found.scores.shape == (2, 3) and found.cut == [False, True]
    assert found.scores.sum(axis=1).tolist() == pytest.approx([1, 1])
    alone = head.predict([long])
    assert alone.scores[0].tolist() == pytest.approx(found.scores[1].tolist(), abs=1e-4) and alone.cut == [True]


def test_no_questions_no_answers(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    found = nlp.get_pipe("aspect_sentiment").predict([nlp.make_doc(TEXTS[0])])
    assert found.scores.shape == (0, 3) and found.cut == []


def test_questions_of_a_batch_are_made_once(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    head = nlp.get_pipe("aspect_sentiment")
    asked: List[int] = []
    inputs = head.inputs
    monkeypatch.setattr(head, "inputs", lambda docs: (asked.append(len(docs)), inputs(docs))[1])
    docs = list(head.pipe(make_docs(nlp)))
    assert asked == [2] and all(doc._.aspects[0].sentiment for doc in docs)


def test_a_reader_that_cuts_nothing(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    head = nlp.get_pipe("aspect_sentiment")
    for node in head.model.walk():
        node.attrs.pop("find_cut", None)
    assert head.predict(make_docs(nlp, repeat=100)).cut == [False, False]
