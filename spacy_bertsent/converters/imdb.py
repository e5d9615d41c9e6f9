import re
from pathlib import Path
from typing import Iterator, List

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import POLARITY
from .columns import read_csv, read_header
from .gold import make_doc, set_labels
from .rows import Report, check_choice, check_columns, rows_to_docs

COLUMNS = ("review", "sentiment")
LABELS = ("positive", "negative")
BREAKS = ("newline", "keep")


def imdb_to_docs(path: Path, nlp: Language, report: Report, *, breaks: str = "newline") -> Iterator[Doc]:
    """Read film reviews of IMDb with two labels, as a CSV file with a header; Kaggle's `IMDB Dataset.csv` is one.

    Each document gets its polarity.

        review,sentiment
        "A ""small"" film.<br /><br />I would see it again, twice.",positive
        "Two hours of rain, and not one umbrella.",negative

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    breaks (str): "newline" writes each "<br />" as the end of a line, "keep" leaves it in the text.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS030 if the file is damaged; BS033 if a setting is unknown; BS050 if
        the header is another one.
    SOURCE: Maas et al. (2011), https://aclanthology.org/P11-1015
    """
    check_choice("--breaks", breaks, BREAKS)
    rows = read_csv(path)
    header = read_header(path, rows, COLUMNS)

    def make(fields: List[str]) -> Iterator[Doc]:
        check_columns(fields, header)
        row = dict(zip(header, fields))
        text = row["review"]
        doc = make_doc(nlp, re.sub(r"<br\s*/?>", "\n", text) if breaks == "newline" else text)
        set_labels(doc, POLARITY, LABELS, [row["sentiment"]])
        yield doc

    return rows_to_docs(path, rows, make, report)
