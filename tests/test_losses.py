"""The losses and their gradients are those of torch."""

from typing import Any, Tuple

import numpy
import pytest
import torch
from spacy import registry

from spacy_bertsent.losses import build_binary_cross_entropy, build_cross_entropy

RNG = numpy.random.RandomState(0)
LOGITS = (3 * RNG.normal(size=(5, 4))).astype("f")
CLASSES = numpy.asarray([0, 3, 1, 1, 2])
ONE_HOT = numpy.eye(4, dtype="f")[CLASSES]
MANY_HOT = (RNG.uniform(size=(5, 4)) > 0.5).astype("f")


def run_torch(loss: Any) -> Tuple[float, numpy.ndarray]:
    logits = torch.tensor(LOGITS, requires_grad=True)
    value = loss(logits)
    value.backward()
    assert logits.grad is not None
    return float(value.detach()), logits.grad.numpy()


def check(found: Tuple[float, Any], expected: Tuple[float, numpy.ndarray]) -> None:
    assert found[0] == pytest.approx(expected[0], rel=1e-5)
    assert found[1].dtype == numpy.float32
    numpy.testing.assert_allclose(found[1], expected[1], atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_cross_entropy(smoothing: float, weight: float) -> None:
    loss = build_cross_entropy(weight=weight, label_smoothing=smoothing)
    expected = run_torch(
        lambda x: weight * torch.nn.functional.cross_entropy(x, torch.tensor(CLASSES), label_smoothing=smoothing)
    )
    check(loss(LOGITS, ONE_HOT, numpy.ones_like(ONE_HOT)), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_leaves_out_what_is_masked(smoothing: float) -> None:
    mask = numpy.ones_like(ONE_HOT)
    mask[[1, 4]] = 0
    kept = torch.tensor([0, 2, 3])
    expected = run_torch(
        lambda x: torch.nn.functional.cross_entropy(x[kept], torch.tensor(CLASSES)[kept], label_smoothing=smoothing)
    )
    value, d_logits = build_cross_entropy(label_smoothing=smoothing)(LOGITS, ONE_HOT * mask, mask)
    check((value, d_logits), expected)
    assert not d_logits[[1, 4]].any()


@pytest.mark.parametrize("positive_weight", [1.0, 4.0])
@pytest.mark.parametrize("masked", [False, True])
def test_binary_cross_entropy(positive_weight: float, masked: bool) -> None:
    mask = (RNG.uniform(size=(5, 4)) > 0.4).astype("f") if masked else numpy.ones_like(MANY_HOT)
    cells = torch.nn.functional.binary_cross_entropy_with_logits
    expected = run_torch(
        lambda x: (
            0.5
            * (
                cells(x, torch.tensor(MANY_HOT), reduction="none", pos_weight=torch.tensor(positive_weight))
                * torch.tensor(mask)
            ).sum()
            / mask.sum()
        )
    )
    loss = build_binary_cross_entropy(weight=0.5, positive_weight=positive_weight)
    value, d_logits = loss(LOGITS, MANY_HOT, mask)
    check((value, d_logits), expected)
    assert not d_logits[mask == 0].any()


@pytest.mark.parametrize("build", [build_cross_entropy, build_binary_cross_entropy])
def test_nothing_annotated_is_zero(build: Any) -> None:
    value, d_logits = build()(LOGITS, ONE_HOT, numpy.zeros_like(ONE_HOT))
    assert value == 0.0 and not d_logits.any()


@pytest.mark.parametrize("build", [build_cross_entropy, build_binary_cross_entropy])
def test_large_logits_do_not_overflow(build: Any) -> None:
    logits = numpy.asarray([[500.0, -500.0], [-500.0, 500.0]], dtype="f")
    truths = numpy.asarray([[1.0, 0.0], [1.0, 0.0]], dtype="f")
    value, d_logits = build()(logits, truths, numpy.ones_like(truths))
    assert numpy.isfinite(value) and value > 100 and numpy.isfinite(d_logits).all()


@pytest.mark.parametrize("name", ["CrossEntropy", "BinaryCrossEntropy"])
def test_losses_are_registered(name: str) -> None:
    from thinc.api import registry as thinc_registry

    loss = thinc_registry.resolve({"loss": {"@losses": f"spacy-bertsent.{name}.v1", "weight": 2.0}})["loss"]
    assert callable(loss)
    assert registry.resolve({"loss": {"@losses": f"spacy-bertsent.{name}.v1"}})["loss"]
