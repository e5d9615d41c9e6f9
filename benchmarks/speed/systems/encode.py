"""sentence-transformers: vectors of texts, without a classifier."""

from typing import Any, Callable, Dict

import torch
from sentence_transformers import SentenceTransformer

from .work import read_work, set_up

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class SentenceTransformers:
    """settings (Dict[str, Any]): "weights" (a directory), "precision", "threads", "gpu_id"."""

    def __init__(self, settings: Dict[str, Any]):
        device = set_up(settings)
        kwargs = {"torch_dtype": TYPES[settings["precision"]]}
        self.model = SentenceTransformer(settings["weights"], device=device, model_kwargs=kwargs, local_files_only=True)

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size"."""
        texts = list(read_work(request["work"]).texts)

        def run() -> Dict[str, Any]:
            self.model.encode(texts, batch_size=request["batch_size"], show_progress_bar=False)
            return {}

        return run
