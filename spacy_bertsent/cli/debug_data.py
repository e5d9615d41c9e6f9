import json
import zlib
from pathlib import Path
from typing import Callable, Collection, Dict, List, Optional

import typer
from spacy.cli._util import Arg, Opt
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.util import get_lang_class, load_config, load_model, load_model_from_config
from wasabi import color, msg

from ..corpus_checks import LEVELS, Checks, Finding, check_corpora
from ..corpus_checks.counts import SplitCounts
from ..corpus_checks.findings import check_names
from ..errors import Errors
from ..tables import Table, to_text
from .annotate import write_text
from .root import bertsent_cli, readable_errors
from .scores import name_files

MAX_CASES = 5
MAX_CATEGORIES = 20
MAX_CHARACTERS = 100
COLORS = dict(zip(LEVELS, ("red", "yellow", "blue")))
WORDS = {
    "polarity": "Polarity",
    "emotions": "Emotion",
    "aspect_sentiment": "Aspect sentiment",
    "categories": "Aspect category",
}


@bertsent_cli.command("debug-data")
def debug_data_cli(
    corpora: List[Path] = Arg(..., help="TRAIN.spacy [DEV.spacy] [TEST.spacy]: files or directories, a split each"),
    model: Optional[str] = Opt(None, "--model", "-m", help="Pipeline to be trained: config, directory or package"),
    lang: str = Opt("en", "--lang", "-l", help="Language of the tokenizer, where there is no --model"),
    output: Optional[Path] = Opt(None, "--json", "-j", help="Write numbers and all findings as JSON"),
    near: bool = Opt(True, "--near/--no-near", help="Look for texts that are nearly the same"),
    window: int = Opt(0, "--window", "-w", help="Wordpieces that are read at once, 0 for the backbone's own number"),
    rare: int = Opt(20, "--rare", "-r", help="Labels of the first split with fewer examples are rare"),
    ignore: List[str] = Opt([], "--ignore", "-i", help="Name of a finding to accept, such as leaks; may be repeated"),
    strict: bool = Opt(False, "--strict", "-s", help="Warnings count as errors"),
    verbose: bool = Opt(False, "--verbose", "-V", help=f"List all cases of each finding, not {MAX_CASES}"),
) -> None:
    """Check corpora before training: what they hold, and what would make training or scores wrong.

    Ends with exit code 1 if there are errors. The first corpus is the training data.
    """
    with readable_errors("The corpora were not checked"):
        check_names(ignore)
        nlp = load_pipeline(model, lang)
        splits = dict(zip(name_files(corpora), [read_docs(nlp, path) for path in corpora]))
        checks = check_corpora(splits, nlp, near=near, window=window, rare=rare)
        failures = checks.get_failures(strict=strict, ignore=ignore)
        if output is not None:
            data = {**checks.to_dict(), "ignored": ignore, "strict": strict, "passed": not failures}
            write_text(output, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    for one in (make_facts(checks), make_labels(checks, MAX_CATEGORIES if not verbose else None)):
        if one.rows:
            typer.echo(to_text(one))
    for finding in checks.findings:
        if finding.name not in ignore:
            typer.echo(describe(finding, None if verbose else MAX_CASES))
    for reason in checks.skipped:
        typer.echo(f"{color('skipped', fg='grey')}  {reason}\n")
    if output is not None:
        msg.good(f"JSON: {output}")
    typer.echo(summarise(checks, ignore))
    if failures:
        raise typer.Exit(1)


def load_pipeline(model: Optional[str], lang: str = "en") -> Language:
    """Load the pipeline whose tokenizer and backbone count.

    model (Optional[str]): A config, a directory or an installed package. lang (str): Of a blank one, if it is None.
    RETURNS (Language): The pipeline; that of a config is not initialized. RAISES (ValueError): BS021.
    """
    if model is None:
        return get_lang_class(lang)()
    if not model.endswith(".cfg"):
        return load_model(model)
    if not Path(model).is_file():
        raise ValueError(Errors.BS021.format(path=model, advice="--model takes a config, a directory or a package."))
    return load_model_from_config(load_config(model), auto_fill=True)


def read_docs(nlp: Language, path: Path) -> List[Doc]:
    """Read gold documents, empty ones too.

    nlp (Language): Owns the vocabulary. path (Path): A .spacy file, or a directory with such files.
    RETURNS (List[Doc]): At least one. RAISES (ValueError): BS021, BS049 or BS060.
    """
    if not path.exists():
        raise ValueError(Errors.BS021.format(path=path, advice="Corpora are .spacy files, the training data first."))
    docs: List[Doc] = []
    for file in sorted(path.rglob("*.spacy")) if path.is_dir() else [path]:
        try:
            docs.extend(DocBin().from_disk(file).get_docs(nlp.vocab))
        # What a damaged file raises depends on where it is damaged.
        except (zlib.error, ValueError, TypeError, KeyError) as e:
            raise ValueError(Errors.BS049.format(path=file, fault=e)) from e
    if not docs:
        raise ValueError(Errors.BS060.format(path=path))
    return docs


def make_facts(checks: Checks) -> Table:
    """RETURNS (Table): The size of each split, and what is annotated. Rows of zeros are left out."""
    facts: Dict[str, Callable[[SplitCounts], str]] = {
        "Texts": lambda x: f"{x.docs}",
        "Tokens": lambda x: f"{x.tokens}",
        "Characters": lambda x: f"{x.characters}",
        "Polarity annotated": lambda x: _share(x.polarity, x.docs),
        "Emotions annotated": lambda x: _share(x.emotions, x.docs),
        "  none applies": lambda x: _share(x.emotions_per_text[0], x.emotions),
        "  several apply": lambda x: _share(sum(n for k, n in x.emotions_per_text.items() if k > 1), x.emotions),
        "Aspects annotated": lambda x: _share(x.aspects, x.docs),
        "  none": lambda x: _share(x.aspects_per_text[0], x.aspects),
        "  one": lambda x: _share(x.aspects_per_text[1], x.aspects),
        "  several": lambda x: _share(sum(n for k, n in x.aspects_per_text.items() if k > 1), x.aspects),
        "  most in a text": lambda x: f"{max(x.aspects_per_text, default=0)}",
        "Aspects": lambda x: f"{x.n_aspects}",
        "  without words (category only)": lambda x: _share(x.wordless, x.n_aspects),
        "  without sentiment": lambda x: _share(x.without_sentiment, x.n_aspects),
        "Spans with several opinions": lambda x: f"{x.several_opinions}",
        "Wordpieces of the longest text": lambda x: f"{x.longest or 0}",
        f"Texts longer than a window of {checks.window}": lambda x: _share(x.long_texts or 0, x.docs),
    }
    rows = [[name, *map(fact, checks.splits.values())] for name, fact in facts.items()]
    return Table(["", *checks.splits], [row for row in rows if set(row[1:]) != {"0"}], n_words=1)


def make_labels(checks: Checks, max_categories: Optional[int]) -> Table:
    """Count the labels of each split, with their share of what is annotated.

    checks (Checks): The checks. max_categories (Optional[int]): Most aspect categories to list.
    RETURNS (Table): The labels of each word, the most frequent of all splits together first.
    """
    rows: List[List[str]] = []
    for word, title in WORDS.items():
        totals: Dict[str, int] = {}
        for counts in checks.splits.values():
            for label, n in counts.labels[word].items():
                totals[label] = totals.get(label, 0) + n
        ranked = sorted(totals, key=lambda label: (-totals[label], label))
        shown = ranked[:max_categories] if word == "categories" else ranked
        for label in shown:
            cells = [_share(x.labels[word][label], _get_base(x, word)) for x in checks.splits.values()]
            rows.append([title, label, *cells])
        if len(shown) < len(ranked):
            rows.append([title, f"and {len(ranked) - len(shown)} more", *[""] * len(checks.splits)])
    return Table(["Word", "Label", *checks.splits], rows, n_words=2)


def describe(finding: Finding, max_cases: Optional[int]) -> str:
    """RETURNS (str): A finding and its first cases, to be read in a terminal."""
    level = color(f"{finding.level:<8}", fg=COLORS[finding.level], bold=True)
    lines = [f"{level} {color(finding.name, bold=True)}  {finding.text}"]
    for case in finding.cases[:max_cases]:
        place = "" if case.number is None else f"{case.split} {case.number}: "
        detail = f"  [{_shorten(case.detail)}]" if case.detail else ""
        lines.append(f"    {place}{_shorten(case.text)!r}{detail}")
    if max_cases is not None and finding.count > max_cases:
        lines.append(f"    and {finding.count - max_cases} more")
    return "\n".join(lines) + "\n"


def summarise(checks: Checks, ignore: Collection[str]) -> str:
    """RETURNS (str): The names of all findings by level, and of those that are accepted."""
    lines = []
    for level in LEVELS:
        names = dict.fromkeys(f.name for f in checks.findings if f.level == level and f.name not in ignore)
        lines.append(f"{color(f'{level:<8}', fg=COLORS[level])} {', '.join(names) or '-'}")
    accepted = dict.fromkeys(f.name for f in checks.findings if f.name in ignore)
    if accepted:
        lines.append(f"{'ignored':<8} {', '.join(accepted)}")
    return "\n".join(lines)


def _get_base(counts: SplitCounts, word: str) -> int:
    if word in ("polarity", "emotions"):
        return int(getattr(counts, word))
    return sum(counts.labels[word].values())


def _share(n: int, total: int) -> str:
    return f"{n} ({100 * n / total:.1f}%)" if n and total else f"{n}"


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 3] + "..."
