"""R1, R3, R4: streams with bad texts and with workers that are killed."""

import multiprocessing
import os
import signal
import time
from itertools import product
from typing import Any, Iterable, Iterator, List, Sequence

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from spacy_bertsent import Failure, Limits, pipe

from .finding import Finding, count
from .models import make_texts

POISON = "poison"


@Language.factory("reliability_poison")
def make_poison(nlp: Language, name: str) -> "Poison":
    """Make a component that fails for a batch with a bad text."""
    return Poison()


class Poison:
    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        for docs in minibatch(stream, batch_size):
            docs = list(docs)
            if any(POISON in doc.text for doc in docs):
                raise ValueError("a bad text in the batch")
            yield from docs


def check_poison(
    nlp: Language, n_texts: int, n_bad: int, batch_sizes: Sequence[int], n_processes: Sequence[int]
) -> List[Finding]:
    """R1: bad texts among good ones, which fail in a component with the whole batch."""
    texts = make_texts(n_texts)
    bad = {i * (n_texts // n_bad) + 1 for i in range(n_bad)}
    texts = [POISON if i in bad else text for i, text in enumerate(texts)]
    findings = []
    nlp.add_pipe("reliability_poison", before="polarity")
    try:
        for n_process, batch_size, as_tuples in product(n_processes, batch_sizes, (False, True)):
            given: Any = [(text, i) for i, text in enumerate(texts)] if as_tuples else texts
            found: Any = list(pipe(nlp, given, as_tuples=as_tuples, batch_size=batch_size, n_process=n_process))
            if not as_tuples:
                found = [(outcome, i) for i, outcome in enumerate(found)]
            good = [
                context == i and _is_right(outcome, i, texts[i], i in bad) for i, (outcome, context) in enumerate(found)
            ]
            good += [False] * (n_texts - len(good))
            name = f"batch {batch_size}, {n_process} processes{', tuples' if as_tuples else ''}"
            findings.append(count("R1", f"{n_bad} bad of {n_texts:,} texts, {name}", good))
    finally:
        nlp.remove_pipe("reliability_poison")
    return findings


def _is_right(outcome: Any, i: int, text: str, bad: bool) -> bool:
    if bad:
        return isinstance(outcome, Failure) and outcome.index == i and outcome.component == "reliability_poison"
    return isinstance(outcome, Doc) and outcome.text == text and bool(outcome._.polarity)


def check_odd_inputs(nlp: Language, n_texts: int) -> List[Finding]:
    """R3: lone surrogates, texts over the limit and what is no text, among good texts."""
    odd: List[Any] = ["a \ud800 b", "\udfff", "x" * 100_001, None, float("nan"), b"bytes", 7, ["a"], "a\0b", ""]
    kept = [True, True, False, False, False, False, False, False, True, True]
    findings = []
    texts: List[Any] = list(make_texts(n_texts))
    expected = [True] * n_texts
    for k in range(n_texts // 10):
        texts[10 * k], expected[10 * k] = odd[k % len(odd)], kept[k % len(kept)]
    for n_process in (1, 2):
        outcomes = list(pipe(nlp, texts, n_process=n_process))
        good = [isinstance(outcome, Doc) == keep for outcome, keep in zip(outcomes, expected)]
        good += [False] * (n_texts - len(good))
        findings.append(count("R3", f"{n_texts // 10} odd inputs of {n_texts:,}, {n_process} processes", good))
    return findings


def check_killed_workers(nlp: Language, n_times: int) -> List[Finding]:
    """R4: SIGKILL for one of two workers in the middle of a stream."""
    texts = make_texts(200)
    recovered, named, slowest = [], [], 0.0
    for n_kill in range(n_times):
        for max_restarts, good in ((10, recovered), (0, named)):
            stream = pipe(nlp, iter(texts), batch_size=10, n_process=2, limits=Limits(max_restarts=max_restarts))
            outcomes = [next(stream) for _ in range(5 + n_kill)]
            start = time.monotonic()
            os.kill(multiprocessing.active_children()[n_kill % 2].pid or 0, signal.SIGKILL)
            try:
                outcomes += stream
                good.append(max_restarts > 0 and [x.text for x in outcomes] == texts)
            except RuntimeError as error:
                good.append(max_restarts == 0 and "BS066" in str(error))
            slowest = max(slowest, time.monotonic() - start)
            good[-1] = good[-1] and time.monotonic() - start < 10
    note = f"slowest {slowest:.1f} s"
    return [
        count("R4", "worker killed: all outcomes within 10 s", recovered, note),
        count("R4", "worker killed, no restarts: named error within 10 s", named, note),
    ]
