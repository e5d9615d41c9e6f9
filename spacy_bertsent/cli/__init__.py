"""Attaches `python -m spacy bertsent <command>` to spaCy's own command line; spaCy finds it by its entry point."""

from spacy.cli._util import app

from .convert import convert_cli
from .root import bertsent_cli

__all__ = ["bertsent_cli", "convert_cli"]

app.add_typer(bertsent_cli)
