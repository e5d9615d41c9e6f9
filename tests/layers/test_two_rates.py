"""Two learning rates: the encoder steps as plain AdamW does with the smaller one, thinc weights with the larger."""

import numpy
import torch
from thinc.api import registry, warmup_linear

from spacy_bertsent.layers.optimizer import build_adamw
from spacy_bertsent.layers.two_rates import build_two_rate_adamw

from .test_optimizer import make_module, set_grads


def test_modules_step_with_their_part_of_the_rate() -> None:
    ours, theirs = make_module(), make_module()
    sgd = build_two_rate_adamw(learn_rate=warmup_linear(0.1, 1, 5), module_factor=0.1, weight_decay=0.1)
    reference = build_adamw(learn_rate=warmup_linear(0.01, 1, 5), weight_decay=0.1)
    for step in range(4):
        for one, module in ((sgd, ours), (reference, theirs)):
            set_grads(module, step)
            one.step_module(1, module)
            one.step_schedules()
    assert float(sgd.learn_rate) == 10 * float(reference.learn_rate) > 0
    for left, right in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(left, right)
    assert not torch.equal(next(ours.parameters()), next(make_module().parameters()))


def test_thinc_weights_step_with_the_whole_rate() -> None:
    steps = []
    for sgd in (build_two_rate_adamw(learn_rate=0.1, module_factor=0.01), build_adamw(learn_rate=0.1)):
        weights = numpy.ones((2, 2), dtype="f")
        steps.append(sgd((1, "W"), weights, numpy.ones((2, 2), dtype="f"))[0])
    numpy.testing.assert_array_equal(*steps)
    assert (steps[0] < 0.95).all()


def test_registered() -> None:
    block = {"@optimizers": "spacy-bertsent.TwoRateAdamW.v1", "learn_rate": 0.5, "module_factor": 0.25}
    sgd = registry.resolve({"sgd": block})["sgd"]
    assert (sgd.module_factor, float(sgd.learn_rate), sgd.grad_clip) == (0.25, 0.5, 0.0)
