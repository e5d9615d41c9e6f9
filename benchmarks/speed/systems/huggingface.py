"""Hugging Face: its text classification pipeline, and the bare encoder."""

import time
from contextlib import nullcontext
from typing import Any, Callable, Dict, List

import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from .work import Work, read_work, set_up

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
N_LABELS = 3


class HuggingFace:
    """settings (Dict[str, Any]): "weights" (a directory), "precision", "threads", "gpu_id"."""

    def __init__(self, settings: Dict[str, Any]):
        device = set_up(settings)
        model = AutoModelForSequenceClassification.from_pretrained(
            settings["weights"], num_labels=N_LABELS, torch_dtype=TYPES[settings["precision"]]
        )
        tokenizer = AutoTokenizer.from_pretrained(settings["weights"])
        self.pipeline = pipeline("text-classification", model=model, tokenizer=tokenizer, device=device)

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "pairs" (bool), "batch_size"; "single": as of `Ours`."""
        work = read_work(request["work"])
        inputs = get_inputs(work, bool(request.get("pairs")))

        def run() -> Dict[str, Any]:
            self.pipeline(inputs, batch_size=request["batch_size"], truncation=True, top_k=None)
            return {}

        def run_single() -> Dict[str, Any]:
            seconds = []
            for one in inputs:
                start = time.perf_counter()
                self.pipeline(one, truncation=True, top_k=None)
                seconds.append(time.perf_counter() - start)
            return {"each": seconds}

        return run_single if request.get("single") else run


def get_inputs(work: Work, pairs: bool) -> List[Any]:
    """RETURNS (List[Any]): Texts, or pairs as the pipeline takes them."""
    return [{"text": words, "text_pair": text} for words, text in work.pairs] if pairs else list(work.texts)


class PlainForward:
    """The encoder alone, on padded batches of like lengths that were made before. settings: As of `HuggingFace`."""

    def __init__(self, settings: Dict[str, Any]):
        self.device = set_up(settings)
        self.bf16 = settings["precision"] == "bf16"
        self.tokenizer = AutoTokenizer.from_pretrained(settings["weights"])
        self.model = AutoModel.from_pretrained(settings["weights"], torch_dtype=torch.float32).to(self.device).eval()

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size"."""
        ids = self.tokenizer(list(read_work(request["work"]).texts), truncation=True)["input_ids"]
        ids.sort(key=len)
        size = request["batch_size"]
        batches = [
            self.tokenizer.pad({"input_ids": ids[i : i + size]}, return_tensors="pt").to(self.device)
            for i in range(0, len(ids), size)
        ]

        def run() -> Dict[str, Any]:
            device = torch.device(self.device).type
            autocast = torch.autocast(device, dtype=torch.bfloat16) if self.bf16 else nullcontext()
            with torch.inference_mode(), autocast:
                for batch in batches:
                    self.model(**batch)[0][:, 0].float().cpu()
            return {}

        return run
