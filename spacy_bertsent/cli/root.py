from contextlib import contextmanager
from typing import Iterator

import typer
from wasabi import msg

HELP = "Sentiment of documents and aspects, and emotions."

bertsent_cli = typer.Typer(name="bertsent", help=HELP, no_args_is_help=True)


@contextmanager
def readable_errors(title: str) -> Iterator[None]:
    """Print what goes wrong with the user's input as a message, and end with exit code 1.

    title (str): What did not happen.
    """
    try:
        yield
    # ImportError: spaCy's message for a language or package that it does not have.
    except (ValueError, OSError, ImportError) as e:
        msg.fail(title)
        # Not through wasabi, which wraps all it prints: paths and commands must stay whole.
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
