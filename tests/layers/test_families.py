from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AlbertConfig, AlbertModel, AutoModel, BertConfig, BertModel, DistilBertConfig, DistilBertModel

from spacy_bertsent.layers.families import find_parts

TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 50}


def test_known_families(any_weights: Path) -> None:
    module: Any = AutoModel.from_pretrained(str(any_weights))
    parts = find_parts(module)
    assert parts is not None
    assert len(parts.layers) == 2 and parts.n_heads == 2
    assert parts.first_position == (2 if module.config.model_type == "roberta" else 0)
    assert (parts.types is None) == (module.config.model_type == "distilbert")
    assert parts.words is module.get_input_embeddings()
    assert {layer.attention_dropout for layer in parts.layers} == {0.1}
    # Every weight of the module is one of a part: none is left out of the forward pass.
    held = [parts.words, parts.positions, parts.types, parts.norm]
    held += [part for layer in parts.layers for part in layer if isinstance(part, torch.nn.Module)]
    found = {id(p) for part in held if part is not None for p in part.parameters()}
    pooler = {id(p) for name, p in module.named_parameters() if name.startswith("pooler")}
    assert {id(p) for p in module.parameters()} - pooler == found


@pytest.mark.parametrize(
    "module",
    [
        AlbertModel(AlbertConfig(**TINY, embedding_size=16)),
        BertModel(BertConfig(**TINY, position_embedding_type="relative_key")),
        BertModel(BertConfig(**TINY, is_decoder=True)),
        torch.nn.Linear(2, 2),
    ],
    ids=["another family", "relative positions", "decoder", "no encoder"],
)
def test_others_are_left_alone(module: torch.nn.Module) -> None:
    assert find_parts(module) is None


def test_a_model_with_a_head_is_not_an_encoder() -> None:
    config = DistilBertConfig(dim=32, n_layers=1, n_heads=2, hidden_dim=64, vocab_size=50)
    assert find_parts(DistilBertModel(config)) is not None
    assert find_parts(torch.nn.Sequential(DistilBertModel(config))) is None
