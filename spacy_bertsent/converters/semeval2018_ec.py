import html
import re
from pathlib import Path
from typing import Iterator, List

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import EMOTION
from .columns import read_header, read_tsv
from .gold import make_doc, set_labels
from .rows import Report, RowFault, check_columns, rows_to_docs

COLUMNS = ("ID", "Tweet")


def semeval2018_ec_to_docs(path: Path, nlp: Language, report: Report, *, unescape: bool = False) -> Iterator[Doc]:
    """Read SemEval-2018 task 1, E-c: tweets with any of 11 emotions, as tab-separated columns with a header.

    The emotions are those of the header. A tweet with 0 in all columns is annotated: none applies.

        ID	Tweet	anger	anticipation	joy	sadness
        2018-En-90001	Rain &amp; wind, and I still love this walk.	0	0	1	0
        2018-En-90002	The bus leaves at nine.	0	0	0	0

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    unescape (bool): Write "&amp;" and the like, and line breaks that are spelled out with a backslash, as what they
        stand for. Off: the texts stay as they were released, and nothing of them is lost.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS050 if the header is another one.
    SOURCE: Mohammad et al. (2018), https://aclanthology.org/S18-1001
    """
    rows = read_tsv(path)
    header = read_header(path, rows, COLUMNS)
    emotions = [name for name in header if name not in COLUMNS]

    def make(columns: List[str]) -> Iterator[Doc]:
        check_columns(columns, header)
        row = dict(zip(header, columns))
        marks = {name: row[name] for name in emotions}
        unknown = [mark for mark in marks.values() if mark not in ("0", "1")]
        if unknown:
            raise RowFault(f"unknown label {unknown[0]!r}, expected one of: 0, 1")
        text = row["Tweet"]
        doc = make_doc(nlp, unescape_tweet(text) if unescape else text)
        set_labels(doc, EMOTION, emotions, [name for name, mark in marks.items() if mark == "1"])
        yield doc

    return rows_to_docs(path, rows, make, report)


def unescape_tweet(text: str) -> str:
    """RETURNS (str): The text with HTML entities, and line breaks that are spelled out, as what they stand for."""
    return re.sub(r"\\[nr]", "\n", html.unescape(text))
