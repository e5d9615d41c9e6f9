from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
from spacy import registry
from spacy.tokens import Doc
from spacy.vectors import Vectors
from thinc.api import Model

from spacy_bertsent.baselines.vectors import build_backbone_vectors, build_word_vectors, mean_vector
from spacy_bertsent.types import AspectQuery, Windows

from ..util import TEXTS, WIDTH, make_nlp

WORDS = {"good": [1.0, 0.0], "film": [0.0, 2.0], "food": [4.0, 4.0]}


@pytest.fixture
def nlp() -> Any:
    made = spacy.blank("en")
    for word in WORDS:
        made.vocab.strings.add(word)
    data = numpy.asarray(list(WORDS.values()), dtype="f")
    made.vocab.vectors = Vectors(strings=made.vocab.strings, data=data, keys=list(WORDS))
    return made


def test_mean_of_word_vectors_by_hand(nlp: Any) -> None:
    features = build_word_vectors(scale=False)
    rows = features.reader.predict([nlp("a Good film"), nlp("unheard"), nlp("")])
    assert [row.tolist() for row in rows] == [[0.5, 1.0], [0.0, 0.0], [0.0, 0.0]]
    numpy.testing.assert_array_equal(features.transformer.fit_transform(rows), rows)


def test_an_aspect_has_three_means(nlp: Any) -> None:
    doc = nlp("Good good film but food")
    [row] = build_word_vectors(window=1).reader.predict([AspectQuery(doc, 10, 14, "film")])
    numpy.testing.assert_allclose(row, [1.5, 1.5, 0.0, 2.0, 1.0, 0.0])
    [row] = build_word_vectors(window=1).reader.predict([AspectQuery(doc, 0, len(doc.text), "food")])
    numpy.testing.assert_allclose(row, [1.5, 1.5, 4.0, 4.0, 0.0, 0.0])


def test_columns_are_scaled(nlp: Any) -> None:
    features = build_word_vectors()
    X = features.transformer.fit_transform(features.reader.predict([nlp("good"), nlp("film"), nlp("good film")]))
    numpy.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-6)
    numpy.testing.assert_allclose(X.std(axis=0), 1, atol=1e-6)


def test_vocabulary_without_vectors_says_what_to_do() -> None:
    doc = spacy.blank("en")("good")
    with pytest.raises(ValueError, match=r"BS082[\s\S]*bertsent vectors"):
        mean_vector(list(doc), doc.vocab)


def make_reader(output: Any, width: int = 2) -> Model:
    return build_backbone_vectors(Model("given", lambda model, X, is_train: (output, None), dims={"nO": width})).reader


def test_windows_are_averaged_by_their_length(nlp: Any) -> None:
    rows: Any = numpy.asarray([[0.0, 4.0], [8.0, 0.0], [1.0, 1.0]], dtype="f")
    weights: Any = numpy.asarray([1.0, 3.0, 5.0], dtype="f")
    reader = make_reader(Windows(rows, [2, 1], weights))
    assert [row.tolist() for row in reader.predict([nlp("a"), nlp("b")])] == [[6.0, 1.0], [1.0, 1.0]]


def test_tokens_are_averaged_and_texts_without_tokens_are_zeros(nlp: Any) -> None:
    reader = make_reader([numpy.asarray([[1.0, 2.0], [3.0, 4.0]], dtype="f")])
    found = reader.predict([nlp(""), nlp("two words"), nlp("")])
    assert [row.tolist() for row in found] == [[0.0, 0.0], [2.0, 3.0], [0.0, 0.0]]
    assert reader.predict([]) == []


def test_vectors_are_those_of_the_encoder(weights: Path) -> None:
    """The [CLS] vector of an encoder that it owns, and that of the pipeline's backbone."""
    nlp = make_nlp(weights, initialize=False)
    nlp.get_pipe("backbone").initialize(lambda: [])
    docs = [nlp.make_doc(text) for text in TEXTS]
    expected = nlp.get_pipe("backbone").read_docs(None, docs, False)[0].rows
    encoder = nlp.get_pipe_config("backbone")["model"]
    own: Any = registry.resolve({"x": {"@architectures": "spacy-bertsent.DocEncoder.v1", "encoder": encoder}})["x"]
    features = build_backbone_vectors(own)
    features.reader.initialize()
    rows = features.reader.predict(docs)
    assert rows[0].shape == (WIDTH,)
    numpy.testing.assert_allclose(rows, expected, atol=1e-5)


def test_any_tok2vec_will_do() -> None:
    nlp = spacy.blank("en")
    tok2vec: Any = registry.resolve(
        {"x": {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 8, "depth": 1,
               "embed_size": 20, "window_size": 1, "maxout_pieces": 2, "subword_features": False}}
    )["x"]  # fmt: skip
    tok2vec.initialize([nlp("a film")])
    doc: Doc = nlp("a good film")
    [row] = build_backbone_vectors(tok2vec).reader.predict([doc])
    numpy.testing.assert_allclose(row, tok2vec.predict([doc])[0].mean(axis=0), rtol=1e-5)
