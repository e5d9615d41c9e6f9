"""Attaches `python -m spacy bertsent <command>` to spaCy's own command line; spaCy finds it by its entry point."""

from spacy.cli._util import app

from .annotate import annotate_cli
from .convert import convert_cli
from .root import bertsent_cli
from .scores import scores_cli
from .thresholds import thresholds_cli

__all__ = ["annotate_cli", "bertsent_cli", "convert_cli", "scores_cli", "thresholds_cli"]

app.add_typer(bertsent_cli)
