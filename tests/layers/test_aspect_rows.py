"""Which pieces stand for an aspect, and in which window."""

from pathlib import Path
from typing import Any, List, Sequence, Tuple

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from thinc.api import NumpyOps

from spacy_bertsent.layers.aspect_rows import choose_window, read_pairs, read_spans
from spacy_bertsent.layers.hf import load_pretrained
from spacy_bertsent.layers.pairs import make_pairs
from spacy_bertsent.layers.pieces import WindowSizes
from spacy_bertsent.types import AspectQuery, AspectRows, TextInput, TokenRows

TEXT = "The soup was rude. A waiter and a waiter!"
OPS = NumpyOps()


class Reader:
    """Gives rows that hold their own number, and keeps the gradients that come back."""

    def __init__(self, weights: Path, **sizes: int):
        window = WindowSizes(**{"window": 0, "overlap": 4, **sizes})
        self.tokenizer = load_pretrained(weights, overrides={}, sizes=window).tokenizer
        self.texts: List[TextInput] = []
        self.gradients: List[Any] = []

    def __call__(self, texts: Sequence[TextInput], is_train: bool) -> Any:
        self.texts = list(texts)
        self.rows = []
        for windows in self.tokenizer(texts, offsets=True):
            longest = max(len(row.ids) for row in windows)
            hidden = numpy.full((len(windows), longest, 1), -1.0, dtype="f")
            for i, row in enumerate(windows):
                hidden[i, : len(row.ids), 0] = row.ids
            self.rows.append(TokenRows([row.ids for row in windows], hidden, [row.offsets for row in windows]))
        return self.rows, self.gradients.extend

    def show(self, X: AspectRows) -> List[Tuple[str, str]]:
        """RETURNS: The words of the mention and of the context of each aspect."""
        shown, start = [], 0
        for n in X.lengths:
            ids, context, mention = (part[start : start + n] for part in (X.rows[:, 0], X.context, X.mention))
            start += n
            assert not (mention & ~context).any() and mention.any()
            words = [self.tokenizer._tokenizer.decode(ids[which].astype(int).tolist()) for which in (mention, context)]
            shown.append((words[0], words[1]))
        assert start == len(X.rows) == len(X.context) == len(X.mention)
        return shown


def make_doc(text: str = TEXT, sentences: bool = True) -> Doc:
    nlp = spacy.blank("en")
    if sentences:
        nlp.add_pipe("sentencizer")
    return nlp(text)


def ask(doc: Doc, start: int, end: int, masked: bool = False) -> AspectQuery:
    return AspectQuery(doc, start, end, doc.text[start:end], masked)


def pair(query: AspectQuery, order: str = "aspect_sentence", mention: str = "none") -> List[TextInput]:
    return make_pairs([query], order=order, context="sentence", neighbours=0, mention=mention)


@pytest.mark.parametrize("mention", ["none", "mark"])
@pytest.mark.parametrize("order", ["aspect_sentence", "sentence_aspect"])
def test_mention_of_a_pair_is_that_in_the_context(weights: Path, order: str, mention: str) -> None:
    reader, doc = Reader(weights), make_doc()
    pairs = [x for place in (21, 34) for x in pair(ask(doc, place, place + 6), order, mention)]
    X, _ = read_pairs(reader, OPS, pairs, False)
    assert reader.show(X) == [("waiter", "a waiter and a waiter!")] * 2
    first, second = (numpy.flatnonzero(part)[0] for part in numpy.split(X.mention, 2))
    assert second - first == 3
    assert X.rows[[0, X.lengths[0]], 0].tolist() == [2, 2], "each begins with [CLS]"


def test_masked_pair_does_not_tell_the_mention(weights: Path) -> None:
    reader, doc = Reader(weights), make_doc()
    found = [read_pairs(reader, OPS, pair(ask(doc, place, place + 6, masked=True)), False)[0] for place in (21, 34)]
    assert reader.show(found[0]) == [("a waiter and a waiter!", "a waiter and a waiter!")]
    numpy.testing.assert_array_equal(found[0].mention, found[1].mention)
    numpy.testing.assert_array_equal(found[0].rows, found[1].rows)


def test_category_without_words_has_all_of_its_sentence(weights: Path) -> None:
    reader, doc = Reader(weights), make_doc()
    query = AspectQuery(doc, 0, 18, "price")
    assert reader.show(read_pairs(reader, OPS, pair(query), False)[0]) == [("the soup was rude.", "the soup was rude.")]
    assert reader.show(read_spans(reader, OPS, [query], False)[0]) == [
        ("the soup was rude.", "the soup was rude. a waiter and a waiter!")
    ]


def test_spans_of_one_document_share_its_rows(weights: Path) -> None:
    reader, doc, other = Reader(weights), make_doc(), make_doc("What soup!")
    queries = [ask(doc, 4, 8), ask(other, 5, 9), ask(doc, 34, 40)]
    X, backprop = read_spans(reader, OPS, queries, True)
    assert [text.first for text in reader.texts] == [TEXT, "What soup!"]
    whole = "the soup was rude. a waiter and a waiter!"
    assert reader.show(X) == [("soup", whole), ("soup", "what soup!"), ("waiter", whole)]
    backprop(AspectRows(numpy.ones_like(X.rows), X.lengths, X.context, X.mention))
    assert [gradient[0, :, 0].tolist() for gradient in reader.gradients] == [[2.0] * X.lengths[0], [1.0] * X.lengths[1]]


@pytest.mark.parametrize(
    "sentences, expected", [(True, "a waiter and a waiter!"), (False, "the soup was rude. a waiter and a waiter!")]
)
def test_masked_span_is_all_of_its_sentence(weights: Path, sentences: bool, expected: str) -> None:
    reader, doc = Reader(weights), make_doc(sentences=sentences)
    X, _ = read_spans(reader, OPS, [ask(doc, 21, 27, masked=True), ask(doc, 34, 40, masked=True)], False)
    assert [mention for mention, _ in reader.show(X)] == [expected] * 2


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_text_without_pieces_is_its_cls(weights: Path, text: str) -> None:
    reader = Reader(weights)
    for masked in (False, True):
        X, _ = read_spans(reader, OPS, [ask(make_doc(text), 0, len(text), masked)], False)
        assert X.lengths == [2] and X.context.tolist() == X.mention.tolist() == [True, False]
    X, _ = read_pairs(reader, OPS, [TextInput("soup", text, 1, (0, len(text)))], False)
    assert numpy.flatnonzero(X.context).tolist() == numpy.flatnonzero(X.mention).tolist() == [0]


def test_aspect_without_pieces_is_its_context(weights: Path) -> None:
    reader, doc = Reader(weights), make_doc("a soup   was")
    assert reader.show(read_spans(reader, OPS, [ask(doc, 6, 9)], False)[0]) == [("a soup was", "a soup was")]


def test_aspect_in_a_part_that_is_not_read_has_the_last_window(weights: Path) -> None:
    reader = Reader(weights, window=10, overlap=0, max_windows=2)
    doc = make_doc("a b c d e f g h i j k l m n o p q r s t u v soup", sentences=False)
    X, _ = read_spans(reader, OPS, [ask(doc, 44, 48)], False)
    assert reader.show(X) == [("i j k l m n o p", "i j k l m n o p")]


def test_aspect_is_read_in_the_window_with_most_context() -> None:
    # Ten characters, a piece each; windows of six that share four.
    windows = [[(0, 0), *((i, i + 1) for i in range(start, start + 6)), (0, 0)] for start in (0, 2, 4)]
    chosen = [choose_window(windows, (i, i + 1)) for i in range(10)]
    assert chosen == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]
    assert choose_window(windows, (1, 5)) == 0 and choose_window(windows, (5, 9)) == 2
    assert choose_window(windows, (0, 10)) == 0, "of equals the first"
    assert choose_window(windows, (12, 13)) == 2, "the one that comes nearest"


@given(n=st.integers(1, 60), size=st.integers(2, 20), overlap=st.integers(0, 10), data=st.data())
def test_no_window_has_more_of_the_aspect(n: int, size: int, overlap: int, data: Any) -> None:
    step = max(1, size - overlap)
    windows = [[(i, i + 1) for i in range(start, min(n, start + size))] for start in range(0, n, step)]
    first = data.draw(st.integers(0, n - 1))
    end = data.draw(st.integers(first + 1, n))
    held = [sum(first <= start < end for start, _ in window) for window in windows]
    assert held[choose_window(windows, (first, end))] == max(held) > 0
