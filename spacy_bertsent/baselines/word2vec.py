"""Static word vectors, trained on a corpus."""

from typing import Any, Dict, List, Sequence, Tuple

import numpy

from ..errors import Errors
from .packages import import_optional

# Of FastText. Its own default is two million, which takes 800 MB.
BUCKETS = 2**17


def train_word_vectors(
    texts: Sequence[List[str]],
    *,
    method: str = "word2vec",
    size: int = 100,
    window: int = 5,
    min_count: int = 2,
    epochs: int = 20,
    seed: int = 0,
) -> Tuple[List[str], numpy.ndarray]:
    """Train skip-gram vectors, in one thread: the same texts and seed give the same vectors.

    texts (Sequence[List[str]]): The words of each text. method (str): "word2vec" or "fasttext", which adds up the
        vectors of a word's parts. size (int): Numbers in a vector. window (int): Words on either side.
    min_count (int): Fewest times that a word occurs. epochs (int): Passes. seed (int): Of the random numbers.
    RETURNS (Tuple[List[str], numpy.ndarray]): The words, the most frequent first, and (words, size) float32.
    RAISES (ValueError): BS087 if no word is left.
    SOURCE: Mikolov et al. (2013), https://arxiv.org/abs/1301.3781; Bojanowski et al. (2017), https://arxiv.org/abs/1607.04606
    """
    models = import_optional("gensim.models", "gensim")
    settings: Dict[str, Any] = {
        "vector_size": size, "window": window, "min_count": min_count, "epochs": epochs, "seed": seed, "workers": 1,
        "sg": 1,
    }  # fmt: skip
    if method == "fasttext":
        model = models.FastText(bucket=BUCKETS, **settings)
    else:
        model = models.Word2Vec(**settings)
    model.build_vocab(corpus_iterable=texts)
    words = list(model.wv.index_to_key)
    if not words:
        raise ValueError(Errors.BS087.format(min_count=min_count))
    model.train(corpus_iterable=texts, total_examples=model.corpus_count, epochs=model.epochs)
    return words, numpy.stack([model.wv[word] for word in words]).astype("f")
