from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_bertsent.types import QueryScores

from ..util import KEYWORDS, ODD_TEXTS, backward, check_batches, check_storing, make_example, make_nlp, train

LABELS = ("positive", "neutral", "negative", "none")
CATEGORIES = ("FOOD", "PLACE", "PRICE", "STAFF")
SOUP, WAITER = "The soup was lovely.", "The waiter was rude."
GARDEN, PRICE, ROAD = "What a happy garden.", "The price was a price.", "A road and what?"
# text, categories as (sentence, category, sentiment)
RowT = Tuple[str, List[Tuple[str, str, str]]]
ROWS: List[RowT] = [
    (f"{SOUP} {WAITER}", [(SOUP, "FOOD", "positive"), (WAITER, "STAFF", "negative")]),
    (f"{GARDEN} {ROAD}", [(GARDEN, "PLACE", "positive"), (GARDEN, "PRICE", "negative")]),
    (PRICE, [(PRICE, "PRICE", "neutral")]),
    (ROAD, []),
]
TEXTS = [text for text, _ in ROWS]


def make_gold(nlp: Language, text: str, aspects: Any = None) -> Example:
    return make_example(nlp, text, aspects=aspects, ents=False)


def make_golds(nlp: Language, rows: Any = tuple(ROWS)) -> List[Example]:
    return [make_gold(nlp, *row) for row in rows]


def make_pipeline(weights: Path, *pipes: str, initialize: bool = True, rows: Any = tuple(ROWS), **settings: Any) -> Any:
    nlp = make_nlp(
        weights, *(pipes or ("category_sentiment",)), config={"category_sentiment": settings}, initialize=False
    )
    if initialize:
        nlp.initialize(lambda: make_golds(nlp, rows))
    return nlp


def get_pipe(nlp: Language) -> Any:
    return nlp.get_pipe("category_sentiment")


def get_found(doc: Doc) -> List[Tuple[str, str, str]]:
    """Those of the group that the component has added."""
    return [
        (span.text, span.kb_id_, span.label_)
        for span, source in zip(doc.spans["aspects"], doc.spans["aspects"].attrs["sources"])
        if source == "category"
    ]


@pytest.fixture(scope="module")
def trained(weights: Path) -> Language:
    nlp = make_pipeline(weights)
    train(nlp, make_golds(nlp), steps=60)
    return nlp


def test_builds_from_its_default_config() -> None:
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe("bertsent_category_sentiment", name="category_sentiment")
    config = nlp.config["components"]["category_sentiment"]
    assert config["model"]["tok2vec"]["@architectures"] == "spacy-bertsent.PairListener.v1"
    assert config["loss"]["@losses"] == "spacy-bertsent.CrossEntropy.v1"
    assert pipe.labels == () and pipe.categories == ()


def test_overfits_and_survives_disk_and_bytes(trained: Language, tmp_path: Path) -> None:
    for doc, (_, expected) in zip(trained.pipe(TEXTS), ROWS):
        assert get_found(doc) == expected
        group = doc.spans["aspects"]
        assert group.attrs["labels"] == list(LABELS[:3]) and len(group.attrs["scores"]) == len(group)
        for aspect, span, scores in zip(doc._.aspects, group, group.attrs["scores"]):
            assert (aspect.text, aspect.category) == (span.kb_id_.lower(), span.kb_id_)
            assert doc.text[aspect.start_char : aspect.end_char] == span.text
            assert aspect.score == aspect.scores[aspect.sentiment] == max(scores) > 0.7
            assert sum(scores) == pytest.approx(1.0, abs=1e-5) and all(type(x) is float for x in scores)
            assert (aspect.source, aspect.cut) == ("category", False)
    check_storing(trained, tmp_path, TEXTS)
    loaded = get_pipe(spacy.load(tmp_path))
    assert loaded.categories == CATEGORIES and loaded.labels == LABELS


def test_results_do_not_depend_on_batches_or_processes(trained: Language) -> None:
    check_batches(trained, TEXTS + ODD_TEXTS)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts(trained: Language, text: str) -> None:
    doc = trained(text)
    assert doc.spans["aspects"].attrs["labels"] == list(LABELS[:3]), "an empty group too"
    if not text.strip():
        assert doc._.aspects == []
    for span in doc.spans["aspects"]:
        assert span.text in [sent.text for sent in doc.sents] and span.kb_id_ in CATEGORIES
        assert span.label_ in LABELS[:3]


def test_tokens_that_disagree_with_gold(trained: Language) -> None:
    """Gold is found by its characters, and asked of the sentences of the predicted Doc."""
    reference = Doc(trained.vocab, words=["A", "road", ".", "The", "soup", "-bowl."], spaces=[1, 0, 1, 1, 0, 0])
    reference.spans["aspects"] = [Span(reference, 3, 6, "negative", kb_id="FOOD")]
    words, spaces = ["A", "road.", "The", "soup-bowl", "."], [True, True, True, False, False]
    predicted = Doc(trained.vocab, words=words, spaces=spaces, sent_starts=[True, False, True, False, False])
    pipe = get_pipe(trained)
    queries, truths, mask = pipe.truths([Example(predicted, reference)])
    asked = [predicted.text[query.start_char : query.end_char] for query in queries]
    assert asked == ["A road."] * 4 + ["The soup-bowl."] * 4 and mask.all()
    assert [query.text for query in queries] == ["food", "place", "price", "staff"] * 2
    assert [LABELS[i] for i in truths.argmax(axis=1)] == ["none"] * 4 + ["negative"] + ["none"] * 3


def test_what_is_not_annotated_leaves_no_gradient(weights: Path) -> None:
    nlp = make_pipeline(weights)
    pipe = get_pipe(nlp)
    # No group; aspects that have no category say nothing of categories.
    silent = [make_gold(nlp, SOUP), make_gold(nlp, WAITER, [("waiter", "", "negative")])]
    assert backward(nlp, silent)["category_sentiment"] == 0.0
    assert not pipe.model.get_ref("output_layer").has_grad("W")
    # An empty group says that there is none.
    queries, truths, _ = pipe.truths([*silent, make_gold(nlp, ROAD, [])])
    assert len(queries) == 4 and (truths.argmax(axis=1) == 3).all()
    # Mentioned, but nobody has said how.
    queries, truths, _ = pipe.truths([make_gold(nlp, SOUP, [(SOUP, "FOOD", "")])])
    assert [query.text for query in queries] == ["place", "price", "staff"]


def test_gold_may_say_that_a_category_is_not_mentioned(weights: Path) -> None:
    nlp = make_pipeline(weights)
    example = make_gold(nlp, SOUP, [(SOUP, "FOOD", "none"), (SOUP, "STAFF", "positive")])
    _, truths, _ = get_pipe(nlp).truths([example])
    assert [LABELS[i] for i in truths.argmax(axis=1)] == ["none", "none", "none", "positive"]
    assert get_pipe(nlp).score([example])["acsa_det_r"] == 0.0
    example.predicted.spans["aspects"] = [Span(example.predicted, 0, 5, "positive", kb_id="STAFF")]
    example.predicted.spans["aspects"].attrs["sources"] = ["category"]
    assert get_pipe(nlp).score([example])["acsa_f"] == 1.0, "the other one is no gold"


def test_unknown_label_says_what_to_do(trained: Language) -> None:
    example = make_gold(trained, SOUP, [(SOUP, "FOOD", "conflict")])
    with pytest.raises(ValueError, match=r"BS002.*'category_sentiment' does not know the label 'conflict'"):
        backward(trained, [example])


def test_gold_of_another_text_is_refused(trained: Language) -> None:
    example = make_gold(trained, SOUP, [("soup", "FOOD", "positive")])
    other = Example(trained.make_doc(PRICE), trained.make_doc(PRICE))
    other.reference = example.reference
    with pytest.raises(ValueError, match=r"BS005.*'soup' is a span of another Doc"):
        get_pipe(trained).truths([other])


def test_use_before_initialization_says_so(weights: Path) -> None:
    with pytest.raises(ValueError, match=r"BS056.*'category_sentiment' has no categories"):
        make_pipeline(weights, initialize=False)(SOUP)
    with pytest.raises(ValueError, match=r"BS008.*'category_sentiment' has no labels"):
        make_pipeline(weights, initialize=False, categories={"FOOD": ""})(SOUP)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"context": "paragraph"}, r"BS016.*context = 'paragraph'.*sentence, document"),
        ({"threshold": 1.5}, r"BS059.*threshold = 1.5.*from 0 to 1"),
        ({"negatives": -0.1}, r"BS059.*negatives = -0.1"),
        ({"model": {"tok2vec": {"context": "document"}}}, r'BS020.*a listener with context = "document"'),
    ],
)
def test_faulty_settings(weights: Path, settings: Dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_pipeline(weights, initialize=False, **settings)


# Gold


def test_categories_and_labels_come_from_the_data_or_the_settings(weights: Path) -> None:
    pipe = get_pipe(make_pipeline(weights, rows=[(SOUP, [(SOUP, "FOOD", "conflict"), ("soup", "DISH", "negative")])]))
    assert pipe.categories == ("DISH", "FOOD") and pipe.labels == ("negative", "conflict", "none")
    pipe = get_pipe(make_pipeline(weights, labels=["negative", "none", "positive"], categories={"STAFF": "the staff"}))
    assert pipe.categories == ("STAFF",) and pipe.labels == ("negative", "positive", "none")
    nlp = make_pipeline(weights, initialize=False, none_label="absent")
    nlp.config["initialize"]["components"]["category_sentiment"] = {"categories": {"PRICE": ""}, "labels": ["negative"]}
    nlp.initialize(lambda: make_golds(nlp))
    assert get_pipe(nlp).categories == ("PRICE",) and get_pipe(nlp).labels == ("negative", "absent")
    nlp.initialize(lambda: make_golds(nlp))
    assert get_pipe(nlp).labels == ("negative", "absent"), "once made, they stay"


def test_names_of_categories_are_settings(weights: Path) -> None:
    nlp = make_pipeline(
        weights, categories={"FOOD#QUALITY": "quality of the food", "DRINKS#PRICES": ""}, rows=[(SOUP, None)]
    )
    doc = nlp.make_doc(SOUP)
    assert [query.text for query in get_pipe(nlp).inputs([doc])] == ["quality of the food", "drinks prices"]
    assert nlp.config["components"]["category_sentiment"]["categories"]["FOOD#QUALITY"] == "quality of the food"
    loaded = spacy.blank("en").from_config(nlp.config.from_str(nlp.config.to_str()))
    assert get_pipe(loaded).categories == ("FOOD#QUALITY", "DRINKS#PRICES")


def test_gold_without_any_category_is_refused(weights: Path) -> None:
    rows = [(SOUP, [("soup", "", "positive")]), (ROAD, [])]
    with pytest.raises(ValueError, match=r"BS057.*none of the aspects of 1 documents has one"):
        make_pipeline(weights, rows=rows)
    with pytest.raises(ValueError, match="BS057"):
        make_pipeline(weights, rows=rows, categories={"FOOD": ""}, labels=["positive"])


def test_other_categories_than_those_of_gold_are_refused(weights: Path) -> None:
    with pytest.raises(
        ValueError, match=r"BS058.*It asks for: \['food'\]; gold has: \['FOOD', 'PLACE', 'PRICE', 'STAFF'\]"
    ):
        make_pipeline(weights, categories={"food": ""})


def test_without_gold_categories_must_be_given(weights: Path) -> None:
    with pytest.raises(ValueError, match="BS056"):
        make_pipeline(weights, rows=[(SOUP, None)])
    nlp = make_pipeline(weights, rows=[(SOUP, None)], categories={"FOOD": ""})
    assert get_pipe(nlp).labels == LABELS, "the usual ones"


def test_aspects_with_words_mention_their_category(weights: Path) -> None:
    row = (f"{SOUP} {WAITER}", [("soup", "FOOD", "positive"), (WAITER, "STAFF", "negative")])
    gold = {}
    for targets in (True, False):
        nlp = make_pipeline(weights, targets=targets)
        example = make_gold(nlp, *row)
        nlp.get_pipe("sentencizer")(example.predicted)
        _, truths, _ = get_pipe(nlp).truths([example])
        gold[targets] = [LABELS[i] for i in truths.argmax(axis=1)]
    assert gold[True] == ["positive", "none", "none", "none"] + ["none"] * 3 + ["negative"]
    assert gold[False] == ["none"] * 7 + ["negative"]


def test_text_that_was_annotated_as_a_whole(weights: Path) -> None:
    text = f"{SOUP} {WAITER}"
    rows = [(text, [(text, "FOOD", "positive")])]
    nlp = make_pipeline(weights, rows=rows)
    example = make_gold(nlp, *rows[0])
    nlp.get_pipe("sentencizer")(example.predicted)
    with pytest.warns(UserWarning, match=r'BW056.*type: context = "document" in \[components.category_sentiment\]'):
        queries, truths, _ = get_pipe(nlp).truths([example])
    assert len(queries) == 2 and (truths.argmax(axis=1) == 0).all()
    nlp = make_pipeline(weights, rows=rows, context="document")
    nlp.get_pipe("sentencizer")(example.predicted)
    (query,), _, _ = get_pipe(nlp).truths([example])
    assert (query.start_char, query.end_char) == (0, len(text))
    train(nlp, [example], steps=40)
    assert get_found(nlp(text)) == [(text, "FOOD", "positive")]


def test_share_of_negatives(weights: Path) -> None:
    nlp = make_pipeline(weights, negatives=0.5)
    pipe, examples = get_pipe(nlp), make_golds(nlp, [ROWS[0], ROWS[2], ROWS[3]] * 50)

    def draw(seed: int) -> Any:
        fix_random_seed(seed)
        queries, truths, _ = pipe.truths(examples)
        return [query.text for query in queries], truths.argmax(axis=1)

    asked, columns = draw(0)
    # Without sentence boundaries a text is one context: 4 x 150 pairs, of which 150 are mentioned.
    assert (columns != 3).sum() == 150, "what is mentioned is always learned"
    assert 180 < (columns == 3).sum() < 270
    assert draw(0)[0] == asked != draw(1)[0]
    assert backward(nlp, examples[:3])["category_sentiment"] > 0


# Writing


def write(nlp: Any, doc: Doc, *rows: List[float]) -> Doc:
    """Let the component write some probabilities."""
    scores = numpy.asarray(rows, dtype="f").reshape(-1, len(get_pipe(nlp).labels))
    get_pipe(nlp).set_annotations([doc], QueryScores(scores, [False] * len(rows)))
    return doc


@pytest.fixture
def two(weights: Path) -> Any:
    """Two categories, two sentiments and a threshold of its own."""
    rows = [(SOUP, [(SOUP, "FOOD", "positive"), (SOUP, "STAFF", "negative")])]
    return make_pipeline(weights, rows=rows, threshold=0.4)


def test_probabilities_are_those_of_what_is_mentioned(two: Any) -> None:
    doc = write(two, two.get_pipe("sentencizer")(two.make_doc(f"{SOUP} {WAITER}")),
                [0.2, 0.5, 0.3], [0.3, 0.2, 0.5], [0.6, 0.4, 0.0], [0.0, 0.0, 1.0])  # fmt: skip
    assert get_found(doc) == [(SOUP, "FOOD", "negative"), (WAITER, "FOOD", "positive")]
    numpy.testing.assert_allclose(doc.spans["aspects"].attrs["scores"], [[2 / 7, 5 / 7], [0.6, 0.4]], atol=1e-6)
    first, second = doc._.aspects
    assert (first.text, first.start_char, first.end_char) == ("food", 0, len(SOUP))
    assert first.scores == {"positive": pytest.approx(2 / 7), "negative": pytest.approx(5 / 7)}
    # The threshold is read when it is used, as `spacy find-threshold` needs it.
    get_pipe(two).cfg["threshold"] = 0.8
    assert get_found(write(two, doc, [0.2, 0.5, 0.3], [0.3, 0.2, 0.5], [0.0, 0.1, 0.9], [0.0, 0.0, 1.0])) == [
        (SOUP, "FOOD", "negative"),
        (SOUP, "STAFF", "positive"),
    ]


def test_other_aspects_and_what_is_kept_of_them_stay(two: Any) -> None:
    doc = two.make_doc(SOUP)
    doc.spans["aspects"] = [Span(doc, 1, 2, "positive", kb_id="FOOD", span_id="a1")]
    attrs = {
        "labels": ["neutral", "positive"],
        "scores": [[0.1, 0.9]],
        "sources": ["keyword"],
        "cut": [True],
        "by": "me",
    }
    doc.spans["aspects"].attrs.update(attrs)
    for _ in range(2):
        write(two, doc, [0.2, 0.8, 0.0], [0.0, 0.0, 1.0])
        assert [(a.text, a.sentiment, a.source, a.cut) for a in doc._.aspects] == [
            ("soup", "positive", "keyword", True),
            ("food", "negative", "category", False),
        ]
        group = doc.spans["aspects"]
        assert group[0].id_ == "a1" and group.attrs["by"] == "me" and group.name == "aspects"
        assert group.attrs["labels"] == ["positive", "negative", "neutral"]
        numpy.testing.assert_allclose(group.attrs["scores"], [[0.9, 0.0, 0.1], [0.2, 0.8, 0.0]], atol=1e-6)
    write(two, doc, [0.0, 0.0, 1.0], [0.0, 0.0, 1.0])
    assert [(a.text, a.score) for a in doc._.aspects] == [("soup", 0.9)]


def test_given_categories_get_their_sentiment(two: Any) -> None:
    """Whatever the model thinks of their being mentioned, and without a second one of the same."""
    doc = two.make_doc(SOUP)
    doc.spans["aspects"] = [
        Span(doc, 1, 2, kb_id="FOOD"),
        Span(doc, 0, 5, kb_id="STAFF"),
        Span(doc, 0, 5, kb_id="ROAD"),
    ]
    asked = get_pipe(two).inputs([doc])
    assert [query.text for query in asked] == ["food", "staff", "staff", "road"]
    write(two, doc, [0.0, 0.0, 1.0], [0.4, 0.6, 0.0], [0.4, 0.6, 0.0], [0.1, 0.0, 0.9])
    assert [(a.text, a.sentiment, a.source) for a in doc._.aspects] == [
        ("soup", "", ""),
        ("staff", "negative", ""),
        ("road", "positive", ""),
    ]
    assert doc._.aspects[0].scores == {}, "nobody has judged the words"
    assert len(get_pipe(two).inputs([doc])) == 2, "they have been judged"


def test_long_contexts_are_noted(trained: Language) -> None:
    get_pipe(trained).cfg["threshold"] = 1.1
    try:
        doc = trained("A very long sentence without an end " * 10 + ". " + ROAD)
    finally:
        get_pipe(trained).cfg["threshold"] = 0.5
    assert [aspect.cut for aspect in doc._.aspects] == [True] * 4 + [False] * 4


@pytest.mark.parametrize("first", ["aspect_sentiment", "category_sentiment"])
def test_both_heads_in_either_order(weights: Path, first: str) -> None:
    heads = ("aspect_sentiment", "category_sentiment")[:: 1 if first == "aspect_sentiment" else -1]
    nlp = make_pipeline(weights, "aspects", *heads, rows=ROWS, threshold=1.0)
    alone = make_pipeline(weights, "aspects", "aspect_sentiment")
    alone.get_pipe("aspect_sentiment").model.from_bytes(nlp.get_pipe("aspect_sentiment").model.to_bytes())
    doc, words = nlp(ROWS[0][0]), alone(ROWS[0][0])
    assert [(a.text, a.sentiment) for a in doc._.aspects[:2]] == [(a.text, a.sentiment) for a in words._.aspects]
    for aspect, other in zip(doc._.aspects, words._.aspects):
        assert aspect.scores == pytest.approx(other.scores, abs=1e-5)
    assert [a.category for a in doc._.aspects[2:]] == list(CATEGORIES) * 2
    assert all(sum(a.scores.values()) == pytest.approx(1.0, abs=1e-5) for a in doc._.aspects)
    before = doc._.aspects
    again = nlp(doc)._.aspects
    assert [a._replace(score=0.0, scores={}) for a in again] == [a._replace(score=0.0, scores={}) for a in before]
    for aspect, other in zip(again, before):
        assert aspect.scores == pytest.approx(other.scores, abs=1e-5)


# Scores


def test_scores_are_one_on_what_it_learned(trained: Language) -> None:
    scores = trained.evaluate(make_golds(trained))
    for key in ("acsa_p", "acsa_r", "acsa_f", "acsa_det_p", "acsa_det_r", "acsa_det_f", "acsa_acc", "acsa_sent_f"):
        assert scores[key] == 1.0, key
    assert set(scores["acsa_per_type"]) == set(LABELS[:3])


def test_scores_by_hand(trained: Language) -> None:
    """Of four gold categories one is found with another sentiment and one is not found; two are found too many."""
    rows: List[Any] = [
        (TEXTS[0], [(SOUP, "FOOD", "positive"), (WAITER, "STAFF", "positive")]),  # said to be negative
        (TEXTS[1], [(GARDEN, "PLACE", "positive"), (ROAD, "FOOD", "positive")]),  # PRICE of the garden; no FOOD
        (TEXTS[2], []),  # PRICE
        (TEXTS[3], None),
    ]
    scores = trained.evaluate(make_golds(trained, rows))
    assert scores["acsa_det_p"] == pytest.approx(3 / 5) and scores["acsa_det_r"] == pytest.approx(3 / 4)
    assert scores["acsa_p"] == pytest.approx(2 / 5) and scores["acsa_r"] == pytest.approx(2 / 4)
    assert scores["acsa_f"] == pytest.approx(4 / 9) and scores["acsa_det_f"] == pytest.approx(6 / 9)
    example = make_golds(trained, rows[1:2])[0]
    trained.get_pipe("sentencizer")(example.predicted)
    pipe = get_pipe(trained)
    # FOOD of the road is asked for all the same.
    (row,) = pipe.rate(pipe.probabilities([pipe.query(example.predicted, (21, 37), "FOOD")]))
    assert scores["acsa_acc"] == pytest.approx((2 + (row.argmax() == 0)) / 4)


def test_categories_that_are_not_asked_for_are_missed(trained: Language) -> None:
    (example,) = make_golds(trained, [(ROAD, [(ROAD, "MUSIC", "positive")])])
    scores = trained.evaluate([example])
    assert (scores["acsa_det_r"], scores["acsa_f"]) == (0.0, 0.0) and scores["acsa_acc"] in (0.0, 1.0)


def test_what_is_not_annotated_is_not_scored(trained: Language) -> None:
    scores = trained.evaluate(make_golds(trained, [(SOUP, None), (PRICE, [("price", "", "neutral")])]))
    assert [scores[key] for key in ("acsa_f", "acsa_det_f", "acsa_acc", "acsa_per_type")] == [None] * 4
    scores = trained.evaluate(make_golds(trained, [(SOUP, [(SOUP, "FOOD", "")])]))
    assert scores["acsa_acc"] is None and scores["acsa_det_p"] == 0.0, "whatever is found there is not wrong"


def test_found_categories_are_no_found_words(weights: Path) -> None:
    nlp = make_pipeline(weights, "aspects", "category_sentiment", threshold=1.0)
    scores = nlp.evaluate(make_golds(nlp, [(SOUP, [("soup", "FOOD", "positive")])]))
    assert scores["aspects_p"] == scores["aspects_r"] == 1.0 and KEYWORDS["FOOD"] == ["soup"]


def test_scoring_leaves_the_documents_alone(trained: Language) -> None:
    examples = make_golds(trained)
    get_pipe(trained).score(examples)
    assert all("aspects" not in eg.predicted.spans for eg in examples)


def test_component_without_scorer_scores_nothing(weights: Path) -> None:
    nlp = make_pipeline(weights, scorer=None)
    assert get_pipe(nlp).score(make_golds(nlp)) == {}
