import logging
from typing import Any, Dict, Iterator, List

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_bertsent.readers import make_finder_corpus

NLP = spacy.blank("en")


def make_corpus(*docs: Doc) -> Any:
    def corpus(nlp: Language) -> Iterator[Example]:
        for doc in docs:
            yield Example(nlp.make_doc(doc.text), doc)

    return corpus


def make_gold() -> Doc:
    doc = NLP.make_doc("The crab soup and the soup bowl of Anna")
    doc.ents = [Span(doc, 8, 9, "PERSON")]
    doc.spans["aspects"] = [
        Span(doc, 1, 3, "positive", kb_id="FOOD"),
        Span(doc, 1, 3, "negative", kb_id="PRICE"),
        Span(doc, 2, 3, "positive"),
        Span(doc, 5, 7, "neutral"),
        Span(doc, 0, 9, "neutral", kb_id="PLACE"),
    ]
    return doc


def get_spans(spans: Any) -> List[Any]:
    return [(span.text, span.label_) for span in spans]


def test_spans_are_copied_and_the_others_stay() -> None:
    doc = make_gold()
    before = doc.to_bytes()
    (example,) = make_finder_corpus(make_corpus(doc))(NLP)
    assert get_spans(example.reference.spans["found"]) == [
        ("crab soup", "ASPECT"), ("soup", "ASPECT"), ("soup bowl", "ASPECT"),
    ]  # fmt: skip
    assert len(example.reference.spans["aspects"]) == 5 and example.reference.spans["aspects"][1].kb_id_ == "PRICE"
    assert get_spans(example.reference.ents) == [("Anna", "PERSON")]
    assert example.predicted.text == doc.text and "aspects" not in example.predicted.spans
    assert doc.to_bytes() == before, "the document of the corpus is not changed"


def test_categories_are_labels_if_asked() -> None:
    (example,) = make_finder_corpus(make_corpus(make_gold()), "candidates", categories=True)(NLP)
    assert get_spans(example.reference.spans["candidates"]) == [
        ("crab soup", "FOOD"), ("soup", "ASPECT"), ("soup bowl", "ASPECT"),
    ]  # fmt: skip


def test_entities_do_not_overlap_and_take_the_place_of_others() -> None:
    (example,) = make_finder_corpus(make_corpus(make_gold()), "", ents=True)(NLP)
    assert get_spans(example.reference.ents) == [("crab soup", "ASPECT"), ("soup bowl", "ASPECT")]
    assert list(example.reference.spans) == ["aspects"]
    assert all(token.ent_iob_ for token in example.reference), "what is no aspect is annotated as none"


@pytest.mark.parametrize("spans_key, expected", [("found", 1), ("", 2)])
def test_texts_without_annotation(spans_key: str, expected: int) -> None:
    blank, none = NLP.make_doc("Not annotated"), NLP.make_doc("No aspects")
    none.spans["aspects"] = []
    examples = list(make_finder_corpus(make_corpus(blank, none), spans_key, ents=True)(NLP))
    assert len(examples) == expected
    assert examples[-1].reference.text == "No aspects" and list(examples[-1].reference.ents) == []
    assert {token.ent_iob_ for token in examples[-1].reference} == {"O"}
    if not spans_key:
        # spaCy's recognizer knows what is not annotated.
        assert {token.ent_iob_ for token in examples[0].reference} == {""}


def test_what_is_left_out_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    corpus = make_finder_corpus(make_corpus(make_gold(), NLP.make_doc("Not annotated")), ents=True)
    with caplog.at_level(logging.INFO, logger="spacy"):
        next(iter(corpus(NLP)))
        assert not caplog.messages, "not all was read"
        list(corpus(NLP))
        list(corpus(NLP))
    assert caplog.messages == [
        "Gold aspects for a finder: 3; left out: aspects without words (1), overlapping aspects (1), repeated aspects "
        "(1), texts without annotation (1)"
    ]


def test_registered_reader(tmp_path: Any) -> None:
    from spacy.tokens import DocBin
    from spacy.util import registry

    DocBin(docs=[make_gold()]).to_disk(tmp_path / "gold.spacy")
    inner = {"@readers": "spacy.Corpus.v1", "path": str(tmp_path / "gold.spacy"), "gold_preproc": False}
    block: Dict[str, Any] = {"@readers": "spacy-bertsent.finder_corpus.v1", "corpus": inner, "ents": True}
    resolved = registry.resolve({"corpus": block})["corpus"]
    (example,) = resolved(NLP)
    assert len(example.reference.spans["found"]) == 3 and len(example.reference.ents) == 2
