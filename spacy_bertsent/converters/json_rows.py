"""Reading JSON objects that stand one on a line."""

import json
from typing import Any, Dict

from .rows import RowFault


def read_object(line: str) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The JSON object of a line. RAISES (RowFault): If it is not one."""
    try:
        row = json.loads(line)
    # Deep nesting ends in a RecursionError.
    except (ValueError, RecursionError) as e:
        raise RowFault(f"not JSON: {e}") from e
    if not isinstance(row, dict):
        raise RowFault(f"expected a JSON object, not {type(row).__name__}")
    return row


def get_value(row: Dict[str, Any], key: str, kind: type) -> Any:
    """RETURNS (Any): A value of an object. RAISES (RowFault): If there is none, or it is of another type."""
    if key not in row:
        raise RowFault(f"the key {key!r} is missing")
    # type() and not isinstance(): a bool is an int.
    if type(row[key]) is not kind:
        raise RowFault(f"the value of {key!r} is {row[key]!r}, expected {kind.__name__}")
    return row[key]
