from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from spacy_bertsent.benchmark.suite import fill_places, read_suite

from .util import make_suite, read_toy, write_suite


def test_suite_is_read(tmp_path: Path) -> None:
    suite = read_suite(write_suite(make_suite(tmp_path), tmp_path / "suite.yml"))
    assert suite == read_toy(make_suite(tmp_path))
    assert list(suite.datasets) == ["foods", "moods"] and suite.datasets["moods"].name == "moods"
    assert suite.systems["tuned"].selects and not suite.systems["plain"].selects
    both, foods = suite.get_set("both"), suite.get_set("foods")
    assert [x.name for x in both.datasets] == ["foods", "moods"] and both.task == "joint"
    assert [x.name for x in foods.datasets] == ["foods"] and foods.task == "polarity"


def set_key(*path: Any) -> Callable[[Dict[str, Any]], None]:
    *keys, value = path

    def change(data: Dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change,fault",
    [
        (set_key("colour", "red"), "colour: Extra inputs are not permitted"),
        (set_key("seeds", []), "seeds: List should have at least 1 item"),
        (set_key("seeds", ["x"]), "seeds.0: Input should be a valid integer"),
        (set_key("systems", "plain", "on", ["nowhere"]), "systems.plain: unknown 'nowhere', expected one of: foods"),
        (set_key("systems", "plain", "command", "x"), "expected either 'config' or 'command'"),
        (set_key("systems", "plain", "config", ""), "expected either 'config' or 'command'"),
        (set_key("systems", "plain", "config", "{job}.cfg"), "unknown {job}, expected one of: task, seed"),
        (set_key("systems", "plain", "overrides", {"a.b": ["{jobs}"]}), "unknown {jobs}"),
        (set_key("systems", "plain", "before", ["python {x}"]), "unknown {x}"),
        (set_key("systems", "plain", "choose", "first"), "systems.plain.choose: Input should be 'best' or 'last'"),
        (set_key("systems", "script", "recipe", True), "a command takes no overrides"),
        (set_key("systems", "tuned", "epochs", 2), "expected either 'recipe' or 'epochs'"),
        (set_key("systems", "script", "on", ["both"]), "systems.script: a command is trained on one data set"),
        (set_key("systems", "tuned", "train", "all"), "trains on the selection split (train: all) and selects on it"),
        (set_key("datasets", "foods", "train", "all"), "systems.tuned: foods is trained with its selection split"),
        (set_key("systems", "joint", "on", ["both", "foods"]), "systems.joint: two rows in the table of foods"),
        (set_key("systems", "a/b", {"title": "x", "on": [], "config": "x"}), "'a/b' is no name for a file"),
        (set_key("together", "x", {"datasets": ["moods"], "task": "x", "recipe": {}}), "together.x.recipe.epochs"),
        (set_key("together", "both", "datasets", ["foods", "mods"]), "together.both: unknown 'mods'"),
        (set_key("readme", ["fast"]), "readme: unknown 'fast', expected one of: plain, tuned, script, joint"),
        (set_key("datasets", "foods", "make", ["sst2 {raw}/x y"]), "unknown {raw}, expected one of: data, corpus"),
        (set_key("datasets", "foods", "make", [{"split": "a", "rest": "b", "aside": "c", "share": 1}]), "less than 1"),
        (set_key("datasets", "foods", "recipe", "epochs", 0), "greater than 0"),
        (set_key("datasets", "foods", "measures", []), "datasets.foods.measures"),
    ],
)  # fmt: skip
def test_faults_are_named(tmp_path: Path, change: Callable[[Dict[str, Any]], None], fault: str) -> None:
    data = make_suite(tmp_path)
    change(data)
    with pytest.raises(ValueError, match="BS090") as caught:
        read_suite(write_suite(data, tmp_path / "suite.yml"))
    assert fault in str(caught.value)


def test_together_may_not_have_the_name_of_a_data_set(tmp_path: Path) -> None:
    data = make_suite(tmp_path)
    data["together"]["foods"] = data["together"]["both"]
    with pytest.raises(ValueError, match="BS090.*together.foods has the name of a data set"):
        read_suite(write_suite(data, tmp_path / "suite.yml"))


def test_no_suite(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("datasets: [", "utf8")
    (tmp_path / "list.yml").write_text("- a\n- b", "utf8")
    for name in ("broken.yml", "list.yml"):
        with pytest.raises(ValueError, match="BS090"):
            read_suite(tmp_path / name)
    with pytest.raises(ValueError, match="BS021"):
        read_suite(tmp_path / "nothing.yml")
    with pytest.raises(ValueError, match="BS036"):
        read_suite(tmp_path)


def test_places_are_filled() -> None:
    assert fill_places("{a}/x {b} {1} {}", {"a": Path("y"), "b": 3}) == "y/x 3 {1} {}"
