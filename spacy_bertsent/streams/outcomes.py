"""What a stream gives for an input that it could not process, or that it had to change."""

import re
import traceback
from dataclasses import dataclass
from typing import Any, Dict, NamedTuple, Optional

from spacy.tokens import Doc

REPAIRS_KEY = "spacy_bertsent_repairs"
# Characters of a text that a failure keeps.
SHOWN = 200


@dataclass(frozen=True)
class Failure:
    """An input that gave no Doc.

    index (int): Its place in the stream, from 0. text (str): The start of the text, or of the `repr` of anything else.
    context (Any): What came with it (`as_tuples`).
    component (str): Where it failed: "input", "tokenizer", "worker" or the name of a pipe.
    code (str): The code in the message, such as "BS064" or "E088", or "". error (str): The type of the exception.
    message (str): Its message. traceback (Optional[str]): Where it was raised, if asked for.
    """

    index: int
    text: str
    context: Any
    component: str
    code: str
    error: str
    message: str
    traceback: Optional[str] = None


class Fault(NamedTuple):
    """What went wrong with an input, before it is known whose it was. For the fields see `Failure`."""

    component: str
    code: str
    error: str
    message: str
    traceback: Optional[str] = None


def make_fault(component: str, error: BaseException, tracebacks: bool = False) -> Fault:
    """Describe an exception. component (str): Where it was raised. tracebacks (bool): Keep the traceback as text."""
    message = str(error)
    found = re.match(r"\[([A-Z]+\d+)\]", message)
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__)) if tracebacks else None
    return Fault(component, found.group(1) if found else "", type(error).__name__, message, text)


def show(item: Any) -> str:
    """RETURNS (str): The start of a text, or of the `repr` of anything else."""
    if isinstance(item, Doc):
        item = item[: SHOWN + 1].text
    if isinstance(item, str):
        return item[:SHOWN]
    try:
        return repr(item)[:SHOWN]
    except Exception:
        return f"<{type(item).__name__}>"


def get_repairs(doc: Doc) -> Dict[str, int]:
    """Tell what a stream changed to be able to read a text.

    doc (Doc): An outcome of `pipe`.
    RETURNS (Dict[str, int]): "surrogates": characters replaced by U+FFFD; "truncated": characters left out at the end;
        "cut_runs": places where a long run was cut into tokens. Empty for nearly all texts.
    """
    return dict(doc.user_data.get(REPAIRS_KEY, {}))
