"""What is known of finished runs: one JSON file for each data set."""

import datetime
import json
import re
import shutil
from pathlib import Path
from typing import Any, Dict

from ..errors import Errors

ResultsT = Dict[str, Dict[str, Any]]
# Keys of a report that hold no measures of the whole corpus.
NO_MEASURES = ("about", "bootstrap", "confusion", "intervals", "missing", "per_label", "slices", "thresholds")


def read_results(path: Path) -> ResultsT:
    """Read the results of a data set.

    path (Path): The JSON file; it need not exist.
    RETURNS (Dict[str, Dict[str, Any]]): "runs" and "failed", each by system and seed.
    RAISES (ValueError): BS092 if it is damaged.
    """
    if not path.exists():
        return {"runs": {}, "failed": {}}
    try:
        results = json.loads(path.read_text("utf8"))
        return {"runs": dict(results["runs"]), "failed": dict(results["failed"])}
    except (ValueError, KeyError, TypeError) as e:
        raise ValueError(Errors.BS092.format(path=path, fault=repr(e))) from e


def write_results(results: ResultsT, path: Path) -> None:
    """Write the results of a data set, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf8")
    part.replace(path)


def add_record(path: Path, key: str, record: Dict[str, Any]) -> None:
    """Add a finished run. path (Path): The JSON file. key (str): Of the run. record (Dict[str, Any]): Plain JSON."""
    results = read_results(path)
    results["runs"][key] = record
    results["failed"].pop(key, None)
    write_results(results, path)


def add_failure(path: Path, key: str, output: str) -> None:
    """Add a run that failed, with its last lines of output. An older record of it stays."""
    results = read_results(path)
    results["failed"][key] = {"output": hide_paths(output).splitlines(), "time": get_time()}
    write_results(results, path)


def copy_predictions(source: Path, target: Path) -> None:
    """Copy a file of predictions, at once or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.replace(target)


def get_measures(report: Dict[str, Any]) -> Dict[str, float]:
    """Take the single numbers of a report.

    report (Dict[str, Any]): As `evaluation.report.make_report` gives it.
    RETURNS (Dict[str, float]): By dotted name, such as "polarity.accuracy"; rounded.
    """
    found: Dict[str, float] = {}
    for key, value in report.items():
        if key in NO_MEASURES:
            continue
        if isinstance(value, dict):
            found.update({f"{key}.{name}": number for name, number in get_measures(value).items()})
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[key] = round(value, 6)
    return found


def get_time() -> str:
    """RETURNS (str): Date and time in UTC, such as "2026-11-20T12:30:59Z"."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return now.isoformat(timespec="seconds") + "Z"


def hide_paths(text: str) -> str:
    """RETURNS (str): A text in which absolute paths have lost their folders: results are passed on."""
    return re.sub(r"(?<![^\s'\"=(\[,])/(?:[^\s/'\",:]+/)+", ".../", text)
