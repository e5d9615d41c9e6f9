import itertools
import weakref
from collections import Counter
from pathlib import Path
from typing import Iterator, List

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_bertsent.rollup import Row, count_aspects

from .util import LABELS, NLP, AspectT, make_doc

TEXT = "The soup, the Soup2, a waiter and the price."


def make_docs() -> List[Doc]:
    return [
        make_doc("The soup was good.", [("soup", "positive", "FOOD")], [[0.7, 0.2, 0.1]]),
        make_doc("Nothing to say."),
        make_doc(
            "The Soup was bad. The waiter was rude.",
            [("Soup", "negative", "FOOD"), ("waiter", "negative", "STAFF")],
            [[0.1, 0.3, 0.6], [0.0, 0.1, 0.9]],
        ),
        make_doc("Not annotated.", None),
        make_doc("Soup and a soup.", [("Soup", "neutral", "FOOD"), ("soup", "positive", "")], [[0.2, 0.7, 0.1]] * 2),
    ]


def test_counts_shares_and_means() -> None:
    rollup = count_aspects(make_docs())
    assert (rollup.texts, rollup.annotated, rollup.mentioning, rollup.lemmatised) == (5, 4, 3, 0)
    assert rollup.sentiments == LABELS
    assert [(row.aspect, row.category, row.count, row.documents) for row in rollup.rows] == [
        ("soup", "", 4, 3),
        ("waiter", "", 1, 1),
    ]
    soup, total = rollup.rows[0], rollup.total
    assert soup.counts == {"positive": 2, "neutral": 1, "negative": 1} and soup.unrated == 0
    assert [soup.get_share(label) for label in LABELS] == [0.5, 0.25, 0.25] and soup.net == 0.25
    assert soup.get_mean_score("positive") == pytest.approx((0.7 + 0.1 + 0.2 + 0.2) / 4)
    assert soup.get_mean_score("negative") == pytest.approx((0.1 + 0.6 + 0.1 + 0.1) / 4)
    assert soup.forms == {"soup": 2, "Soup": 2}
    assert (total.count, total.documents, total.net) == (5, 3, 0.0) and not total.examples


def test_by_category_and_by_both() -> None:
    by_category = count_aspects(make_docs(), by="category")
    assert [(row.aspect, row.category, row.count) for row in by_category.rows] == [
        ("", "FOOD", 3),
        ("", "", 1),
        ("", "STAFF", 1),
    ]
    both = count_aspects(make_docs(), by="both")
    assert [(row.aspect, row.category, row.count) for row in both.rows] == [
        ("soup", "FOOD", 3),
        ("soup", "", 1),
        ("waiter", "STAFF", 1),
    ]


def test_lemmas_join_plurals() -> None:
    def make(words: List[str], lemmas: List[str]) -> Doc:
        doc = Doc(NLP.vocab, words=words, lemmas=lemmas)
        doc.spans["aspects"] = [doc[1:2]]
        return doc

    docs = [make(["Two", "Batteries"], ["two", "battery"]), make(["A", "battery"], ["a", "battery"])]
    rollup = count_aspects(docs)
    assert [(row.aspect, row.count) for row in rollup.rows] == [("battery", 2)] and rollup.lemmatised == 2
    assert rollup.rows[0].forms == {"Batteries": 1, "battery": 1}


def test_examples_are_the_first_ones() -> None:
    docs = [(make_doc(f"Soup number {i}.", [("Soup", "positive", "")]), f"id{i}") for i in range(5)]
    (row,) = count_aspects(docs, examples=2).rows
    assert [(x.document, x.text) for x in row.examples["positive"]] == [
        ("id0", "Soup number 0."),
        ("id1", "Soup number 1."),
    ]
    assert row.examples.keys() == {"positive"} and not count_aspects(docs, examples=0).rows[0].examples


def test_gold_has_no_scores_and_may_lack_sentiments() -> None:
    docs = [
        make_doc("The soup.", [("soup", "positive", "")]),
        make_doc("A soup.", [("soup", "", "")]),
        make_doc("A lamp.", [("lamp", "", "")]),
    ]
    lamp, soup = count_aspects(docs, sort="name").rows
    assert soup.get_mean_score("positive") is None and soup.get_share("positive") == 1.0
    assert (soup.count, soup.rated, soup.unrated, soup.net) == (2, 1, 1, 1.0)
    assert [x.text for x in soup.examples[""]] == ["A soup."]
    assert lamp.net is None and lamp.interval is None and lamp.get_share("positive") is None


def test_five_sentiments() -> None:
    labels = ["very negative", "negative", "neutral", "positive", "very positive", "mixed"]
    docs = [make_doc("The soup.", [("soup", label, "")]) for label in labels]
    rollup = count_aspects([*docs, docs[0]])
    assert rollup.sentiments == ["very positive", "positive", "neutral", "negative", "very negative", "mixed"]
    assert (rollup.total.positive, rollup.total.negative) == (2, 3) and rollup.total.net == pytest.approx(-1 / 7)


SORTED = {
    "count": ["price", "soup", "waiter", "lamp"],
    "negative": ["waiter", "price", "soup", "lamp"],
    "positive": ["price", "soup", "lamp", "waiter"],
    "name": ["lamp", "price", "soup", "waiter"],
}
SENTIMENTS = {
    "soup": ["positive", "neutral", "negative"],
    "price": ["negative", "positive", "positive"],
    "waiter": ["negative", "negative"],
    "lamp": ["positive"],
}


@pytest.mark.parametrize("sort", SORTED)
def test_order(sort: str) -> None:
    docs = [make_doc(f"A {name}.", [(name, x, "")]) for name, found in SENTIMENTS.items() for x in found]
    assert [row.aspect for row in count_aspects(docs, sort=sort).rows] == SORTED[sort]
    assert [row.aspect for row in count_aspects(reversed(docs), sort=sort).rows] == SORTED[sort]


def test_rare_rows_are_left_out_and_counted() -> None:
    docs = [make_doc(f"A {name}.", [(name, x, "")]) for name, found in SENTIMENTS.items() for x in found]
    rollup = count_aspects(docs, min_count=3, per_doc=True)
    assert [row.aspect for row in rollup.rows] == ["price", "soup"]
    assert [(row.aspect, row.count) for row in rollup.left_out] == [("waiter", 2), ("lamp", 1)]
    assert rollup.total.count == 9
    assert [[row.aspect for row in x.rows] for x in rollup.documents] == [["soup"]] * 3 + [["price"]] * 3


def test_tables_of_documents() -> None:
    rollup = count_aspects(make_docs(), per_doc=True)
    assert [document.id for document in rollup.documents] == ["1", "3", "5"]
    second, third = rollup.documents[1:]
    assert [(row.aspect, row.count, row.documents, row.net) for row in second.rows] == [
        ("soup", 1, 1, -1.0),
        ("waiter", 1, 1, -1.0),
    ]
    assert [(row.aspect, dict(row.counts)) for row in third.rows] == [("soup", {"neutral": 1, "positive": 1})]
    assert count_aspects(make_docs()).documents == []


def test_pairs_of_a_pipe() -> None:
    pairs = [(doc, {"any": 1} if i else "first") for i, doc in enumerate(make_docs())]
    rollup = count_aspects(pairs, per_doc=True)
    assert [document.id for document in rollup.documents] == ["first", "{'any': 1}", "{'any': 1}"]


def test_stored_documents_give_the_same() -> None:
    data = DocBin(docs=make_docs()).to_bytes()
    assert count_aspects(DocBin().from_bytes(data).get_docs(Vocab())) == count_aspects(make_docs())


def test_no_documents() -> None:
    rollup = count_aspects([])
    assert rollup.rows == [] and rollup.sentiments == [] and rollup.total == Row() and rollup.texts == 0


@pytest.mark.parametrize("name, value", [("by", "word"), ("sort", "net")])
def test_unknown_choice(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"BS033.*'{value}' of --{name}. Expected one of"):
        count_aspects(iter(()), **{name: value})  # type: ignore[arg-type]


class Mark:
    """Something on a document that can be watched."""


def test_documents_are_not_kept() -> None:
    alive: weakref.WeakSet[Mark] = weakref.WeakSet()
    most = []

    def make() -> Iterator[Doc]:
        for i in range(200):
            doc = make_doc(f"The soup and the thing{i}.", [("soup", "positive", ""), (f"thing{i}", "negative", "")])
            doc.user_data["mark"] = Mark()
            alive.add(doc.user_data["mark"])
            most.append(len(alive))
            yield doc

    rollup = count_aspects(make(), per_doc=True)
    assert rollup.total.count == 400 and max(most) <= 3


WORDS = ["soup", "Soup2", "waiter", "price"]
ASPECTS = st.tuples(
    st.sampled_from(WORDS), st.sampled_from(["positive", "neutral", "negative", ""]), st.sampled_from(["A", "B", ""])
)


@given(st.lists(st.lists(ASPECTS, max_size=5), max_size=6), st.sampled_from(["aspect", "category", "both"]))
def test_every_mention_is_counted_once(rows: List[List[AspectT]], by: str) -> None:
    docs = [make_doc(TEXT, aspects) for aspects in rows]
    rollup = count_aspects(docs, by=by, min_count=2, per_doc=True, examples=100)
    flat = list(itertools.chain.from_iterable(rows))
    every = [*rollup.rows, *rollup.left_out]
    assert rollup.total.count == len(flat) == sum(row.count for row in every)
    assert sum(row.unrated for row in every) == sum(not sentiment for _, sentiment, _ in flat)
    assert +rollup.total.counts == Counter(sentiment for _, sentiment, _ in flat if sentiment)
    for row in rollup.rows:
        own = [
            x
            for document in rollup.documents
            for x in document.rows
            if (x.aspect, x.category) == (row.aspect, row.category)
        ]
        assert sum(x.count for x in own) == row.count and len(own) == row.documents
        assert sum(map(len, row.examples.values())) == row.count
        if row.rated:
            assert sum(row.get_share(label) or 0.0 for label in LABELS) == pytest.approx(1.0)
            assert row.net is not None and -1 <= row.net <= 1


def test_same_input_same_output(tmp_path: Path) -> None:
    runs = [count_aspects(make_docs(), by="both", per_doc=True) for _ in range(2)]
    assert runs[0] == runs[1] and repr(runs[0]) == repr(runs[1])
