import inspect
from collections import Counter
from pathlib import Path

import pytest
import spacy

from spacy_bertsent.converters import CONVERTERS, get_converter
from spacy_bertsent.converters.split import hash_text, split_docs

from .util import DATA

NLP = spacy.blank("en")
# Data sets that have the form of another one.
SAME_FORM = {"mams": "semeval2014", "semeval2015": "semeval2016"}


@pytest.mark.parametrize("name", CONVERTERS)
def test_converters_look_alike(name: str) -> None:
    converter = get_converter(name)
    assert converter.__name__ == f"{SAME_FORM.get(name, name)}_to_docs"
    parameters = inspect.signature(converter).parameters
    assert list(parameters)[:3] == ["path", "nlp", "report"]
    assert all(p.kind is p.KEYWORD_ONLY for p in list(parameters.values())[3:])
    assert list(DATA.glob(f"{name}*"))


def test_unknown_converter() -> None:
    with pytest.raises(ValueError, match=r"\[BS015\] Unknown converter 'imdb5'. Expected one of: bertsent, "):
        get_converter("imdb5")


def test_converters_are_imported_late() -> None:
    source = Path(inspect.getfile(get_converter)).read_text("utf8")
    assert not any(f"from .{name} import" in source for name in CONVERTERS)


def test_split_is_stable_and_keeps_copies_together() -> None:
    texts = [f"Text number {i % 50}" if i < 60 else f"text  NUMBER {i % 50} !" for i in range(100)]
    docs = [NLP.make_doc(text) for text in texts]
    rest, share = split_docs(docs, 0.1)
    keys = {hash_text(doc.text.rstrip(" !")) for doc in share}
    assert len(keys) == 5 and len(share) == 10 and len(rest) == 90
    assert keys.isdisjoint(hash_text(doc.text.rstrip(" !")) for doc in rest)
    again = split_docs(docs[::-1], 0.1)[1]
    assert Counter(doc.text for doc in again) == Counter(doc.text for doc in share)
    # A larger share only adds to a smaller one.
    assert keys < {hash_text(doc.text.rstrip(" !")) for doc in split_docs(docs, 0.3)[1]}


@pytest.mark.parametrize("share", [-0.1, 0.0, 0.05, 0.95, 1.0, 2.0])
def test_split_leaves_no_side_empty(share: float) -> None:
    docs = [NLP.make_doc(text) for text in ("One.", "Two.", "Three.", "one.")]
    with pytest.raises(ValueError, match=r"\[BS035\].* of 3 distinct texts"):
        split_docs(docs, share)
