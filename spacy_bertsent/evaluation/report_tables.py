"""The tables of a report."""

from typing import Any, Dict, List, Optional, Sequence

from ..tables import Table

SectionT = Dict[str, Any]
# In the order of the tables.
SECTIONS = {
    "polarity": "Polarity",
    "emotions": "Emotions",
    "aspects.given": "Aspect sentiment",
    "aspects.masked": "Aspect sentiment, aspect masked",
    "aspects.extraction": "Aspects found",
    "aspects.end_to_end": "Aspects found, with sentiment",
    "categories.detection": "Categories",
    "categories.joint": "Categories, with sentiment",
}
MEASURES = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "jaccard": "Jaccard",
    "subset_accuracy": "all labels right",
    "auc": "ROC-AUC",
    "average_precision": "average precision",
    "ece": "calibration error",
    "log_loss": "log loss (nats)",
}
# Those that are shown for masked aspects, too.
CONTROLLED = ("accuracy", "macro_f1")
SLICES = {"polarity": "Polarity", "emotions": "Emotions", "aspects": "Aspect sentiment"}


def make_tables(report: SectionT, *, per_label: bool = True) -> List[Table]:
    """Make the tables of a report.

    report (Dict[str, Any]): From `make_report`. per_label (bool): Also the measures of each label.
    RETURNS (List[Table]): Measures, in per cent with 95 % intervals; labels; confusion matrices; slices.
    """
    tables = [make_overview(report)]
    for name, words in SECTIONS.items():
        section = get_section(report, name)
        if section is not None and per_label and "per_label" in section and name != "aspects.masked":
            tables.append(_make_label_table(words, section))
        if section is not None and "confusion" in section and name != "aspects.masked":
            tables.append(_make_confusion_table(words, section["confusion"]))
    for word, words in SLICES.items():
        if word in report["slices"]:
            tables.append(_make_slice_table(words, report["slices"][word]))
    return tables


def make_overview(report: SectionT) -> Table:
    """RETURNS (Table): One row for each measure of the whole corpus; the control stands below what it belongs to."""
    rows = []
    for name in (name for name in SECTIONS if name != "aspects.masked"):
        section = get_section(report, name)
        if section is None:
            continue
        n_items = str(section.get("n", section.get("n_gold")))
        for key, measure in MEASURES.items():
            # With one label per item, micro-F1 is the accuracy.
            if section.get(key) is not None and not (key == "micro_f1" and "accuracy" in section):
                rows.append([SECTIONS[name], measure, n_items, show_value(section, key)])
                if name == "aspects.given" and key in CONTROLLED:
                    rows += _make_control_rows(report["aspects"], key)
    return Table(["Score (%)", "Measure", "n", "Value [95 % interval]"], rows, n_words=2)


def get_section(report: SectionT, name: str) -> Optional[SectionT]:
    """RETURNS (Optional[SectionT]): A section, None if it is missing. name (str): Such as "aspects.given"."""
    section: Any = report
    for key in name.split("."):
        section = (section or {}).get(key)
    return section


def show_value(section: SectionT, key: str, *, signed: bool = False) -> str:
    """RETURNS (str): A measure such as "82.3 [80.1, 84.2]", "-" where it is not defined."""
    if section.get(key) is None:
        return "-"
    value = f"{section[key]:.3f}" if key == "log_loss" else show_percent(section[key], signed=signed)
    interval = section.get("intervals", {}).get(key)
    return f"{value} {show_interval(interval, signed=signed)}" if interval else value


def show_percent(value: float, *, signed: bool = False) -> str:
    """RETURNS (str): A share in per cent. signed (bool): Also with a plus: a difference."""
    return f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"


def show_interval(interval: Sequence[float], *, signed: bool = False) -> str:
    """RETURNS (str): Low and high in per cent."""
    low, high = (show_percent(value, signed=signed) for value in interval)
    return f"[{low}, {high}]"


def list_remarks(report: SectionT) -> List[str]:
    """RETURNS (List[str]): How to read the numbers, labels that do not meet, what is missing."""
    remarks = []
    n_resamples = report["bootstrap"]["n_resamples"]
    if n_resamples:
        remarks.append(f"In brackets: 95 % intervals, from {n_resamples} bootstrap resamples of the texts.")
    if get_section(report, "aspects.masked"):
        remarks.append("Aspect masked: asked without saying which aspect is meant. The difference needs the aspect.")
    chosen = report["about"].get("choice_among")
    if chosen:
        remarks.append(f"Polarity and aspect sentiment are chosen among: {', '.join(chosen)}.")
    for name, words in SECTIONS.items():
        section = get_section(report, name) or {}
        if name == "aspects.masked":
            section = {}
        if section.get("only_in_gold"):
            labels = ", ".join(section["only_in_gold"])
            remarks.append(f"{words}: gold has labels that are never predicted, they count as wrong: {labels}.")
        if section.get("only_predicted"):
            effect = "they are not scored" if name == "emotions" else "they are always wrong"
            labels = ", ".join(section["only_predicted"])
            remarks.append(f"{words}: gold lacks labels that may be predicted, {effect}: {labels}.")
        if "n_predicted" in section:
            remarks.append(f"{words}: {section['n_predicted']}, in gold {section['n_gold']}.")
        if section.get("unanswered"):
            remarks.append(f"{words}: {section['unanswered']} without a prediction, they count as wrong.")
    for name, reason in report["missing"].items():
        remarks.append(f"Not scored: {SECTIONS.get(name, name).lower()} ({reason}).")
    return remarks


def _make_control_rows(aspects: SectionT, key: str) -> List[List[str]]:
    masked, difference = aspects["masked"], aspects["given_minus_masked"]
    if masked is None or difference is None:
        return []
    measure, n_items = MEASURES[key], str(masked["n"])
    return [
        [SECTIONS["aspects.given"], f"{measure}, aspect masked", n_items, show_value(masked, key)],
        [SECTIONS["aspects.given"], f"{measure}, difference", n_items, show_value(difference, key, signed=True)],
    ]


def _make_label_table(words: str, section: SectionT) -> Table:
    columns = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
    if "thresholds" in section:
        columns.update(auc="ROC-AUC", ap="Average precision")
    rows = []
    for label, row in section["per_label"].items():
        cells = [label, *("-" if row[key] is None else show_percent(row[key]) for key in columns), str(row["support"])]
        rows.append([*cells, f"{section['thresholds'][label]:g}"] if "thresholds" in section else cells)
    header = [f"{words} (%)", *columns.values(), "In gold"]
    return Table([*header, "Threshold"] if "thresholds" in section else header, rows, n_words=1)


def _make_confusion_table(words: str, confusion: SectionT) -> Table:
    rows = [[label, *map(str, row)] for label, row in zip(confusion["labels"], confusion["rows"])]
    return Table([f"{words}: gold in rows, predicted in columns", *confusion["labels"]], rows, n_words=1)


def _make_slice_table(words: str, slices: SectionT) -> Table:
    first = next(row for groups in slices.values() for row in groups.values())
    keys = [key for key in ("accuracy", "macro_f1", "jaccard") if key in first]
    is_masked = "masked_accuracy" in first
    rows = []
    for name, groups in slices.items():
        for group, row in groups.items():
            cells = [name, group, str(row["n"]), *(show_value(row, key) for key in keys)]
            rows.append([*cells, show_percent(row["masked_accuracy"])] if is_masked else cells)
    header = [f"{words} (%)", "Part", "n", *(MEASURES[key] for key in keys)]
    return Table([*header, "masked accuracy"] if is_masked else header, rows, n_words=2)
