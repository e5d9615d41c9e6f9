"""This package, with a clock on each stage that a document goes through."""

from contextlib import ExitStack
from typing import Any, Callable, Dict

from .clocks import Clock, ForwardClock, replaced
from .ours import Ours
from .work import read_work


class Stages(Ours):
    """See `Ours`."""

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: As of `Ours`. The work gives the seconds of each stage, those within it included."""
        work = read_work(request["work"])
        heads = request["heads"]
        batch_size = request.get("batch_size", self.settings["batch_size"])
        self.backbone._cache.clear()  # type: ignore[attr-defined]
        pieces = type(self.backbone.model.shims[0].encoder.tokenizer)  # type: ignore[attr-defined]
        names = ("make_doc", "predict", "set_annotations", "encode", "pieces")
        clocks = {name: Clock() for name in names}

        def run() -> Dict[str, Any]:
            with ExitStack() as stack:
                stack.enter_context(self.nlp.select_pipes(enable=["backbone", *heads]))
                stack.enter_context(replaced(self.nlp, "make_doc", clocks["make_doc"].wrap))
                for name in heads:
                    head = self.nlp.get_pipe(name)
                    for method in ("predict", "set_annotations"):
                        stack.enter_context(replaced(head, method, clocks[method].wrap))
                stack.enter_context(replaced(self.backbone, "_encode", clocks["encode"].wrap))
                stack.enter_context(replaced(pieces, "__call__", clocks["pieces"].wrap))
                forward = stack.enter_context(ForwardClock(self.backbone))
                for _ in self.nlp.pipe(self.iter_inputs(work, heads), batch_size=batch_size):
                    pass
            return {**{name: clock.seconds for name, clock in clocks.items()}, **forward.get_results()}

        return run
