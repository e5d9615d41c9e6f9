"""What the tests of the benchmark share: a suite, a bench without networks."""

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import srsly

from spacy_bertsent.benchmark.bench import Bench
from spacy_bertsent.benchmark.suite import Suite
from spacy_bertsent.cli.convert import convert

RECIPE = {"epochs": 2, "batch": 4, "learn_rate": 0.001}
CONFIG = "[training]\nmax_steps = 1\n\n[training.logger]\nprogress_bar = true\n"


def make_suite(folder: Path) -> Dict[str, Any]:
    """Two data sets, one with emotions, both together, and four systems. The config is written into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.cfg").write_text(CONFIG, "utf8")
    make = [
        "bertsent {data}/{name}.jsonl {corpus}/all.spacy --dev {corpus}/report.spacy --dev-share 0.2",
        {"split": "all.spacy", "rest": "train.spacy", "aside": "select.spacy", "share": 0.25},
    ]

    def make_dataset(name: str, task: str, *measures: str) -> Dict[str, Any]:
        return {
            "title": f"The {name}",
            "task": task,
            "measures": list(measures),
            "select": "a fifth of the training texts",
            "report": "another fifth",
            "make": [step.replace("{name}", name) if isinstance(step, str) else step for step in make],
            "recipe": RECIPE,
        }

    suite = {
        "seeds": [0, 1],
        "readme": ["plain", "joint"],
        "datasets": {
            "foods": make_dataset("foods", "polarity", "polarity.accuracy", "polarity.macro_f1"),
            "moods": make_dataset("moods", "emotions", "emotions.macro_f1"),
        },
        "together": {"both": {"datasets": ["foods", "moods"], "task": "joint", "recipe": RECIPE}},
        "systems": {
            "plain": {"title": "Plain", "on": ["foods", "moods"], "config": f"{folder}/toy.cfg", "seeds": 1},
            "tuned": {
                "title": "Tuned",
                "on": ["foods"],
                "config": f"{folder}/toy.cfg",
                "recipe": True,
                "choose": "best",
                "candidates": [{"toy.quality": 0.4}, {"toy.quality": 0.8}, {"toy.quality": 0.6}],
            },
            "script": {
                "title": "A script",
                "on": ["foods"],
                "command": "script.py {train} {seed} {predictions_select} {predictions_report} --epochs {epochs}",
            },
            "joint": {"title": "Joint", "on": ["both"], "config": f"{folder}/toy.cfg", "overrides": {"toy.size": 3}},
        },
    }
    # No part twice: tests change it.
    copied: Dict[str, Any] = json.loads(json.dumps(suite))
    return copied


def read_toy(data: Dict[str, Any]) -> Suite:
    return Suite.model_validate(data)


def write_suite(data: Dict[str, Any], path: Path) -> Path:
    path.write_text(srsly.yaml_dumps(data), "utf8")
    return path


def make_data(folder: Path, n_rows: int = 40) -> Path:
    """Write raw data of both data sets."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, key in {"foods": "polarity", "moods": "emotions"}.items():
        rows = []
        for i in range(n_rows):
            value: Any = "positive" if i % 2 else "negative"
            label = {"text": f"{name} number {i}", key: value if key == "polarity" else ["joy"] * (i % 2)}
            rows.append(json.dumps(label) + "\n")
        (folder / f"{name}.jsonl").write_text("".join(rows), "utf8")
    return folder


class ToyRunner:
    """Runs no process: `convert` in this one, `train` and scripts as notes of what they were told.

    commands: All that was run. broken: A command with this word fails. mute: Scripts write no predictions.
    """

    def __init__(self, broken: str = "-", mute: bool = False):
        self.commands: List[List[str]] = []
        self.broken = broken
        self.mute = mute

    def __call__(self, words: Sequence[str], log: Path) -> int:
        self.commands.append(list(words))
        with log.open("a", encoding="utf8") as file:
            file.write("one line\nand the last line\n")
        if self.broken in words:
            return 1
        if words[1:5] == ["-m", "spacy", "bertsent", "convert"]:
            name, source, output, *options = words[5:]
            assert options[0] == "--dev" and options[2:] == ["--dev-share", "0.2"]
            convert(name, [Path(source)], Path(output), dev=Path(options[1]), dev_share=0.2)
        elif words[1:4] == ["-m", "spacy", "train"]:
            settings = dict(zip(words[5::2], words[6::2]))
            for name in ("model-best", "model-last"):
                model = Path(settings["--output"]) / name
                model.mkdir(parents=True)
                (model / "toy.json").write_text(json.dumps({**settings, "name": name}), "utf8")
        elif not self.mute:
            for path in [Path(word) for word in words if word.endswith(".jsonl.gz")]:
                path.write_text(json.dumps({"quality": 0.7}), "utf8")
        return 0

    def count(self, word: str) -> int:
        return sum(word in words for words in self.commands)


class ToyRoom:
    """Stands for the room of evaluation: scores are the `toy.quality` that a model was trained with, less its seed."""

    def __init__(self) -> None:
        self.calls: List[List[Any]] = []

    def predict(self, model: Path, corpora: Mapping[Path, Path]) -> Optional[int]:
        options = json.loads((model / "toy.json").read_text("utf8"))
        quality = float(options.get("--toy.quality", 0.5)) - float(options["--system.seed"]) / 10
        for corpus, output in corpora.items():
            assert corpus.is_file()
            output.write_text(json.dumps({"quality": quality, "model": options["name"]}), "utf8")
        self.calls.append(["predict", model, sorted(path.name for path in corpora)])
        return 1234

    def score(
        self,
        predictions: Path,
        corpus: Path,
        *,
        thresholds_from: Optional[Path] = None,
        thresholds_corpus: Optional[Path] = None,
    ) -> Dict[str, Any]:
        quality = json.loads(predictions.read_text("utf8"))["quality"] - (0.01 if corpus.stem == "report" else 0.0)
        from_select = (thresholds_from is not None, thresholds_corpus and thresholds_corpus.name)
        self.calls.append(["score", predictions.name, corpus.name, *from_select])
        word = "polarity" if corpus.parent.name == "foods" else "emotions"
        return {"texts": 8, word: {"accuracy": quality, "macro_f1": quality, "per_label": {"x": {"f1": 1.0}}}}


def make_bench(folder: Path, runner: Optional[ToyRunner] = None, room: Optional[ToyRoom] = None) -> Bench:
    """A bench on toy data, in a folder."""
    room = room or ToyRoom()
    data = make_data(folder / "data")
    return Bench(data, folder / "work", folder / "results", room.predict, room.score, runner or ToyRunner())
