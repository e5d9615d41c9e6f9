from pathlib import Path
from typing import Any, Iterator, List

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import EMOTION, PLUTCHIK, POLARITY, SENTIMENTS
from .gold import GoldAspect, check_words, make_doc, set_aspects, set_labels
from .json_rows import get_value, read_object
from .rows import Report, RowFault, read_lines, rows_to_docs

KEYS = ("text", "domain", "polarity", "intensity", "aspects", "emotions")
# What a weakly worded judgement counts; the rest is neutral. So `doc.sentiment` can learn degrees.
WEAK = 0.7


def bertsent_to_docs(path: Path, nlp: Language, report: Report) -> Iterator[Doc]:
    """Read our own form: one JSON object a line, with any of polarity, aspects and emotions.

    A key that is absent was not annotated, and nothing is written for it; an empty list says that there is none.
    `domain` is for readers and is not kept; `"intensity": "weak"` beside a polarity says that it is mildly worded, and
    counts as 0.7 of that polarity and 0.3 neutral; of an aspect, `text` is checked against the offsets, and `category`
    and `sentiment` may be absent.

        {"text": "Fine lens, weak flash.", "domain": "phones", "polarity": "neutral",
         "aspects": [{"start": 5, "end": 9, "text": "lens", "category": "CAMERA", "sentiment": "positive"},
                     {"start": 16, "end": 21, "text": "flash", "category": "CAMERA", "sentiment": "negative"}],
         "emotions": []}

    (in the file, all on one line)

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty.
    """

    def make(line: str) -> Iterator[Doc]:
        row = read_object(line)
        doc = make_doc(nlp, get_value(row, "text", str))
        if "polarity" in row:
            set_labels(doc, POLARITY, SENTIMENTS, [get_value(row, "polarity", str)])
        if "intensity" in row:
            _weaken(doc, get_value(row, "intensity", str))
        if "emotions" in row:
            set_labels(doc, EMOTION, PLUTCHIK, get_value(row, "emotions", list))
        if "aspects" in row:
            set_aspects(doc, _read_aspects(get_value(row, "aspects", list), doc.text), report)
        report.dropped.update(f"unknown key {key!r}" for key in row if key not in KEYS)
        yield doc

    return rows_to_docs(path, read_lines(path), make, report)


def _weaken(doc: Doc, intensity: str) -> None:
    if intensity != "weak":
        raise RowFault(f"unknown intensity {intensity!r}, expected: weak")
    chosen = [key for key in (POLARITY + "positive", POLARITY + "negative") if doc.cats.get(key)]
    if not chosen:
        raise RowFault("an intensity goes with the polarity positive or negative")
    doc.cats.update({chosen[0]: WEAK, POLARITY + "neutral": 1 - WEAK})


def _read_aspects(rows: List[Any], text: str) -> List[GoldAspect]:
    aspects = []
    for row in rows:
        if not isinstance(row, dict):
            raise RowFault(f"expected an aspect as a JSON object, not {row!r}")
        sentiment = get_value(row, "sentiment", str) if "sentiment" in row else ""
        category = get_value(row, "category", str) if "category" in row else ""
        if sentiment and sentiment not in SENTIMENTS:
            raise RowFault(f"unknown label {sentiment!r}, expected one of: {', '.join(SENTIMENTS)}")
        aspect = GoldAspect(get_value(row, "start", int), get_value(row, "end", int), sentiment, category)
        words = get_value(row, "text", str) if "text" in row else text[aspect.start_char : aspect.end_char]
        check_words(text, aspect, words)
        aspects.append(aspect)
    return aspects
