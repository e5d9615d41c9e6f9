"""Reading tables whose first line names the columns."""

import csv
import io
import zlib
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

from ..errors import Errors
from .rows import open_data, read_lines


def read_tsv(path: Path) -> Iterator[Tuple[int, List[str]]]:
    """Read tab-separated columns, in which quotes have no meaning.

    path (Path): The file, also gzipped.
    YIELDS (Tuple[int, List[str]]): Line number from 1, the columns.
    """
    for number, line in read_lines(path):
        yield number, line.split("\t")


def read_csv(path: Path) -> Iterator[Tuple[int, List[str]]]:
    """Read a CSV file; a quoted field may go over several lines.

    path (Path): The file, also gzipped.
    YIELDS (Tuple[int, List[str]]): Number of the line where the row starts, from 1; the fields.
    RAISES (ValueError): BS030 if quotes are not closed, or a gzipped file is damaged.
    """
    line = 1
    with io.TextIOWrapper(open_data(path), encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            for row in rows:
                if row:
                    yield line, row
                line = rows.line_num + 1
        # zlib.error: a damaged gzipped file; the other ways of damage are an OSError and an EOFError.
        except (csv.Error, EOFError, OSError, zlib.error) as e:
            raise ValueError(Errors.BS030.format(path=path, line=line, fault=str(e))) from e


def read_header(path: Path, rows: Iterator[Tuple[int, List[str]]], names: Sequence[str]) -> List[str]:
    """Take the names of the columns from the rows of a table.

    path (Path): The file, for messages. rows (Iterator[Tuple[int, List[str]]]): Its rows.
    names (Sequence[str]): The columns that are needed.
    RETURNS (List[str]): All names.
    RAISES (ValueError): BS050 if one that is needed is not there.
    """
    _, header = next(rows, (1, []))
    missing = [name for name in names if name not in header]
    if missing:
        found = ", ".join(header)[:100]
        raise ValueError(Errors.BS050.format(path=path, missing=missing[0], found=found, names=", ".join(names)))
    return header
