"""What the tests of commands share: a corpus, running a command."""

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import spacy.cli  # noqa: F401  (attaches spaCy's own commands)
from spacy.cli._util import app
from typer.testing import CliRunner

import spacy_bertsent.cli  # noqa: F401
from spacy_bertsent.cli.convert import convert

THINGS = {"soup": "FOOD", "waiter": "STAFF", "garden": "PLACE", "road": "PLACE", "price": "PRICE"}
# word, sentiment, emotion
WORDS = [
    ("happy", "positive", "joy"),
    ("lovely", "positive", "joy"),
    ("rude", "negative", "anger"),
    ("dark", "negative", "fear"),
    ("old", "neutral", ""),
    ("new", "neutral", ""),
]


def make_rows(opening: str = "The") -> List[Dict[str, Any]]:
    """30 texts with polarity, emotions and one aspect each."""
    rows = []
    for thing, category in THINGS.items():
        start = len(opening) + 1
        span = {"start": start, "end": start + len(thing), "text": thing, "category": category}
        for word, sentiment, emotion in WORDS:
            rows.append(
                {
                    "text": f"{opening} {thing} was {word}.",
                    "polarity": sentiment,
                    "aspects": [{**span, "sentiment": sentiment}],
                    "emotions": [emotion] if emotion else [],
                }
            )
    return rows


def make_corpus(path: Path, *openings: str) -> Path:
    """Write 30 texts for each opening as `corpus.jsonl` and `corpus.spacy` into a directory. RETURNS: The second."""
    path.mkdir(exist_ok=True)
    source, output = path / "corpus.jsonl", path / "corpus.spacy"
    rows = [row for opening in openings or ("The",) for row in make_rows(opening)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    convert("bertsent", [source], output)
    return output


def run(*args: object, stdin: str = "") -> Tuple[int, str]:
    """Run `python -m spacy …` in this process. RETURNS: Exit code, and what was printed, without colours."""
    result = CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, plain(result.output)


def plain(text: str) -> str:
    """RETURNS: A text without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)
