"""Fitted estimators as bytes, without pickle."""

import copy
import zlib
from typing import Any, Dict
from zipfile import BadZipFile

from ..errors import Errors
from .packages import import_optional

StateT = Dict[str, Any]
# Beyond what skops trusts by itself: the support vectors of words. Read as arrays.
TRUSTED = ["scipy.sparse._csr.csr_array", "scipy.sparse._csr.csr_matrix"]
KEYS = {"transformer", "classifiers", "n_labels"}
# What zip files, JSON and arrays raise that are damaged.
FAULTS = (
    AttributeError, BadZipFile, EOFError, IndexError, KeyError, OSError, RuntimeError, TypeError, ValueError,
    zlib.error,
)  # fmt: skip


def dump_estimator(state: StateT, pipe: str) -> bytes:
    """Write a fitted estimator.

    state (StateT): What `KEYS` name, see `EstimatorShim`. pipe (str): Name of the component.
    RETURNS (bytes): A zip file of arrays and JSON.
    RAISES (ValueError): BS084 if it has parts that would not be loaded again.
    """
    terms = getattr(state["transformer"], "vocabulary_", None)
    if terms:
        # Written as one string: skops makes an object of each entry.
        transformer = copy.copy(state["transformer"])
        transformer.vocabulary_ = {}
        state = {**state, "transformer": transformer, "terms": "\n".join(sorted(terms, key=terms.__getitem__))}
    data = bytes(import_optional("skops.io", "skops").dumps(state))
    check_types(data, pipe)
    return data


def load_estimator(data: bytes, pipe: str) -> StateT:
    """Read what `dump_estimator` wrote. No code runs that the file names.

    data (bytes): The file. pipe (str): Name of the component.
    RETURNS (StateT): The state.
    RAISES (ValueError): BS084 if it is damaged, or holds anything but numbers, strings, containers, arrays of numpy and
        scipy, and estimators of scikit-learn.
    """
    check_types(data, pipe)
    try:
        state: StateT = import_optional("skops.io", "skops").loads(data, trusted=TRUSTED)
        terms = state.pop("terms", None)
        if terms is not None:
            state["transformer"].vocabulary_ = {term: i for i, term in enumerate(terms.split("\n"))}
        if set(state) != KEYS:
            raise ValueError(f"it holds {', '.join(state) or 'nothing'}")
    except FAULTS as e:
        raise ValueError(Errors.BS084.format(pipe=pipe, fault=repr(e))) from e
    return state


def check_types(data: bytes, pipe: str) -> None:
    """RAISES (ValueError): BS084 if it is no file of skops, or names types that are not trusted."""
    try:
        found = import_optional("skops.io", "skops").get_untrusted_types(data=data)
    except FAULTS as e:
        raise ValueError(Errors.BS084.format(pipe=pipe, fault=repr(e))) from e
    unknown = sorted(set(found) - set(TRUSTED))
    if unknown:
        raise ValueError(Errors.BS084.format(pipe=pipe, fault=f"it holds {', '.join(unknown)}"))
