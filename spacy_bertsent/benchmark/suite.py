"""The suite: which systems are trained on which data sets, and what is reported. See benchmarks/suite.yml."""

import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Literal, Mapping, Optional, Tuple, Union

import srsly
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, model_validator

from ..errors import Errors

PLACE = re.compile(r"\{([a-z_]+)\}")
# What commands and overrides may hold in braces.
RUN_PLACES = (
    "task", "seed", "gpu_id", "epochs", "batch", "learn_rate", "steps", "run", "train", "select", "report",
    "predictions_select", "predictions_report", "weights",
)  # fmt: skip
MAKE_PLACES = ("data", "corpus")
Overrides = Dict[str, Any]


class Entry(BaseModel):
    """An entry of the file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


class Recipe(Entry):
    """How a network is fine-tuned on a training set.

    epochs (float): Over its texts. batch (int): Texts in a step. learn_rate (float): The highest, after the warm-up.
    overrides (Dict[str, Any]): More settings of the config.
    """

    epochs: PositiveFloat
    batch: PositiveInt
    learn_rate: PositiveFloat
    overrides: Overrides = {}


class Split(Entry):
    """Put a share of a corpus aside: the texts with the lowest hashes, all copies of a text together.

    split (str): The corpus. rest (str), aside (str): Where the two parts go. share (float): Of its distinct texts.
    first (Optional[int]): Take so many texts of the corpus, and leave the others out.
    """

    split: str
    rest: str
    aside: str
    share: float = Field(gt=0, lt=1)
    first: Optional[PositiveInt] = None


class DataSet(Entry):
    """A data set with three splits, and a table of its own.

    title (str): Heading of the table. task (str): That of its config: "polarity", "aspect_sentiment", ...
    measures (List[str]): Columns of the table, as in the report; the first one decides where a setting is selected.
    readme (List[str]): Those that the README shows.
    select (str), report (str): In words, which texts things are selected on, and which are reported.
    make (List[Union[str, Split]]): How train.spacy, select.spacy and report.spacy are made: arguments of `convert`, and
        splits. {data} is the directory of the raw data, {corpus} that of the files.
    recipe (Recipe): Of fine-tuning. train ("train" or "all"): See `System`.
    note (str): What readers of the table must know.
    """

    name: str = ""
    title: str
    task: str
    measures: List[str] = Field(min_length=1)
    readme: List[str] = []
    select: str
    report: str
    make: List[Union[str, Split]]
    recipe: Recipe
    train: Literal["train", "all"] = "train"
    note: str = ""


class Together(Entry):
    """Several data sets that one model is trained on; it is reported on each.

    datasets (List[str]): Their names. task (str): In the place of theirs. recipe (Recipe): Of fine-tuning.
    """

    datasets: List[str] = Field(min_length=1)
    task: str
    recipe: Recipe


class System(Entry):
    """One row of the tables.

    title (str): What it is. on (List[str]): Data sets, or names of several that are trained together.
    config (str): Config of `spacy train`; or command (str): A script that writes two files of predictions, and
        python (str): The interpreter that runs it. If there is no such interpreter, the system is left out.
    before (List[str]): Commands that are run before the training.
    recipe (bool): Take epochs, batch, learning rate and overrides from the data set.
    epochs (Optional[float]): Or take all from the config but the number of steps, which depends on the texts.
    overrides (Dict[str, Any]): More settings of the config.
    candidates (List[Dict[str, Any]]): Sets of overrides; the best one on the selection split is reported.
    choose (str): "best", the step with the best score on the selection split, or "last", for which nothing is selected.
    train (str): "train", or "all": also on the selection split, where nothing is selected on it.
    seeds (Optional[int]): So many of the seeds are enough: 1 where nothing is random.
    """

    name: str = ""
    title: str
    on: List[str]
    config: str = ""
    command: str = ""
    python: str = ""
    before: List[str] = []
    recipe: bool = False
    epochs: Optional[PositiveFloat] = None
    overrides: Overrides = {}
    candidates: List[Overrides] = []
    choose: Literal["best", "last"] = "last"
    train: Literal["train", "all"] = "train"
    seeds: Optional[PositiveInt] = None

    @model_validator(mode="after")
    def _check(self) -> "System":
        if bool(self.config) == bool(self.command):
            raise ValueError("expected either 'config' or 'command'")
        if self.command and (self.overrides or self.candidates or self.recipe or self.epochs or self.choose == "best"):
            raise ValueError("a command takes no overrides, candidates, recipe, epochs or choose")
        if self.recipe and self.epochs:
            raise ValueError("expected either 'recipe' or 'epochs'")
        if self.train == "all" and self.selects:
            raise ValueError("trains on the selection split (train: all) and selects on it")
        for words in self.words:
            _check_places(words, RUN_PLACES)
        return self

    @property
    def words(self) -> List[str]:
        """All that may hold names in braces."""
        return [self.config, self.command, *self.before, *_get_strings([self.overrides, *self.candidates])]

    @property
    def selects(self) -> bool:
        """Whether a step or a setting is selected."""
        return self.choose == "best" or len(self.candidates) > 1


class TrainingSet(Entry):
    """What a model is trained on: one data set, or several together."""

    name: str
    datasets: List[DataSet]
    task: str
    recipe: Recipe


class Suite(Entry):
    """A file of data sets and systems.

    seeds (List[int]): Seeds of each system. readme (List[str]): Systems that the README shows.
    """

    seeds: List[int] = Field(default=[0], min_length=1)
    readme: List[str] = []
    datasets: Dict[str, DataSet]
    together: Dict[str, Together] = {}
    systems: Dict[str, System]

    @model_validator(mode="after")
    def _check(self) -> "Suite":
        for entries in (self.datasets, self.systems):
            for name, entry in entries.items():
                if not re.fullmatch(r"[\w-]+", name):
                    raise ValueError(f"{name!r} is no name for a file")
                entry.name = name
        for name, together in self.together.items():
            _check_known(f"together.{name}", together.datasets, self.datasets)
            if name in self.datasets:
                raise ValueError(f"together.{name} has the name of a data set")
        for dataset in self.datasets.values():
            for words in (x for x in dataset.make if isinstance(x, str)):
                _check_places(words, MAKE_PLACES)
        _check_known("readme", self.readme, self.systems)
        for system in self.systems.values():
            self._check_system(system)
        return self

    def _check_system(self, system: System) -> None:
        where = f"systems.{system.name}"
        _check_known(where, system.on, {**self.datasets, **self.together})
        reported: List[str] = []
        for training_set in map(self.get_set, system.on):
            reported += [dataset.name for dataset in training_set.datasets]
            if system.command and len(training_set.datasets) > 1:
                raise ValueError(f"{where}: a command is trained on one data set, not on {training_set.name}")
            if system.selects and any(dataset.train == "all" for dataset in training_set.datasets):
                raise ValueError(f"{where}: {training_set.name} is trained with its selection split")
        for name in reported:
            if reported.count(name) > 1:
                raise ValueError(f"{where}: two rows in the table of {name}")

    def get_set(self, name: str) -> TrainingSet:
        """RETURNS (TrainingSet): That of a data set, or of several together."""
        if name in self.datasets:
            dataset = self.datasets[name]
            return TrainingSet(name=name, datasets=[dataset], task=dataset.task, recipe=dataset.recipe)
        together = self.together[name]
        datasets = [self.datasets[x] for x in together.datasets]
        return TrainingSet(name=name, datasets=datasets, task=together.task, recipe=together.recipe)


def read_suite(path: Path) -> Suite:
    """Read a suite.

    path (Path): A YAML file. RETURNS (Suite): Its contents, checked.
    RAISES (ValueError): BS090 if it has a fault; BS021 or BS036 if there is none.
    """
    if path.is_dir():
        raise ValueError(Errors.BS036.format(path=path))
    if not path.exists():
        advice = "Type: python -m spacy bertsent benchmark benchmarks/suite.yml"
        raise ValueError(Errors.BS021.format(path=path, advice=advice))
    try:
        return Suite.model_validate(srsly.yaml_loads(path.read_text("utf8")))
    except ValidationError as e:
        fault = "; ".join(_describe(error) for error in e.errors()[:3])
        raise ValueError(Errors.BS090.format(path=path, fault=fault)) from e
    except ValueError as e:
        raise ValueError(Errors.BS090.format(path=path, fault=e)) from e


def fill_places(words: str, values: Mapping[str, object]) -> str:
    """RETURNS (str): Words with values in the place of names in braces."""
    return PLACE.sub(lambda found: str(values[found[1]]), words)


def _describe(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    fault = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {fault}" if where else fault


def _check_known(where: str, names: List[str], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{where}: unknown {name!r}, expected one of: {', '.join(known)}")


def _check_places(words: str, known: Tuple[str, ...]) -> None:
    for name in PLACE.findall(words):
        if name not in known:
            raise ValueError(f"unknown {{{name}}}, expected one of: {', '.join(known)}")


def _get_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _get_strings(one)
