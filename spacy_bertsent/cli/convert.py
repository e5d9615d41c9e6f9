import inspect
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

import typer
from spacy.cli._util import Arg, Opt
from spacy.tokens import Doc, DocBin
from spacy.util import get_lang_class
from wasabi import msg

from ..converters import CONVERTERS, get_converter
from ..converters.rows import MAX_LISTED, Report
from ..converters.split import split_docs
from ..errors import Errors
from ..labels import ASPECTS_KEY
from .root import bertsent_cli, readable_errors

FLAGS = {"phrases": "--phrases/--sentences", "merge": "--merge/--no-merge"}


@dataclass
class Summary:
    """What a conversion wrote.

    report (Report): Rows and aspects that were left out or changed.
    docs (Dict[Path, int]): Number of documents by file.
    labels (Counter), aspects (Counter): Number of documents by key of `doc.cats`, of aspects by sentiment.
    """

    report: Report
    docs: Dict[Path, int] = field(default_factory=dict)
    labels: "Counter[str]" = field(default_factory=Counter)
    aspects: "Counter[str]" = field(default_factory=Counter)


@bertsent_cli.command("convert")
def convert_cli(
    name: str = Arg(..., help=f"Data set: {', '.join(CONVERTERS)}"),
    inputs: List[Path] = Arg(..., help="Raw files; FILE.gz is read where there is no FILE"),
    output: Path = Arg(..., help="Where to write, a .spacy file"),
    lang: str = Opt("en", "--lang", "-l", help="Language of the tokenizer"),
    skip_errors: bool = Opt(False, "--skip-errors", "-s", help="Leave faulty rows out and count them"),
    dev: Optional[Path] = Opt(None, "--dev", "-d", help="Put a share of the texts aside in this .spacy file"),
    dev_share: float = Opt(0.1, "--dev-share", "-ds", help="The share, of the distinct texts"),
    aspects: Optional[str] = Opt(None, "--aspects", help="semeval2014-2016, mams: terms, categories or both"),
    conflict: Optional[str] = Opt(None, "--conflict", help="semeval2014, mams, setfit_absa: drop, keep or neutral"),
    out_of_scope: Optional[str] = Opt(None, "--out-of-scope", help="semeval2015, semeval2016: drop or keep"),
    merge: Optional[bool] = Opt(
        None, FLAGS["merge"], help="pyabsa, twitter*: one document of the items with the same text"
    ),
    phrases: Optional[bool] = Opt(None, FLAGS["phrases"], help="sst_trees: all phrases, or sentences alone"),
    classes: Optional[str] = Opt(None, "--classes", help="sst_trees: binary, three or five"),
    lower: Optional[bool] = Opt(None, "--lower", help="sst_trees: texts in lower case"),
    mapping: Optional[Path] = Opt(None, "--mapping", help="goemotions: JSON file with groups of labels"),
    unescape: Optional[bool] = Opt(None, "--unescape", help="semeval2018_ec: &amp; and the like as characters"),
    breaks: Optional[str] = Opt(None, "--breaks", help="imdb: <br /> as newline, or keep"),
) -> None:
    """Convert a published data set to spaCy's binary format, for `spacy train` and `spacy evaluate`."""
    settings = {
        "aspects": aspects,
        "conflict": conflict,
        "out_of_scope": out_of_scope,
        "merge": merge,
        "phrases": phrases,
        "classes": classes,
        "lower": lower,
        "mapping": mapping,
        "unescape": unescape,
        "breaks": breaks,
    }
    with readable_errors("Nothing was converted"):
        summary = convert(
            name,
            inputs,
            output,
            lang=lang,
            skip_errors=skip_errors,
            dev=dev,
            dev_share=dev_share,
            settings={key: value for key, value in settings.items() if value is not None},
        )
    print_summary(summary)


def convert(
    name: str,
    inputs: Sequence[Path],
    output: Path,
    *,
    lang: str = "en",
    skip_errors: bool = False,
    dev: Optional[Path] = None,
    dev_share: float = 0.1,
    settings: Optional[Mapping[str, Any]] = None,
) -> Summary:
    """Convert raw files of one data set.

    name (str): A key of `CONVERTERS`. inputs (Sequence[Path]): Raw files. output (Path): The .spacy file to write.
    lang (str): Language of the tokenizer.
    skip_errors (bool): Leave faulty rows out and count them.
    dev (Optional[Path]): Where to put a share of the texts aside. dev_share (float): That share.
    settings (Optional[Mapping[str, Any]]): Settings of the converter.
    RETURNS (Summary): What was written.
    RAISES (ValueError): If an argument or a row is wrong; then nothing is written.
    """
    settings = settings or {}
    inputs = [_find_packed(path) for path in inputs]
    check_arguments(name, inputs, [output] if dev is None else [output, dev], settings)
    converter = get_converter(name)
    nlp = get_lang_class(lang)()
    report = Report(skip_errors=skip_errors)
    docs = [doc for path in inputs for doc in converter(path, nlp, report, **settings)]
    if not docs:
        raise ValueError(Errors.BS037.format(paths=", ".join(map(str, inputs)), advice=_advise(report)))
    summary = Summary(report)
    count_gold(docs, summary)
    parts = {output: docs}
    if dev is not None:
        parts[output], parts[dev] = split_docs(docs, dev_share)
    for path, part in parts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        DocBin(docs=part, store_user_data=False).to_disk(path)
        summary.docs[path] = len(part)
    return summary


def check_arguments(name: str, inputs: Sequence[Path], outputs: Sequence[Path], settings: Mapping[str, Any]) -> None:
    """Check all arguments before any file is read.

    RAISES (ValueError): BS015 unknown converter; BS021, BS036 no such file; BS032 the converter does not take a
        setting; BS034 an output that may be an input; BS038 one file for both parts.
    """
    parameters = inspect.signature(get_converter(name)).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    for setting in settings:
        if setting not in known:
            options = ", ".join(map(_get_option, known)) or "none"
            raise ValueError(Errors.BS032.format(name=name, option=_get_option(setting), options=options))
    for path in outputs:
        if path.suffix != ".spacy":
            raise ValueError(Errors.BS034.format(path=path))
    if len(set(outputs)) < len(outputs):
        raise ValueError(Errors.BS038.format(path=outputs[0]))
    for path in inputs:
        if path.is_dir():
            raise ValueError(Errors.BS036.format(path=path))
        if not path.exists():
            advice = "The inputs come before the output: python -m spacy bertsent convert NAME INPUT... OUTPUT.spacy"
            raise ValueError(Errors.BS021.format(path=path, advice=advice))


def count_gold(docs: Iterable[Doc], summary: Summary) -> None:
    """Count the labels of documents and aspects into a summary."""
    for doc in docs:
        for key, value in doc.cats.items():
            summary.labels[key] += int(value >= 0.5)
        if ASPECTS_KEY in doc.spans:
            summary.aspects.update(span.label_ or "(no sentiment)" for span in doc.spans[ASPECTS_KEY])


def print_summary(summary: Summary) -> None:
    """Print what was written, and what was not."""
    report = summary.report
    if summary.labels:
        msg.table(summary.labels.items(), header=("Label", "Docs"), divider=True, aligns=("l", "r"))
    if summary.aspects:
        msg.table(summary.aspects.items(), header=("Aspects", "Count"), divider=True, aligns=("l", "r"))
    for kind, count in report.dropped.items():
        msg.info(f"Left out: {count} x {kind}")
    for kind, count in report.changed.items():
        msg.info(f"Changed: {count} x {kind}")
    if report.moved:
        msg.warn(f"Moved to token boundaries: {len(report.moved)} aspects")
        _print_some([f"{text!r} -> {tokens!r}" for text, tokens in report.moved])
    if report.faults:
        msg.warn(f"Skipped: {len(report.faults)} faulty rows")
        _print_some([f"{fault.path}, line {fault.line}: {fault.text}" for fault in report.faults])
    for path, count in summary.docs.items():
        msg.good(f"{count} docs: {path}")


def _find_packed(path: Path) -> Path:
    packed = Path(f"{path}.gz")
    return packed if packed.is_file() and not path.exists() else path


def _print_some(items: Sequence[str]) -> None:
    more = [f"and {len(items) - MAX_LISTED} more"] if len(items) > MAX_LISTED else []
    typer.echo("\n".join(f"    {item}" for item in [*items[:MAX_LISTED], *more]))


def _get_option(setting: str) -> str:
    return FLAGS.get(setting, f"--{setting.replace('_', '-')}")


def _advise(report: Report) -> str:
    if not report.faults:
        return "Is the file empty?"
    fault = report.faults[0]
    return f"{len(report.faults)} rows are faulty, the first: line {fault.line}: {fault.text}"
