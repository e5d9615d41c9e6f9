"""Which text an aspect is paired with, and how its mentions are told apart."""

from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, List, Tuple

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_bertsent.architectures.encoders import build_pair_encoder
from spacy_bertsent.architectures.listeners import build_doc_listener, build_pair_listener
from spacy_bertsent.layers.pairs import MENTIONS, count_mentions, find_cut, make_settings
from spacy_bertsent.layers.pairs import make_pairs as make_pairs_of
from spacy_bertsent.layers.pieces import PieceTokenizer, WindowSizes
from spacy_bertsent.types import AspectQuery, TextInput

from ..util import make_encoder

NLP = spacy.blank("en")
TEXT = " The soup was cold. The waiter smiled!  The price was high. "


def make_doc(sentences: bool) -> Doc:
    nlp = spacy.blank("en")
    if sentences:
        nlp.add_pipe("sentencizer")
    return nlp(TEXT)


def make_pairs(
    queries: List[AspectQuery],
    *,
    order: str = "aspect_sentence",
    context: str = "sentence",
    neighbours: int = 0,
    mention: str = "none",
) -> List[TextInput]:
    return make_pairs_of(queries, order=order, context=context, neighbours=neighbours, mention=mention)


def make_query(doc: Doc, words: str, end: str = "") -> AspectQuery:
    start = doc.text.index(words)
    stop = doc.text.index(end) + len(end) if end else start + len(words)
    return AspectQuery(doc, start, stop, words)


def test_context_is_the_sentence_without_outer_space() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "waiter")])
    assert pair == TextInput("waiter", "The waiter smiled!", long=1, focus=(4, 10))


def test_order_swaps_the_texts() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "waiter")], order="sentence_aspect")
    assert pair == TextInput("The waiter smiled!", "waiter", long=0, focus=(4, 10))


def test_context_is_the_document_without_boundaries_or_if_told() -> None:
    for doc, context in [(make_doc(False), "sentence"), (make_doc(True), "document")]:
        (pair,) = make_pairs([make_query(doc, "waiter")], context=context)
        start, end = pair.focus
        assert pair.second == TEXT.strip() and pair.second[start:end] == "waiter"


def test_aspect_over_two_sentences_has_both() -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, "cold. The waiter")])
    assert pair.second == "The soup was cold. The waiter smiled!"


def test_pairs_keep_the_order_of_the_questions() -> None:
    docs = [make_doc(True), make_doc(True)]
    queries = [make_query(docs[0], "soup"), make_query(docs[1], "price"), make_query(docs[0], "price")]
    pairs = make_pairs(queries)
    assert [pair.first for pair in pairs] == ["soup", "price", "price"]


def test_order_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS006.*'backwards'.*aspect_sentence, sentence_aspect"):
        build_pair_listener(order="backwards")


def test_context_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*context = 'page'"):
        build_pair_listener(context="page")


def test_mention_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*mention = 'bold'. Expected one of repeated, mark, position, none"):
        build_pair_listener(mention="bold")


@pytest.mark.parametrize("context, neighbours", [("sentence", -1), ("document", 1)])
def test_neighbours_must_fit_the_context(context: str, neighbours: int) -> None:
    with pytest.raises(ValueError, match=rf"BS053.*neighbours = {neighbours} with context = \"{context}\""):
        build_pair_listener(context=context, neighbours=neighbours)


def test_encoder_has_the_defaults_of_the_listener() -> None:
    from thinc.api import Model

    encoder: Any = Model("encoder", lambda model, X, is_train: (X, lambda dY: dY))
    assert build_pair_encoder(encoder).attrs["pairs"] == build_pair_listener().attrs["pairs"]
    settings = {"order": "sentence_aspect", "context": "sentence", "neighbours": 2, "mention": "mark"}
    kwargs: Any = settings
    for model in (build_pair_listener(**kwargs), build_pair_encoder(encoder, **kwargs)):
        assert model.attrs["pairs"] == settings


@pytest.mark.parametrize(
    "words, neighbours, expected",
    [
        ("waiter", 1, TEXT.strip()),
        ("soup", 1, "The soup was cold. The waiter smiled!"),
        ("price", 1, "The waiter smiled!  The price was high."),
        ("price", 5, TEXT.strip()),
    ],
)
def test_context_with_neighbours(words: str, neighbours: int, expected: str) -> None:
    doc = make_doc(True)
    (pair,) = make_pairs([make_query(doc, words)], neighbours=neighbours)
    start, end = pair.focus
    assert pair.second == expected and expected[start:end] == words
    (pair,) = make_pairs([make_query(make_doc(False), words)], neighbours=neighbours)
    assert pair.second == TEXT.strip(), "without boundaries it is the document"


@pytest.mark.parametrize("build, inputs", [(build_doc_listener, "docs"), (build_pair_listener, "queries")])
def test_listener_without_backbone_says_so(build: Any, inputs: str) -> None:
    doc = make_doc(True)
    values: List[Any] = [doc] if inputs == "docs" else [make_query(doc, "soup")]
    for is_train in (True, False):
        with pytest.raises(ValueError, match=r"BS003.*no backbone[\s\S]*'upstream' setting \('\*'"):
            build()(values, is_train)


def test_copied_listener_is_not_linked() -> None:
    class Upstream:
        pass

    upstream = Upstream()
    listener = build_doc_listener()
    listener.attrs["link"].set(upstream)
    assert listener.attrs["link"].get(listener) is upstream
    with pytest.raises(ValueError, match="BS003"):
        listener.copy().attrs["link"].get(listener)
    del upstream
    with pytest.raises(ValueError, match="BS003"):
        listener.attrs["link"].get(listener)


# Mentions

FOOD = "The food was good, but later the food was awful. Good price."


def ask(mention: str, text: str = FOOD, words: str = "food", masked: bool = False) -> List[TextInput]:
    """Pairs of all mentions of some words."""
    doc = NLP.make_doc(text)
    starts = [i for i in range(len(text)) if text.startswith(words, i)]
    return make_pairs([AspectQuery(doc, i, i + len(words), words, masked) for i in starts], mention=mention)


@pytest.mark.parametrize("mention, marks", [("none", False), ("repeated", True), ("mark", True), ("position", False)])
def test_mentions_of_one_word(mention: str, marks: bool) -> None:
    one, other = ask(mention)
    assert (one.mark, other.mark) == (marks, marks)
    assert (one.focus, other.focus) == ((4, 8), (33, 37)) and one.second == other.second == FOOD
    expected = ["food 1", "food 2"] if mention == "position" else ["food", "food"]
    assert [one.first, other.first] == expected
    (price,) = ask(mention, words="price")
    assert (price.first, price.mark) == ("price", mention == "mark"), "a word that stands there once"
    for pair in ask(mention, masked=True):
        assert (pair.first, pair.mark, pair.masked) == ("food", False, True), "the mask must not leak"


def test_repetition_is_looked_for_in_the_context_alone() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    doc = nlp("The soup was cold. The waiter smiled! No soup.")
    query = make_query(doc, "soup")
    found = {n: make_pairs([query], neighbours=n, mention="repeated")[0].mark for n in (0, 1, 2)}
    assert found == {0: False, 1: False, 2: True}


@pytest.mark.parametrize(
    "context, focus, expected",
    [
        ("the food, the food", (4, 8), (1, 2)),
        ("the food, the food", (14, 18), (2, 2)),
        ("Food and FOOD and food", (9, 13), (2, 3)),
        ("seafood and food", (12, 16), (1, 1)),
        ("seafood and food", (3, 7), (1, 2)),
        ("the caf\u00e9 and the cafe", (4, 8), (1, 2)),
        ("stra\u00dfe, strasse", (8, 15), (2, 2)),
        ("battery  life or battery\nlife", (0, 13), (1, 2)),
        ("battery or battery life", (0, 7), (1, 2)),
        ("battery or battery life", (11, 23), (1, 1)),
        ("very very very", (0, 9), (1, 2)),
        ("very very very", (5, 14), (2, 2)),
        ("C++ or C++?", (7, 10), (2, 2)),
        ("what. what.", (0, 11), (1, 1)),
        ("a  b", (1, 2), (1, 1)),
        ("", (0, 0), (1, 1)),
    ],
)
def test_count_mentions(context: str, focus: Tuple[int, int], expected: Tuple[int, int]) -> None:
    assert count_mentions(context, focus) == expected


@given(data=st.data(), words=st.lists(st.sampled_from(["food", "Food", "sea", "caf\u00e9", "cafe", "-"]), min_size=2))
def test_no_two_mentions_are_the_same_question(data: st.DataObject, words: List[str]) -> None:
    """Whatever the tokenizer makes of case and accents, two places give two questions."""
    text = data.draw(st.sampled_from([" ", ""])).join(words)
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 9)).map(lambda x: (x[0], min(len(text), sum(x))))
    one, other = data.draw(spans), data.draw(spans)
    folded = [text[a:b].lower().replace("\u00e9", "e") for a, b in (one, other)]
    if one == other or folded[0] != folded[1] or not folded[0].strip():
        return
    doc = NLP.make_doc(text)
    queries = [AspectQuery(doc, a, b, text[a:b]) for a, b in (one, other)]
    left, right = make_pairs(queries, mention="repeated")
    assert left.mark or right.mark
    assert left.focus != right.focus
    asked = [pair.first for pair in make_pairs(queries, mention="position")]
    assert len({x.lower().replace("\u00e9", "e") for x in asked}) == 2


def test_category_without_words_is_marked_where_its_context_is_wider() -> None:
    doc = make_doc(True)
    start, end = TEXT.index("The waiter"), TEXT.index("!") + 1
    query = AspectQuery(doc, start, end, "service")
    for mention in ("repeated", "mark", "position", "none"):
        (narrow,) = make_pairs([query], mention=mention)
        (wide,) = make_pairs([query], mention=mention, context="document")
        assert (narrow.first, narrow.mark) == ("service", False)
        assert (wide.first, wide.mark) == ("service", mention in ("repeated", "mark"))


def test_focus_lies_inside_the_context() -> None:
    doc = make_doc(False)
    (pair,) = make_pairs([AspectQuery(doc, 0, len(TEXT), "all")])
    assert pair.second == TEXT.strip() and pair.focus == (0, len(TEXT.strip()))


# Contexts that are too long


def make_long_queries() -> List[AspectQuery]:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    texts = ["The soup was cold.", "The soup " + "was a price " * 20 + ".", "The soup was. " + "Rude. " * 20, "soup é"]
    return [make_query(nlp(text), "soup") for text in texts]


@pytest.mark.parametrize("context, expected", [("sentence", [0, 1, 0, 0]), ("document", [0, 1, 1, 0])])
def test_find_cut(any_weights: Path, context: str, expected: List[int]) -> None:
    encoder, queries = make_encoder(any_weights), make_long_queries()
    for mention in MENTIONS:
        settings = make_settings("aspect_sentence", context, 0, mention)
        assert find_cut(encoder, queries, settings) == [bool(x) for x in expected]
        assert find_cut(encoder, [], settings) == []


def test_short_documents_are_not_encoded_to_find_cuts(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, queries = make_encoder(weights), make_long_queries()
    seen: List[int] = []
    call = PieceTokenizer.__call__

    def counted(self: PieceTokenizer, texts: List[TextInput]) -> Any:
        seen.append(len(texts))
        return call(self, texts)

    monkeypatch.setattr(PieceTokenizer, "__call__", counted)
    find_cut(encoder, queries, make_settings("aspect_sentence", "sentence", 0, "none"))
    assert seen == [2]


@given(text=st.text("the soup ", max_size=60), window=st.integers(8, 40), mention=st.sampled_from(MENTIONS))
def test_find_cut_says_what_the_rows_say(weights: Path, text: str, window: int, mention: str) -> None:
    doc = NLP.make_doc("soup " + text)
    query, settings = AspectQuery(doc, 0, 4, "soup"), make_settings("aspect_sentence", "document", 0, mention)
    tokenizer = read_tokenizer(weights)
    tokenizer.sizes = WindowSizes(window, 0)
    encoder: Any = SimpleNamespace(shims=[SimpleNamespace(encoder=SimpleNamespace(tokenizer=tokenizer))])
    ((row,),) = tokenizer(make_pairs_of([query], **settings))
    assert find_cut(encoder, [query], settings) == [row.cut]


@lru_cache(None)
def read_tokenizer(weights: Path) -> PieceTokenizer:
    return PieceTokenizer((weights / "tokenizer.json").read_text("utf8"), pad_id=0, sizes=WindowSizes(40, 0))
