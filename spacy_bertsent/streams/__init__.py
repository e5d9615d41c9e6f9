"""Streams that lose nothing: one outcome for each input, in order."""

from .limits import Limits
from .outcomes import Failure, get_repairs
from .stream import pipe

__all__ = ["Failure", "Limits", "get_repairs", "pipe"]
