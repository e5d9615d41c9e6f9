"""The same seed gives the same weights, to the last bit."""

from pathlib import Path
from typing import Any

from spacy.util import fix_random_seed

from .util import HEADS, get_head, get_module, get_weights, make_examples, make_nlp, same_weights, train


def run(weights: Path, seed: int) -> Any:
    fix_random_seed(seed)
    # With dropout in the encoder.
    config: Any = {"backbone": {"model": {"transformer_config": {"hidden_dropout_prob": 0.1}}}}
    nlp = make_nlp(weights, "aspects", *HEADS, "ner", config=config)
    train(nlp, make_examples(nlp), steps=5, parts=2)
    return nlp


def test_same_seed_same_weights(weights: Path) -> None:
    one, other = run(weights, 3), run(weights, 3)
    assert same_weights(get_weights(one), get_weights(other))
    for name in HEADS:
        assert all((get_head(one, name)[key] == get_head(other, name)[key]).all() for key in ("W", "b"))


def test_other_seed_other_weights(weights: Path) -> None:
    one, other = run(weights, 3), run(weights, 4)
    assert not same_weights(get_weights(one), get_weights(other))
    assert any(getattr(m, "p", None) == 0.1 for m in get_module(one).modules())
