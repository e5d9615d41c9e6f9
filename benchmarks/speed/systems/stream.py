"""This package over a long stream of texts: time and memory as it goes."""

import itertools
import time
from typing import Any, Callable, Dict

import psutil

from .ours import Ours
from .work import read_work


class Stream(Ours):
    """See `Ours`."""

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "heads", "n": so many texts, again and again the same ones in their order; "every":
        documents between two measurements. Or "save": where the pipeline is written. One batch warms up."""
        if "save" in request:
            return lambda: self.nlp.to_disk(request["save"])
        texts = read_work(request["work"]).texts
        assert len(texts) > self.settings["batch_size"], "texts would be met again while their vectors are kept"
        process = psutil.Process()
        for _ in self.nlp.pipe(texts[: self.settings["batch_size"]]):
            pass
        self.backbone._cache.clear()  # type: ignore[attr-defined]

        def run() -> Dict[str, Any]:
            marks = []
            stream = itertools.islice(itertools.cycle(texts), request["n"])
            start = time.perf_counter()
            with self.nlp.select_pipes(enable=["backbone", *request["heads"]]):
                for i, _ in enumerate(self.nlp.pipe(stream, batch_size=self.settings["batch_size"]), start=1):
                    if i % request["every"] == 0 or i == request["n"]:
                        marks.append([i, time.perf_counter() - start, process.memory_info().rss])
            return {"marks": marks}

        return run
