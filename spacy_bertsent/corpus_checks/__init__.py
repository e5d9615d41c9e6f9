"""Checks of gold corpora before training: what they hold, and what in them would make training or scores wrong.

To add one: name it in `findings.py: KINDS`, and let a function of one of these files give its findings.
"""

from .check import Checks, check_corpora
from .findings import KINDS, LEVELS, Case, Finding

__all__ = ["KINDS", "LEVELS", "Case", "Checks", "Finding", "check_corpora"]
