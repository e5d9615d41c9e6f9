from typing import List, Optional, Tuple

from ..tables import Table
from .counts import RollUp, Row

NO_CATEGORY = "(no category)"
MAX_NAME = 40
MINUS = "\u2212"


def make_table(rollup: RollUp, max_rows: Optional[int] = None) -> Table:
    """Make the table of a corpus, its last row the total.

    rollup (RollUp): The counts. max_rows (Optional[int]): Most rows to show.
    RETURNS (Table): Of each sentiment the mentions with their share and, where there are some, the mean score.
    """
    scored = any(rollup.total.scored.values())
    header = [*name_columns(rollup.by), "Mentions", "Texts"]
    for label in rollup.sentiments:
        header += [label, f"P({label})"] if scored else [label]
    header += [*(["no sentiment"] if rollup.total.unrated else []), "Net", "95 %"]
    n_words = len(name_columns(rollup.by))
    rows = [_make_row(row, rollup, get_names(row, rollup.by)) for row in rollup.rows[:max_rows]]
    rows.append(_make_row(rollup.total, rollup, ["all", *[""] * (n_words - 1)]))
    return Table(header, rows, n_words)


def list_remarks(rollup: RollUp) -> List[str]:
    """RETURNS (List[str]): What must be known to read the numbers, one sentence each."""
    remarks = []
    if rollup.by != "category":
        if rollup.lemmatised == rollup.mentioning:
            remarks.append("Mentions are joined by the lemmas of their words.")
        elif rollup.lemmatised:
            share = f"{rollup.lemmatised} of {rollup.mentioning} texts"
            remarks.append(f"Mentions are joined by lemmas in {share}, in the others by their words in lower case.")
        else:
            remarks.append("Mentions are joined by their words in lower case: the texts have no lemmas.")
    if rollup.total.rated:
        remarks.append("Shares and net (positive minus negative) are of the mentions that have a sentiment.")
    else:
        remarks.append("No mention has a sentiment.")
    if any(rollup.total.scored.values()):
        remarks.append("P is the mean probability of that sentiment over all mentions of the row.")
    if rollup.total.interval is None and rollup.total.rated:
        remarks.append('Without intervals of the net: pip install "spacy-bertsent[evaluation]"')
    if rollup.left_out:
        mentions = sum(row.count for row in rollup.left_out)
        remarks.append(f"Left out for too few mentions: {len(rollup.left_out)} rows with {mentions} mentions together.")
    return remarks


def summarise(rollup: RollUp) -> str:
    """RETURNS (str): The size of a corpus in one line."""
    total = rollup.total.count
    return f"{rollup.texts} texts, {rollup.mentioning} of them with aspects: {total} mentions, {_count_rows(rollup)}"


def name_columns(by: str) -> List[str]:
    """RETURNS (List[str]): The headers of the first columns."""
    return {"aspect": ["Aspect"], "category": ["Category"], "both": ["Category", "Aspect"]}[by]


def get_names(row: Row, by: str) -> List[str]:
    """RETURNS (List[str]): The words of the first columns."""
    category = row.category or NO_CATEGORY
    return {"aspect": [row.aspect], "category": [category], "both": [category, row.aspect]}[by]


def format_share(value: Optional[float]) -> str:
    """RETURNS (str): In per cent; "-" for None."""
    return "-" if value is None else f"{100 * value:.0f}%"


def format_score(value: Optional[float]) -> str:
    """RETURNS (str): Two places; "-" for None."""
    return "-" if value is None else f"{value:.2f}"


def format_net(value: Optional[float]) -> str:
    """RETURNS (str): With its sign, never minus zero; "-" for None."""
    return "-" if value is None else f"{round(value, 2) + 0.0:+.2f}".replace("-", MINUS)


def format_interval(interval: Optional[Tuple[float, float]]) -> str:
    """RETURNS (str): Low and high; "-" for None."""
    return "-" if interval is None else f"{format_net(interval[0])} to {format_net(interval[1])}"


def _make_row(row: Row, rollup: RollUp, names: List[str]) -> List[str]:
    cells = [*(name if len(name) <= MAX_NAME else name[: MAX_NAME - 3] + "..." for name in names)]
    cells += [str(row.count), str(row.documents)]
    for label in rollup.sentiments:
        count = row.counts[label]
        cells.append(f"{count} ({format_share(row.get_share(label))})" if count else "0")
        if any(rollup.total.scored.values()):
            cells.append(format_score(row.get_mean_score(label)))
    if rollup.total.unrated:
        cells.append(str(row.unrated))
    return [*cells, format_net(row.net), format_interval(row.interval)]


def _count_rows(rollup: RollUp) -> str:
    n_rows = len(rollup.rows) + len(rollup.left_out)
    words = {"aspect": "aspects", "category": "categories", "both": "aspects of categories"}
    return f"{n_rows} {words[rollup.by]}"
