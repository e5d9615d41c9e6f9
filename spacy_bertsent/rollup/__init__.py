"""The aspects of many texts in one table: how often each is mentioned, with which sentiment, and in which sentences.

`count_aspects` counts; `make_table`, `to_json`, `write_csv` and `render` show what it found.
"""

from .counts import BY, SORT, DocumentRows, RollUp, Row, check_choices, count_aspects
from .mentions import Example
from .page import render
from .plain import to_json
from .spreadsheet import write_csv
from .table import list_remarks, make_table

__all__ = [
    "BY",
    "SORT",
    "DocumentRows",
    "Example",
    "RollUp",
    "Row",
    "check_choices",
    "count_aspects",
    "list_remarks",
    "make_table",
    "render",
    "to_json",
    "write_csv",
]
