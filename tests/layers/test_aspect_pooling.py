"""Vectors of aspects, by hand, and their gradients by finite differences."""

from typing import Any, List

import numpy
import pytest
from thinc.api import Model

from spacy_bertsent.layers.aspect_pooling import local_pooling, mention_pooling
from spacy_bertsent.types import AspectRows

LAYERS: List[Any] = [
    *(pytest.param(lambda p=p: mention_pooling(p), id=p) for p in ("mean", "max")),
    *(pytest.param(lambda f=f: local_pooling(f, 1), id=f) for f in ("mask", "weight")),
]


def make_input() -> AspectRows:
    """Two aspects: [CLS] and five pieces, of which the third and fourth; [CLS] and one piece."""
    rows: Any = numpy.random.RandomState(0).permutation(numpy.arange(24)).reshape(8, 3).astype("f")
    context = numpy.asarray([0, 1, 1, 1, 1, 1, 0, 1], dtype=bool)
    mention = numpy.asarray([0, 0, 0, 1, 1, 0, 0, 1], dtype=bool)
    return AspectRows(rows, [6, 2], context, mention)


def test_mean_and_max_of_the_mention() -> None:
    X = make_input()
    rows = numpy.asarray(X.rows)
    mean, best = (mention_pooling(pooling).predict(X) for pooling in ("mean", "max"))
    numpy.testing.assert_allclose(mean[0], [*rows[0], *((rows[3] + rows[4]) / 2)])
    numpy.testing.assert_allclose(best[0], [*rows[0], *numpy.maximum(rows[3], rows[4])])
    for found in (mean, best):
        numpy.testing.assert_allclose(found[1], [*rows[6], *rows[7]])


def test_mean_of_what_is_near() -> None:
    X = make_input()
    rows = numpy.asarray(X.rows)
    # The middle of pieces 2 and 3 (from 0) is 2.5: distances 1.5, 0.5, -0.5, -0.5, 0.5.
    mask, weight = (local_pooling(focus, 1).predict(X) for focus in ("mask", "weight"))
    numpy.testing.assert_allclose(mask[0], [*rows[0], *rows[2:6].mean(axis=0)], rtol=1e-6)
    expected = (0.9 * rows[1] + rows[2:6].sum(axis=0)) / 4.9
    numpy.testing.assert_allclose(weight[0], [*rows[0], *expected], rtol=1e-6)
    numpy.testing.assert_allclose(mask[1], [*rows[6], *rows[7]])


@pytest.mark.parametrize("make", LAYERS)
def test_gradient_is_that_of_finite_differences(make: Any) -> None:
    model: Model = make()
    X = make_input()
    rows: Any = X.rows
    Y, backprop = model.begin_update(X)
    dY = numpy.random.RandomState(1).normal(size=Y.shape).astype("f")
    dX = backprop(dY)
    assert dX.lengths == X.lengths and dX.rows.shape == rows.shape
    for index in numpy.ndindex(*rows.shape):
        old = rows[index]
        losses = []
        for step in (0.25, -0.25):
            rows[index] = old + step
            losses.append(float((model.predict(X).astype("d") * dY).sum()))
        rows[index] = old
        assert (losses[0] - losses[1]) / 0.5 == pytest.approx(dX.rows[index], abs=1e-4)


@pytest.mark.parametrize("make", LAYERS)
def test_batch_is_the_sum_of_singles(make: Any) -> None:
    X, model = make_input(), make()
    together = model.predict(X)
    for i, part in enumerate((slice(0, 6), slice(6, 8))):
        single = AspectRows(X.rows[part], [X.lengths[i]], X.context[part], X.mention[part])
        numpy.testing.assert_allclose(model.predict(single)[0], together[i], rtol=1e-6)


def test_settings_must_be_known() -> None:
    with pytest.raises(ValueError, match=r"BS016.*pooling = 'sum'.*mean, max"):
        mention_pooling("sum")
    with pytest.raises(ValueError, match=r"BS016.*focus = 'blur'.*mask, weight"):
        local_pooling("blur", 3)
    with pytest.raises(ValueError, match=r"BS016.*distance = -1.*0 or more"):
        local_pooling("mask", -1)
