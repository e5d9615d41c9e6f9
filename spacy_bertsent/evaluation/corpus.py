"""Reading gold documents."""

import zlib
from pathlib import Path
from typing import List

from spacy.tokens import Doc, DocBin
from spacy.training.corpus import FILE_TYPE, walk_corpus
from spacy.vocab import Vocab

from ..errors import Errors


def read_gold(path: Path, vocab: Vocab) -> List[Doc]:
    """Read a corpus: all of it, also empty texts, which spaCy's own reader leaves out.

    path (Path): A .spacy file, or a directory of them. vocab (Vocab): Of the pipeline, or a new one.
    RETURNS (List[Doc]): The documents with their annotation, in the order of file names.
    RAISES (ValueError): BS021 if there is nothing, BS049 if it is no corpus, BS072 if it has no texts.
    """
    if not path.exists():
        advice = "The corpus is a .spacy file or a directory of them: python -m spacy bertsent evaluate MODEL CORPUS"
        raise ValueError(Errors.BS021.format(path=path, advice=advice))
    if not path.is_dir() and path.suffix != FILE_TYPE:
        raise ValueError(Errors.BS049.format(path=path, fault=f"its name does not end in {FILE_TYPE}"))
    if path.is_dir() and not any(path.rglob(f"*{FILE_TYPE}")):
        raise ValueError(Errors.BS049.format(path=path, fault=f"it is a directory without a {FILE_TYPE} file"))
    try:
        docs = [doc for file in walk_corpus(path, FILE_TYPE) for doc in DocBin().from_disk(file).get_docs(vocab)]
    except (zlib.error, ValueError, TypeError, KeyError) as e:
        raise ValueError(Errors.BS049.format(path=path, fault=e)) from e
    if not docs:
        raise ValueError(Errors.BS072.format(fault=f"{path} has no texts"))
    return docs
