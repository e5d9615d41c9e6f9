from typing import Any, Iterable, List, Sequence

import numpy
from spacy.tokens import Doc
from thinc.types import Floats2d

from ..types import AspectQuery, QueryScores
from .base import Head


class QueryHead(Head):
    """A classifier of questions about documents: all that the sentiment of aspects and of categories have in common."""

    def inputs_for_shape(self) -> List[AspectQuery]:
        return [AspectQuery(Doc(self.vocab, words=["a", "b"]), 0, 1, "a")]

    def activate(self, logits: Floats2d) -> Floats2d:
        return self.model.ops.softmax(logits)

    def predict(self, docs: Iterable[Doc]) -> QueryScores:
        """Compute probabilities without writing them.

        docs (Iterable[Doc]): The documents.
        RETURNS (QueryScores): Of all questions of `inputs`, on the CPU: one copy for the batch.
        """
        self._require_labels()
        queries = self.inputs(list(docs))
        if not queries:
            return QueryScores(numpy.zeros((0, len(self.labels)), dtype="f"), [])
        return QueryScores(self.probabilities(queries), self.find_cut(queries))

    def find_cut(self, queries: Sequence[Any]) -> List[bool]:
        """RETURNS (List[bool]): Of which questions a part of the context is too long for the model, and not read."""
        for node in self.model.walk():
            if "find_cut" in node.attrs:
                return list(node.attrs["find_cut"](node, queries))
        return [False] * len(queries)
