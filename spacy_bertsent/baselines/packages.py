from importlib import import_module
from typing import Any

from ..errors import Errors


def import_optional(module: str, package: str) -> Any:
    """Import a module of a package that only the baselines need.

    module (str): The module. package (str): What pip calls its package.
    RETURNS (module): The module.
    RAISES (ImportError): BS080 if it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as e:
        raise ImportError(Errors.BS080.format(package=package, fault=e)) from e
