from pathlib import Path
from typing import Any, Dict, List

import pytest

from spacy_bertsent.benchmark.records import ResultsT
from spacy_bertsent.benchmark.suite import Suite
from spacy_bertsent.benchmark.tables import (
    END,
    MEASURES,
    START,
    fill_readme,
    list_systems,
    make_page,
    make_summary,
    select_runs,
    to_cell,
)

from .util import make_suite, read_toy


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return read_toy(make_suite(tmp_path))


def make_record(system: str, seed: int, *scores: float, **changes: Any) -> Dict[str, Any]:
    return {
        "system": system,
        "seed": seed,
        "fingerprint": "a",
        "scores": dict(zip(("polarity.accuracy", "polarity.macro_f1"), scores)),
        "selected": [],
        "texts": {"train": 24, "select": 8, "report": 9},
        "seconds": {"train": 90 + 60 * seed, "all": 200},
        "parameters": 22_713_216,
        "machine": "Abacus",
        "threads": 1,
        "versions": {"python": "3.11", "spacy": "3.8"},
        "time": "2026-11-20T09:30:00Z",
        **changes,
    }


def make_results(*records: Dict[str, Any], failed: List[str] = []) -> ResultsT:  # noqa: B006
    return {
        "runs": {f"{record['system']}-seed{record['seed']}": record for record in records},
        "failed": {key: {"output": ["x"], "time": "2026-11-20T09:30:00Z"} for key in failed},
    }


def test_page(suite: Suite) -> None:
    results = make_results(
        make_record("joint", 1, 0.5, selected=["thresholds"], time="2026-11-22T09:30:00Z", threads=2),
        make_record("tuned", 1, 0.90, 0.8, selected=["step", "1 of 3 settings"]),
        make_record("tuned", 0, 0.88, 0.8, selected=["step", "1 of 3 settings"]),
        make_record("plain", 0, 0.51234, parameters=None),
        failed=["plain-seed0", "script-seed1"],
    )
    page = make_page(suite, suite.datasets["foods"], results, path="suite.yml")
    # sd of 88 and 90: 1.4
    assert (
        page
        == """\
# The foods

Reported: another fifth (9 texts), on which no run selects anything.
Selected on: a fifth of the training texts (8 texts); the column tells what.

| System | accuracy | macro-F1 | Seeds | Selected | Training texts | Parameters | Minutes |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| Plain | 51.2 | - | 0 | nothing | 24 | - | 1.5 |
| Tuned | 89.0 ± 1.4 | 80.0 ± 0.0 | 0, 1 | step, 1 of 3 settings | 24 | 22.7 M | 2.0 |
| Joint | 50.0 | - | 1 | thresholds | 24 | 22.7 M | 2.5 |

In per cent; mean ± standard deviation over seeds. Minutes: training of one run with all that it needs; of
scripts, prediction too. Parameters: of all networks.

Made by `python -m spacy bertsent benchmark suite.yml --datasets foods,both`. The command of each run and all its
measures: [foods.json](foods.json). Its predictions: `predictions/foods/`.

Dates: 2026-11-20; 2026-11-22.
Machine: Abacus, 1 thread a run; Abacus, 2 threads a run.
Versions: python 3.11, spacy 3.8.
Not run: script.
Failed: script-seed1.
"""
    )


def test_page_says_what_matters(tmp_path: Path) -> None:
    data = make_suite(tmp_path)
    data["systems"]["tuned"]["on"] = []
    data["datasets"]["foods"].update(train="all", select="nothing", measures=["aspects.masked.accuracy"])
    suite = read_toy(data)
    page = make_page(suite, suite.datasets["foods"], make_results(make_record("plain", 0, 0.5)), path="suite.yml")
    assert "\nSelected on: nothing.\n" in page and "Aspect masked: the model is not told" in page


def test_note_stands_above_the_table(tmp_path: Path) -> None:
    data = make_suite(tmp_path)
    results = make_results(make_record("plain", 0, 0.5))
    plain = read_toy(data)
    data["datasets"]["foods"]["note"] = "Mind the gap."
    noted = read_toy(data)
    pages = [make_page(x, x.datasets["foods"], results, path="suite.yml").splitlines() for x in (plain, noted)]
    assert pages[1][:4] == pages[0][:4] and pages[1][4] == "Mind the gap."
    assert [line for line in pages[1] if line != "Mind the gap."] == pages[0]


def test_nothing_is_recorded(suite: Suite) -> None:
    empty = make_results(failed=["plain-seed0"])
    assert make_page(suite, suite.datasets["foods"], empty, path="x") == ""
    assert make_summary(suite, {"foods": empty}) == ""


def test_only_runs_of_one_kind_are_averaged(suite: Suite) -> None:
    results = make_results(
        make_record("tuned", 0, 0.1),
        make_record("tuned", 2, 0.2, fingerprint="b", time="2026-11-22T09:30:00Z"),
        make_record("tuned", 1, 0.4, fingerprint="b", time="2026-11-22T09:29:59Z"),
        make_record("tuned", 3, 0.3),
        make_record("plain", 0, 0.9, time="2026-12-01T09:30:00Z"),
    )
    runs = select_runs(results, suite.systems["tuned"])
    assert [run["seed"] for run in runs] == [1, 2]
    assert to_cell(runs, "polarity.accuracy") == "30.0 ± 14.1"
    assert to_cell(runs, "polarity.auc") == to_cell([], "polarity.auc") == "-"
    assert select_runs(results, suite.systems["joint"]) == []


def test_systems_of_a_data_set(suite: Suite) -> None:
    assert [x.name for x in list_systems(suite, suite.datasets["foods"])] == ["plain", "tuned", "script", "joint"]
    assert [x.name for x in list_systems(suite, suite.datasets["moods"])] == ["plain", "joint"]


def test_summary(tmp_path: Path) -> None:
    data = make_suite(tmp_path)
    data["datasets"]["foods"]["readme"] = ["polarity.macro_f1", "polarity.accuracy", "polarity.ece"]
    suite = read_toy(data)
    moods = make_record("plain", 0, scores={"emotions.macro_f1": 0.25})
    foods = [make_record("joint", 0, 0.5, 0.4), make_record("tuned", 0, 0.9, 0.9)]
    results = {"moods": make_results(moods), "foods": make_results(*foods)}
    # No row without a number: nobody has ECE. Columns as the suite says.
    assert (
        make_summary(suite, results)
        == """\
| Data | Measure | Plain | Joint |
| --- | --- | ---: | ---: |
| The foods | macro-F1 | - | 40.0 |
| The foods | accuracy | - | 50.0 |
| The moods | macro-F1 | 25.0 | - |
"""
    )


def test_readme_is_filled() -> None:
    text = f"# Title\n\n{START}\nold\n{END}\n\nMore {END}\n"
    filled = fill_readme(text, "| new |\n")
    assert filled == f"# Title\n\n{START}\n| new |\n{END}\n\nMore {END}\n"
    assert fill_readme(filled, "| new |\n") == filled
    for faulty in ("", START, END, f"{END}{START}"):
        with pytest.raises(ValueError, match="BS093.*README.md"):
            fill_readme(faulty, "")


def test_masked_control_is_named() -> None:
    assert MEASURES["aspects.masked.accuracy"] == "accuracy, aspect masked"
