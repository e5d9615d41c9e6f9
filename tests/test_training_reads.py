"""What listeners are given in training. Its gradients: tests/components/test_gradients.py, tests/architectures."""

from types import SimpleNamespace
from typing import Any, Dict, List

import numpy
import pytest
import spacy

from spacy_bertsent.training_pass import TrainingPass
from spacy_bertsent.training_reads import read_document_tokens, read_pair_tokens, read_pairs
from spacy_bertsent.types import Encoded, EncoderInput, TextInput, TokenRows, Windows


class Encoder:
    """Gives rows of ones, and keeps the gradients that come back."""

    def __init__(self) -> None:
        self.gradients: List[Any] = []

    def begin_update(self, X: EncoderInput) -> Any:
        n = len(X.texts)
        windows = Windows(numpy.ones((n, 2), dtype="f"), [1] * n, numpy.ones(n, dtype="f"))  # type: ignore[arg-type]
        return Encoded(windows, make_rows(n) if X.tokens else None), self.gradients.append


def make_rows(n: int) -> List[TokenRows]:
    return [TokenRows([[0]], numpy.full((1, 1, 2), i, dtype="f"), [[(0, 0)]]) for i in range(n)]  # type: ignore[arg-type]


def make_pass(*texts: str) -> "tuple[TrainingPass, Dict[str, float]]":
    losses = {"backbone": 0.0}
    return TrainingPass([spacy.blank("en").make_doc(text) for text in texts], "backbone", losses), losses


def ones(n: int) -> Any:
    return [numpy.ones((1, 1, 2), dtype="f") for _ in range(n)]


@pytest.mark.parametrize("tokens", [False, True])
def test_pairs_send_their_gradient_at_once_and_it_is_noted(tokens: bool) -> None:
    (trained, losses), encoder = make_pass("a"), Encoder()
    model: Any = encoder
    pairs = [TextInput("a", "b", 1), TextInput("c", "d", 1)]
    if tokens:
        rows, bp_rows = read_pair_tokens(trained, model, pairs)
        assert len(rows) == 2
        bp_rows(ones(2))
        assert encoder.gradients[0][0] is None and len(encoder.gradients[0][1]) == 2
    else:
        windows, bp_windows = read_pairs(trained, model, pairs)
        bp_windows(windows)
        assert encoder.gradients[0][0] is windows.rows and encoder.gradients[0][1] is None
    assert trained.was_read and losses["backbone"] == 4.0


def test_documents_get_their_rows_and_equal_texts_the_first() -> None:
    trained, losses = make_pass("a", "b", "a", "c")
    encoder: Any = Encoder()
    listener: Any = SimpleNamespace(id=1, attrs={"pipe": "aspect_sentiment"})
    encoded = trained.run(encoder, [listener], tokens=True)
    rows, backprop = read_document_tokens(trained, encoded, listener, [TextInput(x) for x in ("c", "a", "a")])
    assert [float(row.hidden[0, 0, 0]) for row in rows] == [3, 0, 0]
    backprop(ones(3))
    d_cls, d_tokens = encoder.gradients[0]
    assert d_cls is None and [float(d[0, 0, 0]) for d in d_tokens] == [2, 0, 0, 1]
    assert trained.was_read and losses["backbone"] == 10.0


def test_document_of_another_batch_is_refused() -> None:
    trained, _ = make_pass("a")
    encoded = Encoded(Windows(numpy.ones((1, 2)), [1], numpy.ones(1)), make_rows(1))  # type: ignore[arg-type]
    listener: Any = SimpleNamespace(id=1, attrs={"pipe": "aspect_sentiment"})
    with pytest.raises(ValueError, match="BS009.*'aspect_sentiment'"):
        read_document_tokens(trained, encoded, listener, [TextInput("b")])
