import pickle
from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from spacy_bertsent import mark_aspects, to_dict

from ..util import (
    KEYWORDS,
    ODD_TEXTS,
    ROWS,
    TEXTS,
    backward,
    check_batches,
    check_storing,
    make_example,
    make_examples,
    make_nlp,
    train,
)

LABELS = ("positive", "neutral", "negative")
# The finder knows each word once, so end to end can be perfect.
CLEAN: List[Any] = [ROWS[0], ROWS[1], ("The dark road scared us. The price was fine.", *ROWS[2][1:])]


@pytest.fixture(scope="module")
def trained(weights: Path) -> Language:
    nlp = make_nlp(weights, "aspects", "aspect_sentiment")
    train(nlp, make_examples(nlp, CLEAN), steps=60)
    return nlp


def test_builds_from_its_default_config() -> None:
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe("bertsent_aspect_sentiment", name="aspect_sentiment")
    config = nlp.config["components"]["aspect_sentiment"]
    assert config["model"]["tok2vec"]["@architectures"] == "spacy-bertsent.PairListener.v1"
    assert config["loss"]["@losses"] == "spacy-bertsent.CrossEntropy.v1" and pipe.labels == ()


def test_overfits_and_survives_disk_and_bytes(trained: Language, tmp_path: Path) -> None:
    texts = [row[0] for row in CLEAN]
    for doc, row in zip(trained.pipe(texts), CLEAN):
        assert [(a.text, a.category, a.sentiment) for a in doc._.aspects] == row[3]
        group = doc.spans["aspects"]
        assert group.attrs["labels"] == list(LABELS) and len(group.attrs["scores"]) == len(group)
        for aspect, span, scores in zip(doc._.aspects, group, group.attrs["scores"]):
            assert doc.text[aspect.start_char : aspect.end_char] == aspect.text == span.text
            assert aspect.score == aspect.scores[aspect.sentiment] == max(scores) > 0.7
            assert sum(scores) == pytest.approx(1.0, abs=1e-5) and all(type(x) is float for x in scores)
            assert (span.label_, span.kb_id_) == (aspect.sentiment, aspect.category)
    check_storing(trained, tmp_path, texts)


def test_results_do_not_depend_on_batches_or_processes(trained: Language) -> None:
    check_batches(trained)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts(trained: Language, text: str) -> None:
    doc = trained(text)
    assert len(doc._.aspects) == text.count("soup") + text.count("waiter")
    assert doc.spans["aspects"].attrs["labels"] == list(LABELS), "an empty group too"
    assert all(aspect.sentiment in LABELS for aspect in doc._.aspects)


def test_many_aspects_in_one_document(trained: Language) -> None:
    doc = trained("soup waiter " * 100)
    assert len(doc._.aspects) == 200


def test_documents_without_group_get_an_empty_one(weights: Path) -> None:
    doc = make_nlp(weights, "aspect_sentiment")(TEXTS[0])
    assert list(doc.spans["aspects"]) == [] and doc._.aspects == []


def test_tokens_that_disagree_with_gold(trained: Language) -> None:
    """Gold is found by its characters, in training and in scoring; what stands inside tokens is told."""
    reference = Doc(trained.vocab, words=["Their", "soup", "-bowl", "was", "lovely", "."], spaces=[1, 0, 1, 1, 0, 0])
    reference.spans["aspects"] = [Span(reference, 1, 2, "positive")]
    predicted = Doc(trained.vocab, words=["Their", "soup-bowl", "was", "lovely."], spaces=[1, 1, 1, 0])
    example = Example(predicted, reference)
    pipe: Any = trained.get_pipe("aspect_sentiment")
    ((query,), truths, mask) = pipe.truths([example])
    assert (query.text, query.start_char, query.end_char) == ("soup", 6, 10) and query.doc is predicted
    assert truths.tolist() == [[1.0, 0.0, 0.0]] and mask.all()
    assert backward(trained, [example])["aspect_sentiment"] > 0
    with pytest.warns(UserWarning, match=r"BW002.*1 of 1 gold aspects stand inside other tokens.*'soup'"):
        scores = pipe.score([example])
    assert scores["absa_acc"] in (0.0, 1.0)


def test_what_is_not_annotated_leaves_no_gradient(weights: Path) -> None:
    nlp = make_nlp(weights, "aspects", "aspect_sentiment")
    pipe: Any = nlp.get_pipe("aspect_sentiment")
    silent = [make_example(nlp, TEXTS[0]), make_example(nlp, TEXTS[1], aspects=[])]
    unlabelled = make_example(nlp, TEXTS[2], aspects=[("road", "PLACE", ""), ("price", "PRICE", "neutral")])
    queries, truths, mask = pipe.truths([*silent, unlabelled])
    assert [query.text for query in queries] == ["price"] and truths.tolist() == [[0.0, 1.0, 0.0]] and mask.all()
    assert backward(nlp, silent)["aspect_sentiment"] == 0.0
    assert not pipe.model.get_ref("output_layer").has_grad("W")


def test_unknown_label_says_what_to_do(trained: Language) -> None:
    example = make_example(trained, TEXTS[0], aspects=[("soup", "FOOD", "conflict")])
    with pytest.raises(ValueError, match=r"BS002.*'aspect_sentiment' does not know the label 'conflict'"):
        backward(trained, [example])


def test_gold_of_another_text_is_refused(trained: Language) -> None:
    example = make_example(trained, TEXTS[0], aspects=[("soup", "FOOD", "positive")])
    other = Example(trained.make_doc(TEXTS[1]), trained.make_doc(TEXTS[1]))
    other.reference = example.reference
    with pytest.raises(ValueError, match=r"BS005.*'soup' is a span of another Doc"):
        trained.get_pipe("aspect_sentiment").truths([other])


def test_use_before_initialization_says_so(weights: Path) -> None:
    nlp = make_nlp(weights, "aspects", "aspect_sentiment", initialize=False)
    with pytest.raises(ValueError, match=r"BS008.*'aspect_sentiment' has no labels"):
        nlp(TEXTS[0])


def test_order_of_the_pair_must_be_known(weights: Path) -> None:
    for key, code in [("order", "BS006"), ("context", "BS016")]:
        settings: Any = {"model": {"tok2vec": {key: "sideways"}}}
        with pytest.raises(ValueError, match=code):
            make_nlp(weights, "aspect_sentiment", config={"aspect_sentiment": settings})


# Scores


def test_scores_are_one_on_what_it_learned(trained: Language) -> None:
    scores = trained.evaluate(make_examples(trained, CLEAN))
    for key in ("absa_acc", "absa_f", "absa_e2e_p", "absa_e2e_r", "absa_e2e_f", "aspects_f"):
        assert scores[key] == 1.0, key
    assert set(scores["absa_per_type"]) == set(LABELS)


def test_scores_by_hand(trained: Language) -> None:
    """Five gold aspects. One is labelled otherwise than predicted; the finder misses one and finds one too many."""
    rows: List[Any] = [
        (CLEAN[0][0], None, None, [("soup", "FOOD", "positive"), ("waiter", "STAFF", "neutral")]),  # not negative
        (CLEAN[1][0], None, None, [("garden", "PLACE", "positive"), ("What", "X", "positive")]),  # "What" is not found
        (CLEAN[2][0], None, None, [("road", "PLACE", "negative")]),  # "price" is found and not there
        ("The soup is not annotated.",),
    ]
    examples = [make_example(trained, *row) for row in rows]
    (what,) = trained.get_pipe("aspect_sentiment").probabilities(
        trained.get_pipe("aspect_sentiment").truths(examples[1:2])[0][1:]
    )
    right = 3 + (what.argmax() == 0)
    scores = trained.evaluate(examples)
    assert scores["absa_acc"] == pytest.approx(right / 5)
    # End to end: soup, garden and road of five found and five in gold.
    assert scores["absa_e2e_p"] == scores["absa_e2e_r"] == scores["absa_e2e_f"] == pytest.approx(3 / 5)
    assert scores["aspects_p"] == scores["aspects_r"] == pytest.approx(4 / 5)


def test_given_aspects_are_scored_without_a_finder(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    train(nlp, make_examples(nlp, CLEAN), steps=60)
    scores = nlp.evaluate(make_examples(nlp, CLEAN))
    assert scores["absa_acc"] == scores["absa_f"] == 1.0
    assert scores["absa_e2e_f"] == 0.0
    assert nlp.evaluate([make_example(nlp, TEXTS[0])])["absa_acc"] is None


def test_scoring_leaves_the_documents_alone(trained: Language) -> None:
    examples = make_examples(trained, CLEAN)
    trained.get_pipe("aspect_sentiment").score(examples)
    assert all("aspects" not in eg.predicted.spans for eg in examples)


def test_component_without_scorer_scores_nothing(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment", config={"aspect_sentiment": {"scorer": None}})
    assert nlp.get_pipe("aspect_sentiment").score(make_examples(nlp)) == {}


# Contexts and categories


def get_pairs(nlp: Language, doc: Doc) -> List[Any]:
    from spacy_bertsent.layers.pairs import make_pairs

    pipe: Any = nlp.get_pipe("aspect_sentiment")
    settings = pipe.model.get_ref("tok2vec").attrs["pairs"]
    return [(pair.first, pair.second) for pair in make_pairs(pipe.inputs([doc]), **settings)]


def test_context_is_the_sentence_where_there_are_boundaries(trained: Language) -> None:
    assert get_pairs(trained, trained(TEXTS[2]))[:2] == [
        ("road", "The dark road scared us."),
        ("price", "The price was a price."),
    ]
    with trained.select_pipes(disable=["sentencizer"]):
        assert get_pairs(trained, trained(TEXTS[2]))[0] == ("road", TEXTS[2])


def test_context_decides_the_result(trained: Language) -> None:
    one, other = (
        trained(f"The road was there. {end}")._.aspects[0].scores["positive"] for end in ("Lovely!", "Rude and dark!")
    )
    assert one == pytest.approx(other, abs=1e-5)
    with trained.select_pipes(disable=["sentencizer"]):
        one, other = (
            trained(f"The road was there. {end}")._.aspects[0].scores["positive"]
            for end in ("Lovely!", "Rude and dark!")
        )
    assert abs(one - other) > 1e-5


def test_same_words_with_two_categories(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["aspects"] = [Span(doc, 1, 2, kb_id="FOOD"), Span(doc, 1, 2, kb_id="PRICE")]
    doc = nlp(doc)
    assert [(a.text, a.category) for a in doc._.aspects] == [("soup", "FOOD"), ("soup", "PRICE")]
    assert doc._.aspects[0].scores == doc._.aspects[1].scores, "the model is asked about the words"


def test_category_without_words_is_a_span_over_its_sentence(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    text = "It was fine. We paid too much for too little."
    doc = nlp.get_pipe("sentencizer")(nlp.make_doc(text))
    sentence = list(doc.sents)[1]
    doc.spans["aspects"] = [
        Span(doc, sentence.start, sentence.end, kb_id="FOOD#PRICES"),
        Span(doc, sentence.start, sentence.end, kb_id="SERVICE"),
    ]
    doc = nlp(doc)
    assert [(a.text, a.category) for a in doc._.aspects] == [("food prices", "FOOD#PRICES"), ("service", "SERVICE")]
    assert [(a.start_char, a.end_char) for a in doc._.aspects] == [(13, len(text))] * 2
    assert get_pairs(nlp, doc) == [("food prices", sentence.text), ("service", sentence.text)]
    assert doc._.aspects[0].scores != doc._.aspects[1].scores, "the model is asked about the category"


def test_categories_without_words_are_learned(weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    text = "We paid too much and smiled."
    rows: List[Any] = [(text, None, None, [(text, "PRICE", "negative"), (text, "SERVICE", "positive")])]
    examples = [make_example(nlp, *row, ents=False) for row in rows]
    train(nlp, examples, steps=60)
    assert nlp.evaluate(examples)["absa_acc"] == 1.0


def test_aspects_of_the_user(trained: Language) -> None:
    doc = mark_aspects(trained.make_doc(TEXTS[0]), ["lovely", (28, 34)])
    assert [aspect.text for aspect in trained(doc)._.aspects] == ["lovely", "waiter"]


def test_other_attributes_of_the_group_and_spans_stay(trained: Language) -> None:
    doc = trained.make_doc(TEXTS[0])
    doc.spans["aspects"] = [Span(doc, 1, 2, kb_id="FOOD", span_id="a1")]
    doc.spans["aspects"].attrs["source"] = "hand"
    doc = trained(doc)
    assert doc.spans["aspects"].attrs["source"] == "hand"
    assert doc.spans["aspects"][0].id_ == "a1" and doc.spans["aspects"].name == "aspects"


def test_second_run_gives_the_same(trained: Language) -> None:
    doc = trained(TEXTS[0])
    first = doc._.aspects
    assert trained(doc)._.aspects == first


# Mentions

TWICE = "The soup was lovely but the soup was rude."


def make_reader(weights: Path, **settings: Any) -> Language:
    return make_nlp(
        weights, "aspects", "aspect_sentiment", config={"aspect_sentiment": {"model": {"tok2vec": settings}}}
    )


def use_random_head(nlp: Language) -> Any:
    """A head whose scores depend on the [CLS] row."""
    pipe: Any = nlp.get_pipe("aspect_sentiment")
    layer = pipe.model.get_ref("output_layer")
    layer.set_param("W", numpy.random.RandomState(0).normal(0, 0.1, size=layer.get_param("W").shape).astype("f"))
    return pipe


@pytest.mark.parametrize("settings", [{}, {"mention": "mark"}, {"mention": "position"}], ids=str)
def test_mentions_of_one_word_are_told_apart(weights: Path, settings: Any) -> None:
    nlp = make_reader(weights, **settings)
    pipe = use_random_head(nlp)
    doc = nlp(TWICE)
    first, second = doc._.aspects
    assert first.text == second.text == "soup" and abs(first.score - second.score) > 1e-4
    masked = pipe.probabilities(pipe.queries(doc, doc.spans["aspects"], masked=True))
    assert (masked[0] == masked[1]).all(), "the control does not show which is meant"


def test_mentions_of_one_word_are_one_question_where_told(weights: Path) -> None:
    nlp = make_reader(weights, mention="none")
    use_random_head(nlp)
    first, second = nlp(TWICE)._.aspects
    assert first.scores == second.scores


def test_what_is_not_repeated_reads_as_without_marks(weights: Path) -> None:
    scores = []
    for mention in ("none", "repeated", "position"):
        nlp = make_reader(weights, mention=mention)
        use_random_head(nlp)
        scores.append([aspect.scores for aspect in nlp(TEXTS[0])._.aspects])
    assert scores[0] == scores[1] == scores[2]


def test_opposite_sentiments_of_one_word_are_learned(weights: Path) -> None:
    nlp = make_reader(weights)
    doc = nlp.make_doc(TWICE)
    gold = {"spans": {"aspects": [(4, 8, "positive", "FOOD"), (28, 32, "negative", "FOOD")]}}
    examples = [Example.from_dict(doc, gold)]
    train(nlp, examples, steps=60)
    assert nlp.evaluate(examples)["absa_acc"] == 1.0
    assert [aspect.sentiment for aspect in nlp(TWICE)._.aspects] == ["positive", "negative"]


# Contexts that are too long

LONG = "the road was a garden " * 20 + "soup."


def test_cut_contexts_are_marked_on_the_result(weights: Path, tmp_path: Path) -> None:
    nlp = make_reader(weights)
    doc = nlp(f"The soup was lovely. {LONG} The waiter was rude.")
    cut = {(aspect.text, aspect.start_char > 20): aspect.cut for aspect in doc._.aspects}
    assert cut[("soup", False)] is cut[("waiter", True)] is False
    assert cut[("soup", True)] is cut[("road", True)] is True
    assert doc.spans["aspects"].attrs["cut"] == [aspect.cut for aspect in doc._.aspects]
    assert to_dict(doc)["aspects"][0]["cut"] is False
    for stored in (
        Doc(nlp.vocab).from_bytes(doc.to_bytes()),
        pickle.loads(pickle.dumps(doc)),
        next(DocBin(docs=[doc]).get_docs(nlp.vocab)),
        next(nlp.pipe([doc.text], n_process=2)),
    ):
        assert [aspect.cut for aspect in stored._.aspects] == [aspect.cut for aspect in doc._.aspects]


def test_nothing_is_cut_in_an_empty_or_short_document(weights: Path) -> None:
    nlp = make_reader(weights)
    assert nlp("").spans["aspects"].attrs["cut"] == []
    assert nlp(TEXTS[0]).spans["aspects"].attrs["cut"] == [False, False]


def test_mark_of_an_earlier_run_does_not_stay(weights: Path) -> None:
    nlp = make_reader(weights)
    doc = nlp(TEXTS[0])
    doc.spans["aspects"].attrs["cut"] = [True, True]
    assert not any(aspect.cut for aspect in nlp(doc)._.aspects)


def test_wider_contexts_are_cut_sooner(weights: Path) -> None:
    text = "The soup was lovely. " + "What a garden. " * 20
    assert [make_reader(weights, neighbours=n)(text)._.aspects[0].cut for n in (0, 1, 20)] == [False, False, True]
    assert make_reader(weights, context="document")(text)._.aspects[0].cut


def test_replaced_listener_keeps_settings_and_marks_cuts(weights: Path, tmp_path: Path) -> None:
    nlp = make_reader(weights, mention="mark", neighbours=1)
    use_random_head(nlp)
    text = f"The soup was lovely. {LONG}"
    expected = nlp(text)._.aspects
    nlp.replace_listeners("backbone", "aspect_sentiment", ["model.tok2vec"])
    assert nlp(text)._.aspects == expected and any(aspect.cut for aspect in expected)
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(text)._.aspects == expected


def test_model_that_reads_no_pairs_cuts_nothing(weights: Path) -> None:
    nlp = make_reader(weights)
    pipe = nlp.get_pipe("aspect_sentiment")
    pipe.model.get_ref("tok2vec").attrs.pop("find_cut")
    assert not any(aspect.cut for aspect in nlp(LONG)._.aspects)


# Labels


def test_labels_come_from_the_data_the_settings_or_the_initialize_block(weights: Path) -> None:
    def labels(nlp: Language) -> Any:
        return nlp.get_pipe("aspect_sentiment").labels

    nlp = make_nlp(weights, "aspect_sentiment", initialize=False)
    rows: List[Any] = [(TEXTS[0], None, None, [("soup", "FOOD", "conflict"), ("waiter", "", "negative")])]
    nlp.initialize(lambda: make_examples(nlp, rows))
    assert labels(nlp) == ("negative", "conflict")
    nlp.initialize(lambda: make_examples(nlp))
    assert labels(nlp) == ("negative", "conflict"), "once made, they stay"
    settings: Any = {"labels": ["negative", "neutral", "positive"]}
    assert labels(make_nlp(weights, "aspect_sentiment", config={"aspect_sentiment": settings})) == LABELS[::-1]
    nlp = make_nlp(weights, "aspect_sentiment", initialize=False)
    nlp.config["initialize"]["components"]["aspect_sentiment"] = settings
    nlp.initialize(lambda: make_examples(nlp))
    assert labels(nlp) == LABELS[::-1]
    nlp = make_nlp(weights, "aspect_sentiment", initialize=False)
    nlp.initialize(lambda: [make_example(nlp, TEXTS[0])])
    assert labels(nlp) == LABELS, "the usual ones where there is no gold"


def test_gold_does_not_depend_on_the_finder(weights: Path) -> None:
    """In training the gold aspects are asked for, whatever the pipeline finds."""
    losses = []
    for keywords in (KEYWORDS, {}):
        nlp = make_nlp(weights, "aspects", "aspect_sentiment", config={"aspects": {"keywords": keywords}})
        nlp.get_pipe("aspect_sentiment").model.get_ref("output_layer").get_param("W")[:] = 0.1
        losses.append(backward(nlp, make_examples(nlp), annotates=["sentencizer", "aspects"])["aspect_sentiment"])
    assert losses[0] == pytest.approx(losses[1]) and numpy.isfinite(losses[0])
