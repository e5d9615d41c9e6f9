import os
from typing import Any, Dict

import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

from spacy_bertsent.baselines.storage import KEYS, dump_estimator, load_estimator

TEXTS = ["good\ngood film", "bad", "good film\nbad\nold"]


def make_state() -> Dict[str, Any]:
    counts = CountVectorizer(token_pattern=r"[^\n]+", lowercase=False)
    X = counts.fit_transform(TEXTS)
    return {"transformer": counts, "classifiers": [LinearSVC().fit(X, [1, 0, 0])], "n_labels": 2}


STORED = dump_estimator(make_state(), "x")


def test_estimator_survives() -> None:
    state = make_state()
    before = dict(state["transformer"].vocabulary_)
    loaded = load_estimator(dump_estimator(state, "x"), "x")
    assert state["transformer"].vocabulary_ == before and "terms" not in state, "what was stored stays as it was"
    assert set(loaded) == set(state) and loaded["n_labels"] == 2
    assert loaded["transformer"].vocabulary_ == before
    X = loaded["transformer"].transform(TEXTS)
    assert X.toarray().tolist() == state["transformer"].transform(TEXTS).toarray().tolist()
    margins = [part["classifiers"][0].decision_function(X).tolist() for part in (loaded, state)]
    assert margins[0] == margins[1]


def test_large_vocabulary_is_stored_as_one_string() -> None:
    counts = CountVectorizer(token_pattern=r"[^\n]+", lowercase=False)
    counts.fit(["\n".join(f"word {i}" for i in range(5000))])
    data = dump_estimator({**make_state(), "transformer": counts}, "x")
    assert len(data) < 100_000
    assert load_estimator(data, "x")["transformer"].vocabulary_ == counts.vocabulary_


class Foreign:
    """Not of scikit-learn."""


@pytest.mark.parametrize("part", [Foreign(), os.system, Foreign], ids=["object", "function", "class"])
def test_other_types_are_neither_stored_nor_loaded(part: Any) -> None:
    state = {**make_state(), "n_labels": part}
    with pytest.raises(ValueError, match=r"BS084.*'x'.*it holds [\w.]*(Foreign|system)"):
        dump_estimator(state, "x")
    with pytest.raises(ValueError, match="BS084"):
        load_estimator(skops.io.dumps(state), "x")


@pytest.mark.parametrize(
    "data", [b"no zip", skops.io.dumps([1])[:-30], skops.io.dumps(["no state"]), skops.io.dumps({"transformer": 1})]
)
def test_damaged_files_say_so(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"BS084.*'x'"):
        load_estimator(data, "x")


@given(st.data())
def test_any_damage_is_found_or_harmless(data: st.DataObject) -> None:
    spoilt = bytearray(STORED[: data.draw(st.integers(1, len(STORED)))])
    for place in data.draw(st.lists(st.integers(0, len(spoilt) - 1), max_size=4)):
        spoilt[place] = data.draw(st.integers(0, 255))
    try:
        state = load_estimator(bytes(spoilt), "x")
    except ValueError as e:
        assert str(e).startswith("[BS084]")
    else:
        assert set(state) == KEYS
