"""One run: a system, trained once on a training set. What it is made of, and the commands that make it."""

import hashlib
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from thinc.api import Config

from ..errors import Errors
from ..layers.weights import find_weights
from .corpora import Corpus
from .suite import Overrides, Recipe, Suite, System, TrainingSet, fill_places

# What {weights} stands for: the directory, for programs that know no other way to them.
WEIGHTS = "sentence-transformers/all-MiniLM-L6-v2"


@dataclass(frozen=True)
class Run:
    """A system, a training set and a seed."""

    training_set: TrainingSet
    system: System
    seed: int

    @property
    def key(self) -> str:
        """Its name among those of a data set."""
        return f"{self.system.name}-seed{self.seed}"

    @property
    def train(self) -> str:
        """ "all" if the selection split is trained on, too."""
        everything = self.system.train == "all" or any(x.train == "all" for x in self.training_set.datasets)
        return "all" if everything else "train"

    @property
    def config(self) -> Path:
        """The config, if it is no command."""
        return Path(fill_places(self.system.config, {"task": self.training_set.task}))

    def __str__(self) -> str:
        return f"{self.training_set.name}, {self.system.name}, seed {self.seed}"


def list_runs(
    suite: Suite,
    *,
    training_sets: Optional[Sequence[str]] = None,
    systems: Optional[Sequence[str]] = None,
    seeds: Optional[Sequence[int]] = None,
) -> List[Run]:
    """List the runs of a suite, in its order; seed by seed, so that all rows of a table are there soon.

    suite (Suite): The suite. training_sets (Optional[Sequence[str]]), systems (Optional[Sequence[str]]): Only these.
    seeds (Optional[Sequence[int]]): In the place of those of the suite.
    RETURNS (List[Run]): The runs.
    RAISES (ValueError): BS091 if a name is unknown.
    """
    _check_names("data set", training_sets, [*suite.datasets, *suite.together])
    _check_names("system", systems, list(suite.systems))
    seeds = seeds or suite.seeds
    runs = []
    for name in [x for x in (*suite.datasets, *suite.together) if training_sets is None or x in training_sets]:
        chosen = [x for x in suite.systems.values() if name in x.on and (systems is None or x.name in systems)]
        for i, seed in enumerate(seeds):
            runs += [Run(suite.get_set(name), x, seed) for x in chosen if x.seeds is None or i < x.seeds]
    return runs


def get_fingerprint(run: Run, corpora: Sequence[Dict[str, Corpus]]) -> str:
    """Tell whether a run would be another one now: by its config, settings, commands and corpora, not by its seed.

    run (Run): The run. corpora (Sequence[Dict[str, Corpus]]): Of each data set, by split.
    RETURNS (str): A digest. The version of the package is not in it: it is recorded with each run.
    """
    system = run.system
    parts: Dict[str, Any] = {
        "config": run.config.read_text("utf8") if system.config and run.config.is_file() else "",
        "command": [*system.before, system.command],
        "recipe": run.training_set.recipe.model_dump() if system.recipe or system.command else {},
        "overrides": [system.overrides, *system.candidates],
        "choose": [system.choose, run.train, run.training_set.task, system.epochs],
        "corpora": [[corpus.digest for corpus in parts.values()] for parts in corpora],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("ascii")).hexdigest()[:16]


def get_values(run: Run, folder: Path, corpora: Mapping[str, Path], *, texts: int, gpu_id: int) -> Dict[str, object]:
    """Collect what stands in the place of names in braces, see `suite.RUN_PLACES`.

    run (Run): The run. folder (Path): For its files. corpora (Mapping[str, Path]): By split.
    texts (int): Number of texts in the training corpus. gpu_id (int): -1 is the CPU.
    RETURNS (Dict[str, object]): By name.
    RAISES (OSError): BS004 if the weights are asked for and not found.
    """
    recipe = run.training_set.recipe
    asks_weights = any("{weights}" in words for words in run.system.words)
    return {
        "task": run.training_set.task,
        "seed": run.seed,
        "gpu_id": gpu_id,
        "epochs": f"{recipe.epochs:g}",
        "batch": recipe.batch,
        "learn_rate": recipe.learn_rate,
        "steps": get_steps(recipe.epochs, recipe.batch, texts),
        "weights": find_weights(WEIGHTS).resolve() if asks_weights else "",
        "run": folder,
        "predictions_select": folder / "select.jsonl.gz",
        "predictions_report": folder / "report.jsonl.gz",
        **corpora,
    }


def get_train_command(
    run: Run, candidate: Overrides, values: Mapping[str, object], *, texts: int, output: Path
) -> List[str]:
    """Make the command that trains a run.

    run (Run): The run. candidate (Dict[str, Any]): More overrides.
    values (Mapping[str, object]): See `get_values`. texts (int): Number of texts in the training corpus.
    output (Path): Where the models go.
    RETURNS (List[str]): `python -m spacy train …`.
    """
    system, recipe = run.system, run.training_set.recipe
    overrides: Overrides = {"paths.train": values["train"], "paths.dev": values["select"], "system.seed": run.seed}
    config = Config().from_disk(run.config, interpolate=False).get("training", {})
    every_epoch = system.choose == "best"
    if system.recipe:
        overrides.update(get_recipe_overrides(recipe, texts=texts, every_epoch=every_epoch))
    elif system.epochs:
        schedule = isinstance(config["optimizer"].get("learn_rate"), dict)
        batch = int(config["batcher"]["size"])
        overrides.update(
            get_step_overrides(system.epochs, batch, texts=texts, every_epoch=every_epoch, schedule=schedule)
        )
    # A progress bar would fill the log.
    if "progress_bar" in config.get("logger", {}):
        overrides["training.logger.progress_bar"] = None
    overrides.update({**system.overrides, **candidate})
    words = [sys.executable, "-m", "spacy", "train", str(run.config), "--output", str(output)]
    for key, value in overrides.items():
        words += [f"--{key}", fill_places(_to_word(value), values)]
    return [*words, "--gpu-id", str(values["gpu_id"])]


def get_recipe_overrides(recipe: Recipe, *, texts: int, every_epoch: bool) -> Overrides:
    """Turn a recipe into overrides of a config with a scheduled learning rate.

    recipe (Recipe): The recipe. texts (int), every_epoch (bool): See `get_step_overrides`.
    RETURNS (Dict[str, Any]): The overrides.
    """
    return {
        **get_step_overrides(recipe.epochs, recipe.batch, texts=texts, every_epoch=every_epoch, schedule=True),
        "training.batcher.size": recipe.batch,
        "training.optimizer.learn_rate.initial_rate": recipe.learn_rate,
        **recipe.overrides,
    }


def get_step_overrides(epochs: float, batch: int, *, texts: int, every_epoch: bool, schedule: bool) -> Overrides:
    """Turn epochs into steps.

    epochs (float): Over the texts. batch (int): Texts in a step. texts (int): Number of texts in the training corpus.
    every_epoch (bool): Score the model after each epoch, and not at the end alone.
    schedule (bool): The learning rate rises for a tenth of the steps, then falls to 0.
    RETURNS (Dict[str, Any]): Overrides of the config. The last step is always scored.
    """
    n_scores = max(1, round(epochs)) if every_epoch else 1
    frequency = get_steps(epochs / n_scores, batch, texts)
    steps = frequency * n_scores
    overrides: Overrides = {"training.max_steps": steps, "training.eval_frequency": frequency}
    if schedule:
        overrides["training.optimizer.learn_rate.total_steps"] = steps
        overrides["training.optimizer.learn_rate.warmup_steps"] = max(1, round(steps / 10))
    return overrides


def get_steps(epochs: float, batch: int, texts: int) -> int:
    """RETURNS (int): Steps of so many epochs, at least one."""
    return max(1, round(epochs * texts / batch))


def get_command(words: str, python: str, values: Mapping[str, object]) -> List[str]:
    """Make a command of a system.

    words (str): The command, with names in braces; "python" is this interpreter.
    python (str): Put before it, if there is one.
    values (Mapping[str, object]): See `get_values`.
    RETURNS (List[str]): Its words.
    """
    filled = [fill_places(word, values) for word in shlex.split(words)]
    if python:
        return [python, *filled]
    return [sys.executable, *filled[1:]] if filled[0] == "python" else filled


def _to_word(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, Path) else json.dumps(value)


def _check_names(what: str, names: Optional[Sequence[str]], known: Sequence[str]) -> None:
    for name in names or ():
        if name not in known:
            raise ValueError(Errors.BS091.format(what=what, name=name, known=", ".join(known)))
