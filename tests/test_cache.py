import pickle
from typing import List

import numpy

from spacy_bertsent.cache import VectorCache
from spacy_bertsent.types import Encoded, TextInput, TokenRows, Windows


class Encoder:
    """Counts what it is asked; a text has as many windows as letters."""

    def __init__(self) -> None:
        self.asked: List[str] = []

    def __call__(self, texts: List[TextInput]) -> Windows:
        self.asked += [text.first for text in texts]
        lengths = [max(1, len(text.first)) for text in texts]
        rows = numpy.concatenate([numpy.full((n, 2), ord((t.first or " ")[0])) for t, n in zip(texts, lengths)])
        return Windows(rows, lengths, numpy.ones(sum(lengths)))


def read(cache: VectorCache, encode: Encoder, *texts: str) -> Windows:
    return cache.read([TextInput(text) for text in texts], encode, numpy)


def test_each_text_is_encoded_once() -> None:
    cache, encode = VectorCache(10), Encoder()
    first = read(cache, encode, "aa", "b", "aa")
    assert encode.asked == ["aa", "b"]
    assert first.lengths == [2, 1, 2]
    numpy.testing.assert_array_equal(first.rows[:, 0], [97, 97, 98, 97, 97])
    second = read(cache, encode, "b", "c")
    assert encode.asked == ["aa", "b", "c"] and second.rows[:, 0].tolist() == [98, 99]


def test_the_oldest_texts_leave() -> None:
    cache, encode = VectorCache(2), Encoder()
    read(cache, encode, "a", "b")
    read(cache, encode, "a")
    read(cache, encode, "c")
    assert len(cache) == 2
    read(cache, encode, "a", "c")
    assert encode.asked == ["a", "b", "c"]


def test_more_texts_than_room_are_all_answered() -> None:
    for size in (0, 1):
        cache, encode = VectorCache(size), Encoder()
        assert read(cache, encode, "a", "b", "a", "c").rows[:, 0].tolist() == [97, 98, 97, 99]
        assert len(cache) == size


def test_pairs_are_told_apart_by_all_they_hold() -> None:
    cache, encode = VectorCache(10), Encoder()
    texts = [
        TextInput("a", "b", long=1, focus=(0, 1)),
        TextInput("a", "b", long=0, focus=(0, 1)),
        TextInput("a", "b", long=1, focus=(0, 2)),
        TextInput("b", "a", long=1, focus=(0, 1)),
        TextInput("a"),
        TextInput("a", ""),
    ]
    cache.read(texts, encode, numpy)
    assert len(encode.asked) == len(cache) == len(texts)


def test_cleared_and_pickled_caches_are_empty() -> None:
    cache, encode = VectorCache(10), Encoder()
    read(cache, encode, "a")
    sent = pickle.loads(pickle.dumps(cache))
    assert len(sent) == 0 and sent.size == 10 and len(cache) == 1
    cache.clear()
    read(cache, encode, "a")
    assert encode.asked == ["a", "a"]


def test_lone_surrogates_are_keys_too() -> None:
    cache, encode = VectorCache(10), Encoder()
    read(cache, encode, "\ud800", "\ud801")
    assert len(cache) == 2


class TokenEncoder(Encoder):
    """Gives the last layer as well: one number, that of the call."""

    def encode(self, texts: List[TextInput]) -> Encoded:
        windows = self(texts)
        hidden = numpy.full((1, 1, 1), len(self.asked), dtype="f")
        return Encoded(windows, [TokenRows([[0]], hidden, [[(0, 0)]]) for _ in texts])  # type: ignore[arg-type]


def read_tokens(cache: VectorCache, encode: TokenEncoder, *texts: str) -> List[float]:
    return [float(row.hidden[0, 0, 0]) for row in cache.read_tokens([TextInput(x) for x in texts], encode.encode)]


def test_last_layers_of_the_last_batch_are_kept() -> None:
    cache, encode = VectorCache(10), TokenEncoder()
    assert read_tokens(cache, encode, "a", "b", "a") == [2, 2, 2] and encode.asked == ["a", "b"]
    assert read_tokens(cache, encode, "b") == [2] and read_tokens(cache, encode, "a", "b") == [2, 2], "a part of it"
    assert read_tokens(cache, encode, "b", "c") == [2, 3], "what is known is not asked for again"
    assert read_tokens(cache, encode, "c", "b") == [3, 2]
    assert read_tokens(cache, encode, "a") == [4], "another batch took its place"
    assert encode.asked == ["a", "b", "c", "a"]
    read(cache, encode, "a", "b", "c")
    assert encode.asked == ["a", "b", "c", "a"], "the vectors of all of them are there"


def test_last_layers_are_forgotten_with_the_vectors() -> None:
    cache, encode = VectorCache(10), TokenEncoder()
    read_tokens(cache, encode, "a")
    assert read_tokens(pickle.loads(pickle.dumps(cache)), encode, "a") == [2]
    cache.clear()
    assert read_tokens(cache, encode, "a") == [3]


def test_vectors_that_others_write_do_not_pile_up() -> None:
    cache, encode = VectorCache(2), TokenEncoder()
    for i in range(50):
        read_tokens(cache, encode, f"{i} a", f"{i} b", f"{i} c")
        assert len(cache) <= 2 + 3
    assert len(cache) >= 3, "the last batch is there for the next reader"


def test_long_texts_are_told_apart_and_not_kept_alive() -> None:
    cache, encode = VectorCache(10), Encoder()
    texts = ["a" * 600, "a" * 599 + "b", "a" * 599 + "\ud800"]
    for _ in range(2):
        assert read(cache, encode, *texts).lengths == [600, 600, 600]
    read(cache, encode, "b")
    assert read(cache, encode, texts[1]).lengths == [600]
    assert encode.asked == [*texts, "b"]
    assert not any(isinstance(key, TextInput) and len(key.first) > 512 for key in cache._rows)
