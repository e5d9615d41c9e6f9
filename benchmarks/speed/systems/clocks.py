"""Clocks inside a pipeline. The only file of this folder that knows how the backbone is made."""

import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator

import torch


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
    """Times the forward passes of a backbone, and counts the pieces that its linear layers compute, padding included.

    backbone (Backbone): The component.
    """

    def __init__(self, backbone: Any):
        self.shim = backbone.model.shims[0]
        self.seconds, self.calls, self.pieces = 0.0, 0, 0
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
            start = time.perf_counter()
            output = predict(inputs)
            if torch.cuda.is_initialized():
                torch.cuda.synchronize()
            self.seconds += time.perf_counter() - start
            self.calls += 1
            lengths = [len(row.ids) for row in inputs[0]]
            packed = self.shim.engine.describe()["runs"] == "packed"
            self.pieces += sum(lengths) if packed else len(lengths) * max(lengths)
            return output

        return timed
