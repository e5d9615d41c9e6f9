"""The two tokenizers that every document goes through, each alone."""

from typing import Any, Callable, Dict

import spacy
from tokenizers import Tokenizer

from .work import read_work


class SpacyTokenizer:
    """settings (Dict[str, Any]): "batch_size"."""

    def __init__(self, settings: Dict[str, Any]):
        self.batch_size = settings["batch_size"]
        self.nlp = spacy.blank("en")

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path)."""
        texts = read_work(request["work"]).texts

        def run() -> Dict[str, Any]:
            for _ in self.nlp.pipe(texts, batch_size=self.batch_size):
                pass
            return {}

        return run


class Wordpieces:
    """The fast tokenizer. settings (Dict[str, Any]): "weights" (a directory), "batch_size"."""

    def __init__(self, settings: Dict[str, Any]):
        self.batch_size = settings["batch_size"]
        self.tokenizer = Tokenizer.from_file(f"{settings['weights']}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "batch_size"."""
        texts = read_work(request["work"]).texts
        size = request.get("batch_size", self.batch_size)

        def run() -> Dict[str, Any]:
            for i in range(0, len(texts), size):
                for encoding in self.tokenizer.encode_batch_fast(texts[i : i + size], add_special_tokens=False):
                    encoding.ids  # noqa: B018 - making the list is part of the work
            return {}

        return run
