"""The packed pass computes what transformers computes, forwards and backwards."""

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
import torch
from transformers import AutoModel

from spacy_bertsent.layers.families import find_parts
from spacy_bertsent.layers.packed import cast_weights, embed, run_layers
from spacy_bertsent.layers.packing import pack_rows
from spacy_bertsent.layers.pieces import Row

from ..util import no_dropout

LENGTHS = [3, 3, 7, 16, 18, 33]


def load(weights: Path) -> Any:
    return AutoModel.from_pretrained(str(weights), attn_implementation="eager", **no_dropout(weights))


def make_rows(n_types: int) -> List[Row]:
    torch.manual_seed(1)
    rows = []
    for n in LENGTHS:
        # Ids above those of special pieces, so that none counts as padding.
        ids = torch.randint(5, 60, (n,)).tolist()
        rows.append(Row(ids, [int(k > n // 2) if n_types > 1 else 0 for k in range(n)], 1, []))
    return rows


def get_n_types(module: Any) -> int:
    return int(getattr(module.config, "type_vocab_size", 1))


def run_one_by_one(module: Any, rows: List[Row]) -> List[torch.Tensor]:
    outputs = []
    for row in rows:
        types = {"token_type_ids": torch.tensor([row.types])} if get_n_types(module) > 1 else {}
        outputs.append(module(input_ids=torch.tensor([row.ids]), **types)[0][0])
    return outputs


def run_packed(module: Any, rows: List[Row], dtype: torch.dtype, *, tokens: bool, fused: bool) -> torch.Tensor:
    parts = find_parts(module)
    assert parts is not None
    packing = pack_rows(rows, first_position=parts.first_position)
    x = embed(parts, packing, parts.words(packing.ids))
    return run_layers(parts, cast_weights(parts, dtype), packing, x, tokens=tokens, fused=fused)


@pytest.mark.parametrize("fused", [True, False])
def test_forward(any_weights: Path, fused: bool) -> None:
    module = load(any_weights).eval()
    rows = make_rows(get_n_types(module))
    with torch.no_grad():
        expected = run_one_by_one(module, rows)
        all_pieces = run_packed(module, rows, torch.float32, tokens=True, fused=fused)
        first_pieces = run_packed(module, rows, torch.float32, tokens=False, fused=fused)
    torch.testing.assert_close(all_pieces, torch.cat(expected), atol=1e-5, rtol=0)
    torch.testing.assert_close(first_pieces, torch.stack([x[0] for x in expected]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("tokens", [True, False], ids=["pieces", "cls"])
@pytest.mark.parametrize("fused", [True, False])
def test_backward(any_weights: Path, tokens: bool, fused: bool) -> None:
    module = load(any_weights).train()
    rows = make_rows(get_n_types(module))

    def get_grads() -> Dict[str, torch.Tensor]:
        found = {name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None}
        module.zero_grad(set_to_none=True)
        return found

    expected = run_one_by_one(module, rows)
    joined = torch.cat(expected) if tokens else torch.stack([x[0] for x in expected])
    d_output = torch.randn(joined.shape)
    joined.backward(d_output)
    want = get_grads()
    run_packed(module, rows, torch.float32, tokens=tokens, fused=fused).backward(d_output)
    have = get_grads()
    assert set(have) == set(want) and len(want) > 20
    for name, grad in want.items():
        torch.testing.assert_close(have[name], grad, atol=2e-4, rtol=1e-4, msg=name)


def test_bfloat16_is_close(any_weights: Path) -> None:
    module = load(any_weights).eval()
    rows = make_rows(get_n_types(module))
    with torch.no_grad():
        exact = run_packed(module, rows, torch.float32, tokens=False, fused=True)
        rounded = run_packed(module, rows, torch.bfloat16, tokens=False, fused=True)
    assert rounded.dtype == torch.float32
    assert 0 < float((exact - rounded).abs().max()) < 0.1
    assert float(torch.nn.functional.cosine_similarity(exact, rounded).min()) > 0.999


def test_dropout_of_attention_and_layers(weights: Path) -> None:
    """Two passes differ in training alone, by attention's dropout as by that of the layers."""

    def run_twice(settings: Dict[str, float], training: bool) -> Tuple[torch.Tensor, torch.Tensor]:
        module: Any = AutoModel.from_pretrained(str(weights), **settings).train(training)
        rows = make_rows(2)
        with torch.no_grad():
            first, second = (run_packed(module, rows, torch.float32, tokens=False, fused=True) for _ in range(2))
        return first, second

    attention = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.5}
    layers = {"hidden_dropout_prob": 0.5, "attention_probs_dropout_prob": 0.0}
    for settings in (attention, layers):
        assert not torch.equal(*run_twice(settings, True))
        assert torch.equal(*run_twice(settings, False))
