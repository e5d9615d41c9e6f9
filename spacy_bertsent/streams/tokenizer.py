"""spaCy's tokenizer in linear time: long runs without white space are cut into pieces before it reads them."""

import re
from functools import lru_cache
from typing import Any, Callable, List, Pattern, Tuple

import numpy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import registry

from .limits import check_number

# A word may be this many times longer than a run of punctuation.
WORD_FACTOR = 20
_WORD = re.compile(r"\S+")


def split_runs(text: str, max_run: int) -> List[str]:
    """Cut runs of punctuation or symbols that are longer than `max_run`, and words longer than 20 times that.

    The tokenizer takes one character at a time off either end of a word, and searches all of the word each time: twice
    the punctuation takes four times as long, 5,000 characters take seconds.

    text (str): Any. max_run (int): Characters, 0 for no limit.
    RETURNS (List[str]): The pieces; together they are the text. All cuts stand inside of words, so the tokens of all
        other words are the same as without.
    """
    if not max_run or len(text) <= max_run or max(map(len, text.split()), default=0) <= max_run:
        return [text]
    cuts = [0]
    for word in _WORD.finditer(text):
        start, end = word.span()
        if end - start > max_run:
            points = [start]
            for run in _compile_run(max_run).finditer(text, start, end):
                points += [*range(run.start(), run.end(), max_run), run.end()]
            points.append(end)
            for left, right in zip(points, points[1:]):
                part = range(left, right, WORD_FACTOR * max_run)
                cuts += part if left > start else part[1:]
    return [text[i:j] for i, j in zip(cuts, [*cuts[1:], len(text)])]


@lru_cache(maxsize=8)
def _compile_run(max_run: int) -> Pattern[str]:
    # An underscore is punctuation for spaCy, and a letter for `re`.
    return re.compile(rf"(?:[^\w\s]|_){{{max_run + 1},}}")


def tokenize(tokenizer: Callable[[str], Doc], text: str, max_run: int) -> Tuple[Doc, int]:
    """Tokenize a text in time that grows with its length only.

    tokenizer (Callable[[str], Doc]): spaCy's. text (str): Any. max_run (int): See `split_runs`.
    RETURNS (Tuple[Doc, int]): A Doc with just this text, and the number of cuts: 0 for nearly all texts.
    """
    pieces = split_runs(text, max_run)
    if len(pieces) == 1:
        return tokenizer(text), 0
    docs = [tokenizer(piece) for piece in pieces]
    words = [token.orth for doc in docs for token in doc]
    spaces = [bool(token.whitespace_) for doc in docs for token in doc]
    joined = Doc(docs[0].vocab, words=words, spaces=spaces)  # type: ignore[arg-type]
    # Special cases such as "can't" have norms of their own.
    norms = numpy.concatenate([doc.to_array("NORM") for doc in docs])
    for i in numpy.flatnonzero(joined.to_array("NORM") != norms).tolist():
        joined[i].norm_ = joined.vocab.strings[int(norms[i])]
    return joined, len(pieces) - 1


class BoundedTokenizer(Tokenizer):
    """spaCy's tokenizer with a limit for runs: see `split_runs`. All else is the same.

    vocab, rules, prefix_search, ...: As for `spacy.tokenizer.Tokenizer`. max_run (int): Characters.
    """

    def __init__(self, *args: Any, max_run: int = 50, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.max_run = max_run

    def __call__(self, string: str) -> Doc:
        return tokenize(super().__call__, string, self.max_run)[0]

    def __reduce__(self) -> Any:
        make, args, *_ = super().__reduce__()
        return _remake, (self.max_run, *args)


def _remake(max_run: int, *args: Any) -> BoundedTokenizer:
    return BoundedTokenizer(*args, max_run=max_run)


def make_bounded_tokenizer(max_run: int = 50) -> Callable[[Language], BoundedTokenizer]:
    """Make what `[nlp.tokenizer]` of a config asks for: the language's own rules, in linear time.

    max_run (int): See `split_runs`.
    RETURNS (Callable[[Language], BoundedTokenizer]): Takes the pipeline. RAISES (ValueError): BS069 for another value.
    """
    check_number("max_run", max_run, 0)

    def make(nlp: Language) -> BoundedTokenizer:
        stock = registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        return BoundedTokenizer(*stock.__reduce__()[1], max_run=max_run)

    return make
