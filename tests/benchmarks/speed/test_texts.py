from pathlib import Path

import pytest

from .conftest import ScriptT


def test_texts_are_distinct_and_in_an_order_by_seed(script: ScriptT, data: Path) -> None:
    texts = script("texts")
    rows = texts.read_texts(data, 100, 0)
    # One of the 31 sentences repeats.
    assert len(rows) == len({text for text, _ in rows}) == 30
    assert set(rows) == set(texts.read_texts(data, 100, 1))
    assert rows != texts.read_texts(data, 100, 1)
    assert rows == texts.read_texts(data, 100, 0)
    assert ("the soup was rude", "negative") in rows and ("the soup was happy", "positive") in rows
    assert len(texts.read_texts(data, 4, 0)) == 4


@pytest.mark.parametrize("n_aspects", [1, 2, 5])
def test_marked_texts_have_so_many_aspects_in_their_order(script: ScriptT, data: Path, n_aspects: int) -> None:
    items = script("texts").read_marked(data, 7, n_aspects, 0)
    assert len(items) == 7
    for text, aspects, labels in items:
        assert len(aspects) == len(set(aspects)) == len(labels) == n_aspects
        assert aspects == sorted(aspects)
        assert all(text[start:end].isalpha() for start, end in aspects)
        # The gold aspects come first: of two, both are.
        assert [label != "" for label in labels].count(True) == min(n_aspects, 2)


def test_gold_pairs_stand_once_in_their_text(script: ScriptT, data: Path) -> None:
    texts = script("texts")
    items = texts.read_gold_pairs(data, 25)
    pairs = texts.get_pairs(items)
    assert len(pairs) == 25
    # Each sentence names its subject twice, and so one aspect is left.
    assert all(text.count(words) == 1 and len(item.aspects) == 1 for item, (words, text) in zip(items, pairs))


def test_texts_of_one_length(script: ScriptT, data: Path, weights: Path) -> None:
    texts = script("texts")
    tokenizer = texts.load_tokenizer(weights)
    sentences = [text for text, _ in texts.read_texts(data, 30, 0)]
    made = texts.make_length(sentences, tokenizer, 12, 5, 0)
    assert len(made) == len(set(made)) == 5
    assert texts.count_pieces(tokenizer, made) == [12] * 5


def test_pieces_of_pairs_are_counted_with_both_texts(script: ScriptT, weights: Path) -> None:
    texts = script("texts")
    # [CLS] the soup [SEP] was [SEP]
    assert texts.count_pieces(texts.load_tokenizer(weights), ["the soup", ("the soup", "was")]) == [4, 6]


def test_missing_data_is_named(script: ScriptT, tmp_path: Path) -> None:
    texts = script("texts")
    with pytest.raises(texts.MissingData, match="semeval2014/Restaurants_Train_v2.xml"):
        texts.read_gold_pairs(tmp_path, 1)
