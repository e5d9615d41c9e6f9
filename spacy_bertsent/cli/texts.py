"""Reading texts: one by one, so that a file may be larger than the memory."""

import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Tuple, Union

from ..errors import Errors

STDIN = "-"


class TextRow(NamedTuple):
    """A text of a file. text (str): The text. line (int): Where it stands. data (Dict[str, Any]): The other keys."""

    text: str
    line: int
    data: Dict[str, Any]


def open_texts(path: Union[str, Path]) -> Iterator[TextRow]:
    """Read texts; blank ones are left out.

    path (Union[str, Path]): A .txt or .jsonl file, or "-" for standard input: one text a line.
    RETURNS (Iterator[TextRow]): At least one text.
    RAISES (ValueError): BS021, BS036 or BS041 at once; BS040, BS042 or BS111 while it is read.
    """
    path = Path(path)
    if str(path) != STDIN:
        if path.is_dir():
            raise ValueError(Errors.BS036.format(path=path))
        if path.suffix not in (".txt", ".jsonl"):
            raise ValueError(Errors.BS041.format(path=path))
        if not path.exists():
            raise ValueError(Errors.BS021.format(path=path, advice="The texts come after the pipeline."))
    return _iter_rows(path)


def _iter_rows(path: Path) -> Iterator[TextRow]:
    count = 0
    for i, line in _iter_lines(path):
        line = line.strip()
        row = _read_object(path, i, line) if line and path.suffix == ".jsonl" else TextRow(line, i, {})
        if row.text.strip():
            count += 1
            yield row
    if not count:
        raise ValueError(Errors.BS042.format(path="standard input" if str(path) == STDIN else path))


def _iter_lines(path: Path) -> Iterator[Tuple[int, str]]:
    if str(path) == STDIN:
        yield from enumerate(sys.stdin, 1)
        return
    with path.open("rb") as file:
        for i, line in enumerate(file, 1):
            try:
                # utf-8-sig: some editors put a mark at the start of a file.
                yield i, line.decode("utf-8-sig" if i == 1 else "utf-8")
            except UnicodeDecodeError as e:
                raise ValueError(Errors.BS111.format(path=path, line=i, fault=e)) from e


def _read_object(path: Path, line: int, row: str) -> TextRow:
    try:
        data: Any = json.loads(row)
    except ValueError as e:
        raise ValueError(Errors.BS040.format(path=path, line=line, fault=f"no JSON ({e})")) from e
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise ValueError(Errors.BS040.format(path=path, line=line, fault="no 'text'"))
    return TextRow(data.pop("text"), line, data)
