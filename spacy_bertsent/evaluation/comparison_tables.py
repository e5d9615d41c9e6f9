"""The tables of a comparison."""

from typing import Any, Dict, List

from ..tables import Table
from .report_tables import MEASURES, SECTIONS, show_interval, show_percent

SectionT = Dict[str, Any]


def make_comparison_tables(comparison: SectionT, names: List[str]) -> List[Table]:
    """Make the tables of a comparison.

    comparison (Dict[str, Any]): From `compare_predictions`. names (List[str]): Of the two systems.
    RETURNS (List[Table]): Measures in per cent; items that only one system has right.
    """
    rows, items = [], []
    for name, words in SECTIONS.items():
        section = comparison["sections"].get(name, {})
        rows += [
            [words, MEASURES[key], *_show(key, section["measures"][key])]
            for key in MEASURES
            if key in section.get("measures", {})
        ]
        if "mcnemar" in section:
            test = section["mcnemar"]
            items.append([words, str(section["n"]), str(test["only_a"]), str(test["only_b"]), _show_p(test["p"])])
    header = ["Score (%)", "Measure", *names, "Difference", "95 % interval", "p"]
    tables = [Table(header, rows, n_words=2)]
    if items:
        header = ["McNemar's exact test", "n", *(f"only {name} right" for name in names), "p"]
        tables.append(Table(header, items, n_words=1))
    return tables


def list_comparison_remarks(comparison: SectionT) -> List[str]:
    """RETURNS (List[str]): How to read the numbers, and what is missing."""
    n_resamples = comparison["bootstrap"]["n_resamples"]
    remarks = []
    if n_resamples:
        remarks.append(f"Intervals and p of differences: paired bootstrap, {n_resamples} resamples of the texts.")
    for letter, about in comparison["about"].items():
        if about.get("choice_among"):
            remarks.append(f"{letter.upper()} chooses among: {', '.join(about['choice_among'])}.")
    return remarks + [f"Not compared: {SECTIONS[x].lower()} ({why})." for x, why in comparison["missing"].items()]


def _show(key: str, row: SectionT) -> List[str]:
    if key == "log_loss":
        return [f"{row['a']:.3f}", f"{row['b']:.3f}", f"{row['difference']:+.3f}", "-", "-"]
    interval = "-" if row["interval"] is None else show_interval(row["interval"], signed=True)
    values = [show_percent(row["a"]), show_percent(row["b"]), show_percent(row["difference"], signed=True)]
    return [*values, interval, "-" if row["p"] is None else _show_p(row["p"])]


def _show_p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
