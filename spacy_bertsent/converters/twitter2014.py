from pathlib import Path
from typing import Iterator, List, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from .gold import merge_docs
from .marked import MARK, make_marked_doc
from .rows import Report, RowFault, read_lines, rows_to_docs

LABELS = {
    "-1": "negative",
    "0": "neutral",
    "1": "positive",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
}


def twitter2014_to_docs(path: Path, nlp: Language, report: Report, *, merge: bool = False) -> Iterator[Doc]:
    """Read the Twitter data of Dong et al.: three lines an item, with `$T$` for the target in the first.

    Labels are -1, 0 and 1, or words in any case. Each document gets one aspect: every `$T$` becomes the target, as in
    the literature, and the first is the aspect.

        waited an hour for the $T$ , never again
        night bus
        -1
        $T$ plays in town tonight
        the harbour band
        0

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    merge (bool): Make one document of items with the same text, with all their aspects. Off: each item of this data
        set is an example of its own.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if items are faulty.
    SOURCE: Dong et al. (2014), https://aclanthology.org/P14-2009
    """
    docs = rows_to_docs(path, _read_items(path), lambda lines: _make_docs(nlp, lines, report), report)
    return merge_docs(docs, report) if merge else docs


def pyabsa_to_docs(path: Path, nlp: Language, report: Report, *, merge: bool = True) -> Iterator[Doc]:
    """Read aspect sentiment in the form of PyABSA: that of `twitter2014`, with a sentence as often as it has aspects.

        The $T$ was cold , the waiter was not .
        soup
        Negative
        The soup was cold , the $T$ was not .
        waiter
        Positive

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    merge (bool): Make one document of items with the same text, with all their aspects: so that no document lacks an
        aspect that is annotated.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if items are faulty.
    SOURCE: Yang et al. (2023), https://arxiv.org/abs/2208.01368
    """
    return twitter2014_to_docs(path, nlp, report, merge=merge)


def _read_items(path: Path) -> Iterator[Tuple[int, List[str]]]:
    # An item begins at a line with a mark, and not at each third one: a line too many is the fault of one item.
    first = 1
    lines: List[str] = []
    for number, line in read_lines(path):
        if MARK in line and lines:
            yield first, lines
            lines = []
        if not lines:
            first = number
        lines.append(line)
    if lines:
        yield first, lines


def _make_docs(nlp: Language, lines: List[str], report: Report) -> Iterator[Doc]:
    if len(lines) != 3:
        raise RowFault(f"an item of {len(lines)} lines, expected 3: sentence with {MARK}, target, label")
    sentence, target, label = (line.strip() for line in lines)
    if label.lower() not in LABELS:
        raise RowFault(f"unknown label {label!r}, expected one of: {', '.join(LABELS)}")
    yield make_marked_doc(nlp, sentence, target, LABELS[label.lower()], report)
