"""Training in spaCy's own loop, as `spacy train` runs it: this package, or stock spaCy."""

import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import spacy
import torch
from spacy import util
from spacy.training.loop import train_while_improving
from spacy.util import registry

from .stock import LABELS, make_examples
from .work import read_work, set_up

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
NAMES = {
    "ours": ("polarity.cfg", "polarity:"),
    "stock": ("baselines/textcat_transformer.cfg", ""),
}
# Steps at the start of each measurement that are not counted: the optimizer makes its state.
WARM_UP = 2


class Train:
    """settings (Dict[str, Any]): "name" ("ours" or "stock"), "weights" (a directory), "engine" (settings of the
    backbone's model), "threads", "gpu_id"."""

    def __init__(self, settings: Dict[str, Any]):
        set_up(settings)
        if settings["gpu_id"] >= 0:
            spacy.require_gpu(settings["gpu_id"])
        path, self.prefix = NAMES[settings["name"]]
        overrides: Dict[str, Any] = {"vars.name": settings["weights"]}
        if settings["name"] == "ours":
            model = {"name": settings["weights"], **settings["engine"]}
            overrides = {f"components.backbone.model.{key}": value for key, value in model.items()}
        config = util.load_config(CONFIGS / path, overrides=overrides)
        self.nlp = util.load_model_from_config(config, auto_fill=True)
        self.training = self.nlp.config.interpolate()["training"]
        self.nlp.initialize(lambda: make_examples(self.nlp, ["A text."] * 3, LABELS, self.prefix))

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size", "steps": that are counted."""
        work, size = read_work(request["work"]), request["batch_size"]
        examples = make_examples(self.nlp, work.texts, work.labels, self.prefix)
        batches = [(0, examples[i : i + size]) for i in range(0, size * (request["steps"] + WARM_UP), size)]
        optimizer = registry.resolve({"optimizer": self.training["optimizer"]})["optimizer"]

        def run() -> Dict[str, Any]:
            steps = train_while_improving(
                self.nlp,
                optimizer,
                iter(batches),
                evaluate=lambda: (0.0, {}),
                dropout=self.training["dropout"],
                eval_frequency=10**9,
                accumulate_gradient=1,
                patience=0,
                max_steps=0,
                exclude=[],
                annotating_components=[],
                before_update=None,
            )
            ends: List[float] = []
            for _ in steps:
                if torch.cuda.is_initialized():
                    torch.cuda.synchronize()
                ends.append(time.perf_counter())
            return {"seconds": ends[-1] - ends[WARM_UP - 1], "steps": len(ends) - WARM_UP}

        return run
