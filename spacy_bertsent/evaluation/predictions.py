"""Predictions as a file: all scores are computed from it, and anyone can compute them again.

A JSON Lines file, gzipped if its name ends in .gz. The first line is a header, then one line for each text of the
corpus, in its order. There are no texts in it, only digests, so it may be passed on where the corpus may not.
"""

import gzip
import hashlib
import json
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..errors import Errors
from ..types import Offsets

FORMAT = "spacy-bertsent-predictions"
VERSION = 1
# Scores are rounded when they are made, so that a stored file gives the very same measures.
DECIMALS = 5


class Found(NamedTuple):
    """An aspect with its sentiment. start_char (int), end_char (int): Its characters. category (str): Or "".
    scores (List[float]): Probability of each sentiment label of the header."""

    start_char: int
    end_char: int
    category: str
    scores: List[float]


@dataclass
class Row:
    """What was predicted of one text. A word that the pipeline does not predict is None.

    digest (str): Of the text, see `get_digest`.
    polarity (Optional[List[float]]), emotions (Optional[List[float]]): Probability of each label of the header.
    given (Optional[List[Found]]): The gold aspects that have a sentiment, in their order, as the pipeline sees them.
    masked (Optional[List[List[float]]]): The scores of the same aspects if the model is not told which one is meant.
    found (Optional[List[Found]]): The aspects that the pipeline finds by itself.
    contexts (Optional[List[Offsets]]): The parts of the text that categories are asked of.
    categories (Optional[List[Found]]): Those that the pipeline says are mentioned, as spans over such a part.
    """

    digest: str
    polarity: Optional[List[float]] = None
    emotions: Optional[List[float]] = None
    given: Optional[List[Found]] = None
    masked: Optional[List[List[float]]] = None
    found: Optional[List[Found]] = None
    contexts: Optional[List[Offsets]] = None
    categories: Optional[List[Found]] = None


@dataclass
class Predictions:
    """The predictions of one pipeline on one corpus.

    labels (Dict[str, List[str]]): Labels of "polarity", "emotions" and "sentiment", in the order of the scores.
    thresholds (Dict[str, float]): Of the emotions; 0.5 where one is missing.
    rows (List[Row]): One for each text.
    about (Dict[str, Any]): Where they come from: model, corpus, versions, date, seconds, whatever is known.
    """

    labels: Dict[str, List[str]]
    thresholds: Dict[str, float] = field(default_factory=dict)
    rows: List[Row] = field(default_factory=list)
    about: Dict[str, Any] = field(default_factory=dict)


def get_digest(text: str) -> str:
    """RETURNS (str): The first 16 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()[:16]


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write predictions to a file, at once or not at all.

    predictions (Predictions): What to write. path (Path): The file; its directory is made.
    """
    header = {"format": FORMAT, "version": VERSION, "labels": predictions.labels}
    header.update(thresholds=predictions.thresholds, about=predictions.about)
    lines = [header, *({k: v for k, v in asdict(row).items() if v is not None} for row in predictions.rows)]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    data = text.encode("utf8")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    # No time stamp: the same predictions are the same file.
    part.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    part.replace(path)


def read_predictions(path: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    path (Path): The file. RETURNS (Predictions): Its contents.
    RAISES (ValueError): BS070 if it is not such a file; BS021 or BS036 if there is none.
    """
    if path.is_dir():
        raise ValueError(Errors.BS036.format(path=path))
    if not path.exists():
        advice = "Make it: python -m spacy bertsent evaluate MODEL CORPUS.spacy --predictions FILE.jsonl"
        raise ValueError(Errors.BS021.format(path=path, advice=advice))
    number = 1
    try:
        data = path.read_bytes()
        # Lines end at "\n" only.
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf8").rstrip("\n").split("\n")
        header = json.loads(lines[0])
        if header.get("format") != FORMAT or header.get("version") != VERSION:
            raise ValueError(f"expected a header with format {FORMAT} and version {VERSION}")
        predictions = Predictions(dict(header["labels"]), dict(header["thresholds"]), [], dict(header["about"]))
        for line in lines[1:]:
            number += 1
            predictions.rows.append(_read_row(json.loads(line), predictions.labels))
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, zlib.error) as e:
        raise ValueError(Errors.BS070.format(path=path, line=number, fault=e)) from e
    return predictions


def round_scores(scores: Any) -> List[float]:
    """RETURNS (List[float]): Scores as they are stored."""
    return [round(float(score), DECIMALS) for score in scores]


def _read_row(data: Dict[str, Any], labels: Dict[str, List[str]]) -> Row:
    row = Row(**data)
    aspects: Tuple[Optional[List[Any]], ...] = (row.given, row.found, row.categories)
    row.given, row.found, row.categories = (None if group is None else [Found(*x) for x in group] for group in aspects)
    if row.contexts is not None:
        row.contexts = [(start, end) for start, end in row.contexts]
    found = [x.scores for group in (row.given, row.found, row.categories) for x in group or []]
    groups = {
        "polarity": [row.polarity] if row.polarity else [],
        "emotions": [row.emotions] if row.emotions else [],
        "sentiment": [*found, *(row.masked or [])],
    }
    for word, scores in groups.items():
        for one in scores:
            if len(one) != len(labels.get(word, [])):
                raise ValueError(f"{len(one)} scores of {word}, expected {len(labels.get(word, []))}")
            if not all(0.0 <= score <= 1.0 for score in one):
                raise ValueError(f"scores of {word} are not probabilities: {one}")
    return row
