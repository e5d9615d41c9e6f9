"""What all converters share: reading rows, and keeping account of those that are faulty."""

import gzip
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, TypeVar, cast

from spacy.tokens import Doc

from ..errors import Errors

RowT = TypeVar("RowT")
MAX_LISTED = 10


class RowFault(ValueError):
    """What is wrong with one row; `rows_to_docs` adds where.

    line (Optional[int]): The line of the fault, where it is not the row's first.
    """

    def __init__(self, fault: str, line: Optional[int] = None) -> None:
        super().__init__(fault)
        self.line = line


class Fault(NamedTuple):
    """A faulty row. path (Path), line (int): Where, from 1. text (str): What is wrong."""

    path: Path
    line: int
    text: str


@dataclass
class Report:
    """What became of the rows.

    skip_errors (bool): Go on where a file has faulty rows.
    faults (List[Fault]): The rows that were left out because they are faulty.
    moved (List[Tuple[str, str]]): Aspects that do not stand on token boundaries: their text, and the tokens they got.
    dropped (Counter): What was left out by a setting, by kind.
    changed (Counter): What was read otherwise than it stands in the file, by kind.
    """

    skip_errors: bool = False
    faults: List[Fault] = field(default_factory=list)
    moved: List[Tuple[str, str]] = field(default_factory=list)
    dropped: "Counter[str]" = field(default_factory=Counter)
    changed: "Counter[str]" = field(default_factory=Counter)


def rows_to_docs(
    path: Path, rows: Iterable[Tuple[int, RowT]], make: Callable[[RowT], Iterable[Doc]], report: Report
) -> Iterator[Doc]:
    """Make documents of rows, and collect the faults of all of them before complaining.

    path (Path): The file, for messages.
    rows (Iterable[Tuple[int, RowT]]): Line number and content of each row.
    make (Callable[[RowT], Iterable[Doc]]): Makes the documents of one row, or raises `RowFault`.
    report (Report): Where to keep account.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 after the last row, if a row is faulty and `report.skip_errors` is off.
    """
    faults = []
    for line, row in rows:
        try:
            docs = list(make(row))
        except RowFault as e:
            faults.append(Fault(path, e.line or line, str(e)))
            continue
        yield from docs
    report.faults.extend(faults)
    if faults and not report.skip_errors:
        first, *others = faults
        listed = "".join(f"\n        line {f.line}: {f.text}" for f in others[: MAX_LISTED - 1])
        more = f"\n        and {len(faults) - MAX_LISTED} more" if len(faults) > MAX_LISTED else ""
        raise ValueError(Errors.BS014.format(path=path, line=first.line, fault=first.text + listed + more))


def open_data(path: Path) -> BinaryIO:
    """Open a file, through gzip where its name ends in .gz."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else open(path, "rb")


def read_lines(path: Path, *, blank: bool = False) -> Iterator[Tuple[int, str]]:
    """Read the lines of a UTF-8 text file; empty ones are left out.

    Lines end at "\\n" only: real texts hold U+0085 and U+2028, at which `str.splitlines` breaks. Bytes that are not
    UTF-8 become lone surrogates, which `make_doc` refuses: so they are the fault of a row and not of the file.

    path (Path): The file, also gzipped.
    blank (bool): Yield empty lines too.
    YIELDS (Tuple[int, str]): Line number from 1, the line without its end.
    RAISES (ValueError): BS030 if a gzipped file is damaged.
    """
    number = 0
    with open_data(path) as file:
        try:
            for number, raw in enumerate(file, 1):
                line = raw.decode("utf8", errors="surrogateescape").rstrip("\r\n")
                if number == 1:
                    line = line.lstrip("\ufeff")
                if line or blank:
                    yield number, line
        except (EOFError, zlib.error, gzip.BadGzipFile) as e:
            raise ValueError(Errors.BS030.format(path=path, line=number, fault=str(e))) from e


def split_columns(line: str, names: Sequence[str]) -> List[str]:
    """Split a line at tabs.

    RAISES (RowFault): If the number of columns is not that of `names`.
    """
    columns = line.split("\t")
    check_columns(columns, names)
    return columns


def check_columns(columns: Sequence[str], names: Sequence[str]) -> None:
    """RAISES (RowFault): If the number of columns is not that of `names`."""
    if len(columns) != len(names):
        raise RowFault(f"{len(columns)} columns, expected {len(names)}: {', '.join(names)}")


def check_choice(option: str, value: str, expected: Sequence[str]) -> None:
    """RAISES (ValueError): BS033 if the value of an option is not one of those expected."""
    if value not in expected:
        message = Errors.BS033.format(option=option, value=value, expected=", ".join(expected), example=expected[0])
        raise ValueError(message)
