"""SetFit's model of aspect polarity, trained on the gold aspects: contrastive pairs, then logistic regression.

Its own search for aspects needs a tagger and takes no part. An item is the text of SetFit's own making: the aspect with
three tokens on either side, a colon, and the whole text.
"""

import argparse
import sys
import tempfile
from typing import List

from arguments import make_parser, parse, skip

try:
    import spacy
    import torch
    from corpora import Item, PredictT, ScoresT, run
    from datasets import Dataset
    from setfit import Trainer, TrainingArguments
    from setfit.span.modeling import PolarityModel
    from transformers import set_seed

    from spacy_bertsent.layers.weights import find_weights
except ImportError as e:
    skip("setfit", e)


def main() -> None:
    parser = make_parser(__doc__, tasks=("aspect_sentiment",))
    parser.add_argument("--max-steps", type=int, default=-1, help="optimizer steps, instead of --epochs")
    parser.add_argument("--iterations", type=int, default=1, help="pairs of each kind for each aspect in an epoch")
    # SetFit's own.
    parser.set_defaults(epochs=1, learning_rate=2e-5, batch_size=16)
    packages = ("setfit", "sentence-transformers", "transformers", "torch", "scikit-learn")
    run("setfit_absa", parse(parser), train, packages=packages, context="document")


def train(args: argparse.Namespace, items: List[Item], labels: List[str]) -> PredictT:
    """Train the encoder and the regression. RETURNS (PredictT): Predicts with both."""
    set_seed(args.seed)
    model = PolarityModel.from_pretrained(str(find_weights(args.weights)), labels=labels, device="cpu")
    model.model_body.max_seq_length = args.max_length
    nlp = spacy.blank("en")

    def write(asked: List[Item]) -> List[str]:
        docs, aspects = [], []
        for item in asked:
            doc = nlp.make_doc(item.context)
            span = doc.char_span(*item.focus, alignment_mode="expand")
            docs.append(doc)
            aspects.append([slice(span.start, span.end)])
        return list(model.prepend_aspects(docs, aspects))

    truths = [labels.index(item.best) for item in items]
    with tempfile.TemporaryDirectory() as directory:
        settings = TrainingArguments(
            directory,
            num_epochs=args.epochs,
            max_steps=args.max_steps,
            num_iterations=args.iterations,
            body_learning_rate=args.learning_rate,
            batch_size=args.batch_size,
            max_length=args.max_length,
            seed=args.seed,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            show_progress_bar=sys.stderr.isatty(),
        )
        data = Dataset.from_dict({"text": write(items), "label": truths})
        Trainer(model, settings, train_dataset=data).train()

    def predict(asked: List[Item]) -> ScoresT:
        return torch.as_tensor(model.predict_proba(write(asked), batch_size=128)).tolist()

    return predict


if __name__ == "__main__":
    main()
