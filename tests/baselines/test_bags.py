from typing import Any, List

import numpy
import pytest
import spacy
from spacy import registry

from spacy_bertsent.baselines.bags import build_bag_of_words, build_tf_idf, make_ngrams, make_term_reader
from spacy_bertsent.types import AspectQuery

NLP = spacy.blank("en")


def test_ngrams() -> None:
    doc = NLP("A bad Bad film")
    assert make_ngrams(list(doc), 1, True) == ["a", "bad", "bad", "film"]
    assert make_ngrams(list(doc), 3, False) == [
        "A", "bad", "Bad", "film", "A bad", "bad Bad", "Bad film", "A bad Bad", "bad Bad film",
    ]  # fmt: skip
    assert make_ngrams([], 2, True) == []


def test_terms_of_an_aspect_are_kept_apart() -> None:
    doc = NLP("Not a good phone at all")
    query = AspectQuery(doc, 11, 16, "phone")
    [terms] = make_term_reader(2, True, 2).predict([query])
    assert terms.split("\n") == [
        "not", "a", "good", "phone", "at", "all", "not a", "a good", "good phone", "phone at", "at all",
        "aspect\tphone", "near\ta", "near\tgood", "near\ta good", "near\tat", "near\tall", "near\tat all",
    ]  # fmt: skip


def count(features: Any, texts: List[str]) -> Any:
    X = features.transformer.fit_transform(features.reader.predict([NLP(text) for text in texts]))
    return list(features.transformer.get_feature_names_out()), X.toarray()


def test_bag_of_words_by_hand() -> None:
    texts = ["good good film", "Bad film", ""]
    names, table = count(build_bag_of_words(binary=False), texts)
    assert names == ["bad", "film", "good"] and table.tolist() == [[0, 1, 2], [1, 1, 0], [0, 0, 0]]
    names, table = count(build_bag_of_words(), texts)
    assert table.tolist() == [[0, 1, 1], [1, 1, 0], [0, 0, 0]]
    names, table = count(build_bag_of_words(ngram_size=2, min_docs=2, lower=False), [*texts, "good film", "bad film"])
    assert names == ["film", "good", "good film"]


def test_tf_idf_by_hand() -> None:
    names, table = count(build_tf_idf(ngram_size=1, min_docs=1), ["good good film", "bad film"])
    # 1 + log(count), times 1 + log((1 + texts) / (1 + texts with the word)), then length 1.
    rare = 1 + numpy.log(3 / 2)
    row = numpy.asarray([0.0, 1.0, (1 + numpy.log(2)) * rare])
    assert names == ["bad", "film", "good"]
    numpy.testing.assert_allclose(table[0], row / numpy.linalg.norm(row))


def test_words_that_were_not_seen_are_nothing() -> None:
    features = build_tf_idf(min_docs=1)
    count(features, ["good film", "bad film"])
    row = features.transformer.transform(features.reader.predict([NLP("quite unheard"), NLP("")]))
    assert row.nnz == 0


@pytest.mark.parametrize("name", ["bag_of_words", "tf_idf"])
def test_features_are_registered(name: str) -> None:
    features = registry.misc.get(f"spacy-bertsent.{name}.v1")(ngram_size=3, window=1)
    assert dict(features.reader.attrs) == {"ngram_size": 3, "lower": True, "window": 1}
