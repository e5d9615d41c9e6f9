import pickle
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from spacy_bertsent import mark_aspects

from ..util import KEYWORDS, ODD_TEXTS, ROWS, TEXTS, check_batches, check_storing, make_example, make_examples, make_nlp

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
    # What comes after it is not needed for that, and may not be ready.
    nlp.add_pipe("tagger")
    nlp.get_pipe("aspects").add_patterns([])
    assert get_found(nlp.get_pipe("aspects")(nlp.get_pipe("attribute_ruler")(nlp.make_doc("Soups")))) == [
        ("Soups", "FOOD")
    ]


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


# Sources


def get_sourced(doc: Doc) -> List[Tuple[str, str, str]]:
    return [(aspect.text, aspect.category, aspect.source) for aspect in doc._.aspects]


PATTERNS: List[Any] = [
    {"label": "STAFF", "pattern": "the waiter"},
    {"label": "FOOD", "pattern": [{"LOWER": {"REGEX": "^soups?$"}}], "id": "soup"},
]


def make_sourced(nlp: Language) -> Doc:
    """A Doc with something for each source."""
    words = "The battery life of my Acme phone , its old screen and the camera bag".split()
    pos = "DET NOUN NOUN ADP PRON PROPN NOUN PUNCT PRON ADJ NOUN CCONJ DET NOUN NOUN".split()
    deps = "det compound ROOT prep poss compound pobj punct poss amod appos cc det compound conj".split()
    heads = [2, 2, 2, 2, 6, 6, 3, 2, 10, 10, 2, 2, 14, 14, 10]
    doc = Doc(nlp.vocab, words=words, pos=pos, deps=deps, heads=heads)
    doc.ents = [Span(doc, 5, 6, "ORG")]
    doc.spans["found"] = [Span(doc, 13, 14, "ASPECT"), Span(doc, 10, 11, "SCREEN")]
    return doc


def test_each_source_is_noted() -> None:
    config: Any = {"entities": ["*"], "noun_chunks": True, "finders": ["found"], "overlap": "source"}
    nlp = make({"BATTERY": ["battery life"]}, existing="extend", **config)
    nlp.get_pipe("aspects").add_patterns([{"label": "AGE", "pattern": [{"LOWER": "old"}], "id": "age"}])
    doc = make_sourced(nlp)
    doc.spans["aspects"] = [doc[14:15]]
    doc = nlp.get_pipe("aspects")(doc)
    assert get_sourced(doc) == [
        ("battery life", "BATTERY", "keyword"),
        ("Acme", "ORG", "entity"),
        ("old", "AGE", "pattern"),
        ("screen", "SCREEN", "finder:found"),
        ("camera", "", "finder:found"),
        ("bag", "", "given"),
    ]
    assert [span.id_ for span in doc.spans["aspects"]] == ["", "", "age", "", "", ""]


@pytest.mark.parametrize(
    "order, expected",
    [
        ([], "entity"),
        (["noun_chunk"], "noun_chunk"),
        (["noun_chunk", "entity"], "noun_chunk"),
        (["pattern", "keyword", "finder", "entity", "noun_chunk"], "entity"),
    ],
)
def test_order_of_sources(order: List[str], expected: str) -> None:
    nlp = make(entities=["ORG"], noun_chunks=True, order=order)
    doc = make_sourced(nlp)
    doc.ents = [Span(doc, 9, 11, "ORG")]
    found = {text: source for text, _, source in get_sourced(nlp.get_pipe("aspects")(doc))}
    assert found == {
        "battery life": "noun_chunk",
        "Acme phone": "noun_chunk",
        "old screen": expected,
        "camera bag": "noun_chunk",
    }


@pytest.mark.parametrize("setting", [{"order": ["keyword", "magic"]}, {"overlap": "best"}])
def test_settings_of_overlaps_must_be_known(setting: Any) -> None:
    with pytest.raises(ValueError, match=r"BS016.*(order = 'magic'|overlap = 'best'). Expected one of"):
        make(**setting)


@pytest.mark.parametrize("existing", ["keep", "extend"])
def test_spans_of_the_user_are_noted_as_given(existing: str) -> None:
    nlp = make(KEYWORDS, existing=existing)
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = [doc[3:4]]
    assert ("lovely", "", "given") in get_sourced(nlp(doc))
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = SpanGroup(
        doc, spans=[doc[3:4], doc[1:2]], attrs={"sources": ["category"], "scores": [[1.0]]}
    )
    found = get_sourced(nlp(doc))
    assert ("lovely", "", "category") in found and ("soup", "", "given") in found


def test_an_aspect_without_words_leaves_the_words_to_others() -> None:
    nlp = make(KEYWORDS, existing="extend")
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = [Span(doc, 0, len(doc), kb_id="PLACE")]
    assert get_sourced(nlp(doc)) == [
        ("place", "PLACE", "given"),
        ("soup", "FOOD", "keyword"),
        ("waiter", "STAFF", "keyword"),
    ]


def test_sources_survive_sentiment(weights: Path) -> None:
    nlp = make_nlp(
        weights, "aspects", "aspect_sentiment", config={"aspects": {"keywords": KEYWORDS, "existing": "extend"}}
    )
    doc = nlp(mark_aspects(nlp.make_doc(TEXTS[0]), ["rude"]))
    expected = [("soup", "keyword"), ("waiter", "keyword"), ("rude", "given")]
    assert [(x.text, x.source) for x in doc._.aspects] == expected and all(x.sentiment for x in doc._.aspects)
    ways = [
        Doc(nlp.vocab).from_bytes(doc.to_bytes()),
        next(iter(DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(spacy.blank("en").vocab))),
        pickle.loads(pickle.dumps(doc)),
        doc.copy(),
    ]
    for copied in ways:
        assert [(x.text, x.source) for x in copied._.aspects] == expected
    docs = [mark_aspects(nlp.make_doc(text), ["the"]) for text in TEXTS if "the" in text.lower().split()]
    alone, shared = list(nlp.pipe(x.copy() for x in docs)), list(nlp.pipe(docs, n_process=2))
    assert [[x.source for x in d._.aspects] for d in shared] == [[x.source for x in d._.aspects] for d in alone]
    assert {x.source for d in shared for x in d._.aspects} == {"given", "keyword"}


# Patterns


def test_patterns_are_found_and_stored(tmp_path: Path) -> None:
    nlp = make()
    pipe: Any = nlp.get_pipe("aspects")
    pipe.add_patterns(PATTERNS)
    assert pipe.labels == ("STAFF", "FOOD") and pipe.patterns == PATTERNS and pipe.label_data == {}
    text = "Soups for THE waiter, soup for me."
    expected = [("Soups", "FOOD"), ("THE waiter", "STAFF"), ("soup", "FOOD")]
    assert get_found(nlp(text)) == expected
    other: Any = make().get_pipe("aspects")
    assert get_found(other.from_bytes(pipe.to_bytes())(nlp.make_doc(text))) == expected
    nlp.to_disk(tmp_path)
    assert get_found(spacy.load(tmp_path)(text)) == expected
    assert get_found(pickle.loads(pickle.dumps(nlp))(text)) == expected
    with pytest.raises(ValueError, match=r"BS024.*\(pattern 2\): 'label' is not a text"):
        pipe.add_patterns([{"label": "A", "pattern": "for"}, {"pattern": "me"}])
    assert pipe.patterns == PATTERNS, "none is added"


def test_patterns_of_a_file_stay_without_it(tmp_path: Path) -> None:
    path = tmp_path / "patterns.jsonl"
    srsly.write_jsonl(path, PATTERNS)
    for patterns in (str(path), {"@readers": "srsly.read_jsonl.v1", "path": str(path)}, PATTERNS):
        nlp = make({"MOOD": ["lovely"]})
        nlp.config["initialize"]["components"]["aspects"] = {"patterns": patterns}
        nlp.initialize()
        assert nlp.get_pipe("aspects").patterns == PATTERNS
    path.write_text('{"label": "A", "pattern": {}}', "utf8")
    nlp.to_disk(tmp_path / "nlp")
    path.unlink()
    assert get_found(spacy.load(tmp_path / "nlp")(TEXTS[0])) == [
        ("soup", "FOOD"),
        ("lovely", "MOOD"),
        ("the waiter", "STAFF"),
    ]


def test_faulty_file_of_patterns(tmp_path: Path) -> None:
    path = tmp_path / "patterns.jsonl"
    path.write_text('{"label": "A", "pattern": {}}', "utf8")
    nlp = make()
    nlp.config["initialize"]["components"]["aspects"] = {"patterns": str(path)}
    with pytest.raises(ValueError, match=r"BS024.*patterns\.jsonl, line 1\)"):
        nlp.initialize()


# Finders


def test_finders_need_a_key_of_their_own() -> None:
    with pytest.raises(ValueError, match=r"BS025.*doc\.spans\['aspects'\]"):
        make(finders=["found", "aspects"])


def test_finder_that_has_not_written() -> None:
    nlp = make(KEYWORDS, finders=["found"])
    with pytest.warns(UserWarning, match=r"BW024.*doc\.spans\['found'\].*there are: \['other'\]"):
        doc = nlp.make_doc(TEXTS[0])
        doc.spans["other"] = []
        assert get_found(nlp(doc)) == [("soup", "FOOD"), ("waiter", "STAFF")]
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["found"] = []
    assert get_found(nlp(doc)) == [("soup", "FOOD"), ("waiter", "STAFF")]


def test_span_ruler_and_entity_ruler_are_finders() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("span_ruler").add_patterns([{"label": "FOOD", "pattern": [{"LOWER": "soup"}]}])
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "STAFF", "pattern": "waiter"}])
    nlp.add_pipe("bertsent_aspects", name="aspects", config={"finders": ["ruler"], "entities": ["STAFF"]})
    assert get_sourced(nlp(TEXTS[0])) == [("soup", "FOOD", "finder:ruler"), ("waiter", "STAFF", "entity")]


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
