import json
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import typer
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model
from spacy.vocab import Vocab
from wasabi import msg

from .. import __version__
from ..errors import Errors
from ..evaluation.corpus import read_gold
from ..evaluation.items import collect_emotions
from ..evaluation.measures import import_metrics
from ..evaluation.predictions import Predictions, read_predictions, write_predictions
from ..evaluation.report import make_report
from ..evaluation.report_tables import list_remarks, make_tables
from ..evaluation.restriction import restrict_labels
from ..evaluation.thresholds import tune_thresholds
from ..tables import Table, to_markdown, to_text
from .root import bertsent_cli, readable_errors


@bertsent_cli.command("evaluate")
def evaluate_cli(
    system: str = Arg(..., metavar="MODEL_OR_PREDICTIONS", help="A pipeline, or a file of --predictions"),
    corpus: Path = Arg(..., help="Gold documents: a .spacy file or a directory of them"),
    output: Optional[Path] = Opt(None, "--output", "-o", help="Write the report as JSON"),
    predictions: Optional[Path] = Opt(None, "--predictions", "-p", help="Write the predictions: .jsonl or .jsonl.gz"),
    markdown: Optional[Path] = Opt(None, "--markdown", "-m", help="Write the tables as Markdown"),
    thresholds_from: Optional[Path] = Opt(
        None, "--thresholds-from", "-t", help="Choose the emotion thresholds with the best F1 on this corpus"
    ),
    labels: str = Opt("", "--labels", "-l", help="Choose polarity and aspect sentiment among these: positive,negative"),
    masked: bool = Opt(True, "--masked/--no-masked", help="Also ask without saying which aspect is meant: a control"),
    slices: bool = Opt(True, "--slices/--no-slices", help="Score parts of the corpus: long texts, negation, …"),
    per_label: bool = Opt(True, "--per-label/--no-per-label", help="Show the scores of each label"),
    resamples: int = Opt(1000, "--resamples", "-n", min=0, help="Bootstrap resamples for the intervals, 0 for none"),
    seed: int = Opt(0, "--seed", "-s", min=0, help="Of the resamples"),
    batch_size: Optional[int] = Opt(None, "--batch-size", "-b", min=1, help="Texts per batch; default: the pipeline's"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
) -> None:
    """Score a pipeline, or a file of predictions, on gold documents: polarity, emotions and aspects.

    Gold that is missing is not scored; what must be known to read the numbers stands below the tables.
    """
    with readable_errors("Nothing was evaluated"):
        check_outputs([output, predictions, markdown])
        import_metrics()
        setup_gpu(gpu_id, silent=True)
        gold, found = predict_or_read(
            system, corpus, thresholds_from=thresholds_from, masked=masked, batch_size=batch_size
        )
        if predictions is not None:
            write_predictions(found, predictions)
        found = choose_among(found, labels)
        report = make_report(gold, found, n_resamples=resamples, seed=seed, slices=slices)
        title = f"{system} on {corpus}: {len(gold)} texts"
        lines = [title, *list_remarks(report)]
        print_tables(lines, make_tables(report, per_label=per_label), markdown)
        if output is not None:
            write_json(report, output)
    for path in (output, predictions, markdown):
        if path is not None:
            msg.good(f"Saved: {path}")


def predict_or_read(
    system: str,
    corpus: Path,
    *,
    thresholds_from: Optional[Path] = None,
    masked: bool = True,
    batch_size: Optional[int] = None,
) -> Tuple[List[Doc], Predictions]:
    """Get the gold documents of a corpus, and what a system predicts of them.

    system (str): A pipeline or a file of predictions. corpus (Path): Gold documents.
    thresholds_from (Optional[Path]): A corpus to choose emotion thresholds on; only with a pipeline.
    masked (bool), batch_size (Optional[int]): See `predict_corpus`.
    RETURNS (Tuple[List[Doc], Predictions]): As long as each other if they belong together.
    RAISES (ValueError): BS021, BS049 or BS072 if the corpus cannot be read; BS070 if the predictions cannot; BS074 or
        BS076 if no thresholds can be chosen.
    """
    if is_predictions(system):
        if thresholds_from is not None:
            raise ValueError(Errors.BS074.format(path=system, corpus=thresholds_from))
        return read_gold(corpus, Vocab()), read_predictions(Path(system))
    from ..evaluation.predict import predict_corpus

    nlp = load_model(system)
    gold = read_gold(corpus, nlp.vocab)
    thresholds: Dict[str, float] = {}
    if thresholds_from is not None:
        thresholds = choose_thresholds_on(nlp, thresholds_from, batch_size=batch_size)
        if thresholds_from.resolve() == corpus.resolve():
            msg.warn("The thresholds are chosen on the texts that are scored: the scores of emotions are too good")
    msg.info(f"Predicting {len(gold)} texts")
    found = predict_corpus(nlp, gold, masked=masked, batch_size=batch_size)
    about = {
        "model": system,
        "pipeline": f"{nlp.lang}_{nlp.meta['name']} {nlp.meta['version']}",
        "corpus": str(corpus),
        "thresholds_from": str(thresholds_from) if thresholds else None,
        "spacy_bertsent": __version__,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    }
    about = {key: value for key, value in about.items() if value is not None}
    return gold, replace(found, thresholds=thresholds or found.thresholds, about={**about, **found.about})


def is_predictions(system: str) -> bool:
    """RETURNS (bool): Whether a name is that of a file of predictions, and not of a pipeline."""
    return Path(system).is_file() or system.endswith((".jsonl", ".jsonl.gz"))


def choose_thresholds_on(nlp: Language, corpus: Path, *, batch_size: Optional[int] = None) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): The threshold of each emotion with the best F1 on a corpus. RAISES: BS076."""
    from ..evaluation.predict import predict_corpus

    gold = read_gold(corpus, nlp.vocab)
    msg.info(f"Predicting {len(gold)} texts to choose thresholds on")
    found = predict_corpus(nlp, gold, masked=False, batch_size=batch_size)
    if collect_emotions(gold, found) is None:
        fault = "no text has emotions annotated" if found.labels["emotions"] else "the pipeline predicts no emotions"
        raise ValueError(Errors.BS076.format(path=corpus, fault=fault))
    return tune_thresholds(gold, found)


def choose_among(predictions: Predictions, labels: str) -> Predictions:
    """RETURNS (Predictions): Restricted to some labels. labels (str): With commas; "" for all. RAISES: BS073."""
    names = [label.strip() for label in labels.split(",") if label.strip()]
    return restrict_labels(predictions, names) if labels else predictions


def check_outputs(paths: Sequence[Optional[Path]]) -> None:
    """Check before the work that files can be written. RAISES (ValueError): BS036 if one is a directory."""
    for path in paths:
        if path is not None and path.is_dir():
            raise ValueError(Errors.BS036.format(path=path))


def print_tables(lines: Sequence[str], tables: Sequence[Table], markdown: Optional[Path]) -> None:
    """Print tables, and write them as Markdown where that is wanted.

    lines (Sequence[str]): What is to be known: the first one stands above the tables, the others below.
    tables (Sequence[Table]): The tables. markdown (Optional[Path]): The file.
    """
    # Not through msg.table: it wraps, and then long rows break.
    typer.echo("\n".join(["", lines[0], *map(to_text, tables), *lines[1:], ""]))
    if markdown is not None:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        remarks = "".join(f"- {line}\n" for line in lines[1:])
        markdown.write_text("\n".join([f"{lines[0]}\n", *map(to_markdown, tables), remarks]), "utf8")


def write_json(data: Dict[str, Any], path: Path) -> None:
    """Write a report. data (Dict[str, Any]): The report. path (Path): The file; its directory is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf8")
