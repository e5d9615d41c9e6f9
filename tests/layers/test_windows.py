"""Windows of long texts: their own logits, their characters."""

from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.ml.models.tok2vec import build_hash_embed_cnn_tok2vec

from spacy_bertsent.architectures.heads import build_doc_head
from spacy_bertsent.layers.encoders import doc_encoder
from spacy_bertsent.layers.pieces import Row
from spacy_bertsent.layers.windows import find_offsets, predict_windows
from spacy_bertsent.types import EncoderInput, LongText, TextInput

from ..util import make_encoder

NLP = spacy.blank("en")
# Each word is a piece: windows of 40 hold 38 of them and share 8.
LONG = "a " * 100 + "soup"
WINDOWS = [(0, 75), (60, 135), (120, 195), (180, 204)]


def make_model(weights: Path, **settings: Any) -> Any:
    model = build_doc_head(doc_encoder(make_encoder(weights, **settings)), dropout=0.0, nO=3)
    model.initialize(X=[NLP.make_doc("a")], Y=numpy.zeros((1, 3), dtype="f"))
    rng = numpy.random.RandomState(0)
    model.get_ref("output_layer").set_param("W", rng.normal(size=(3, 32)).astype("f"))
    return model


def predict(model: Any, texts: List[str]) -> Any:
    return predict_windows(model, [NLP.make_doc(text) for text in texts], len(texts))


def test_windows_follow_the_texts_with_their_own_logits(weights: Path) -> None:
    model = make_model(weights)
    texts = ["soup", LONG, "", "a b " + LONG]
    logits, long = predict(model, texts)
    assert [text.place for text in long] == [1, 3] and not any(text.truncated for text in long)
    assert long[0].windows == WINDOWS
    assert [LONG[start:end] for start, end in WINDOWS][-1] == "a a a a a a a a a a soup"
    docs = [NLP.make_doc(text) for text in texts]
    numpy.testing.assert_allclose(logits[:4], model.predict(docs), atol=1e-6)
    read = model.get_ref("tok2vec").predict(docs)
    assert read.lengths == [1, 4, 1, 4]
    rows = numpy.concatenate([read.rows[1:5], read.rows[6:10]])
    output = model.get_ref("output_layer")
    expected = rows @ output.get_param("W").T + output.get_param("b")
    numpy.testing.assert_allclose(logits[4:], expected, atol=1e-5)


def test_a_window_gives_what_its_words_alone_give(weights: Path) -> None:
    model = make_model(weights)
    logits, _ = predict(model, [LONG])
    alone, long = predict(model, [LONG[start:end] for start, end in WINDOWS])
    assert long == []
    numpy.testing.assert_allclose(logits[1:], alone, atol=1e-5)


def test_only_the_first_texts_are_asked_for(weights: Path) -> None:
    model = make_model(weights)
    logits, long = predict_windows(model, [NLP.make_doc("soup"), NLP.make_doc(LONG)], 1)
    assert long == [] and logits.shape == (2, 3)


@pytest.mark.parametrize("max_windows", [1, 2, 3])
def test_text_that_is_cut_short_says_so(weights: Path, max_windows: int) -> None:
    model = make_model(weights, max_windows=max_windows)
    fitting = "a " * 37 + "soup"
    logits, long = predict(model, ["soup", fitting, LONG])
    assert long == [LongText(2, WINDOWS[:max_windows], True)]
    assert logits.shape == (3 + max_windows, 3)


def test_text_that_has_just_as_many_windows_is_not_cut(weights: Path) -> None:
    (long,) = predict(make_model(weights, max_windows=4), [LONG])[1]
    assert long == LongText(0, WINDOWS, False)


def test_plain_tok2vec_has_no_windows() -> None:
    tok2vec = build_hash_embed_cnn_tok2vec(
        width=8, depth=1, embed_size=50, window_size=1, maxout_pieces=2, subword_features=True, pretrained_vectors=False
    )
    model = build_doc_head(tok2vec, dropout=0.0, nO=2)
    docs = [NLP.make_doc(LONG)]
    model.initialize(X=docs)
    logits, long = predict_windows(model, docs, 1)
    assert long == []
    numpy.testing.assert_array_equal(logits, model.predict(docs))


def test_window_ends_behind_the_accents_of_its_last_letter() -> None:
    row = Row([2, 5, 6, 3], [0] * 4, 2, [(0, 0), (0, 1), (2, 3), (0, 0)])
    assert find_offsets("a e\u0301\u0323 b", row) == (0, 5)
    assert find_offsets("a", Row([2, 3], [0, 0], 1, [(0, 0), (0, 0)])) == (0, 0)


@pytest.fixture(scope="module")
def model(any_weights: Path) -> Any:
    return make_model(any_weights, window=12, overlap=3)


@given(words=st.lists(st.sampled_from(["soup", "xyz", "caf\u00e9", "\U0001f600", "\n", "the", "!?"]), max_size=30))
def test_windows_cover_the_text(model: Any, words: List[str]) -> None:
    text = " ".join(words)
    _, long = predict(model, [text])
    n_pieces = model.get_ref("tok2vec").layers[0].predict(EncoderInput([TextInput(text)])).windows.lengths[0]
    assert bool(long) == (n_pieces > 1)
    if long:
        windows = long[0].windows
        assert len(windows) == n_pieces
        assert windows == sorted(windows) and len(set(windows)) == len(windows)
        covered = {i for start, end in windows for i in range(start, end)}
        assert {i for i, char in enumerate(text) if not char.isspace()} <= covered
        assert all(left[1] >= right[0] for left, right in zip(windows, windows[1:]))
