import json
import zlib
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

import typer
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training.corpus import FILE_TYPE, walk_corpus
from spacy.util import load_model
from spacy.vocab import Vocab
from tqdm import tqdm
from wasabi import msg

from ..errors import Errors
from ..rollup import RollUp, check_choices, count_aspects, list_remarks, make_table, render, to_json, write_csv
from ..rollup.table import summarise
from ..tables import to_text
from .annotate import write_text
from .root import bertsent_cli, readable_errors
from .texts import STDIN, open_texts

SUFFIXES = (".csv", ".json", ".html")
MAX_ROWS = 20


class Source(NamedTuple):
    """A text to count in. doc (Doc): It. place (str): Where it stands. data (Dict[str, Any]): What else it has."""

    doc: Doc
    place: str
    data: Dict[str, Any]


@bertsent_cli.command("aspects")
def aspects_cli(
    system: str = Arg(..., metavar="MODEL_OR_DOCBIN", help="A pipeline, or annotated texts: .spacy file or directory"),
    texts: Optional[Path] = Arg(
        None, help="For a pipeline: .txt (one text a line), .jsonl with 'text', .spacy, or - for standard input"
    ),
    output: List[Path] = Opt([], "--output", "-o", help="Write the table: .csv, .json or .html; may be repeated"),
    by: str = Opt("aspect", "--by", "-b", help="What a row is: aspect, category or both"),
    per_doc: bool = Opt(False, "--per-doc", "-d", help="Also write the table of each text"),
    min_count: int = Opt(1, "--min-count", "-m", min=1, help="Leave out what is mentioned less often"),
    sort: str = Opt("count", "--sort", "-s", help="Order of the rows: count, negative, positive or name"),
    examples: int = Opt(3, "--examples", "-e", min=0, help="Sentences to keep for each aspect and sentiment"),
    id_field: str = Opt("", "--id-field", "-i", help="Key of a .jsonl row with the text's id; dots lead into: meta.id"),
    batch_size: Optional[int] = Opt(None, "--batch-size", "-B", min=1, help="Texts per batch; default: the pipeline's"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
) -> None:
    """Count the aspects of many texts: how often each is mentioned, and with which sentiment.

    The texts are read one by one. JSON and HTML show the sentences behind each number.
    """
    with readable_errors("No aspects were counted"):
        check_choices(by, sort)
        check_outputs(output)
        setup_gpu(gpu_id, silent=True)
        nlp = load_system(system, texts)
        path = Path(system) if texts is None else texts
        docs = iter_docs(nlp, path, id_field=id_field, batch_size=batch_size)
        # disable=None: no bar where there is no terminal.
        bar = tqdm(docs, unit=" texts", disable=None, leave=False)
        rollup = count_aspects(bar, by=by, per_doc=per_doc, min_count=min_count, sort=sort, examples=examples)
        name = "standard input" if str(path) == STDIN else str(path)
        check_counts(rollup, nlp, name)
        written = [file for one in output for file in write_rollup(rollup, one, title=f"Aspects of {name}")]
    typer.echo(f"\n{summarise(rollup)}")
    typer.echo(to_text(make_table(rollup, MAX_ROWS)))
    hidden = len(rollup.rows) - MAX_ROWS
    typer.echo("\n".join([*([f"And {hidden} more rows."] if hidden > 0 else []), *list_remarks(rollup), ""]))
    for file in written:
        msg.good(f"Saved: {file}")


def check_outputs(paths: Iterable[Path]) -> None:
    """Check before the work that files can be written. RAISES (ValueError): BS036 or BS079."""
    for path in paths:
        if path.is_dir():
            raise ValueError(Errors.BS036.format(path=path))
        if path.suffix not in SUFFIXES:
            raise ValueError(Errors.BS079.format(path=path))


def load_system(system: str, texts: Optional[Path]) -> Optional[Language]:
    """Load the pipeline, if there is one.

    system (str): A pipeline or annotated texts. texts (Optional[Path]): Those for the pipeline.
    RETURNS (Optional[Language]): None for annotated texts.
    RAISES (ValueError): BS110 if the two do not go together.
    """
    path = Path(system)
    is_pipeline = (path / "config.cfg").exists()
    is_corpus = path.suffix == FILE_TYPE or not is_pipeline and path.is_dir() and any(path.rglob(f"*{FILE_TYPE}"))
    if is_corpus and texts is not None:
        raise ValueError(Errors.BS110.format(found=f"annotated texts ('{system}') and '{texts}' beside them"))
    if not is_corpus and texts is None:
        raise ValueError(Errors.BS110.format(found=f"the pipeline '{system}' without texts"))
    return None if is_corpus else load_model(system)


def iter_docs(
    nlp: Optional[Language], path: Path, *, id_field: str = "", batch_size: Optional[int] = None
) -> Iterator[Tuple[Doc, str]]:
    """Read documents with their ids, and annotate them where there is a pipeline.

    nlp (Optional[Language]): The pipeline; None for texts that are annotated. path (Path): The texts.
    id_field (str): Where the id of a text is. By default, "id" if it has one; else texts are numbered, by the lines of
        their file if it has lines.
    batch_size (Optional[int]): Of `nlp.pipe`.
    YIELDS (Tuple[Doc, str]): A document and its id.
    RAISES (ValueError): BS021, BS036, BS040, BS041, BS042, BS049 or BS111 if the texts cannot be read; BS112 if one has
        no id; BS113 if the pipeline cannot take one.
    """
    if nlp is None:
        stored = iter_stored(path, Vocab())
        return ((source.doc, get_id(source, path, id_field)) for source in stored)
    sources = iter_stored(path, nlp.vocab, nlp) if is_stored(path) else _iter_texts(nlp, path)
    pairs = ((source.doc, get_id(source, path, id_field)) for source in sources)
    return nlp.pipe(pairs, as_tuples=True, batch_size=batch_size)


def is_stored(path: Path) -> bool:
    """RETURNS (bool): Whether a path is a .spacy file or a directory."""
    return path.suffix == FILE_TYPE or path.is_dir()


def iter_stored(path: Path, vocab: Vocab, nlp: Optional[Language] = None) -> Iterator[Source]:
    """Read stored documents, file by file.

    path (Path): A .spacy file, or a directory of them. vocab (Vocab): Theirs.
    nlp (Optional[Language]): Make a new document of each text, without its annotation.
    YIELDS (Source): The documents, in the order of file names.
    RAISES (ValueError): BS021 if there is no file, BS049 if one is no corpus, BS113 if a text cannot be read.
    """
    if not path.exists():
        advice = "Expected a .spacy file or a directory of them, or a pipeline and texts."
        raise ValueError(Errors.BS021.format(path=path, advice=advice))
    files = walk_corpus(path, FILE_TYPE)
    for number, doc in enumerate((doc for file in files for doc in _iter_file(Path(file), vocab)), 1):
        data = {key: value for key, value in doc.user_data.items() if isinstance(key, str)}
        place = f"text {number}"
        yield Source(doc if nlp is None else _make_doc(nlp, doc.text, path, place), place, data)


def get_id(source: Source, path: Path, id_field: str) -> str:
    """RETURNS (str): The id of a text, or its number. RAISES (ValueError): BS112 if it lacks the id asked for."""
    value: Any = source.data
    for key in (id_field or "id").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, (str, int, float)):
        return str(value)
    if id_field:
        keys = ", ".join(source.data) or "none"
        raise ValueError(Errors.BS112.format(path=path, place=source.place, field=id_field, keys=keys))
    return source.place.split()[-1]


def check_counts(rollup: RollUp, nlp: Optional[Language], path: str) -> None:
    """Check that there is something to show, and warn of what there is not.

    rollup (RollUp): The counts. nlp (Optional[Language]): The pipeline; None for annotated texts.
    path (str): What the texts are called in messages.
    RAISES (ValueError): BS078 if there are no aspects, no categories to count by, or no rows.
    """
    from ..evaluation.predict import has_finder

    names = "" if nlp is None else ", ".join(nlp.pipe_names) or "no component"
    fault, advice = "", ""
    if not rollup.total.count and nlp is None:
        fault = f"of {rollup.texts} texts, {rollup.annotated} have aspects annotated, and none has one"
        advice = "Expected doc.spans['aspects'] on stored texts; or name a pipeline before texts: MODEL TEXTS.txt"
    elif not rollup.total.count and nlp is not None and not has_finder(nlp):
        fault = f"the pipeline has no component that finds aspects (it has: {names})"
        advice = 'Add one: nlp.add_pipe("bertsent_aspects", config={"noun_chunks": True}), or with your "keywords".'
    elif not rollup.total.count:
        fault = f"the pipeline ({names}) found none in {rollup.texts} texts"
        advice = "See [components.aspects] in its config.cfg: are its keywords words of these texts?"
    elif rollup.by == "category" and not any(row.category for row in (*rollup.rows, *rollup.left_out)):
        fault, advice = "no aspect has a category", "Type: --by aspect"
    elif not rollup.rows:
        most = max(row.count for row in rollup.left_out)
        fault, advice = f"none is mentioned so often; the most frequent one {most} times", f"Type: --min-count {most}"
    if fault:
        raise ValueError(Errors.BS078.format(path=path, fault=fault, advice=advice))
    if not rollup.total.rated:
        why = "" if nlp is None else f': the pipeline has no "bertsent_aspect_sentiment" (it has: {names})'
        msg.warn(f"No aspect has a sentiment{why}")


def write_rollup(rollup: RollUp, path: Path, *, title: str) -> List[Path]:
    """Write a roll-up in the form that the name of the file says.

    rollup (RollUp): The counts. path (Path): The file, .csv, .json or .html. title (str): Of a page.
    RETURNS (List[Path]): The files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        return write_csv(rollup, path)
    is_page = path.suffix == ".html"
    text = render(rollup, title=title) if is_page else json.dumps(to_json(rollup), indent=2, ensure_ascii=False) + "\n"
    write_text(path, text)
    return [path]


def _iter_texts(nlp: Language, path: Path) -> Iterator[Source]:
    for row in open_texts(path):
        place = f"line {row.line}"
        yield Source(_make_doc(nlp, row.text, path, place), place, row.data)


def _make_doc(nlp: Language, text: str, path: Path, place: str) -> Doc:
    try:
        return nlp.make_doc(text)
    # Too long, or no valid Unicode.
    except ValueError as e:
        raise ValueError(Errors.BS113.format(path=path, place=place, fault=e)) from e


def _iter_file(path: Path, vocab: Vocab) -> Iterator[Doc]:
    try:
        yield from DocBin().from_disk(path).get_docs(vocab)
    # What a damaged file raises depends on where it is damaged.
    except (zlib.error, ValueError, TypeError, KeyError) as e:
        raise ValueError(Errors.BS049.format(path=path, fault=e)) from e
