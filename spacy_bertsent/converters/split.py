from hashlib import blake2b
from typing import Dict, Iterable, List, Set, Tuple

from spacy.tokens import Doc

from ..errors import Errors
from .words import make_key


def split_docs(docs: Iterable[Doc], share: float) -> Tuple[List[Doc], List[Doc]]:
    """Put a share of the texts aside, always the same ones and all copies of a text together.

    The texts with the lowest hashes are taken: no seed, no order of the input, nothing to remember.

    docs (Iterable[Doc]): The documents.
    share (float): Of the distinct texts (whatever their case, punctuation and white space), between 0 and 1.
    RETURNS (Tuple[List[Doc], List[Doc]]): The rest and the share, both in the order of the input.
    RAISES (ValueError): BS035 if one side would stay empty.
    """
    docs = list(docs)
    copies: Dict[str, Set[str]] = {}
    keys = [make_key(doc.text) for doc in docs]
    for doc, key in zip(docs, keys):
        copies.setdefault(key, set()).add(hash_text(doc.text))
    ranked = sorted(copies, key=lambda key: min(copies[key]))
    taken = set(ranked[: round(share * len(ranked))])
    if not 0 < len(taken) < len(ranked):
        expected = "a share between 0 and 1 that leaves texts on both sides"
        raise ValueError(Errors.BS035.format(share=share, count=len(ranked), expected=expected))
    rest = [doc for doc, key in zip(docs, keys) if key not in taken]
    return rest, [doc for doc, key in zip(docs, keys) if key in taken]


def hash_text(text: str) -> str:
    """RETURNS (str): A hash that is the same for texts which differ in case and white space only."""
    normal = " ".join(text.casefold().split())
    return blake2b(normal.encode("utf8"), digest_size=16).hexdigest()
