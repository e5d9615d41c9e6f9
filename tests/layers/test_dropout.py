import pytest
import torch

from spacy_bertsent.layers.dropout import ByteDropout, replace_dropout


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5])
def test_share_and_scale(p: float) -> None:
    torch.manual_seed(0)
    dropout = ByteDropout(p)
    y = dropout(torch.ones(400, 501))
    kept = y[y != 0]
    assert abs(1 - kept.numel() / y.numel() - p) < 0.005
    # What is kept is scaled for the probability that was used: the mean stays.
    assert torch.all(kept == kept[0])
    assert abs(float(y.mean()) - 1) < 0.005


def test_rows_and_columns_are_dropped_alike() -> None:
    torch.manual_seed(0)
    dropped = (ByteDropout(0.25)(torch.ones(1000, 64)) == 0).float()
    assert float((dropped.mean(dim=0) - 0.25).abs().max()) < 0.06
    # Neighbours share a random number; they must not share their fate.
    both = (dropped[:, 1:] * dropped[:, :-1]).mean(dim=0)
    assert float((both - 0.0625).abs().max()) < 0.04


def test_gradient_has_the_same_mask() -> None:
    torch.manual_seed(0)
    x = torch.ones(20, 30, requires_grad=True)
    y = ByteDropout(0.3)(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())


def test_nothing_is_dropped_at_prediction_or_at_zero() -> None:
    x = torch.ones(50, 50)
    assert torch.equal(ByteDropout(0.5).eval()(x), x)
    assert torch.equal(ByteDropout(0.0)(x), x)


def test_same_seed_same_mask() -> None:
    x = torch.ones(50, 50)
    torch.manual_seed(1)
    first = ByteDropout(0.5)(x)
    torch.manual_seed(1)
    assert torch.equal(ByteDropout(0.5)(x), first)


def test_replace_dropout_keeps_the_weights() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Sequential(torch.nn.Dropout(0.2)), torch.nn.Dropout(1))
    keys = list(module.state_dict())
    replace_dropout(module)
    assert [type(m) for m in module.modules() if "Dropout" in type(m).__name__] == [ByteDropout, ByteDropout]
    assert list(module.state_dict()) == keys
    assert float(module(torch.ones(2, 3)).detach().abs().sum()) == 0


def test_scale_is_not_rounded_in_bfloat16() -> None:
    torch.manual_seed(0)
    x = torch.rand(2000, 500).to(torch.bfloat16)
    y = ByteDropout(0.1)(x).float()
    kept = y != 0
    ratio = float(y[kept].mean() / x.float()[kept].mean())
    assert abs(ratio - 256 / 230) < 5e-4
