"""Bags of words and n-grams."""

from typing import Any, Callable, List, Sequence, Tuple

from spacy.tokens import Token
from thinc.api import Model

from .base import Features
from .packages import import_optional
from .words import InputT, get_words


def build_bag_of_words(
    ngram_size: int = 1, min_docs: int = 1, binary: bool = True, lower: bool = True, window: int = 3
) -> Features:
    """Build counts of words, registered as `spacy-bertsent.bag_of_words.v1`.

    Of an aspect, three kinds are counted apart: words of its sentences, words of the aspect, and words near it.

    ngram_size (int): Longest run of words that is counted as one. min_docs (int): Fewest texts that a run occurs in.
    binary (bool): Whether a run occurs, and not how often. lower (bool): Take words in lower case.
    window (int): Words on either side of an aspect that are near it.
    RETURNS (Features): Sparse.
    """
    text = import_optional("sklearn.feature_extraction.text", "scikit-learn")
    counts = text.CountVectorizer(lowercase=False, token_pattern=r"[^\n]+", min_df=min_docs, binary=binary)
    return Features(make_term_reader(ngram_size, lower, window), counts)


def build_tf_idf(
    ngram_size: int = 2, min_docs: int = 2, sublinear: bool = True, lower: bool = True, window: int = 3
) -> Features:
    """Build counts of words times the rarity of each, registered as `spacy-bertsent.tf_idf.v1`.

    ngram_size (int), min_docs (int), lower (bool), window (int): See `build_bag_of_words`.
    sublinear (bool): Take 1 + log(count) for the count.
    RETURNS (Features): Sparse rows of length 1.
    SOURCE: Salton & Buckley (1988), https://doi.org/10.1016/0306-4573(88)90021-0
    """
    text = import_optional("sklearn.feature_extraction.text", "scikit-learn")
    weights = text.TfidfVectorizer(
        lowercase=False, token_pattern=r"[^\n]+", min_df=min_docs, sublinear_tf=sublinear
    )  # fmt: skip
    return Features(make_term_reader(ngram_size, lower, window), weights)


def make_term_reader(ngram_size: int, lower: bool, window: int) -> Model[List[InputT], List[str]]:
    """Make a layer that lists the terms of each input, one a line. See `build_bag_of_words` for the arguments."""
    return Model("terms", forward, attrs={"ngram_size": ngram_size, "lower": lower, "window": window})


def forward(
    model: Model[List[InputT], List[str]], X: List[InputT], is_train: bool
) -> Tuple[List[str], Callable[[Any], List[InputT]]]:
    size, lower, window = (model.attrs[name] for name in ("ngram_size", "lower", "window"))

    def list_terms(item: InputT) -> str:
        words = get_words(item, window)
        terms = make_ngrams(words.context, size, lower)
        # No token holds a tab next to other characters.
        terms += [f"aspect\t{term}" for term in make_ngrams(words.aspect, size, lower)]
        terms += [f"near\t{term}" for part in (words.left, words.right) for term in make_ngrams(part, size, lower)]
        return "\n".join(terms)

    return [list_terms(item) for item in X], lambda dY: []


def make_ngrams(tokens: Sequence[Token], size: int, lower: bool) -> List[str]:
    """RETURNS (List[str]): All runs of 1 to `size` tokens."""
    words = [token.lower_ if lower else token.text for token in tokens]
    return [" ".join(words[i : i + n]) for n in range(1, size + 1) for i in range(len(words) - n + 1)]
