"""Training with Hugging Face's Trainer: the same texts in the same batches, the same dropout and optimizer."""

import tempfile
import time
from typing import Any, Callable, Dict, List

import accelerate  # noqa: F401 - the Trainer asks for it late
import torch
from torch.utils.data import SequentialSampler
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from .work import read_work, set_up

LABELS = ("positive", "neutral", "negative")
WARM_UP = 2


class InOrder(Trainer):
    """Takes the texts in the order in which they come."""

    def _get_train_sampler(self, *args: Any, **kwargs: Any) -> SequentialSampler:
        return SequentialSampler(self.train_dataset)


class Ends(TrainerCallback):
    """Notes when each step ends."""

    def __init__(self) -> None:
        self.seconds: List[float] = []

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        self.seconds.append(time.perf_counter())


class HFTrainer:
    """settings (Dict[str, Any]): "weights" (a directory), "precision" ("fp32", or "bf16": autocast), "threads",
    "gpu_id"."""

    def __init__(self, settings: Dict[str, Any]):
        self.cpu = set_up(settings) == "cpu"
        self.bf16 = settings["precision"] == "bf16"
        self.tokenizer = AutoTokenizer.from_pretrained(settings["weights"])
        config = AutoConfig.from_pretrained(
            settings["weights"],
            num_labels=len(LABELS),
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.0,
        )
        self.model = AutoModelForSequenceClassification.from_pretrained(
            settings["weights"], config=config, torch_dtype=torch.float32
        )

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size", "steps": that are counted."""
        work = read_work(request["work"])
        rows = [
            {**self.tokenizer(text, truncation=True), "labels": LABELS.index(label)}
            for text, label in zip(work.texts, work.labels)
        ]
        ends = Ends()

        def run() -> Dict[str, Any]:
            with tempfile.TemporaryDirectory() as directory:
                settings = TrainingArguments(
                    directory,
                    max_steps=request["steps"] + WARM_UP,
                    learning_rate=4e-5,
                    weight_decay=0.01,
                    max_grad_norm=1.0,
                    per_device_train_batch_size=request["batch_size"],
                    bf16=self.bf16,
                    use_cpu=self.cpu,
                    save_strategy="no",
                    logging_strategy="no",
                    report_to=[],
                    disable_tqdm=True,
                    dataloader_pin_memory=False,
                )
                collator = DataCollatorWithPadding(self.tokenizer)
                InOrder(self.model, settings, data_collator=collator, train_dataset=rows, callbacks=[ends]).train()
            return {"seconds": ends.seconds[-1] - ends.seconds[WARM_UP - 1], "steps": len(ends.seconds) - WARM_UP}

        return run
