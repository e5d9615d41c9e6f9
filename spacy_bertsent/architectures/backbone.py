from typing import Any, Dict, Optional

from thinc.api import Model

from ..layers.backbone import make_encoder
from ..types import Encoded, EncoderInput


def build_backbone(
    name: str,
    revision: Optional[str] = None,
    precision: str = "auto",
    runtime: str = "auto",
    window: int = 0,
    overlap: int = 64,
    max_windows: int = 0,
    max_pieces: int = 4096,
    trainable_layers: int = -1,
    transformer_config: Optional[Dict[str, Any]] = None,
) -> Model[EncoderInput, Encoded]:
    """Build the encoder of `bertsent_backbone`, registered as `spacy-bertsent.Backbone.v1`.

    name (str): A directory, or a name on the Hugging Face hub; the default's weights also come as a package.
    revision (Optional[str]): Commit or tag on the hub.
    precision (str): "auto" (bf16 where the hardware has it), "fp32", "bf16", "fp16" (CUDA only), or "int8": with the
        weights that `python -m spacy bertsent quantize` has made.
    runtime (str): "auto" (torch, or OpenVINO for int8), "openvino" (on the CPU, for prediction), and in torch: "packed"
        (only encoders of BERT's make), "compiled" (the same by torch.compile, for a GPU: the first texts take a minute)
        or "module" (the encoder's own code).
    window (int): Most wordpieces of a window, 0 for the model's own limit. Longer texts are read in windows.
    overlap (int): Wordpieces that neighbouring windows share.
    max_windows (int): Most windows of a text, 0 for all; what follows them is not read.
    max_pieces (int): Most wordpieces of one forward pass, padding included. On the CPU, without padding, never
        more than 1024: that is faster.
    trainable_layers (int): Layers that are trained, counted from the top; the embeddings and the others stay as they
        are. -1 trains all of it.
    transformer_config (Optional[Dict[str, Any]]): Settings of the model, such as {"hidden_dropout_prob": 0.2}.
    RETURNS (Model[EncoderInput, Encoded]): The encoder, without weights until it is initialized.
    """
    return make_encoder(
        name,
        revision=revision,
        precision=precision,
        runtime=runtime,
        window=window,
        overlap=overlap,
        max_windows=max_windows,
        max_pieces=max_pieces,
        trainable_layers=trainable_layers,
        transformer_config=transformer_config or {},
    )
