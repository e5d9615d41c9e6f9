"""The text of a Doc, joined once."""

from typing import Tuple, Union
from weakref import WeakKeyDictionary

from spacy.tokens import Doc, Span

_KNOWN: "WeakKeyDictionary[Doc, Tuple[int, str]]" = WeakKeyDictionary()


def get_text(doc: Union[Doc, Span]) -> str:
    """Give the text of a document: `doc.text` joins all tokens at each call, and several components ask for it.

    doc (Doc or Span): A span's text is not kept. RETURNS (str): `doc.text`.
    """
    if not isinstance(doc, Doc):
        return doc.text
    known = _KNOWN.get(doc)
    # The text of a Doc changes only while it is filled.
    if known is None or known[0] != len(doc):
        known = (len(doc), doc.text)
        _KNOWN[doc] = known
    return known[1]
