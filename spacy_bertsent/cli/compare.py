from pathlib import Path
from typing import Optional

from spacy.cli._util import Arg, Opt, setup_gpu
from wasabi import msg

from ..evaluation.comparison import compare_predictions
from ..evaluation.comparison_tables import list_comparison_remarks, make_comparison_tables
from ..evaluation.measures import import_metrics
from .evaluate import check_outputs, choose_among, predict_or_read, print_tables, write_json
from .root import bertsent_cli, readable_errors
from .scores import name_files


@bertsent_cli.command("compare")
def compare_cli(
    corpus: Path = Arg(..., help="Gold documents: a .spacy file or a directory of them"),
    a: str = Arg(..., help="A pipeline, or a file of predictions that `evaluate --predictions` wrote"),
    b: str = Arg(..., help="The other one"),
    output: Optional[Path] = Opt(None, "--output", "-o", help="Write the comparison as JSON"),
    markdown: Optional[Path] = Opt(None, "--markdown", "-m", help="Write the tables as Markdown"),
    labels: str = Opt("", "--labels", "-l", help="Choose polarity and aspect sentiment among these: positive,negative"),
    masked: bool = Opt(True, "--masked/--no-masked", help="Also ask without saying which aspect is meant: a control"),
    resamples: int = Opt(1000, "--resamples", "-n", min=1, help="Bootstrap resamples of the texts"),
    seed: int = Opt(0, "--seed", "-s", min=0, help="Of the resamples"),
    batch_size: Optional[int] = Opt(None, "--batch-size", "-b", min=1, help="Texts per batch; default: the pipeline's"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
) -> None:
    """Compare two systems on the same gold documents: differences, their intervals, and whether they may be chance.

    A small p says that the choice of texts hardly explains the difference; other seeds or data may still turn it.
    """
    with readable_errors("Nothing was compared"):
        check_outputs([output, markdown])
        import_metrics()
        setup_gpu(gpu_id, silent=True)
        gold, first = predict_or_read(a, corpus, masked=masked, batch_size=batch_size)
        _, second = predict_or_read(b, corpus, masked=masked, batch_size=batch_size)
        first, second = choose_among(first, labels), choose_among(second, labels)
        comparison = compare_predictions(gold, first, second, n_resamples=resamples, seed=seed)
        title = f"A = {a}, B = {b} on {corpus}: {len(gold)} texts; differences are A - B"
        tables = make_comparison_tables(comparison, name_files([Path(a), Path(b)]))
        print_tables([title, *list_comparison_remarks(comparison)], tables, markdown)
        if output is not None:
            write_json(comparison, output)
    for path in (output, markdown):
        if path is not None:
            msg.good(f"Saved: {path}")
