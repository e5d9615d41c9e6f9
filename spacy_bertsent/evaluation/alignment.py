"""Whether predictions belong to a corpus."""

from typing import List, Optional, Sequence, Tuple

from spacy.tokens import Doc

from ..errors import Errors
from .items import get_rated_aspects
from .predictions import Predictions, Row, get_digest


def check_alignment(gold: Sequence[Doc], predictions: Predictions) -> None:
    """Check that predictions were made on a corpus, text by text.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): What is to be scored.
    RAISES (ValueError): BS071 if there are other texts or other given aspects; BS072 if there are no texts.
    """
    if not gold:
        raise ValueError(Errors.BS072.format(fault="the corpus has no texts"))
    fault = _find_other_text(gold, predictions.rows)
    if fault is None:
        faults = (_find_other_aspects(i, doc, row) for i, (doc, row) in enumerate(zip(gold, predictions.rows), start=1))
        fault = next((found for found in faults if found), None)
    if fault is not None:
        raise ValueError(Errors.BS071.format(fault=fault))


def _find_other_text(gold: Sequence[Doc], rows: Sequence[Row]) -> Optional[str]:
    if len(gold) != len(rows):
        return f"they have {len(rows)} texts, the corpus has {len(gold)}"
    expected, found = [get_digest(doc.text) for doc in gold], [row.digest for row in rows]
    places = [i for i, (a, b) in enumerate(zip(expected, found)) if a != b]
    if not places:
        return None
    if sorted(expected) == sorted(found):
        return f"the same texts stand in another order, from text {places[0] + 1} on"
    text = gold[places[0]].text
    return f"{len(places)} texts differ, the first is text {places[0] + 1} of the corpus, {text[:60]!r}"


def _find_other_aspects(number: int, doc: Doc, row: Row) -> Optional[str]:
    # What one file has in place of the other says more than two numbers.
    expected: List[Tuple[int, int, str]] = [(x.start_char, x.end_char, x.kb_id_) for x in get_rated_aspects(doc)]
    if row.given is not None:
        given = [(x.start_char, x.end_char, x.category) for x in row.given]
        if given != expected:
            return f"the given aspects of text {number} are {given}, in the corpus they are {expected}"
    if row.masked is not None and len(row.masked) != len(expected):
        return f"text {number} has {len(row.masked)} masked aspects, in the corpus it has {len(expected)}"
    return None
