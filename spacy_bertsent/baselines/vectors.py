"""Vectors of texts and aspects: from static word vectors, or from an encoder that stays as it is."""

from typing import Any, Callable, List, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Token
from spacy.vocab import Vocab
from thinc.api import Model, to_numpy

from ..errors import Errors
from ..types import Windows
from .base import Features
from .packages import import_optional
from .words import InputT, get_words

# Layers that read aspects.
PAIR_READERS = ("pair_listener", "pair_encoder")
VectorT = numpy.ndarray


def build_word_vectors(window: int = 3, scale: bool = True) -> Features:
    """Build the mean of the static vectors of the words, registered as `spacy-bertsent.word_vectors.v1`.

    The vectors are those of `[initialize] vectors`. A word without one has that of its lower case, or is left out. An
    aspect has three means in a row: of its sentences, of its own words, and of the words near it.

    window (int): Words on either side of an aspect that are near it.
    scale (bool): Give each column mean 0 and variance 1.
    RETURNS (Features): Dense.
    """
    return Features(Model("word_vectors", forward_words, attrs={"window": window}), _make_scaler(scale))


def build_backbone_vectors(tok2vec: Model[Any, Any], scale: bool = True) -> Features:
    """Build the vectors of an encoder, registered as `spacy-bertsent.backbone_vectors.v1`.

    tok2vec (Model): A `DocListener` or `DocEncoder` for the [CLS] vector, a `PairListener` or `PairEncoder` for that of
        an aspect; or any spaCy tok2vec, such as a `TransformerListener` or a `TokenEncoder`, for the mean over tokens.
        The windows of a long text are averaged by their length.
    scale (bool): Give each column mean 0 and variance 1.
    RETURNS (Features): Dense.
    """
    return Features(Model("encoder_vectors", forward_encoder, init=init_encoder, layers=[tok2vec]), _make_scaler(scale))


def forward_words(
    model: Model[List[InputT], List[VectorT]], X: List[InputT], is_train: bool
) -> Tuple[List[VectorT], Callable[[Any], List[InputT]]]:
    rows = []
    for item in X:
        words = get_words(item, model.attrs["window"])
        doc = item if isinstance(item, Doc) else item.doc
        parts = [words.context]
        if doc is not item:
            parts += [words.aspect, [*words.left, *words.right]]
        rows.append(numpy.concatenate([mean_vector(part, doc.vocab) for part in parts]))
    return rows, lambda dY: []


def mean_vector(tokens: Sequence[Token], vocab: Vocab) -> VectorT:
    """Average the vectors of the tokens that have one.

    tokens (Sequence[Token]): Any number. vocab (Vocab): Theirs.
    RETURNS (numpy.ndarray): (width,) float32, zeros where no token has a vector.
    RAISES (ValueError): BS082 if the vocabulary has no vectors.
    """
    if not vocab.vectors.shape[1]:
        raise ValueError(Errors.BS082)
    keys = [token.orth if vocab.has_vector(token.orth) else token.lower for token in tokens]
    found = [to_numpy(vocab.get_vector(key)) for key in keys if vocab.has_vector(key)]
    return numpy.mean(found, axis=0) if found else numpy.zeros(vocab.vectors.shape[1], dtype="f")


def forward_encoder(
    model: Model[List[InputT], List[VectorT]], X: List[InputT], is_train: bool
) -> Tuple[List[VectorT], Callable[[Any], List[InputT]]]:
    # spaCy's own listeners cannot read a text without tokens.
    is_read = [not isinstance(item, Doc) or len(item) > 0 for item in X]
    read = [item for item, value in zip(X, is_read) if value]
    vectors = iter(pool(model.layers[0].predict(read)) if read else [])
    rows = [next(vectors) if value else numpy.zeros(get_width(model), dtype="f") for value in is_read]
    return rows, lambda dY: []


def pool(Y: Any) -> List[VectorT]:
    """Average what an encoder gives.

    Y (Windows or List[Floats2d]): Vectors of windows, or of tokens.
    RETURNS (List[numpy.ndarray]): One vector for each text: windows count by their length.
    """
    if not isinstance(Y, Windows):
        return [to_numpy(tokens).mean(axis=0) for tokens in Y]
    windows, weights, start = to_numpy(Y.rows), to_numpy(Y.weights), 0
    vectors = []
    for n in Y.lengths:
        vectors.append(numpy.average(windows[start : start + n], axis=0, weights=weights[start : start + n]))
        start += n
    return vectors


def get_width(model: Model) -> int:
    """RETURNS (int): Numbers in a vector of the encoder."""
    return next(int(node.get_dim("nO")) for node in model.layers[0].walk() if node.has_dim("nO"))


def init_encoder(model: Model, X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize()


def _make_scaler(scale: bool) -> Any:
    preprocessing = import_optional("sklearn.preprocessing", "scikit-learn")
    return preprocessing.StandardScaler(with_mean=scale, with_std=scale)
