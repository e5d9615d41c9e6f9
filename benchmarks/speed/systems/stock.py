"""Stock spaCy: spacy-transformers and the text classifier, as in configs/baselines/textcat_transformer.cfg."""

import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import spacy
from spacy import util
from spacy.language import Language
from spacy.training import Example

from .work import read_work, set_up

CONFIG = Path(__file__).resolve().parents[3] / "configs" / "baselines" / "textcat_transformer.cfg"
LABELS = ("positive", "neutral", "negative")


def make_stock(weights: str) -> Language:
    """RETURNS (Language): Transformer and text classifier with three labels, not trained."""
    config = util.load_config(CONFIG, overrides={"vars.name": weights})
    nlp = util.load_model_from_config(config, auto_fill=True)
    nlp.initialize(lambda: make_examples(nlp, ["A text."] * len(LABELS), LABELS))
    return nlp


def make_examples(nlp: Language, texts: List[str], labels: Any, prefix: str = "") -> List[Example]:
    """RETURNS (List[Example]): Texts with one of `LABELS` each."""
    return [
        Example.from_dict(nlp.make_doc(text), {"cats": {prefix + x: float(x == label) for x in LABELS}})
        for text, label in zip(texts, labels)
    ]


class Stock:
    """settings (Dict[str, Any]): "weights" (a directory), "threads", "gpu_id", "batch_size"."""

    def __init__(self, settings: Dict[str, Any]):
        set_up(settings)
        if settings["gpu_id"] >= 0:
            spacy.require_gpu(settings["gpu_id"])
        self.batch_size = settings["batch_size"]
        self.nlp = make_stock(settings["weights"])

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size"; "single": as of `Ours`."""
        texts = read_work(request["work"]).texts

        def run() -> Dict[str, Any]:
            for _ in self.nlp.pipe(texts, batch_size=request.get("batch_size", self.batch_size)):
                pass
            return {}

        def run_single() -> Dict[str, Any]:
            seconds = []
            for text in texts:
                start = time.perf_counter()
                self.nlp(text)
                seconds.append(time.perf_counter() - start)
            return {"each": seconds}

        return run_single if request.get("single") else run
