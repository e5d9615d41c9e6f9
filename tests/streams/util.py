"""Components that fail when a text tells them to."""

import os
import signal
import time
from typing import Any, Iterable, Iterator, List, Optional

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch


@Language.component("test_fragile")
def fragile(doc: Doc) -> Optional[Doc]:
    """Fail, die or hang as the text says."""
    if "poison" in doc.text:
        raise ValueError("[X001] poison")
    if "nothing" in doc.text:
        return None
    if "deadly" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "endless" in doc.text:
        time.sleep(600)
    doc.user_data["passed"] = object() if "unsendable" in doc.text else True
    return doc


class Batcher:
    """A component that processes batches, and loses all of a batch with one bad document, as many do."""

    def __init__(self, swallow: bool = False):
        self.swallow = swallow
        self.sizes: List[int] = []

    def __call__(self, doc: Doc) -> Doc:
        return doc

    def pipe(self, stream: Iterable[Doc], batch_size: int = 128) -> Iterator[Doc]:
        for docs in minibatch(stream, batch_size):
            docs = list(docs)
            self.sizes.append(len(docs))
            if any("poison" in doc.text for doc in docs):
                if not self.swallow:
                    raise ValueError("[X002] a bad batch")
                continue
            yield from docs


@Language.factory("test_batcher", default_config={"swallow": False})
def make_batcher(nlp: Language, name: str, swallow: bool) -> Any:
    return Batcher(swallow)


def make_fragile() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("test_fragile", name="fragile")
    return nlp
