"""The parts of the encoders that `packed.py` can run: those of BERT's make."""

from typing import Any, List, NamedTuple, Optional

from torch.nn import Embedding, LayerNorm, Linear, Module

# RoBERTa and its kin count positions from the padding's id on.
_BERT = {"bert": False, "roberta": True, "xlm-roberta": True, "camembert": True}


class LayerParts(NamedTuple):
    """One layer of post-norm self-attention and feed-forward (Vaswani et al. 2017, figure 1)."""

    query: Linear
    key: Linear
    value: Linear
    attention_dropout: float
    output: Linear
    output_dropout: Optional[Module]
    output_norm: LayerNorm
    up: Linear
    activation: Any
    down: Linear
    down_dropout: Module
    norm: LayerNorm


class EncoderParts(NamedTuple):
    """An encoder's modules. n_heads (int): Of each layer. first_position (int): Index of a row's first position."""

    words: Embedding
    positions: Embedding
    types: Optional[Embedding]
    norm: LayerNorm
    dropout: Module
    layers: List[LayerParts]
    n_heads: int
    first_position: int


def find_parts(module: Module) -> Optional[EncoderParts]:
    """Find the parts of an encoder of a known family.

    module (torch.nn.Module): Of the transformers library.
    RETURNS (Optional[EncoderParts]): None if it is of another family, or has settings that change its forward pass.
    """
    config: Any = getattr(module, "config", None)
    family = getattr(config, "model_type", None)
    if family in _BERT and type(module).__name__.endswith("Model"):
        plain = getattr(config, "position_embedding_type", "absolute") == "absolute"
        if not plain or getattr(config, "is_decoder", False) or getattr(config, "add_cross_attention", False):
            return None
        return _read_bert(module, int(config.pad_token_id) + 1 if _BERT[family] else 0)
    if family == "distilbert" and type(module).__name__ == "DistilBertModel":
        return _read_distilbert(module)
    return None


def _read_bert(module: Any, first_position: int) -> EncoderParts:
    layers = []
    for layer in module.encoder.layer:
        attention = layer.attention
        layers.append(
            LayerParts(
                attention.self.query,
                attention.self.key,
                attention.self.value,
                _get_p(attention.self.dropout),
                attention.output.dense,
                attention.output.dropout,
                attention.output.LayerNorm,
                layer.intermediate.dense,
                layer.intermediate.intermediate_act_fn,
                layer.output.dense,
                layer.output.dropout,
                layer.output.LayerNorm,
            )  # fmt: skip
        )
    table = module.embeddings
    return EncoderParts(
        table.word_embeddings, table.position_embeddings, table.token_type_embeddings, table.LayerNorm, table.dropout,
        layers, int(module.config.num_attention_heads), first_position,
    )  # fmt: skip


def _read_distilbert(module: Any) -> EncoderParts:
    layers = []
    for layer in module.transformer.layer:
        attention, ffn = layer.attention, layer.ffn
        layers.append(
            LayerParts(
                attention.q_lin,
                attention.k_lin,
                attention.v_lin,
                _get_p(attention.dropout),
                attention.out_lin,
                None,
                layer.sa_layer_norm,
                ffn.lin1,
                ffn.activation,
                ffn.lin2,
                ffn.dropout,
                layer.output_layer_norm,
            )  # fmt: skip
        )
    table = module.embeddings
    return EncoderParts(
        table.word_embeddings, table.position_embeddings, None, table.LayerNorm, table.dropout,
        layers, int(module.config.n_heads), 0,
    )  # fmt: skip


def _get_p(dropout: Any) -> float:
    return float(dropout.p)
