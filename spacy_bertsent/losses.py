"""Losses on logits. Each takes logits, truths and mask, all (rows, labels), and gives the loss and its gradient."""

from functools import partial
from typing import Any, Tuple

from thinc.api import get_array_module
from thinc.types import Floats2d

from .types import LossT


def build_cross_entropy(weight: float = 1.0, label_smoothing: float = 0.0) -> LossT:
    """Make softmax cross-entropy, averaged over the annotated rows. Registered as `spacy-bertsent.CrossEntropy.v1`.

    weight (float): Of this loss beside those of other heads.
    label_smoothing (float): Share of the truth spread over all labels; Szegedy et al. (2016), section 7.
    RETURNS (LossT): The loss.
    """
    # Not a closure: components are pickled for spawned workers.
    return partial(cross_entropy, weight=weight, label_smoothing=label_smoothing)


def cross_entropy(
    logits: Floats2d, truths: Floats2d, mask: Floats2d, *, weight: float, label_smoothing: float
) -> Tuple[float, Floats2d]:
    """See `build_cross_entropy`."""
    xp: Any = get_array_module(logits)
    shifted = logits - xp.max(logits, axis=1, keepdims=True)
    log_p = shifted - xp.log(xp.exp(shifted).sum(axis=1, keepdims=True))
    target = (1 - label_smoothing) * truths + label_smoothing / logits.shape[1]
    n_rows = max(1.0, float(xp.sum(mask[:, 0])))
    loss = -(target * log_p * mask).sum() * weight / n_rows
    d_logits = (xp.exp(log_p) - target) * mask * (weight / n_rows)
    return float(loss), d_logits.astype(logits.dtype)


def build_binary_cross_entropy(weight: float = 1.0, positive_weight: float = 1.0) -> LossT:
    """Make binary cross-entropy of one sigmoid per label, averaged over the annotated cells. Registered as
    `spacy-bertsent.BinaryCrossEntropy.v1`.

    weight (float): Of this loss beside those of other heads.
    positive_weight (float): Of cells whose truth is 1: above 1 it helps rare labels.
    RETURNS (LossT): The loss.
    """
    return partial(binary_cross_entropy, weight=weight, positive_weight=positive_weight)


def binary_cross_entropy(
    logits: Floats2d, truths: Floats2d, mask: Floats2d, *, weight: float, positive_weight: float
) -> Tuple[float, Floats2d]:
    """See `build_binary_cross_entropy`."""
    xp: Any = get_array_module(logits)
    # log(sigmoid(x)) = -log(1 + exp(-x)), without overflow on either side.
    softplus = xp.maximum(logits, 0) + xp.log1p(xp.exp(-xp.abs(logits)))  # log(1 + exp(x))
    cell = mask * (weight / max(1.0, float(xp.sum(mask))))
    loss = ((1 - truths) * softplus + positive_weight * truths * (softplus - logits)) * cell
    p = xp.exp(logits - softplus)  # sigmoid
    d_logits = ((1 - truths) * p - positive_weight * truths * (1 - p)) * cell
    return float(loss.sum()), d_logits.astype(logits.dtype)
