"""One system in a process of its own, run by the Python of its environment. It answers requests, line by line.

The first request loads the system, each other one is measured: nothing but the work itself is timed.
"""

import gc
import importlib
import json
import os
import sys
import time
from typing import Any, Dict, Optional

# Class by name: it takes the settings of the first request; `prepare(request)` gives the work, a function without
# arguments that may return more about it.
SYSTEMS = {
    "ours": "systems.ours:Ours",
    "stages": "systems.stages:Stages",
    "stream": "systems.stream:Stream",
    "huggingface": "systems.huggingface:HuggingFace",
    "plain_forward": "systems.huggingface:PlainForward",
    "sentence_transformers": "systems.encode:SentenceTransformers",
    "stock": "systems.stock:Stock",
    "spacy_tokenizer": "systems.tokenizing:SpacyTokenizer",
    "wordpieces": "systems.tokenizing:Wordpieces",
    "pyabsa": "systems.pyabsa_pairs:PyABSA",
    "train": "systems.training:Train",
    "trainer": "systems.trainer:HFTrainer",
}


def main() -> None:
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf8")
    os.dup2(2, 1)
    system: Optional[Any] = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if system is None:
                system = load(request["system"], request["settings"])
                answer: Dict[str, Any] = {"loaded": True}
            else:
                answer = measure(system, request)
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {str(e).strip().splitlines()[0] if str(e).strip() else ''}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def load(name: str, settings: Dict[str, Any]) -> Any:
    """RETURNS (object): A system of `SYSTEMS`, ready."""
    module, _, attribute = SYSTEMS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)(settings)


def measure(system: Any, request: Dict[str, Any]) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): Seconds of the work, unless it gives its own, and what else it returns."""
    work = system.prepare(request)
    gc.collect()
    start = time.perf_counter()
    more = work()
    return {"seconds": time.perf_counter() - start, **(more or {})}


if __name__ == "__main__":
    main()
