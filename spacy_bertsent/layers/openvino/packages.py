"""The border to OpenVINO and NNCF: imported when first asked for, and without their reports to the maker."""

import contextlib
import functools
import importlib
import logging
import os
import sys
from typing import Any, Iterator

from ...errors import Errors

TELEMETRY = "openvino_telemetry"


def import_openvino() -> Any:
    """RETURNS (ModuleType): OpenVINO. RAISES (ImportError): BS120 if it is not installed."""
    return _import("openvino")


def import_nncf() -> Any:
    """RETURNS (ModuleType): NNCF, which makes int8 weights. RAISES (ImportError): BS120 if it is not installed."""
    nncf = _import("nncf")
    # It tells of each operation that it leaves in float.
    nncf.set_log_level(logging.ERROR)
    return nncf


def get_core() -> Any:
    """RETURNS (openvino.Core): One for each process: its threads do not survive a fork."""
    return _make_core(os.getpid())


@functools.cache
def _make_core(pid: int) -> Any:
    return import_openvino().Core()


def _import(name: str) -> Any:
    try:
        with _no_telemetry():
            return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(Errors.BS120.format(package=name, fault=error)) from error


@contextlib.contextmanager
def _no_telemetry() -> Iterator[None]:
    """Hide the package with which both report their use over the network, already when they are imported. They go
    without it where it is not installed, and an entry of None says so."""
    hidden = sys.modules.get(TELEMETRY)
    sys.modules[TELEMETRY] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[TELEMETRY]
        if hidden is not None:
            sys.modules[TELEMETRY] = hidden
