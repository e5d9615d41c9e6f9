"""Results on disk: JSON with all that was measured, and a page with tables."""

import argparse
import datetime
import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from spacy_bertsent.benchmark.machine import describe_machine, get_commit, get_versions


def make_record(name: str, args: argparse.Namespace, **found: Any) -> Dict[str, Any]:
    """Make a record. name (str): Of the script. args (Namespace): Its settings. found (Any): What was measured."""
    about = {
        "name": name,
        "machine": describe_machine(args.gpu_id),
        "threads": args.threads,
        "gpu_id": args.gpu_id,
        "seed": args.seed,
        "rounds": args.rounds,
        "weights": Path(args.weights).name,
        "quick": args.quick,
        "date": datetime.date.today().isoformat(),
        "commit": get_commit(),
        "versions": get_versions(["tokenizers", "openvino", "nncf"]),
    }
    assert not about.keys() & found.keys()
    return {**about, **found}


def get_path(args: argparse.Namespace, name: str, suffix: str) -> Path:
    """RETURNS (Path): Where the results of a script go; those of a GPU have a name of their own."""
    return args.output / f"{name}{'-gpu' if args.gpu_id >= 0 else ''}{suffix}"


def write_record(record: Dict[str, Any], args: argparse.Namespace, page: Sequence[str]) -> None:
    """Write JSON and page. page (Sequence[str]): Its lines, without the title and the foot."""
    args.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    get_path(args, record["name"], ".json").write_text(text + "\n", "utf8")
    title = [f"# Speed: {record['name']}", "", f"Made by `python benchmarks/speed/{record['name']}.py`.", ""]
    lines = [*title, *page, *make_foot(record)]
    get_path(args, record["name"], ".md").write_text("\n".join(lines), "utf8")


def read_record(folder: Path, name: str, gpu: bool = False) -> Optional[Dict[str, Any]]:
    """RETURNS (Optional[Dict[str, Any]]): What a script wrote, None if there is nothing."""
    path = folder / f"{name}{'-gpu' if gpu else ''}.json"
    return json.loads(path.read_text("utf8")) if path.is_file() else None


def make_foot(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): Machine, versions, date."""
    versions = ", ".join(f"{key} {value}" for key, value in record["versions"].items())
    lines = [f"Machine: {record['machine']}, {record['threads']} thread(s). Weights: {record['weights']}."]
    lines += [f"Rounds: {record['rounds']}, seed {record['seed']}. Date: {record['date']}, commit {record['commit']}."]
    lines += [f"Versions: {versions}."]
    if record["quick"]:
        lines.insert(0, "**A quick run: these numbers only show that the script works.**\n")
    return [*lines, ""]


def make_table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, n_left: int = 1) -> List[str]:
    """RETURNS (List[str]): A table in Markdown. n_left (int): Columns of words; the others are aligned to the right."""
    marks = [*["---"] * n_left, *["---:"] * (len(head) - n_left)]
    return [f"| {' | '.join(str(x) for x in row)} |" for row in (head, marks, *rows)] + [""]


def make_notes(blocks: Sequence[Dict[str, Any]], failed: Dict[str, str]) -> List[str]:
    """RETURNS (List[str]): What could not be measured, and blocks during which the machine was not steady."""
    reasons = {**failed, **{name: why for block in blocks for name, why in block["failed"].items()}}
    lines = [f"Not measured: {name} ({why})." for name, why in reasons.items()]
    lines += [
        f"Not steady: during {block['block']} the machine's peak moved by {block['moved']:.0%}."
        for block in blocks
        if not block["steady"]
    ]
    return [*lines, ""] if lines else []


def number(value: Optional[float], digits: int = 0) -> str:
    """RETURNS (str): A number with so many digits after the point, "–" for None."""
    return "–" if value is None else f"{value:,.{digits}f}"


def span(values: Optional[Sequence[float]], digits: int = 0) -> str:
    """RETURNS (str): A spread, "–" for None."""
    return "–" if values is None else f"{number(values[0], digits)} to {number(values[1], digits)}"


def percent(share: Optional[float], digits: int = 0) -> str:
    """RETURNS (str): A share in per cent with so many digits after the point, "–" for None."""
    return "–" if share is None else f"{share:.{digits}%}"
