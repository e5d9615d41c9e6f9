import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import typer
from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import Errors
from ..tables import Table, to_markdown, to_text
from .root import bertsent_cli, readable_errors

# In the order of the table.
SCORES = {
    "polarity_acc": "Polarity: accuracy",
    "polarity_f": "Polarity: macro-F1",
    "polarity_auc": "Polarity: AUC",
    "emotions_f": "Emotions: macro-F1",
    "emotions_micro": "Emotions: micro-F1",
    "emotions_jaccard": "Emotions: Jaccard",
    "emotions_auc": "Emotions: AUC",
    "aspects_p": "Aspects found: precision",
    "aspects_r": "Aspects found: recall",
    "aspects_f": "Aspects found: F1",
    "absa_acc": "Aspect sentiment: accuracy",
    "absa_f": "Aspect sentiment: macro-F1",
    "absa_e2e_p": "Aspect and sentiment: precision",
    "absa_e2e_r": "Aspect and sentiment: recall",
    "absa_e2e_f": "Aspect and sentiment: F1",
    "acsa_det_p": "Categories found: precision",
    "acsa_det_r": "Categories found: recall",
    "acsa_det_f": "Categories found: F1",
    "acsa_acc": "Category sentiment: accuracy",
    "acsa_sent_f": "Category sentiment: macro-F1",
    "acsa_p": "Category and sentiment: precision",
    "acsa_r": "Category and sentiment: recall",
    "acsa_f": "Category and sentiment: F1",
}
PER_LABEL = {
    "polarity_per_type": "Polarity",
    "emotions_per_type": "Emotions",
    "absa_per_type": "Aspect sentiment",
    "acsa_per_type": "Category sentiment",
}


@bertsent_cli.command("scores")
def scores_cli(
    metrics: List[Path] = Arg(..., help="JSON files of `spacy evaluate --output`: one column each"),
    markdown: Optional[Path] = Opt(None, "--markdown", "-m", help="Write the tables as Markdown, too"),
    per_label: bool = Opt(False, "--per-label", "-l", help="Add a table of the labels of each word"),
) -> None:
    """Print the scores of polarity, emotions and aspects in one table, in percent."""
    with readable_errors("No table was made"):
        tables = make_tables(metrics, per_label=per_label)
        # Not through msg.table: it wraps, and then long file names break the rows.
        for one in tables:
            typer.echo(to_text(one))
        if markdown is not None:
            markdown.parent.mkdir(parents=True, exist_ok=True)
            markdown.write_text("\n".join(map(to_markdown, tables)), "utf8")
            msg.good(f"Markdown: {markdown}")


def make_tables(paths: Sequence[Path], *, per_label: bool = False) -> List[Table]:
    """Put the scores of some files side by side.

    paths (Sequence[Path]): JSON files of `spacy evaluate --output`.
    per_label (bool): Add precision, recall and F1 of each label, one table for each word that has them.
    RETURNS (List[Table]): Numbers in percent; "-" where a file has none.
    RAISES (ValueError): BS021 or BS045.
    """
    files = dict(zip(name_files(paths), map(read_scores, paths)))
    rows = []
    for key, words in SCORES.items():
        values = [scores.get(key) for scores in files.values()]
        if any(value is not None for value in values):
            rows.append([words, key, *map(_to_percent, values)])
    tables = [Table(["Score (%)", "Key", *files], rows, n_words=2)]
    if per_label:
        tables += [one for key, words in PER_LABEL.items() if (one := _make_label_table(key, words, files)).rows]
    return tables


def read_scores(path: Path) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): What `spacy evaluate` wrote. RAISES (ValueError): BS021, BS036 or BS045."""
    if path.is_dir():
        raise ValueError(Errors.BS036.format(path=path))
    if not path.exists():
        advice = f"Make it: python -m spacy evaluate MODEL CORPUS.spacy --output {path}"
        raise ValueError(Errors.BS021.format(path=path, advice=advice))
    try:
        scores = json.loads(path.read_text("utf8"))
    except ValueError as e:
        raise ValueError(Errors.BS045.format(path=path, fault=f"no JSON ({e})")) from e
    if not isinstance(scores, dict):
        raise ValueError(Errors.BS045.format(path=path, fault="no JSON object"))
    if all(scores.get(key) is None for key in SCORES):
        raise ValueError(Errors.BS045.format(path=path, fault=f"its keys are {', '.join(scores) or 'none'}"))
    return scores


def name_files(paths: Sequence[Path]) -> List[str]:
    """RETURNS (List[str]): A short name of each file; whole paths where names would be the same."""
    names = [path.stem for path in paths]
    return [name if names.count(name) == 1 else str(path) for name, path in zip(names, paths)]


def _make_label_table(key: str, words: str, files: Dict[str, Dict[str, Any]]) -> Table:
    found = {name: scores.get(key) or {} for name, scores in files.items()}
    labels = dict.fromkeys(label for per_type in found.values() for label in per_type)
    rows = [
        [label, name, *(_to_percent(per_type[label].get(x)) for x in "prf")]
        for label in labels
        for name, per_type in found.items()
        if label in per_type
    ]
    header = [f"{words} (%)", "File", "Precision", "Recall", "F1"]
    if len(files) == 1:
        return Table(header[:1] + header[2:], [row[:1] + row[2:] for row in rows], n_words=1)
    return Table(header, rows, n_words=2)


def _to_percent(value: Optional[float]) -> str:
    return "-" if value is None else f"{100 * value:.2f}"
