"""AdamW: one fused step for the encoder, the same mathematics for thinc parameters, and two learning rates."""

from typing import Any

import numpy
import torch
from thinc.api import registry, warmup_linear

from spacy_bertsent.layers.optimizer import AdamW, build_adamw


def make_module() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.LayerNorm(3), torch.nn.Linear(3, 2))


def set_grads(module: torch.nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    for param in module.parameters():
        param.grad = torch.randn_like(param)


def test_step_is_that_of_torch() -> None:
    ours, theirs = make_module(), make_module()
    sgd = build_adamw(learn_rate=0.01, weight_decay=0.1, beta2=0.98, eps=1e-7)
    groups = [
        {"params": [p for p in theirs.parameters() if p.ndim > 1], "weight_decay": 0.1},
        {"params": [p for p in theirs.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    reference = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.98), eps=1e-7)
    for step in range(5):
        for module in (ours, theirs):
            set_grads(module, step)
        sgd.step_module(7, ours)
        reference.step()
    for left, right in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(left, right, atol=1e-6, rtol=1e-5)


def test_schedule_sets_the_rate() -> None:
    module = make_module()
    sgd = build_adamw(learn_rate=warmup_linear(0.1, 2, 4), weight_decay=0.0)
    rates = []
    for step in range(4):
        before = [p.detach().clone() for p in module.parameters()]
        set_grads(module, step)
        sgd.step_module(1, module)
        rates.append(float(sgd.learn_rate))
        moved = not all(torch.equal(a, b) for a, b in zip(before, module.parameters()))
        assert moved == (rates[-1] > 0)
        sgd.step_schedules()
    assert rates == [0.0, 0.05, 0.1, 0.05]


def test_parameters_without_gradient_stay() -> None:
    module: Any = make_module()
    sgd = build_adamw(learn_rate=0.1, weight_decay=0.5)
    set_grads(module, 0)
    sgd.step_module(1, module)
    before = [p.detach().clone() for p in module.parameters()]
    for param in module.parameters():
        param.grad = None
    module[0].weight.grad = torch.ones_like(module[0].weight)
    sgd.step_module(1, module)
    changed = [not torch.equal(a, b) for a, b in zip(before, module.parameters())]
    assert changed == [True, False, False, False, False, False]


def test_vectors_are_not_decayed() -> None:
    sgd = build_adamw(learn_rate=0.1, weight_decay=0.5)
    matrix, vector = numpy.ones((2, 2), dtype="f"), numpy.ones(3, dtype="f")
    new_matrix, _ = sgd((1, "W"), matrix.copy(), numpy.zeros_like(matrix))
    new_vector, _ = sgd((1, "b"), vector.copy(), numpy.zeros_like(vector))
    numpy.testing.assert_allclose(new_matrix, 0.95, rtol=1e-6)
    numpy.testing.assert_array_equal(new_vector, vector)
    assert sgd.L2 == 0.5


def test_thinc_parameters_step_as_torch_does() -> None:
    module = make_module()
    sgd = build_adamw(learn_rate=0.01, weight_decay=0.1)
    ours = {name: p.detach().numpy().copy() for name, p in module.named_parameters()}
    for step in range(3):
        set_grads(module, step)
        for name, param in module.named_parameters():
            assert param.grad is not None
            ours[name], _ = sgd((3, name), ours[name], param.grad.numpy().copy())
        sgd.step_module(4, module)
    for name, param in module.named_parameters():
        numpy.testing.assert_allclose(ours[name], param.detach().numpy(), atol=1e-4)


def test_new_module_under_the_same_id_starts_afresh() -> None:
    """Weights that were loaded do not inherit the moments of those they replace."""
    sgd = build_adamw(learn_rate=0.1)
    old, new, fresh = make_module(), make_module(), make_module()
    set_grads(old, 0)
    sgd.step_module(1, old)
    for module, optimizer in [(new, sgd), (fresh, build_adamw(learn_rate=0.1))]:
        set_grads(module, 1)
        optimizer.step_module(1, module)
    assert all(torch.equal(a, b) for a, b in zip(new.parameters(), fresh.parameters()))


def test_is_registered_with_schedules() -> None:
    config = {
        "@optimizers": "spacy-bertsent.AdamW.v1",
        "learn_rate": {"@schedules": "warmup_linear.v1", "initial_rate": 0.1, "warmup_steps": 1, "total_steps": 3},
    }
    sgd = registry.resolve({"x": config})["x"]
    assert isinstance(sgd, AdamW) and "learn_rate" in sgd.schedules
    assert sgd.averages is None and sgd.grad_clip == 0.0


def test_modules_step_with_their_part_of_the_rate() -> None:
    ours, theirs = make_module(), make_module()
    sgd = build_adamw(learn_rate=warmup_linear(0.1, 1, 5), module_factor=0.1, weight_decay=0.1)
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
    for sgd in (build_adamw(learn_rate=0.1, module_factor=0.01), build_adamw(learn_rate=0.1)):
        weights = numpy.ones((2, 2), dtype="f")
        steps.append(sgd((1, "W"), weights, numpy.ones((2, 2), dtype="f"))[0])
    numpy.testing.assert_array_equal(*steps)
    assert (steps[0] < 0.95).all()


def test_module_factor_is_registered() -> None:
    block = {"@optimizers": "spacy-bertsent.AdamW.v1", "learn_rate": 0.5, "module_factor": 0.25}
    sgd = registry.resolve({"sgd": block})["sgd"]
    assert (sgd.module_factor, float(sgd.learn_rate), sgd.grad_clip) == (0.25, 0.5, 0.0)
