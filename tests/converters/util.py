from pathlib import Path
from typing import Any, List, Tuple

import spacy
from spacy.tokens import Doc, DocBin

from spacy_bertsent.converters import get_converter
from spacy_bertsent.converters.rows import Report
from spacy_bertsent.labels import ASPECTS_KEY, get_group

DATA = Path(__file__).parent.parent / "data"
AspectRow = Tuple[str, str, str]


def read(name: str, path: Path, *, skip_errors: bool = False, **settings: Any) -> Tuple[List[Doc], Report]:
    """Run a converter; the documents go through bytes, as everything in a .spacy file does."""
    report = Report(skip_errors=skip_errors)
    docs = list(get_converter(name)(path, spacy.blank("en"), report, **settings))
    loaded = DocBin().from_bytes(DocBin(docs=docs, store_user_data=False).to_bytes())
    return list(loaded.get_docs(spacy.blank("en").vocab)), report


def get_aspects(doc: Doc) -> List[AspectRow]:
    return [(span.text, span.kb_id_, span.label_) for span in doc.spans[ASPECTS_KEY]]


def get_chosen(doc: Doc, prefix: str) -> List[str]:
    return [label for label, value in get_group(doc.cats, prefix).items() if value == 1.0]
