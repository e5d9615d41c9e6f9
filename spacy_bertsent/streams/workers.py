"""Batches in other processes, where a process that dies or hangs costs its batch a second try, and nothing else."""

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any, Deque, Iterator, List, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from ..errors import Errors
from .batch import ResultT
from .inputs import Item
from .limits import Limits
from .outcomes import Fault, make_fault
from .process import run_worker

# Seconds that an idle worker has to end before it is killed.
PATIENCE = 1.0


@dataclass
class Task:
    """A batch under way.

    items (Sequence[Union[Item, Fault]]): What was read. results (List[Optional[ResultT]]): What is known.
    parts (Deque[List[int]]): The places that are still to be answered: all at once, or each alone in the second try.
    is_second_try (bool): Whether a worker died or hung with it.
    """

    items: Sequence[Union[Item, Fault]]
    results: List[Optional[ResultT]]
    parts: Deque[List[int]] = field(default_factory=deque)
    is_second_try: bool = False


class Worker:
    """One process, and what it does."""

    def __init__(self, nlp: Language, limits: Limits, tracebacks: bool, start_method: Optional[str]):
        context: Any = get_context(start_method)
        self.connection, theirs = context.Pipe()
        settings = (theirs, nlp, limits, tracebacks, Underscore.get_state())
        self.process = context.Process(target=run_worker, args=settings, daemon=True)
        self.process.start()
        # Theirs alone, so that writing to a dead worker is an error.
        theirs.close()
        self.task: Optional[Task] = None
        self.deadline: Optional[float] = None
        self._is_ready = False
        self._timeout = limits.timeout

    def send(self) -> None:
        """Send the next part of the task."""
        assert self.task is not None
        try:
            self.connection.send([self.task.items[i] for i in self.task.parts[0]])
        except OSError:
            return  # It is dead, which `receive` will tell.
        self._start_clock()

    def receive(self, nlp: Language) -> bool:
        """Take what the worker sent, and send it the next part of its task. RETURNS (bool): False if it is dead."""
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            return False
        if not self._is_ready:
            # Loading the pipeline does not count.
            self._is_ready = True
            self._start_clock()
            return True
        assert self.task is not None
        for i, result in zip(self.task.parts.popleft(), answer):
            self.task.results[i] = result if isinstance(result, Fault) else Doc(nlp.vocab).from_bytes(result)
        if self.task.parts:
            self.send()
        else:
            self.task = None
        return True

    def end(self) -> None:
        """Stop the process: an idle one is asked, a busy one is killed."""
        if self.task is None and self.process.is_alive():
            with suppress(OSError):
                self.connection.send(None)
                self.process.join(PATIENCE)
        self.kill()

    def kill(self) -> int:
        """Stop the process at once. RETURNS (int): How it ended: minus the signal, or its exit code."""
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        self.connection.close()
        return int(code or 0)

    def _start_clock(self) -> None:
        self.deadline = None if self._timeout is None else time.monotonic() + self._timeout


class Workers:
    """Some processes with a copy of the pipeline each.

    nlp (Language): The pipeline. n_process (int): How many. limits (Limits): See there.
    tracebacks (bool): Keep tracebacks.
    start_method (Optional[str]): "fork", "spawn" or "forkserver"; None for Python's default.
    """

    def __init__(self, nlp: Language, n_process: int, limits: Limits, tracebacks: bool, start_method: Optional[str]):
        self._nlp = nlp
        self._limits = limits
        self._settings = (nlp, limits, tracebacks, start_method)
        self._n_process = n_process
        self._n_restarts = 0
        self._workers: List[Worker] = []

    def run(self, batches: Iterator[Sequence[Union[Item, Fault]]]) -> Iterator[List[ResultT]]:
        """Process batches, and give the results of each in the order of the batches.

        batches (Iterator[Sequence[Union[Item, Fault]]]): Read only as far as `Limits.read_ahead` and the number of
            workers allow. Faults are passed on.
        YIELDS (List[ResultT]): One for each item. RAISES (RuntimeError): BS066 after too many dead workers.
        """
        under_way: Deque[Task] = deque()
        try:
            for _ in range(self._n_process):
                self._workers.append(Worker(*self._settings))
            while True:
                self._fill(under_way, batches)
                if not under_way:
                    return
                while any(result is None for result in under_way[0].results):
                    self._wait()
                    self._fill(under_way, batches)
                results = under_way.popleft().results
                self._fill(under_way, batches)
                yield [result for result in results if result is not None]
        finally:
            for worker in self._workers:
                worker.end()

    def _fill(self, under_way: Deque[Task], batches: Iterator[Sequence[Union[Item, Fault]]]) -> None:
        most = max(self._limits.read_ahead, len(self._workers))
        for worker in self._workers:
            while worker.task is None and len(under_way) < most:
                items = next(batches, None)
                if items is None:
                    return
                items = [_pack(item) for item in items]
                task = Task(items, [item if isinstance(item, Fault) else None for item in items])
                places = [i for i, result in enumerate(task.results) if result is None]
                under_way.append(task)
                if places:
                    task.parts.append(places)
                    worker.task = task
                    worker.send()

    def _wait(self) -> None:
        """Wait for an answer, a death or a deadline, and deal with it."""
        busy = [worker for worker in self._workers if worker.task is not None]
        deadlines = [worker.deadline for worker in busy if worker.deadline is not None]
        patience = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        # A death closes the connection too, but not where a forked worker holds a copy of its end.
        handles = [handle for worker in busy for handle in (worker.connection, worker.process.sentinel)]
        ready = set(wait(handles, patience))
        for worker in busy:
            if worker.connection in ready:
                if not worker.receive(self._nlp):
                    worker.process.join(PATIENCE)
                    self._replace(worker)
            elif worker.process.sentinel in ready:
                self._replace(worker)
            elif worker.deadline is not None and worker.deadline <= time.monotonic():
                self._replace(worker, timed_out=True)

    def _replace(self, worker: Worker, *, timed_out: bool = False) -> None:
        """Put a new worker in the place of a dead or hanging one, and give it what is left of its task."""
        task, code = worker.task, worker.kill()
        assert task is not None
        self._n_restarts += 1
        reason = f"no answer for {self._limits.timeout} seconds" if timed_out else f"exit code {code}"
        if self._n_restarts > self._limits.max_restarts:
            self._workers.remove(worker)
            raise RuntimeError(Errors.BS066.format(count=self._n_restarts, reason=reason))
        places = task.parts.popleft()
        if task.is_second_try:
            error: Exception = RuntimeError(Errors.BS065.format(reason=reason))
            if timed_out:
                error = TimeoutError(Errors.BS067.format(timeout=self._limits.timeout))
            task.results[places[0]] = make_fault("worker", error)
        else:
            task.is_second_try = True
            task.parts.extend([i] for i in places)
        new = Worker(*self._settings)
        self._workers[self._workers.index(worker)] = new
        if task.parts:
            new.task = task
            new.send()


def _pack(item: Union[Item, Fault]) -> Union[Item, Fault]:
    """Make an item that another process can read."""
    if isinstance(item, Fault) or not isinstance(item.source, Doc):
        return item
    try:
        return Item(item.source.to_bytes(), item.repairs)
    except Exception as error:
        return make_fault("input", error)
