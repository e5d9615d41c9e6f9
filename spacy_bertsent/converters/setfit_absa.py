from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..labels import SENTIMENTS
from .columns import read_csv, read_header
from .gold import CONFLICT, CONFLICT_MODES, GoldAspect, check_words, make_doc, merge_docs, set_aspects, settle_conflicts
from .json_rows import get_value, read_object
from .rows import Report, RowFault, check_choice, check_columns, read_lines, rows_to_docs

COLUMNS = ("text", "span", "label", "ordinal")


def setfit_absa_to_docs(path: Path, nlp: Language, report: Report, *, conflict: str = "drop") -> Iterator[Doc]:
    """Read aspect sentiment in the form of SetFit: a .csv file with a header, or .jsonl with the same keys.

    Each row is an aspect: its words and their place among the occurrences in the text, from 0. Rows of the same text
    become one document with all its aspects. Other columns are not read.

        text,span,label,ordinal
        "Good lens, weak flash. A weak lens cap, too.",lens,positive,0
        "Good lens, weak flash. A weak lens cap, too.",lens cap,negative,0
        "Green tea, then black tea.",tea,neutral,1

        {"text": "Green tea, then black tea.", "span": "tea", "label": "neutral", "ordinal": 1}

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    conflict (str): What becomes of aspects that are called both good and bad: "drop" leaves them out and their
        text in, "keep" makes "conflict" a fourth sentiment, "neutral" counts them as neutral.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS030 if a CSV file is damaged, BS050 if it lacks a column; BS033 if
        a setting is unknown; BS051 if the file is neither CSV nor JSON lines.
    SOURCE: Tunstall et al. (2022), https://arxiv.org/abs/2209.11055
    """
    check_choice("--conflict", conflict, CONFLICT_MODES)

    def make(row: Dict[str, Any]) -> Iterator[Doc]:
        doc = make_doc(nlp, row["text"])
        label = row["label"].lower()
        if label not in (*SENTIMENTS, CONFLICT):
            raise RowFault(f"unknown label {row['label']!r}, expected one of: {', '.join((*SENTIMENTS, CONFLICT))}")
        start = find_occurrence(doc.text, row["span"], row["ordinal"])
        aspect = GoldAspect(start, start + len(row["span"]), label)
        check_words(doc.text, aspect, row["span"])
        set_aspects(doc, settle_conflicts([aspect], conflict, report), report)
        yield doc

    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix == ".csv":
        rows = read_csv(path)
        header = read_header(path, rows, COLUMNS)
        docs = rows_to_docs(path, rows, lambda row: make(_read_fields(row, header)), report)
    elif suffix in (".jsonl", ".json"):
        docs = rows_to_docs(path, read_lines(path), lambda line: make(_read_object(line)), report)
    else:
        raise ValueError(Errors.BS051.format(path=path))
    return merge_docs(docs, report)


def find_occurrence(text: str, words: str, ordinal: int) -> int:
    """Find one of several occurrences of words, which may overlap and stand inside of other words.

    text (str): Where to look. words (str): What to find. ordinal (int): Which one, from 0.
    RETURNS (int): Its first character.
    RAISES (RowFault): If there are not so many.
    """
    starts = [i for i in range(len(text)) if words and text.startswith(words, i)]
    if not 0 <= ordinal < len(starts):
        raise RowFault(f"occurrence {ordinal} of {words!r}: the text has {len(starts)}, counted from 0")
    return starts[ordinal]


def _read_fields(row: List[str], header: List[str]) -> Dict[str, Any]:
    check_columns(row, header)
    fields: Dict[str, Any] = dict(zip(header, row))
    ordinal = fields["ordinal"]
    if not (ordinal.isascii() and ordinal.isdigit()):
        raise RowFault(f"the ordinal is {ordinal!r}, expected a number")
    return {**fields, "ordinal": int(ordinal)}


def _read_object(line: str) -> Dict[str, Any]:
    row = read_object(line)
    kinds: Tuple[Tuple[str, type], ...] = (("text", str), ("span", str), ("label", str), ("ordinal", int))
    return {key: get_value(row, key, kind) for key, kind in kinds}
