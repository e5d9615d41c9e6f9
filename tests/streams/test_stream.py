import itertools
import json
from typing import Any, Iterator, List

import numpy
import pytest
import spacy
from spacy.tokens import Doc

from spacy_bertsent import Failure, Limits, pipe
from spacy_bertsent.streams import get_repairs

from .util import Batcher, make_fragile

TEXTS = ["fine one", "poison", "fine two", "", "fine three"]


def show(outcomes: List[Any]) -> List[str]:
    return [f"{x.index} {x.component} {x.code}" if isinstance(x, Failure) else x.text for x in outcomes]


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_bad_text_costs_itself(batch_size: int) -> None:
    found = list(pipe(make_fragile(), TEXTS, batch_size=batch_size))
    assert show(found) == ["fine one", "1 fragile X001", "fine two", "", "fine three"]
    failure = found[1]
    assert failure == Failure(1, "poison", None, "fragile", "X001", "ValueError", "[X001] poison", None)


def test_contexts_stay_with_their_texts() -> None:
    marker = object()
    found = list(pipe(make_fragile(), [(text, (i, marker)) for i, text in enumerate(TEXTS)], as_tuples=True))
    assert [context for _, context in found] == [(i, marker) for i in range(5)]
    assert found[1][0].context == (1, marker)


def test_what_is_no_text_is_recorded() -> None:
    class Silent:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    given = [None, float("nan"), b"bytes", 7, ["a"], Silent(), "text"]
    found = list(pipe(spacy.blank("en"), given))
    assert [x.code for x in found[:6]] == ["BS063"] * 6
    assert [x.text for x in found[:6]] == ["None", "nan", "b'bytes'", "7", "['a']", "<Silent>"]
    assert "bytes" in found[2].message and found[6].text == "text"


def test_what_is_no_pair_is_recorded() -> None:
    found = list(pipe(spacy.blank("en"), [("a", 1), "abc", 7, ("b", 2)], as_tuples=True))
    assert show([x for x, _ in found]) == ["a", "1 input BS063", "2 input BS063", "b"]
    assert [context for _, context in found] == [1, None, None, 2]


def test_text_of_numpy_is_a_text() -> None:
    (doc,) = pipe(spacy.blank("en"), [numpy.str_("so it is")])
    assert doc.text == "so it is"


def test_lone_surrogates_are_replaced_and_reported() -> None:
    given = json.loads('["caf\\u00e9 \\ud800 and \\udfff", "\\ud83d\\ude00"]')
    broken, whole = pipe(spacy.blank("en"), given)
    assert broken.text == "caf\u00e9 \ufffd and \ufffd" and get_repairs(broken) == {"surrogates": 2}
    assert whole.text == "\U0001f600" and get_repairs(whole) == {}
    (refused,) = pipe(spacy.blank("en"), given[:1], limits=Limits(surrogates="refuse"))
    assert refused.code == "BS063" and "surrogates" in refused.message


def test_long_text_is_refused_or_cut_and_reported() -> None:
    nlp = spacy.blank("en")
    texts = ["a" * 10, "b" * 11]
    found = list(pipe(nlp, texts, limits=Limits(max_characters=10)))
    assert show(found) == ["a" * 10, "1 input BS064"]
    found = list(pipe(nlp, texts, limits=Limits(max_characters=10, too_long="truncate")))
    assert show(found) == ["a" * 10, "b" * 10] and get_repairs(found[1]) == {"truncated": 1}
    nlp.max_length = 10
    assert show(list(pipe(nlp, [*texts, spacy.blank("en")("c" * 11)]))) == ["a" * 10, "1 input BS064", "2 input BS064"]


def test_failure_keeps_the_start_of_a_long_text() -> None:
    (failure,) = pipe(spacy.blank("en"), ["word " * 100_000])
    assert failure.text == "word " * 40


def test_long_runs_are_cut_and_reported() -> None:
    (doc,) = pipe(spacy.blank("en"), ["no" + "!" * 120])
    assert doc.text == "no" + "!" * 120 and get_repairs(doc) == {"cut_runs": 3}
    (doc,) = pipe(spacy.blank("en"), ["no" + "!" * 120], limits=Limits(max_run=0))
    assert get_repairs(doc) == {}


def test_docs_come_back_themselves() -> None:
    nlp = make_fragile()
    docs = [nlp.make_doc(text) for text in TEXTS]
    docs[0]._context = "mine"
    found = list(pipe(nlp, docs))
    assert [x is doc for x, doc in zip(found, docs)] == [True, False, True, True, True]
    assert found[0]._context == "mine" and found[0].user_data["passed"]


def test_nul_and_odd_texts_pass() -> None:
    texts = ["a\0b", "\0", " ", "\n", "\u202e\u200b", "\ufffe"]
    assert show(list(pipe(make_fragile(), texts))) == texts


@pytest.mark.parametrize("n_process", [1, 2])
def test_error_of_the_stream_comes_after_what_was_before(n_process: int) -> None:
    def read() -> Iterator[str]:
        yield from ("a", "b", "poison")
        raise KeyError("the file ends here")

    found = []
    with pytest.raises(KeyError, match="the file ends here"):
        for outcome in pipe(make_fragile(), read(), batch_size=2, n_process=n_process):
            found.append(outcome)
    assert show(found) == ["a", "b", "2 fragile X001"]


@pytest.mark.parametrize("n_process", [1, 2])
def test_endless_stream_is_read_two_batches_ahead(n_process: int) -> None:
    taken = itertools.count()
    last = -1
    numbers = (f"text {(last := number)}" for number in taken)  # noqa: F841

    seen = {"n": 0}

    def read() -> Iterator[str]:
        for text in numbers:
            seen["n"] += 1
            yield text

    stream = pipe(spacy.blank("en"), read(), batch_size=4, n_process=n_process)
    for i in range(20):
        assert next(stream).text == f"text {i}"
        # The batch of this text, and those that are read ahead.
        assert seen["n"] <= 4 * (i // 4 + 1 + (0 if n_process == 1 else 2))
    stream.close()


def test_batch_that_fails_is_run_one_by_one() -> None:
    nlp = spacy.blank("en")
    batcher: Any = nlp.add_pipe("test_batcher", name="batcher")
    found = list(pipe(nlp, TEXTS, batch_size=5))
    assert show(found) == ["fine one", "1 batcher X002", "fine two", "", "fine three"]
    assert batcher.sizes == [5, 1, 1, 1, 1, 1]
    batcher.sizes.clear()
    list(pipe(nlp, ["good"] * 5, batch_size=5))
    assert batcher.sizes == [5]


def test_dropped_documents_are_found() -> None:
    """A component that swallows its errors loses a batch without a word."""
    nlp = spacy.blank("en")
    nlp.add_pipe("test_batcher", name="batcher", config={"swallow": True})
    assert len(list(nlp.pipe(TEXTS, batch_size=5))) == 0
    assert show(list(pipe(nlp, TEXTS, batch_size=5))) == ["fine one", "1 batcher BS068", "fine two", "", "fine three"]


def test_component_that_gives_no_doc_is_named() -> None:
    (failure,) = pipe(make_fragile(), ["nothing"])
    assert (failure.component, failure.code) == ("fragile", "BS068") and "NoneType" in failure.message


def test_component_may_give_another_doc() -> None:
    nlp = spacy.blank("en")

    class Copier(Batcher):
        def pipe(self, stream: Any, batch_size: int = 128) -> Iterator[Doc]:
            for doc in stream:
                yield Doc(doc.vocab, words=[*(token.text for token in doc), "end"])

    nlp.add_pipe("test_batcher", name="batcher")
    nlp._components[0] = ("batcher", Copier())
    assert show(list(pipe(nlp, ["a", "b"]))) == ["a end ", "b end "]


def test_failed_tokenizer_is_named() -> None:
    nlp = spacy.blank("en")

    def tokenizer(text: str) -> Doc:
        if "poison" in text:
            raise RuntimeError("no tokens")
        return Doc(nlp.vocab, words=text.split() or ["empty"])

    nlp.tokenizer = tokenizer
    found = list(pipe(nlp, TEXTS))
    assert (found[1].component, found[1].error, found[1].code) == ("tokenizer", "RuntimeError", "")
    assert sum(isinstance(x, Doc) for x in found) == 4


@pytest.mark.parametrize("n_process", [1, 2])
def test_traceback_is_kept_if_asked_for(n_process: int) -> None:
    (failure,) = pipe(make_fragile(), ["poison"], tracebacks=True, n_process=n_process)
    assert "def fragile" in failure.traceback or "in fragile" in failure.traceback
