import pickle
from typing import List

import numpy

from spacy_bertsent.cache import VectorCache
from spacy_bertsent.types import TextInput, Windows


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
