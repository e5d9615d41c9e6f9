"""Markdown tables of recorded runs."""

from statistics import mean, stdev
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from ..errors import Errors
from ..tables import Table, to_markdown
from .records import ResultsT
from .suite import DataSet, Suite, System

MEASURES = {
    "polarity.accuracy": "accuracy",
    "polarity.macro_f1": "macro-F1",
    "polarity.auc": "AUC",
    "polarity.ece": "ECE",
    "emotions.macro_f1": "macro-F1",
    "emotions.micro_f1": "micro-F1",
    "emotions.jaccard": "Jaccard",
    "emotions.auc": "AUC",
    "emotions.ece": "ECE",
    "aspects.given.accuracy": "accuracy",
    "aspects.given.macro_f1": "macro-F1",
    "aspects.given.ece": "ECE",
    "aspects.masked.accuracy": "accuracy, aspect masked",
    "aspects.masked.macro_f1": "macro-F1, aspect masked",
    "aspects.extraction.f1": "aspects found, F1",
    "aspects.end_to_end.f1": "end to end, F1",
    "categories.detection.f1": "categories, F1",
    "categories.joint.f1": "category and sentiment, F1",
}
START, END = "<!-- results -->", "<!-- end -->"


def make_page(suite: Suite, dataset: DataSet, results: ResultsT, *, path: str) -> str:
    """Make the page of a data set: one row for each system that was run, in the order of the suite.

    suite (Suite): The suite. dataset (DataSet): The data set. results (Dict[str, Dict[str, Any]]): What is recorded.
    path (str): The suite's file, for the command.
    RETURNS (str): Markdown, numbers in per cent; "" if nothing is recorded.
    """
    name = dataset.name
    rows = {system.name: select_runs(results, system) for system in list_systems(suite, dataset)}
    runs = [run for row in rows.values() for run in row]
    if not runs:
        return ""
    names = [MEASURES.get(measure, measure) for measure in dataset.measures]
    header = ["System", *names, "Seeds", "Selected", "Training texts", "Parameters", "Minutes"]
    table = [
        [suite.systems[key].title, *(to_cell(row, measure) for measure in dataset.measures), *_describe_row(row)]
        for key, row in rows.items()
        if row
    ]
    texts = runs[-1]["texts"]
    select = "" if dataset.train == "all" else f" ({texts['select']} texts); the column tells what"
    masked = any(measure.startswith("aspects.masked.") for measure in dataset.measures)
    sets = ",".join(_list_sets(suite, dataset))
    lines = [
        f"# {dataset.title}",
        "",
        f"Reported: {dataset.report} ({texts['report']} texts), on which no run selects anything.",
        f"Selected on: {dataset.select}{select}.",
        *([dataset.note] if dataset.note else []),
        "",
        to_markdown(Table(header, table, n_words=1)),
        "In per cent; mean ± standard deviation over seeds. Minutes: training of one run with all that it needs; of",
        "scripts, prediction too. Parameters: of all networks."
        + (" Aspect masked: the model is not told which aspect is meant." if masked else ""),
        "",
        f"Made by `python -m spacy bertsent benchmark {path} --datasets {sets}`. The command of each run and all its",
        f"measures: [{name}.json]({name}.json). Its predictions: `predictions/{name}/`.",
        "",
        f"Dates: {_join(run['time'][:10] for run in runs)}.",
        f"Machine: {_join(_describe_machine(run) for run in runs)}.",
        f"Versions: {_join(_describe_versions(run) for run in runs)}.",
    ]
    missing = [key for key, row in rows.items() if not row]
    if missing:
        lines.append(f"Not run: {', '.join(missing)}.")
    failed = [key for key in results["failed"] if key not in results["runs"]]
    if failed:
        lines.append(f"Failed: {', '.join(failed)}.")
    return "\n".join([*lines, ""])


def make_summary(suite: Suite, results: Mapping[str, ResultsT]) -> str:
    """Make the table of the README: one row for each data set and measure, one column for each system.

    suite (Suite): The suite. results (Mapping[str, Dict[str, Dict[str, Any]]]): What is recorded, by data set.
    RETURNS (str): Markdown, numbers in per cent; "" if nothing is recorded.
    """
    systems = [suite.systems[name] for name in suite.readme]
    rows = []
    for name, dataset in suite.datasets.items():
        for measure in dataset.readme or dataset.measures[:1] if name in results else []:
            cells = [to_cell(select_runs(results[name], system), measure) for system in systems]
            if any(cell != "-" for cell in cells):
                rows.append([dataset.title, MEASURES.get(measure, measure), *cells])
    header = ["Data", "Measure", *(system.title for system in systems)]
    return to_markdown(Table(header, rows, n_words=2)) if rows else ""


def fill_readme(text: str, table: str, *, name: str = "README.md") -> str:
    """Put a table between the marks of a text.

    text (str): The text. table (str): The table. name (str): What the text is called in messages.
    RETURNS (str): The new text.
    RAISES (ValueError): BS093 if the marks are missing.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(Errors.BS093.format(name=name, start=START, end=END))
    return f"{before}{START}\n{table}{END}{after}"


def list_systems(suite: Suite, dataset: DataSet) -> List[System]:
    """RETURNS (List[System]): Those that are reported on a data set, alone or together with others."""
    sets = _list_sets(suite, dataset)
    return [system for system in suite.systems.values() if any(name in sets for name in system.on)]


def select_runs(results: ResultsT, system: System) -> List[Dict[str, Any]]:
    """Take the runs of a system that may be averaged: those like the newest one.

    results (Dict[str, Dict[str, Any]]): What is recorded. system (System): The system.
    RETURNS (List[Dict[str, Any]]): By seed.
    """
    runs = [run for run in results["runs"].values() if run["system"] == system.name]
    newest = max(runs, key=lambda run: str(run["time"]), default=None)
    same = [run for run in runs if newest is not None and run["fingerprint"] == newest["fingerprint"]]
    return sorted(same, key=lambda run: int(run["seed"]))


def to_cell(runs: Sequence[Mapping[str, Any]], measure: str) -> str:
    """RETURNS (str): Mean in per cent, with several runs ± their standard deviation; "-" if there is none."""
    values = [100 * run["scores"][measure] for run in runs if run["scores"].get(measure) is not None]
    if not values:
        return "-"
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def _describe_row(runs: Sequence[Mapping[str, Any]]) -> List[str]:
    selected = ", ".join(runs[0]["selected"]) or "nothing"
    parameters = runs[0]["parameters"]
    seeds = ", ".join(str(run["seed"]) for run in runs)
    minutes = mean(run["seconds"]["train"] for run in runs) / 60
    size = f"{parameters / 1e6:.1f} M" if parameters else "-"
    return [seeds, selected, str(runs[0]["texts"]["train"]), size, f"{minutes:.1f}"]


def _describe_machine(run: Mapping[str, Any]) -> str:
    return f"{run['machine']}, {run['threads']} thread{'s' if run['threads'] > 1 else ''} a run"


def _describe_versions(run: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in run["versions"].items())


def _join(words: Iterable[str]) -> str:
    return "; ".join(sorted(set(words)))


def _list_sets(suite: Suite, dataset: DataSet) -> List[str]:
    names = [name for name in suite.together if dataset.name in suite.together[name].datasets]
    return [dataset.name, *names]
