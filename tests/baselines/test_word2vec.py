import subprocess
import sys
from typing import List

import numpy
import pytest

from spacy_bertsent.baselines.word2vec import train_word_vectors

TEXTS: List[List[str]] = [["a", "good", "film"], ["a", "bad", "film"], ["a", "good", "song"]] * 20
CODE = """
from spacy_bertsent.baselines.word2vec import train_word_vectors
texts = [["a", "good", "film"], ["a", "bad", "film"], ["a", "good", "song"]] * 20
words, table = train_word_vectors(texts, method="fasttext", size=6, epochs=2, seed=3)
print(words, table.tolist())
"""


@pytest.mark.parametrize("method", ["word2vec", "fasttext"])
def test_words_and_vectors(method: str) -> None:
    words, table = train_word_vectors(TEXTS, method=method, size=6, epochs=2, seed=3)
    assert words[0] == "a" and set(words) == {"a", "good", "film", "bad", "song"}
    assert table.shape == (5, 6) and table.dtype == numpy.float32 and numpy.isfinite(table).all()
    again = train_word_vectors(TEXTS, method=method, size=6, epochs=2, seed=3)
    assert again[0] == words and again[1].tolist() == table.tolist()
    other = train_word_vectors(TEXTS, method=method, size=6, epochs=2, seed=4)
    assert other[1].tolist() != table.tolist()


def test_rare_words_are_left_out() -> None:
    words, table = train_word_vectors([*TEXTS, ["rare"]], size=4, epochs=1)
    assert "rare" not in words and len(table) == 5
    with pytest.raises(ValueError, match=r"BS087.*61 times[\s\S]*--min-count 1"):
        train_word_vectors(TEXTS, min_count=61)


@pytest.mark.slow
def test_another_process_gives_the_same_vectors() -> None:
    """Python hashes strings in another way there."""
    printed = subprocess.run([sys.executable, "-W", "ignore", "-c", CODE], capture_output=True, text=True, check=True)
    words, table = train_word_vectors(TEXTS, method="fasttext", size=6, epochs=2, seed=3)
    assert printed.stdout.strip() == f"{words} {table.tolist()}"
