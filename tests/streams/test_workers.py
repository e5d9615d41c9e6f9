"""Streams in several processes. Each test has workers that die or hang, and must not wait for them."""

import multiprocessing
import os
import signal
import time
from typing import Any, List, Optional

import pytest
import spacy

from spacy_bertsent import Limits, pipe
from spacy_bertsent.streams import get_repairs

from .test_stream import show
from .util import make_fragile

TEXTS = [f"text {i}" for i in range(12)]


def put(at: int, text: str) -> List[str]:
    return [*TEXTS[:at], text, *TEXTS[at + 1 :]]


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_outcomes_are_those_of_one_process(method: str) -> None:
    nlp = make_fragile()
    given: List[Any] = [*put(3, "poison"), None, "a\ud800", "no" + "!" * 120, nlp.make_doc("a doc"), ""]
    alone = list(pipe(nlp, given, batch_size=4))
    found = list(pipe(nlp, given, batch_size=4, n_process=2, start_method=method))
    assert show(found) == show(alone)
    assert get_repairs(found[13]) == {"surrogates": 1} and get_repairs(found[14]) == {"cut_runs": 3}
    assert found[0].user_data["passed"] and found[0].vocab is nlp.vocab


def test_contexts_and_docs_keep_what_belongs_to_them() -> None:
    nlp = make_fragile()
    doc = nlp.make_doc("mine")
    doc._context, doc.user_data["id"] = "kept", 7
    unsendable = lambda: None  # noqa: E731
    found = list(pipe(nlp, [(doc, unsendable), ("poison", unsendable)], as_tuples=True, n_process=2, batch_size=1))
    assert [context is unsendable for _, context in found] == [True, True]
    assert found[0][0]._context == "kept" and found[0][0].user_data["id"] == 7
    assert found[0][0] is not doc


def test_worker_that_dies_costs_one_document() -> None:
    start = time.monotonic()
    found = list(pipe(make_fragile(), put(5, "deadly"), batch_size=4, n_process=2))
    assert show(found) == [x if i != 5 else "5 worker BS065" for i, x in enumerate(TEXTS)]
    assert "exit code -9" in found[5].message
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("batch_size", [1, 4])
def test_worker_that_is_killed_from_outside_costs_nothing(batch_size: int) -> None:
    stream = pipe(make_fragile(), iter(TEXTS * 5), batch_size=batch_size, n_process=2)
    found = [next(stream) for _ in range(6)]
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    found += stream
    assert show(found) == TEXTS * 5


def test_worker_that_hangs_costs_one_document() -> None:
    start = time.monotonic()
    found = list(pipe(make_fragile(), put(5, "endless"), batch_size=4, n_process=2, limits=Limits(timeout=0.5)))
    assert show(found) == [x if i != 5 else "5 worker BS067" for i, x in enumerate(TEXTS)]
    assert found[5].error == "TimeoutError"
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("max_restarts", [0, 2])
def test_workers_that_die_again_and_again_end_the_stream(max_restarts: int) -> None:
    limits = Limits(max_restarts=max_restarts)
    found: List[Any] = []
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=rf"BS066.* {max_restarts + 1} worker"):
        for outcome in pipe(make_fragile(), [*TEXTS, *["deadly"] * 50], batch_size=4, n_process=2, limits=limits):
            found.append(outcome)
    assert show(found[:12]) == TEXTS
    assert time.monotonic() - start < 10
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("n_read", [0, 1, None])
def test_no_process_is_left(n_read: Optional[int]) -> None:
    stream = pipe(make_fragile(), iter(TEXTS), batch_size=2, n_process=2)
    for _ in range(len(TEXTS) if n_read is None else n_read):
        next(stream)
    stream.close()
    assert not multiprocessing.active_children()


def test_large_documents_pass_both_ways() -> None:
    """More than a pipe holds at once, in both directions."""
    texts = [("word " * 5000 + str(i)) for i in range(12)]
    found = list(pipe(spacy.blank("en"), texts, batch_size=3, n_process=2))
    assert [doc.text for doc in found] == texts


def test_what_cannot_be_sent_is_recorded() -> None:
    nlp = make_fragile()
    doc = nlp.make_doc("a doc")
    doc.user_data["lock"] = object()
    found = list(pipe(nlp, ["good", doc, "unsendable"], n_process=2))
    assert show(found) == ["good", "1 input ", "2 worker "]
    assert found[1].error == found[2].error == "TypeError" and "serialize" in found[1].message


def test_only_bad_inputs() -> None:
    found = list(pipe(make_fragile(), [None] * 5, n_process=2, batch_size=2))
    assert [x.code for x in found] == ["BS063"] * 5
    assert list(pipe(make_fragile(), [], n_process=2)) == []
