"""Predict and write a batch."""

from typing import Any, Iterator, List

from spacy.tokens import Doc


def annotate(pipe: Any, docs: List[Doc]) -> Iterator[Doc]:
    """Predict and write a batch; where that fails, each document alone, so that a bad one costs only itself.

    pipe (TrainablePipe): With `predict` and `set_annotations`. docs (List[Doc]): The batch.
    YIELDS (Doc): The documents in order, without those that the pipe's error handler got.
    """
    try:
        pipe.set_annotations(docs, pipe.predict(docs))
    except Exception as error:
        if len(docs) == 1:
            pipe.get_error_handler()(pipe.name, pipe, docs, error)
            return
    else:
        yield from docs
        return
    for doc in docs:
        yield from annotate(pipe, [doc])
