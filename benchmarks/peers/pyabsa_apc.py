"""PyABSA's classifier of aspect polarity, trained without a test set, so that it cannot choose a checkpoint on one.

Everything else is as the library does it: constant learning rate, no clipping, all inputs padded to --max-length.
"""

import argparse
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List

from arguments import make_parser, parse, skip

try:
    import spacy
    from corpora import Item, PredictT, ScoresT, run
    from pyabsa import AspectPolarityClassification as APC

    from spacy_bertsent.layers.weights import find_weights
except ImportError as e:
    skip("pyabsa", e)


def main() -> None:
    parser = make_parser(__doc__, tasks=("aspect_sentiment",))
    parser.add_argument("--model", choices=("FAST_LCF_BERT", "BERT_SPC"), default="FAST_LCF_BERT")
    # PyABSA's own for English.
    parser.set_defaults(epochs=10, learning_rate=2e-5, batch_size=16, max_length=80)
    run("pyabsa_apc", parse(parser), train, packages=("pyabsa", "transformers", "torch"), context="document")


def train(args: argparse.Namespace, items: List[Item], labels: List[str]) -> PredictT:
    """Train. RETURNS (PredictT): Predicts with the last weights."""
    source = find_weights(args.weights).resolve()
    config = APC.APCConfigManager.get_apc_config_english()
    with tempfile.TemporaryDirectory() as directory, _inside(Path(directory)):
        # PyABSA keeps upper case, which these weights do not know, unless the name of the directory says "uncased".
        Path("uncased").symlink_to(source)
        # It loads a spaCy model that only its syntax models need.
        spacy.blank("en").to_disk("blank")
        lines = [line for item in items for line in (mark(item, "$T$"), item.text, item.best)]
        Path("corpus").mkdir()
        Path("corpus/corpus.train.dat.apc").write_text("\n".join(lines) + "\n", encoding="utf8")
        config.model = getattr(APC.APCModelList, args.model)
        config.pretrained_bert = str(Path("uncased").absolute())
        config.spacy_model = str(Path("blank").absolute())
        config.num_epoch = args.epochs
        config.learning_rate = args.learning_rate
        config.batch_size = args.batch_size
        config.max_seq_len = args.max_length
        config.seed = args.seed
        config.cache_dataset = False
        trainer = APC.APCTrainer(config=config, dataset="corpus", checkpoint_save_mode=0, auto_device="cpu")
        classifier = trainer.load_trained_model()

    def predict(asked: List[Item]) -> ScoresT:
        # "-100" is PyABSA's label of what is not known.
        texts = [mark(item, f"[B-ASP]{item.text}[E-ASP]") + "$LABEL$-100" for item in asked]
        settings = {"print_result": False, "ignore_error": False, "merge_results": False, "eval_batch_size": 128}
        results = classifier.predict(texts, **settings)
        order = [classifier.config.label_to_index[label] for label in labels]
        return [[float(result["probs"][i]) for i in order] for result in results]

    return predict


def mark(item: Item, words: str) -> str:
    """RETURNS (str): The context on one line, with other words in the place of the aspect."""
    start, end = item.focus
    return " ".join(f"{item.context[:start]}{words}{item.context[end:]}".split())


@contextmanager
def _inside(directory: Path) -> Iterator[None]:
    """PyABSA looks for its data below the working directory, and writes logs there."""
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main()
