from pathlib import Path
from typing import Iterator, List

from spacy.language import Language
from spacy.tokens import Doc

from .columns import read_header, read_tsv
from .gold import merge_docs
from .marked import make_marked_doc
from .rows import Report, RowFault, check_columns, rows_to_docs

HEADER = ("index", "#1 Label", "#2 ImageID", "#3 String", "#3 String")
COLUMNS = ("index", "label", "image", "tweet", "target")
LABELS = {"0": "negative", "1": "neutral", "2": "positive"}


def twitter_multimodal_to_docs(path: Path, nlp: Language, report: Report, *, merge: bool = True) -> Iterator[Doc]:
    """Read the texts of Twitter-2015 and Twitter-2017, which were collected with images: tab-separated columns.

    Each document gets its aspects. The names of the images are not kept.

        index	#1 Label	#2 ImageID	#3 String	#3 String
        1	2	101.jpg	So glad that $T$ came to Leeds !	The Tall Pines
        2	1	101.jpg	So glad that The Tall Pines came to $T$ !	Leeds

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    merge (bool): Make one document of rows with the same text, with all their aspects.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS050 if the header is another one.
    SOURCE: Yu and Jiang (2019), https://www.ijcai.org/proceedings/2019/751
    """
    rows = read_tsv(path)
    read_header(path, rows, HEADER)

    def make(columns: List[str]) -> Iterator[Doc]:
        check_columns(columns, COLUMNS)
        _, label, _, tweet, target = columns
        if label not in LABELS:
            raise RowFault(f"unknown label {label!r}, expected one of: {', '.join(LABELS)}")
        yield make_marked_doc(nlp, tweet, target, LABELS[label], report)

    docs = rows_to_docs(path, rows, make, report)
    return merge_docs(docs, report) if merge else docs
