"""The encoder layer gives the numbers of transformers on the same weights."""

from pathlib import Path
from typing import Any, List, Optional

import numpy
import pytest
import torch
from thinc.api import Model
from transformers import AutoModel, AutoTokenizer

from spacy_bertsent.layers.engine import Engine
from spacy_bertsent.types import EncoderInput, TextInput, Windows

from ..util import LONGEST, ROWS, TEXTS, WIDTH, make_encoder

SHORT = ["soup", "The soup was lovely.", "", " ", "a b c, d!", "caf\u00e9 \U0001f600"]
LONG = "the soup was but a price, " * 12
PAIRS = [(aspect[0], row[0]) for row in ROWS for aspect in row[3]]


def run_transformers(weights: Path, first: List[str], second: Optional[List[str]] = None) -> Any:
    tokenizer = AutoTokenizer.from_pretrained(str(weights))
    module = AutoModel.from_pretrained(str(weights)).eval()
    inputs = tokenizer(first, second, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        hidden = module(**inputs).last_hidden_state
    return hidden.numpy(), inputs["attention_mask"].numpy()


def encode(model: Model, texts: List[TextInput], tokens: bool = False) -> Any:
    return model.predict(EncoderInput(texts, tokens))


def cls(model: Model, texts: List[TextInput]) -> Windows:
    return encode(model, texts).windows


def test_texts_are_those_of_transformers(any_weights: Path) -> None:
    expected, mask = run_transformers(any_weights, SHORT)
    encoded = encode(make_encoder(any_weights), [TextInput(text) for text in SHORT], tokens=True)
    assert encoded.windows.lengths == [1] * len(SHORT)
    numpy.testing.assert_allclose(encoded.windows.rows, expected[:, 0], atol=1e-5)
    for i, rows in enumerate(encoded.tokens):
        n = int(mask[i].sum())
        assert len(rows.ids[0]) == n
        numpy.testing.assert_allclose(rows.hidden[0, :n], expected[i, :n], atol=1e-5)


@pytest.mark.parametrize("long", [1, 0], ids=["aspect first", "sentence first"])
def test_pairs_are_those_of_transformers(any_weights: Path, long: int) -> None:
    pairs = PAIRS if long else [(context, aspect) for aspect, context in PAIRS]
    # Cut short of the limit, so that nothing is truncated.
    pairs = [(a[:30], b[:30]) for a, b in pairs]
    expected, _ = run_transformers(any_weights, [a for a, _ in pairs], [b for _, b in pairs])
    windows = cls(make_encoder(any_weights), [TextInput(a, b, long=long) for a, b in pairs])
    assert windows.lengths == [1] * len(pairs)
    numpy.testing.assert_allclose(windows.rows, expected[:, 0], atol=1e-5)


def test_the_order_of_a_pair_matters(any_weights: Path) -> None:
    windows = cls(make_encoder(any_weights), [TextInput("soup", "the soup was"), TextInput("the soup was", "soup")])
    assert numpy.abs(windows.rows[0] - windows.rows[1]).max() > 1e-3


@pytest.mark.parametrize("max_pieces", [1, 50, 4096])
def test_batch_is_the_sum_of_singles(any_weights: Path, max_pieces: int) -> None:
    texts = [TextInput(t) for t in [*SHORT, LONG, *TEXTS]] + [TextInput(a, b, long=1) for a, b in PAIRS]
    model = make_encoder(any_weights, max_pieces=max_pieces)
    batch = cls(model, texts)
    singles = [cls(model, [text]) for text in texts]
    assert batch.lengths == [single.lengths[0] for single in singles]
    numpy.testing.assert_allclose(batch.rows, numpy.concatenate([s.rows for s in singles]), atol=1e-5)
    numpy.testing.assert_array_equal(batch.weights, numpy.concatenate([s.weights for s in singles]))


def test_backward_of_a_batch_is_the_sum_of_singles(any_weights: Path) -> None:
    texts = [TextInput(t) for t in ["", "soup", LONG]] + [TextInput("soup", TEXTS[0], long=1)]
    model = make_encoder(any_weights, max_pieces=60)
    rng = numpy.random.RandomState(0)
    sizes = cls(model, texts).lengths
    d_rows = [rng.normal(size=(n, WIDTH)).astype("f") for n in sizes]

    def grads() -> List[torch.Tensor]:
        module = model.shims[0]._model
        found = [p.grad.clone() for p in module.parameters() if p.grad is not None]
        module.zero_grad(set_to_none=True)
        return found

    _, backprop = model.begin_update(EncoderInput(texts))
    backprop((numpy.concatenate(d_rows), None))
    together = grads()
    for text, d_row in zip(texts, d_rows):
        _, backprop = model.begin_update(EncoderInput([text]))
        backprop((d_row, None))
    apart = grads()
    assert len(together) == len(apart) > 10
    for a, b in zip(together, apart):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_gradients_of_tokens_and_cls_add_up(weights: Path) -> None:
    """The gradient of the whole last layer reaches the same weights as plain autograd."""
    model = make_encoder(weights)
    shim = model.shims[0]
    encoded, backprop = model.begin_update(EncoderInput([TextInput(SHORT[1]), TextInput(LONG)], tokens=True))
    rng = numpy.random.RandomState(0)
    d_cls = rng.normal(size=encoded.windows.rows.shape).astype("f")
    d_tokens = [rng.normal(size=rows.hidden.shape).astype("f") for rows in encoded.tokens]
    for rows, d in zip(encoded.tokens, d_tokens):
        for i, ids in enumerate(rows.ids):
            d[i, len(ids) :] = 0
    backprop((d_cls, d_tokens))
    found = {n: p.grad.clone() for n, p in shim._model.named_parameters() if p.grad is not None}
    shim._model.zero_grad(set_to_none=True)
    row = 0
    for rows, d in zip(encoded.tokens, d_tokens):
        for i, ids in enumerate(rows.ids):
            hidden = shim._model(input_ids=torch.tensor([ids]))[0]
            loss = (hidden[0] * torch.tensor(d[i, : len(ids)])).sum() + (hidden[0, 0] * torch.tensor(d_cls[row])).sum()
            loss.backward()
            row += 1
    for name, param in shim._model.named_parameters():
        torch.testing.assert_close(found[name], param.grad, atol=1e-4, rtol=1e-4)


def test_only_cls_leaves_the_encoder_unless_asked(weights: Path) -> None:
    assert encode(make_encoder(weights), [TextInput("soup")]).tokens is None


def test_width_is_known_once_there_are_weights(weights: Path) -> None:
    from spacy_bertsent.architectures.backbone import build_backbone

    model = build_backbone(str(weights))
    assert model.has_dim("nO") is None
    model.initialize()
    assert model.get_dim("nO") == WIDTH


def test_weights_are_loaded_when_a_frozen_encoder_is_asked(weights: Path) -> None:
    from spacy_bertsent.architectures.backbone import build_backbone

    model = build_backbone(str(weights))
    assert cls(model, [TextInput("soup")]).rows.shape == (1, WIDTH)


def test_window_setting_is_clamped_to_the_model(any_weights: Path) -> None:
    for window, expected in [(0, LONGEST), (10, 10), (10**6, LONGEST)]:
        assert make_encoder(any_weights, window=window).shims[0].encoder.tokenizer.sizes.window == expected


def test_longest_text_that_fits_uses_every_position(any_weights: Path) -> None:
    """Position ids of RoBERTa start behind the padding id: the last window must not run over the table."""
    windows = cls(make_encoder(any_weights), [TextInput(LONG)])
    assert windows.lengths[0] > 1 and numpy.isfinite(windows.rows).all()


def test_pretrained_pooler_is_dropped(weights: Path) -> None:
    assert not [name for name in make_encoder(weights).shims[0]._model.state_dict() if name.startswith("pooler")]


def test_parts_of_a_batch_give_the_same(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_encoder(weights)
    texts = [TextInput(text) for text in [*SHORT, LONG]] + [TextInput(aspect, text, 1) for aspect, text in PAIRS]
    want, sizes = cls(model, texts), []
    tokenizer = model.shims[0].encoder.tokenizer  # type: ignore[attr-defined]
    call = type(tokenizer).__call__

    def count(self: Any, texts: List[TextInput], *, offsets: bool = False) -> Any:
        sizes.append(len(texts))
        return call(self, texts, offsets=offsets)

    monkeypatch.setattr(type(tokenizer), "__call__", count)
    # As on a GPU.
    monkeypatch.setattr(Engine, "part_size", 4)
    have = cls(model, texts)
    assert have.lengths == want.lengths and max(have.lengths) > 1
    numpy.testing.assert_allclose(have.rows, want.rows, atol=1e-5)
    numpy.testing.assert_array_equal(have.weights, want.weights)
    assert sizes == [min(4, len(texts) - i) for i in range(0, len(texts), 4)]
    cls(model, texts[:4])
    model.begin_update(EncoderInput(texts))
    assert sizes[-2:] == [4, len(texts)], "training takes all at once"
