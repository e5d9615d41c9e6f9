"""Hugging Face's Trainer: fine-tunes the same backbone on the same texts.

By default as the library does it: the pretrained pooler under the classifier, one learning rate, aspects paired with
the whole text. The recipe of this package is:

    --head linear --head-factor 10 --context sentence --attention-dropout 0 --batches shuffled
"""

import argparse
import sys
import tempfile
from typing import Any, Dict, List

from arguments import make_parser, parse, skip

try:
    import accelerate  # noqa: F401
    import numpy
    import torch
    from corpora import CONTEXTS, Item, PredictT, ScoresT, run
    from transformers import (
        AutoConfig,
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    from spacy_bertsent.layers.weights import find_weights
except ImportError as e:
    skip("hf", e)


class FirstRow(torch.nn.Module):
    """Give the [CLS] row as it is, in the place of a pooler."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden[:, 0]


def main() -> None:
    parser = make_parser(__doc__, precisions=("fp32", "bf16"))
    parser.add_argument("--max-steps", type=int, default=-1, help="optimizer steps, instead of --epochs")
    parser.add_argument("--head", choices=("pooler", "linear"), default="pooler", help="what the classifier reads")
    parser.add_argument("--head-factor", type=float, default=1.0, help="times the learning rate, for the classifier")
    parser.add_argument("--context", choices=CONTEXTS, default="document", help="what an aspect is paired with")
    parser.add_argument("--attention-dropout", type=float, default=0.1)
    parser.add_argument("--batches", choices=("by_length", "shuffled"), default="by_length")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    args = parse(parser)
    run(
        "hf_trainer",
        args,
        train,
        packages=("transformers", "accelerate", "torch", "tokenizers", "numpy"),
        context=args.context,
    )


def train(args: argparse.Namespace, items: List[Item], labels: List[str]) -> PredictT:
    """Fine-tune. RETURNS (PredictT): Predicts with the last weights."""
    set_seed(args.seed)
    source = str(find_weights(args.weights))
    tokenizer = AutoTokenizer.from_pretrained(source)
    multi_label = args.task == "emotions"

    def encode(asked: List[Item]) -> List[Dict[str, Any]]:
        return [
            tokenizer(item.text, item.context, truncation="only_second", max_length=args.max_length)
            if item.context
            else tokenizer(item.text, truncation=True, max_length=args.max_length)
            for item in asked
        ]

    rows = encode(items)
    for row, item in zip(rows, items):
        truths = [item.gold.get(label, 0.0) for label in labels]
        row["labels"] = truths if multi_label else labels.index(item.best)
    with tempfile.TemporaryDirectory() as directory:
        trainer = Trainer(
            make_model(source, len(labels), args),
            make_settings(args, directory),
            data_collator=DataCollatorWithPadding(tokenizer),
            train_dataset=rows,
        )
        trainer.optimizer = make_optimizer(trainer.model, args)
        metrics = trainer.train().metrics
    seconds, speed = metrics["train_runtime"], metrics["train_steps_per_second"]
    sys.stdout.write(f"{trainer.state.global_step} steps in {seconds:.1f} s, {speed:.2f} steps/s\n")
    # The Trainer would give the predictions in the order of the groups.
    trainer.args.group_by_length = False

    def predict(asked: List[Item]) -> ScoresT:
        encoded = encode(asked)
        # Texts of one length together: less padding.
        order = sorted(range(len(asked)), key=lambda i: len(encoded[i]["input_ids"]))
        logits = torch.from_numpy(trainer.predict([encoded[i] for i in order]).predictions).float()
        scores = (logits.sigmoid() if multi_label else logits.softmax(dim=1)).numpy()
        return scores[numpy.argsort(order)].tolist()

    return predict


def make_model(source: str, n_labels: int, args: argparse.Namespace) -> Any:
    """RETURNS (PreTrainedModel): The pretrained encoder under a new classifier, in float32."""
    problem = "multi_label_classification" if args.task == "emotions" else "single_label_classification"
    config = AutoConfig.from_pretrained(
        source,
        num_labels=n_labels,
        problem_type=problem,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=args.attention_dropout,
    )
    model = AutoModelForSequenceClassification.from_pretrained(source, config=config, torch_dtype=torch.float32)
    if args.head == "linear":
        model.base_model.pooler = FirstRow()
        # As the heads of this package start.
        torch.nn.init.xavier_uniform_(model.classifier.weight)
    return model


def make_settings(args: argparse.Namespace, directory: str) -> Any:
    """RETURNS (TrainingArguments): Linear decay after 10 % of warm-up, gradients clipped at 1; nothing is saved."""
    return TrainingArguments(
        directory,
        num_train_epochs=args.epochs,
        max_steps=args.max_steps,
        learning_rate=args.learning_rate,
        lr_scheduler_type="linear",
        warmup_ratio=0.1,
        weight_decay=0.01,
        max_grad_norm=1.0,
        per_device_train_batch_size=args.batch_size,
        per_device_eval_batch_size=128,
        group_by_length=args.batches == "by_length",
        bf16=args.precision == "bf16",
        use_cpu=args.device == "cpu",
        seed=args.seed,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=not sys.stderr.isatty(),
        dataloader_pin_memory=False,
    )


def make_optimizer(model: Any, args: argparse.Namespace) -> torch.optim.AdamW:
    """RETURNS (AdamW): The Trainer's own, with another learning rate for the classifier: only matrices are decayed."""
    groups: Dict[Any, List[Any]] = {}
    for name, weight in model.named_parameters():
        factor = args.head_factor if name.startswith("classifier") else 1.0
        groups.setdefault((factor, 0.01 if weight.ndim > 1 else 0.0), []).append(weight)
    return torch.optim.AdamW(
        [
            {"params": p, "lr": args.learning_rate * factor, "weight_decay": decay}
            for (factor, decay), p in groups.items()
        ],
        lr=args.learning_rate,
    )


if __name__ == "__main__":
    main()
