"""`nlp.pipe` that gives one outcome for each input."""

import multiprocessing
from contextlib import closing
from itertools import islice
from typing import Any, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .batch import ResultT, process_items
from .inputs import Item, read_item
from .limits import Limits, check_number
from .outcomes import Failure, Fault, make_fault, show
from .workers import Workers

OutcomeT = Union[Doc, Failure]
# An input as it came: what is kept of it until its outcome is known.
InputT = Tuple[Any, Any, Union[Item, Fault]]


def pipe(
    nlp: Language,
    texts: Iterable[Any],
    *,
    as_tuples: bool = False,
    batch_size: Optional[int] = None,
    n_process: int = 1,
    limits: Optional[Limits] = None,
    tracebacks: bool = False,
    start_method: Optional[str] = None,
) -> Iterator[Any]:
    """Process a stream and lose nothing: one outcome for each input, in order.

    A text that cannot be processed costs only itself. An error of the stream is raised after the outcomes of what came
    before it.

    nlp (Language): Any pipeline. texts (Iterable[Union[str, Doc]]): Texts or Docs, or with `as_tuples` pairs of one and
        its context. Never read further than `Limits.read_ahead`.
    as_tuples (bool): Give pairs of an outcome and its context.
    batch_size (Optional[int]): By default `nlp.batch_size`, but 128 at most.
    n_process (int): Processes; 1 is this one, -1 is one for each core. limits (Optional[Limits]): What is accepted.
    tracebacks (bool): Keep tracebacks in failures.
    start_method (Optional[str]): Of the processes: "fork", "spawn" or "forkserver"; by default Python's.
    YIELDS (Union[Doc, Failure]): The outcomes. RAISES (ValueError): BS069 for a setting that makes no sense.
    RAISES (RuntimeError): BS066 if workers die again and again.
    """
    limits = Limits() if limits is None else limits
    batch_size = min(nlp.batch_size, 128) if batch_size is None else batch_size
    check_number("batch_size", batch_size, 1)
    n_process = multiprocessing.cpu_count() if n_process == -1 else n_process
    check_number("n_process", n_process, 1)
    reader = _Reader(nlp, texts, as_tuples, batch_size, limits)
    # A function of its own, so that settings are checked at once and not with the first text.
    return _give(nlp, reader, as_tuples, n_process, limits, tracebacks, start_method)


def _give(
    nlp: Language,
    reader: "_Reader",
    as_tuples: bool,
    n_process: int,
    limits: Limits,
    tracebacks: bool,
    start_method: Optional[str],
) -> Iterator[Any]:
    index = 0
    results: Iterator[Sequence[ResultT]]
    if n_process > 1:
        results = Workers(nlp, n_process, limits, tracebacks, start_method).run(reader)
    else:
        results = (_process(nlp, items, limits, tracebacks) for items in reader)
    with closing(results):  # type: ignore[type-var]
        for batch in results:
            for (source, context, _), result in zip(reader.take(), batch):
                yield _give_one(index, source, context, result, as_tuples)
                index += 1
    if reader.error is not None:
        raise reader.error


def _give_one(index: int, source: Any, context: Any, result: ResultT, as_tuples: bool) -> Any:
    outcome: OutcomeT
    if isinstance(result, Fault):
        outcome = Failure(index, show(source), context, *result)
    else:
        outcome = result
        if isinstance(source, Doc):
            # A Doc that was in another process comes back without it.
            outcome._context = source._context  # type: ignore[attr-defined]
    return (outcome, context) if as_tuples else outcome


def _process(nlp: Language, read: Sequence[Union[Item, Fault]], limits: Limits, tracebacks: bool) -> List[ResultT]:
    results = iter(process_items(nlp, [item for item in read if isinstance(item, Item)], limits, tracebacks))
    return [item if isinstance(item, Fault) else next(results) for item in read]


class _Reader:
    """Reads batches, and keeps what is needed to name their inputs until they are taken."""

    def __init__(self, nlp: Language, texts: Iterable[Any], as_tuples: bool, batch_size: int, limits: Limits):
        self.error: Optional[BaseException] = None
        self._texts = iter(texts)
        self._as_tuples = as_tuples
        self._batch_size = batch_size
        self._limits = limits
        self._max_length = nlp.max_length
        self._batches: List[List[InputT]] = []

    def __iter__(self) -> "_Reader":
        return self

    def __next__(self) -> List[Union[Item, Fault]]:
        batch: List[InputT] = []
        if self.error is None:
            try:
                for given in islice(self._texts, self._batch_size):
                    batch.append(self._read(given))
            except Exception as error:
                # The error of the stream: what came before it counts.
                self.error = error
        if not batch:
            raise StopIteration
        self._batches.append(batch)
        return [item for _, _, item in batch]

    def take(self) -> List[InputT]:
        """RETURNS (List[InputT]): The inputs of the oldest batch."""
        return self._batches.pop(0)

    def _read(self, given: Any) -> InputT:
        source, context = given, None
        if self._as_tuples:
            try:
                source, context = given
            except (TypeError, ValueError):
                message = Errors.BS063.format(found=type(given).__name__, advice="Give pairs: (text, context)")
                return given, None, make_fault("input", ValueError(message))
        return source, context, read_item(source, self._limits, self._max_length)
