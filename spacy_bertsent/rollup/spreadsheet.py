import csv
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Union

from .counts import RollUp, Row

# A spreadsheet takes a cell that starts with one of these for a formula; the wide ones are full-width forms.
# SOURCE: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
UNRATED = "(none)"
HEADER = (
    "aspect", "category", "sentiment", "count", "share", "mean_score", "mentions", "documents", "net", "net_low",
    "net_high",
)  # fmt: skip
CellT = Union[str, int, float, None]


def write_csv(rollup: RollUp, path: Path) -> List[Path]:
    """Write a roll-up as CSV: a row for each aspect and sentiment, and the examples in the last columns.

    Text that a spreadsheet would take for a formula gets an apostrophe before it. UTF-8 with a byte order mark, by
    which spreadsheets know it.

    rollup (RollUp): The counts. path (Path): The file.
    RETURNS (List[Path]): The file, and beside it `NAME.documents.csv` where there are tables of documents.
    """
    n_examples = max((len(x) for row in rollup.rows for x in row.examples.values()), default=0)
    header = [*HEADER, *(f"example_{i + 1}" for i in range(n_examples))]
    rows = (cells for row in rollup.rows for cells in _iter_cells(row, rollup.sentiments))
    _write(path, header, rows)
    if not rollup.documents:
        return [path]
    other = path.with_name(f"{path.stem}.documents{path.suffix}")
    own_rows = (
        [document.id, *cells]
        for document in rollup.documents
        for row in document.rows
        for cells in _iter_cells(row, rollup.sentiments)
    )
    _write(other, ["document", *header], own_rows)
    return [path, other]


def protect(cell: CellT) -> CellT:
    """RETURNS (CellT): Text that is no formula: an apostrophe before it where it would be one. Numbers stay."""
    if isinstance(cell, str) and cell.lstrip().startswith(FORMULA):
        return f"'{cell}"
    return cell


def _write(path: Path, header: Sequence[str], rows: Iterator[List[CellT]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        # All text in quotes: nothing in it can start a cell of its own where another separator is used.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(header)
        for row in rows:
            cells = [*map(protect, row)]
            writer.writerow(cells + [None] * (len(header) - len(cells)))


def _iter_cells(row: Row, sentiments: Sequence[str]) -> Iterator[List[CellT]]:
    low, high = row.interval or (None, None)
    for label in [*sentiments, *([""] if row.unrated else [])]:
        count = row.counts[label] if label else row.unrated
        share = row.get_share(label) if label else None
        score = row.get_mean_score(label) if label else None
        numbers = [count, _round(share), _round(score), row.count, row.documents, *map(_round, (row.net, low, high))]
        texts = [example.text for example in row.examples.get(label, [])]
        yield [row.aspect, row.category, label or UNRATED, *numbers, *texts]


def _round(value: Optional[float]) -> Optional[float]:
    return None if value is None else round(value, 4)
