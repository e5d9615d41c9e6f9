"""PyABSA: its classifier of aspects, trained on a few texts, since it has no other way to start from weights."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any, Callable, Dict, List

from .work import Work, read_work, set_up

sys.path.append(str(Path(__file__).resolve().parents[2] / "peers"))

from corpora import Item
from pyabsa_apc import train

SENTIMENTS = ["negative", "neutral", "positive"]


class PyABSA:
    """settings (Dict[str, Any]): "weights" (a directory), "threads"."""

    def __init__(self, settings: Dict[str, Any]):
        set_up(settings)
        text = "The soup was cold ."
        few = [
            Item(0, 4, 8, "", "soup", text, 0, {label: float(label == x) for label in SENTIMENTS})
            for x in SENTIMENTS * 6
        ]
        recipe = Namespace(
            weights=settings["weights"], model="FAST_LCF_BERT", epochs=1, learning_rate=2e-5, batch_size=16,
            max_length=80, seed=0,
        )  # fmt: skip
        self.predict = train(recipe, few, SENTIMENTS)

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path)."""
        items = make_items(read_work(request["work"]))

        def run() -> Dict[str, Any]:
            self.predict(items)
            return {}

        return run


def make_items(work: Work) -> List[Item]:
    """RETURNS (List[Item]): The aspects as the scripts of the peers take them."""
    return [
        Item(i, start, end, "", text[start:end], text, 0, {})
        for i, (text, aspects, _) in enumerate(work.marked)
        for start, end in aspects
    ]
