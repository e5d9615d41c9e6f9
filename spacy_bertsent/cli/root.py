import typer

HELP = "Sentiment of documents and aspects, and emotions."

bertsent_cli = typer.Typer(name="bertsent", help=HELP, no_args_is_help=True)
