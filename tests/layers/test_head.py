"""Heads: windows are combined as the formulas say, and the gradient is theirs."""

import re
from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import build_hash_embed_cnn_tok2vec
from spacy.tokens import Doc
from thinc.api import Linear, Model, chain

from spacy_bertsent.architectures.heads import build_doc_head, build_pair_head
from spacy_bertsent.layers.head import COMBINE, window_head
from spacy_bertsent.types import Windows


def make_head(combine: str) -> Model[Any, Any]:
    head = window_head(Linear(2, 3), combine)
    head.initialize()
    rng = numpy.random.RandomState(1)
    head.layers[0].set_param("W", rng.normal(size=(2, 3)).astype("f"))
    head.layers[0].set_param("b", rng.normal(size=(2,)).astype("f"))
    return head


def make_windows(seed: int = 0) -> Windows:
    rows = numpy.random.RandomState(seed).normal(size=(6, 3)).astype("f")
    return Windows(rows, [1, 3, 2], numpy.asarray([5, 10, 10, 4, 8, 2], dtype="f"))


def test_mean_weighs_windows_by_their_pieces() -> None:
    head, windows = make_head("mean"), make_windows()
    logits = windows.rows @ head.layers[0].get_param("W").T + head.layers[0].get_param("b")
    expected = numpy.stack(
        [
            logits[0],
            (10 * logits[1] + 10 * logits[2] + 4 * logits[3]) / 24,
            (8 * logits[4] + 2 * logits[5]) / 10,
        ]
    )
    numpy.testing.assert_allclose(head.predict(windows), expected, rtol=1e-5)


def test_max_takes_the_best_window_of_each_label() -> None:
    head, windows = make_head("max"), make_windows()
    logits = windows.rows @ head.layers[0].get_param("W").T + head.layers[0].get_param("b")
    expected = numpy.stack([logits[0], logits[1:4].max(axis=0), logits[4:].max(axis=0)])
    numpy.testing.assert_allclose(head.predict(windows), expected, rtol=1e-5)


def test_mean_of_softmax_is_that_of_the_probabilities() -> None:
    head, windows = make_head("mean_softmax"), make_windows()
    logits = windows.rows @ head.layers[0].get_param("W").T + head.layers[0].get_param("b")
    p = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
    expected = [p[0], (10 * p[1] + 10 * p[2] + 4 * p[3]) / 24, (8 * p[4] + 2 * p[5]) / 10]
    found = numpy.exp(head.predict(windows))
    numpy.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), expected, rtol=1e-5)


def test_mean_of_sigmoid_is_that_of_the_probabilities() -> None:
    head, windows = make_head("mean_sigmoid"), make_windows()
    logits = windows.rows @ head.layers[0].get_param("W").T + head.layers[0].get_param("b")
    p = 1 / (1 + numpy.exp(-logits))
    expected = [p[0], (10 * p[1] + 10 * p[2] + 4 * p[3]) / 24, (8 * p[4] + 2 * p[5]) / 10]
    numpy.testing.assert_allclose(1 / (1 + numpy.exp(-head.predict(windows))), expected, rtol=1e-5)


@pytest.mark.parametrize("combine", COMBINE)
def test_large_logits_stay_finite(combine: str) -> None:
    head = make_head(combine)
    rows = numpy.asarray([[300, 0, 0], [-300, 0, 0], [1, 2, 3]], dtype="f")
    Y, backprop = head.begin_update(Windows(rows, [2, 1], numpy.asarray([1, 1, 5], dtype="f")))
    assert numpy.isfinite(Y).all() and numpy.isfinite(backprop(numpy.ones_like(Y)).rows).all()


@pytest.mark.parametrize("combine", COMBINE)
def test_windows_that_agree_give_what_one_gives(combine: str) -> None:
    head = make_head(combine)
    row = make_windows().rows[:1]
    one = head.predict(Windows(row, [1], numpy.asarray([5], dtype="f")))
    three = head.predict(Windows(row[[0, 0, 0]], [3], numpy.asarray([5, 9, 1], dtype="f")))
    if combine == "mean_softmax":
        one = one - numpy.log(numpy.exp(one).sum())  # the same probabilities
    numpy.testing.assert_allclose(three, one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("combine", COMBINE)
def test_one_window_each_is_the_plain_layer(combine: str) -> None:
    head = make_head(combine)
    rows = make_windows().rows[:2]
    windows = Windows(rows, [1, 1], numpy.asarray([3, 9], dtype="f"))
    numpy.testing.assert_allclose(head.predict(windows), head.layers[0].predict(rows), rtol=1e-6)


@pytest.mark.parametrize("combine", COMBINE)
def test_gradient_is_that_of_finite_differences(combine: str) -> None:
    head, windows = make_head(combine), make_windows()
    d_logits = numpy.random.RandomState(2).normal(size=(3, 2)).astype("f")
    _, backprop = head.begin_update(windows)
    d_windows = backprop(d_logits)
    assert d_windows.lengths == windows.lengths

    def loss() -> float:
        return float((head.predict(windows).astype("d") * d_logits).sum())

    def slope(array: Any, index: Any, step: float = 1e-2) -> float:
        old = array[index]
        array[index] = old + step
        high = loss()
        array[index] = old - step
        low = loss()
        array[index] = old
        return (high - low) / (2 * step)

    for index in numpy.ndindex(*windows.rows.shape):
        assert abs(slope(windows.rows, index) - d_windows.rows[index]) < 1e-3
    for name in ("W", "b"):
        param, grad = head.layers[0].get_param(name), head.layers[0].get_grad(name)
        for index in numpy.ndindex(*param.shape):
            assert abs(slope(param, index) - grad[index]) < 1e-3


@pytest.mark.parametrize("combine", ["mean", "max", "mean_sigmoid"])
def test_batch_is_the_sum_of_singles(combine: str) -> None:
    head, windows = make_head(combine), make_windows()
    together = head.predict(windows)
    start = 0
    for i, n in enumerate(windows.lengths):
        part = slice(start, start + n)
        single = Windows(windows.rows[part], [n], windows.weights[part])
        numpy.testing.assert_allclose(head.predict(single)[0], together[i], rtol=1e-4)
        start += n


def test_each_rule_has_its_formula_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "long-texts.md").read_text("utf8")
    assert set(re.findall(r"^\| `\"(\w+)\"`", page, flags=re.MULTILINE)) == set(COMBINE)


def test_combine_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*combine = 'sum'.*mean, max"):
        window_head(Linear(2, 3), "sum")


@pytest.mark.parametrize("wrong", [numpy.zeros((2, 3), dtype="f"), [numpy.zeros(3, dtype="f")], ["a"]])
def test_input_of_another_kind_is_an_error(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"BS019.*The layer before the head gave"):
        make_head("mean").predict(wrong)


def make_docs() -> List[Doc]:
    nlp = spacy.blank("en")
    return [nlp.make_doc("the soup was lovely"), nlp.make_doc("soup"), nlp.make_doc("rude waiter!")]


def test_plain_tok2vec_is_averaged() -> None:
    """A head works without any transformer."""
    tok2vec = build_hash_embed_cnn_tok2vec(
        width=8, depth=1, embed_size=50, window_size=1, maxout_pieces=2, subword_features=True, pretrained_vectors=False
    )
    model = build_doc_head(tok2vec, dropout=0.0, nO=3)
    docs = make_docs()
    model.initialize(X=docs)
    rng = numpy.random.RandomState(0)
    output = model.get_ref("output_layer")
    output.set_param("W", rng.normal(size=(3, 8)).astype("f"))
    vectors = numpy.stack([rows.mean(axis=0) for rows in tok2vec.predict(docs)])
    expected = vectors @ output.get_param("W").T + output.get_param("b")
    numpy.testing.assert_allclose(model.predict(docs), expected, rtol=1e-4, atol=1e-5)
    _, backprop = model.begin_update(docs)
    backprop(numpy.ones((3, 3), dtype="f"))
    assert any(node.get_grad(name).any() for node in tok2vec.walk() for name in node.grad_names)


def test_plain_tok2vec_takes_empty_docs() -> None:
    tok2vec = build_hash_embed_cnn_tok2vec(
        width=8, depth=1, embed_size=50, window_size=1, maxout_pieces=2, subword_features=True, pretrained_vectors=False
    )
    docs = make_docs()
    model = build_doc_head(tok2vec, nO=2)
    model.initialize(X=docs)
    empty = Doc(docs[0].vocab)
    for batch in ([empty, docs[0]], [empty, empty]):
        logits = model.predict(batch)
        assert logits.shape == (2, 2) and numpy.isfinite(logits).all()
    logits, backprop = model.begin_update([empty, docs[0]])
    backprop(numpy.ones_like(logits))


@pytest.mark.parametrize("build", [build_doc_head, build_pair_head])
def test_builders_name_their_parts(build: Any) -> None:
    tok2vec: Model = chain(Linear(3, 3), Linear(3, 3))
    model = build(tok2vec, nO=4)
    assert model.get_ref("tok2vec") is tok2vec
    assert model.get_ref("output_layer").get_dim("nO") == 4
