"""Attaches `python -m spacy bertsent <command>` to spaCy's own command line; spaCy finds it by its entry point."""

from spacy.cli._util import app

from .annotate import annotate_cli
from .aspects import aspects_cli
from .benchmark import benchmark_cli
from .compare import compare_cli
from .convert import convert_cli
from .debug_data import debug_data_cli
from .evaluate import evaluate_cli
from .quantize import quantize_cli
from .root import bertsent_cli
from .scores import scores_cli
from .thresholds import thresholds_cli
from .vectors import vectors_cli
from .weights import weights_cli

__all__ = [
    "annotate_cli",
    "aspects_cli",
    "benchmark_cli",
    "bertsent_cli",
    "compare_cli",
    "convert_cli",
    "debug_data_cli",
    "evaluate_cli",
    "quantize_cli",
    "scores_cli",
    "thresholds_cli",
    "vectors_cli",
    "weights_cli",
]

app.add_typer(bertsent_cli)
