import typer
from spacy.cli._util import Arg

from .root import bertsent_cli, readable_errors

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"


@bertsent_cli.command("weights")
def weights_cli(
    name: str = Arg(
        DEFAULT, help="A directory, or a name on the Hugging Face hub; the default also comes as a package"
    ),
) -> None:
    """Print the directory of pretrained weights, for programs that look for them on the hub alone.

    Such as spaCy's own `transformer`: --vars.name "$(python -m spacy bertsent weights)"
    """
    with readable_errors("No weights were found"):
        from ..layers.weights import find_weights

        typer.echo(str(find_weights(name).resolve()))
