from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from ..util import KEYWORDS, ODD_TEXTS, ROWS, TEXTS, check_batches, check_storing, make_example, make_examples

FoundT = List[Tuple[str, str]]


def make(keywords: Optional[Dict[str, List[str]]] = None, **settings: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("bertsent_aspects", name="aspects", config={"keywords": keywords or {}, **settings})
    return nlp


def get_found(doc: Doc) -> FoundT:
    assert all(span.label_ == "" for span in doc.spans["aspects"])
    return [(span.text, span.kb_id_) for span in doc.spans["aspects"]]


def test_builds_from_its_default_config() -> None:
    nlp = make()
    assert nlp.config["components"]["aspects"]["existing"] == "keep"
    assert get_found(nlp(TEXTS[0])) == [], "the group says that there are none"


def test_finds_keywords_and_survives_disk_and_bytes(tmp_path: Path) -> None:
    nlp = make(KEYWORDS)
    assert get_found(nlp(TEXTS[0])) == [("soup", "FOOD"), ("waiter", "STAFF")]
    assert get_found(nlp("THE SOUP, the Soup")) == [("SOUP", "FOOD"), ("Soup", "FOOD")]
    check_storing(nlp, tmp_path)
    pipe: Any = nlp.get_pipe("aspects")
    other: Any = make().get_pipe("aspects")
    other.from_bytes(pipe.to_bytes())
    assert other.cfg == pipe.cfg and other.labels == ("FOOD", "STAFF", "PLACE", "PRICE")


def test_results_do_not_depend_on_batches_or_processes() -> None:
    check_batches(make(KEYWORDS))


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts(text: str) -> None:
    assert len(get_found(make(KEYWORDS)(text))) == text.count("soup") + text.count("waiter")


def test_tokens_that_disagree_with_gold_are_scored_by_characters() -> None:
    nlp = make(KEYWORDS)
    example = make_example(nlp, TEXTS[0], aspects=ROWS[0][3], ents=False)
    example.reference = Doc(nlp.vocab, words=list(TEXTS[0]), spaces=[False] * len(TEXTS[0]))
    spans = [Span(example.reference, 4, 8, "positive", kb_id="FOOD"), Span(example.reference, 28, 33, "negative")]
    example.reference.spans["aspects"] = spans
    scores = nlp.evaluate([example])
    assert (scores["aspects_p"], scores["aspects_r"]) == (0.5, 0.5)


def test_scores_are_one_on_what_it_knows() -> None:
    nlp = make(KEYWORDS)
    scores = nlp.evaluate(make_examples(nlp, ROWS[:2]))
    assert (scores["aspects_p"], scores["aspects_r"], scores["aspects_f"]) == (1.0, 1.0, 1.0)
    assert nlp.evaluate([make_example(nlp, TEXTS[0])])["aspects_f"] is None


def test_documents_annotated_with_none_count() -> None:
    nlp = make(KEYWORDS)
    scores = nlp.evaluate([make_example(nlp, TEXTS[0], aspects=[]), *make_examples(nlp, ROWS[:1])])
    assert scores["aspects_p"] == 0.5 and scores["aspects_r"] == 1.0


def test_longest_of_overlapping_finds_stands() -> None:
    nlp = make({"PHONE": ["phone", "phone camera"], "CAMERA": ["camera", "camera lens"]})
    assert get_found(nlp("The phone camera is new.")) == [("phone camera", "PHONE")]
    # Of two that are as long as each other, the first.
    assert get_found(nlp("The phone camera lens is new.")) == [("phone camera", "PHONE")]


def test_same_words_under_two_categories_are_two_aspects() -> None:
    nlp = make({"FOOD": ["soup"], "PRICE": ["soup", "price"]})
    assert get_found(nlp("The soup and the price.")) == [("soup", "FOOD"), ("soup", "PRICE"), ("price", "PRICE")]


def test_keywords_may_have_no_category() -> None:
    assert get_found(make({"": ["soup"]})(TEXTS[0])) == [("soup", "")]


def test_match_can_be_exact() -> None:
    nlp = make({"FOOD": ["soup"]}, phrase_matcher_attr="ORTH")
    assert get_found(nlp("Soup, soup")) == [("soup", "FOOD")]


def test_match_can_be_by_lemma() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("attribute_ruler").add([[{"LOWER": "soups"}]], {"LEMMA": "soup"})
    nlp.get_pipe("attribute_ruler").add([[{"LOWER": "soup"}]], {"LEMMA": "soup"})
    config = {"keywords": {"FOOD": ["soup"]}, "phrase_matcher_attr": "LEMMA"}
    nlp.add_pipe("bertsent_aspects", name="aspects", config=config)
    assert get_found(nlp("Two soups, one soup")) == [("soups", "FOOD"), ("soup", "FOOD")]


def make_parsed(nlp: Language) -> Doc:
    words = ["My", "old", "phone", "has", "a", "bright", "screen", "and", "it", "sings"]
    pos = ["PRON", "ADJ", "NOUN", "VERB", "DET", "ADJ", "NOUN", "CCONJ", "PRON", "VERB"]
    deps = ["poss", "amod", "nsubj", "ROOT", "det", "amod", "dobj", "cc", "nsubj", "conj"]
    return Doc(nlp.vocab, words=words, pos=pos, deps=deps, heads=[2, 2, 3, 3, 6, 6, 3, 3, 9, 3])


def test_noun_chunks_need_a_parser() -> None:
    nlp = make(noun_chunks=True)
    assert get_found(nlp("My old phone has a bright screen")) == []
    assert get_found(nlp.get_pipe("aspects")(make_parsed(nlp))) == [("old phone", ""), ("bright screen", "")]
    assert get_found(make().get_pipe("aspects")(make_parsed(nlp))) == []


def test_keywords_come_before_entities_before_chunks() -> None:
    nlp = make({"SCREEN": ["bright screen"]}, entities=["*"], noun_chunks=True)
    doc = make_parsed(nlp)
    doc.ents = [Span(doc, 1, 3, "PRODUCT"), Span(doc, 5, 7, "THING")]
    found = get_found(nlp.get_pipe("aspects")(doc))
    assert found[0] == ("old phone", "PRODUCT")
    # The same words under two categories: both stand, the chunk does not.
    assert found[1:] == [("bright screen", "SCREEN"), ("bright screen", "THING")]


ENTITIES: List[Any] = [(["ORG"], ["Acme"]), (["*"], ["Acme", "Rome"]), ([], []), (["GPE"], ["Rome"])]


@pytest.mark.parametrize("wanted, expected", ENTITIES)
def test_entities_of_the_named_labels(wanted: List[str], expected: List[str]) -> None:
    nlp = make(entities=wanted)
    doc = nlp.make_doc("Acme of Rome")
    doc.ents = [Span(doc, 0, 1, "ORG"), Span(doc, 2, 3, "GPE")]
    assert [text for text, _ in get_found(nlp.get_pipe("aspects")(doc))] == expected


@pytest.mark.parametrize(
    "existing, expected",
    [
        ("keep", [("lovely", "MOOD")]),
        ("extend", [("soup", "FOOD"), ("lovely", "MOOD"), ("waiter", "STAFF")]),
        ("replace", [("soup", "FOOD"), ("waiter", "STAFF")]),
    ],
)
def test_what_happens_to_spans_of_the_user(existing: str, expected: FoundT) -> None:
    nlp = make(KEYWORDS, existing=existing)
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = [Span(doc, 3, 4, kb_id="MOOD")]
    assert get_found(nlp(doc)) == expected


def test_extension_does_not_overlap_what_is_there() -> None:
    nlp = make(KEYWORDS, existing="extend")
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = [Span(doc, 0, 3, kb_id="MINE")]
    assert get_found(nlp(doc)) == [("The soup was", "MINE"), ("waiter", "STAFF")]


def test_what_to_do_with_existing_spans_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*existing = 'merge'. Expected one of keep, extend, replace"):
        make(existing="merge")


# Initialization


def test_keywords_from_the_initialize_block() -> None:
    nlp = make({"FOOD": ["stew"]})
    nlp.config["initialize"]["components"]["aspects"] = {"keywords": {"FOOD": ["soup"]}}
    nlp.initialize()
    assert get_found(nlp(TEXTS[0] + " Stew.")) == [("soup", "FOOD")]
    assert nlp.get_pipe("aspects").label_data == {"FOOD": ["soup"]}


def test_keywords_from_gold() -> None:
    nlp = make({"DISH": ["Soup"]})
    rows: List[Any] = [
        *ROWS,
        ("A waiter here", None, None, [("waiter", "STAFF", "positive")]),
        ("A waiter there", None, None, [("waiter", "SERVICE", "positive")]),
        ("No gold here", None, None, None),
    ]
    nlp.config["initialize"]["components"]["aspects"] = {"from_gold": True}
    nlp.initialize(lambda: make_examples(nlp, rows))
    assert nlp.get_pipe("aspects").label_data == {
        "DISH": ["Soup"], "PLACE": ["garden", "road"], "PRICE": ["price"], "STAFF": ["waiter"],
    }  # fmt: skip
    assert get_found(nlp(TEXTS[0])) == [("soup", "DISH"), ("waiter", "STAFF")]


def test_words_that_are_seldom_an_aspect_are_not_taken_from_gold() -> None:
    nlp = make({})
    rows: List[Any] = [
        ("A new look for the bar", None, None, [("look", "DESIGN", "positive"), ("bar", "PLACE", "positive")]),
        ("I look forward to the bar", None, None, []),
        ("Look at the wine bar", None, None, [("wine bar", "PLACE", "neutral")]),
    ]
    nlp.config["initialize"]["components"]["aspects"] = {"from_gold": True}
    nlp.initialize(lambda: make_examples(nlp, rows))
    # "look" stands three times and is an aspect once; the "bar" of "wine bar" is part of a longer phrase.
    assert nlp.get_pipe("aspects").label_data == {"PLACE": ["bar", "wine bar"]}


def test_settings_stay_without_initialize_block() -> None:
    nlp = make(KEYWORDS)
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.get_pipe("aspects").label_data == KEYWORDS


def test_error_goes_to_the_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = make(KEYWORDS)
    pipe: Any = nlp.get_pipe("aspects")
    seen: List[Any] = []
    pipe.set_error_handler(lambda name, proc, docs, error: seen.append((name, type(error))))
    monkeypatch.setattr(pipe, "find", lambda doc: 1 / 0)
    nlp(TEXTS[0])
    assert seen == [("aspects", ZeroDivisionError)]
