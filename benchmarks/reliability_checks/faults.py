"""R2: faults in the forward pass."""

from typing import Any, List

import torch
from spacy.language import Language

from spacy_bertsent.layers.backbone import get_shim

from .finding import Finding, count
from .models import clear, differ, get_tolerance, make_texts

ERRORS = (torch.cuda.OutOfMemoryError, RuntimeError, MemoryError)


class Faults:
    """Lets the first pass of a batch fail where it has more than one row."""

    def __init__(self, predict: Any):
        self.predict = predict
        self.is_armed = False
        self.n_raised = 0

    def __call__(self, inputs: Any) -> Any:
        if self.is_armed and len(inputs[0]) > 1:
            self.is_armed = False
            self.n_raised += 1
            raise ERRORS[self.n_raised % len(ERRORS)]("injected: out of memory")
        return self.predict(inputs)


def check_faults(nlp: Language, n_batches: int, batch_size: int = 16) -> List[Finding]:
    """R2: memory and device faults in the forward pass, one in each batch."""
    texts = make_texts(n_batches * batch_size)
    clear(nlp)
    expected = list(nlp.pipe(texts, batch_size=batch_size))
    clear(nlp)
    shim: Any = get_shim(nlp.get_pipe("backbone").model)  # type: ignore[attr-defined]
    faults = Faults(shim.predict)
    shim.predict = faults
    good = []
    try:
        for start in range(0, len(texts), batch_size):
            faults.is_armed = True
            docs = list(nlp.pipe(texts[start : start + batch_size], batch_size=batch_size))
            pairs = zip(docs, expected[start : start + batch_size], strict=True)
            good.append(all(differ(a, b) <= get_tolerance(nlp) for a, b in pairs))
    finally:
        del shim.predict
    found = count("R2", "batches with a fault, finished with the same results", good, f"{faults.n_raised} faults")
    return [found._replace(passed=found.passed and faults.n_raised == n_batches)]
