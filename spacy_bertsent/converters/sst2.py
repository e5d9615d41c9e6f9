from pathlib import Path
from typing import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import POLARITY
from .gold import make_doc, set_labels
from .rows import Report, RowFault, read_lines, rows_to_docs, split_columns

COLUMNS = ("sentence", "label")
LABELS = {"0": "negative", "1": "positive"}


def sst2_to_docs(path: Path, nlp: Language, report: Report) -> Iterator[Doc]:
    """Read sentences of the Stanford Sentiment Treebank with two labels, as tab-separated columns.

    A header line may come first. Each document gets its polarity.

        a warm , wry and quietly moving little film	1
        the jokes arrive late and leave early	0

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty.
    SOURCE: Socher et al. (2013), https://aclanthology.org/D13-1170
    """

    def make(line: str) -> Iterator[Doc]:
        text, label = split_columns(line, COLUMNS)
        if label not in LABELS:
            raise RowFault(f"unknown label {label!r}, expected one of: {', '.join(LABELS)}")
        doc = make_doc(nlp, text)
        set_labels(doc, POLARITY, ("positive", "negative"), [LABELS[label]])
        yield doc

    header = (1, "\t".join(COLUMNS))
    rows = (row for row in read_lines(path) if row != header)
    return rows_to_docs(path, rows, make, report)
