"""Clocks inside a pipeline. The only file of this folder that knows how the backbone is made."""

import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List

import torch

from spacy_bertsent.layers.packing import fill_up


class Clock:
    """Adds up the seconds of a function's calls."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wrap(self, function: Callable) -> Callable:
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


@contextmanager
def replaced(owner: Any, name: str, make: Callable[[Callable], Callable]) -> Iterator[None]:
    """Put another function in the place of a method, for a while. make (Callable): Takes the method."""
    original = getattr(owner, name)
    own = name in vars(owner)
    setattr(owner, name, make(original))
    try:
        yield
    finally:
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)


class ForwardClock:
    """Times the forward passes of a backbone, those that run side by side once, and counts the pieces that its linear
    layers compute, padding included.

    backbone (Backbone): The component.
    """

    def __init__(self, backbone: Any):
        self.shim = backbone.model.shims[0]
        self.seconds, self.calls, self.pieces = 0.0, 0, 0
        self._running, self._since = 0, 0.0
        self._lock = threading.Lock()
        self._replaced = replaced(self.shim, "predict", self._wrap)

    def __enter__(self) -> "ForwardClock":
        self._replaced.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._replaced.__exit__(*error)

    def get_results(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): "forward" (seconds), "passes", "computed" (pieces)."""
        assert self.calls, "no forward pass went through the shim"
        return {"forward": self.seconds, "passes": self.calls, "computed": self.pieces}

    def _wrap(self, predict: Callable) -> Callable:
        def timed(inputs: Any) -> Any:
            with self._lock:
                self._since = self._since if self._running else time.perf_counter()
                self._running += 1
            try:
                output = predict(inputs)
                if torch.cuda.is_initialized():
                    torch.cuda.synchronize()
            finally:
                with self._lock:
                    self._running -= 1
                    self.seconds += 0.0 if self._running else time.perf_counter() - self._since
            lengths = [len(row.ids) for row in inputs[0]]
            packed = self.shim.engine.describe()["runs"] == "packed"
            with self._lock:
                self.calls += 1
                self.pieces += self._count_computed(lengths) if packed else len(lengths) * max(lengths)
            return output

        return timed

    def _count_computed(self, lengths: List[int]) -> int:
        engine = self.shim.engine
        is_filled = engine.describe()["runtime"] == "openvino" or engine._filled
        return fill_up(sum(lengths)) if is_filled else sum(lengths)
