from pathlib import Path
from typing import Iterator, List, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import EMOTION
from .gold import make_doc, set_labels
from .rows import Report, RowFault, read_lines, rows_to_docs, split_columns

COLUMNS = ("text", "label numbers", "id")
LABELS_FILE = "emotions.txt"
# fmt: off
LABELS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief",
    "joy", "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise",
    "neutral",
)
# fmt: on


def goemotions_to_docs(path: Path, nlp: Language, report: Report) -> Iterator[Doc]:
    """Read GoEmotions: comments with one or more of 27 emotions or "neutral", as tab-separated columns.

    Labels are numbers of lines, from 0, of `emotions.txt` beside the file; without one, of the published list. Each
    document gets its emotions, "neutral" as one of them.

        Congratulations, that cake is a work of art!	0,13	ab12cde
        The shop opens at nine.	27	ab12cdf

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty.
    SOURCE: Demszky et al. (2020), https://aclanthology.org/2020.acl-main.372
    """
    names = _read_labels(path.parent / LABELS_FILE)

    def make(line: str) -> Iterator[Doc]:
        text, numbers, _ = split_columns(line, COLUMNS)
        chosen = [_get_label(number, names) for number in numbers.split(",")]
        doc = make_doc(nlp, text)
        set_labels(doc, EMOTION, names, chosen)
        yield doc

    return rows_to_docs(path, read_lines(path), make, report)


def _read_labels(path: Path) -> List[str]:
    if not path.is_file():
        return list(LABELS)
    return [line.strip() for _, line in read_lines(path)]


def _get_label(number: str, names: Sequence[str]) -> str:
    # Neither int() nor isdigit() alone: they take " 1", "+1", "1_0" and digits of other scripts.
    if not (number.isascii() and number.isdigit() and int(number) < len(names)):
        raise RowFault(f"unknown label {number!r}, expected a number from 0 to {len(names) - 1}")
    return names[int(number)]
