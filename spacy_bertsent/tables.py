"""Tables of words and numbers, for the terminal and for Markdown."""

from typing import Any, List, NamedTuple

from wasabi import table


class Table(NamedTuple):
    """A table.

    header (List[str]): The columns. rows (List[List[str]]): As long as the header.
    n_words (int): The first columns, which hold words; the others hold numbers.
    """

    header: List[str]
    rows: List[List[str]]
    n_words: int


def to_text(data: Table) -> str:
    """RETURNS (str): For the terminal."""
    widths = [max(map(len, column)) for column in zip(data.header, *data.rows)]
    aligns: Any = ["l" if i < data.n_words else "r" for i in range(len(widths))]
    return str(table(data.rows, header=data.header, divider=True, widths=widths, aligns=aligns))


def to_markdown(data: Table) -> str:
    """RETURNS (str): As a Markdown table."""
    rules = ["---" if i < data.n_words else "---:" for i in range(len(data.header))]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (data.header, *data.rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (rows[0], rules, *rows[1:]))
