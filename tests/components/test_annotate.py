"""A bad document in a batch of a head costs only itself, also in plain `nlp.pipe`."""

from pathlib import Path
from typing import Any, List

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from ..util import HEADS, TEXTS, assert_same, make_nlp


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    return make_nlp(weights, "aspects", *HEADS, "ner")


def spoil(nlp: Language, name: str, monkeypatch: pytest.MonkeyPatch) -> List[int]:
    """Let a component fail for texts with the word 'poison'. RETURNS: the sizes of its batches."""
    pipe: Any = nlp.get_pipe(name)
    predict, sizes = pipe.predict, []

    def poisoned(docs: Any) -> Any:
        docs = list(docs)
        sizes.append(len(docs))
        if any("poison" in doc.text for doc in docs):
            raise ValueError("poison")
        return predict(docs)

    monkeypatch.setattr(pipe, "predict", poisoned)
    return sizes


@pytest.mark.parametrize("name", [*HEADS, "backbone"])
def test_bad_document_costs_itself(nlp: Language, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = spoil(nlp, name, monkeypatch)
    failed: List[str] = []

    def note(_: str, pipe: Any, docs: List[Doc], error: Exception) -> None:
        assert str(error) == "poison" and len(docs) == 1
        failed.append(docs[0].text)

    monkeypatch.setattr(nlp.get_pipe(name), "error_handler", note, raising=False)
    texts = [TEXTS[0], "poison one", TEXTS[1], TEXTS[2], "poison two"]
    docs = list(nlp.pipe(texts, batch_size=4))
    assert failed == ["poison one", "poison two"]
    assert_same(docs, [nlp(text) for text in TEXTS])
    assert sizes[:5] == [4, 1, 1, 1, 1]


@pytest.mark.parametrize("name", [*HEADS, "backbone"])
def test_error_is_raised_unless_it_is_handled(nlp: Language, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(nlp, name, monkeypatch)
    with pytest.raises(ValueError, match="poison"):
        list(nlp.pipe([TEXTS[0], "poison", TEXTS[1]]))


def test_batch_without_fault_is_one_batch(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = spoil(nlp, "polarity", monkeypatch)
    list(nlp.pipe(TEXTS))
    assert sizes == [3]
