from typing import Any, Dict, Iterable, List, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span
from thinc.types import Floats2d

from ..parts import set_windows
from ..types import DocScores, LongText
from .base import Head


class DocHead(Head):
    """A classifier of documents: all that polarity and emotions have in common.

    A document that does not fit the model is read in windows, whose logits the model combines; the scores of each
    window are kept beside those of the document.
    """

    # The span group of the windows.
    windows_key = ""

    def inputs(self, docs: Sequence[Doc]) -> Sequence[Doc]:
        return docs

    def parts(self, docs: Sequence[Doc]) -> List[Span]:
        """RETURNS (List[Span]): Sentences that are scored beside the documents."""
        return []

    def predict(self, docs: Iterable[Doc]) -> DocScores:
        """Compute probabilities without writing them.

        docs (Iterable[Doc]): The documents.
        RETURNS (DocScores): On the CPU: one copy for the batch.
        """
        self._require_labels()
        docs = list(docs)
        inputs: List[Any] = [*self.inputs(docs), *self.parts(docs)]
        if not inputs:
            none = numpy.zeros((0, len(self.labels)), dtype="f")
            return DocScores(none, none, none, [])
        logits, long = self._predict_logits(inputs, len(docs))
        scores = self.model.ops.to_numpy(self.activate(logits))
        return DocScores(scores[: len(docs)], scores[len(docs) : len(inputs)], scores[len(inputs) :], long)

    def _predict_logits(self, inputs: Sequence[Any], n_docs: int) -> Tuple[Floats2d, List[LongText]]:
        if "predict_windows" not in self.model.attrs:
            # Another architecture: nothing is known of its windows, nor whether it takes spans.
            return self.model.predict([x.as_doc() if isinstance(x, Span) else x for x in inputs]), []
        logits, long = self.model.attrs["predict_windows"](self.model, inputs, n_docs)
        return logits, long

    def set_windows(self, docs: Sequence[Doc], scores: DocScores) -> None:
        """Write the scores of the windows of long documents. docs (Sequence[Doc]): All. scores (DocScores): Theirs."""
        texts = {text.place: text for text in scores.long}
        rows: Dict[int, numpy.ndarray] = {}
        start = 0
        for text in scores.long:
            rows[text.place] = scores.windows[start : start + len(text.windows)]
            start += len(text.windows)
        for i, doc in enumerate(docs):
            set_windows(doc, self.windows_key, self.labels, texts.get(i), rows.get(i))
