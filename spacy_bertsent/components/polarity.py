from typing import Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Config, Model
from thinc.types import Floats2d

from ..labels import POLARITY, SENTIMENTS, get_group
from ..types import LossT
from .base import Head

polarity_default_config = """
[model]
@architectures = "spacy-bertsent.DocHead.v1"

[model.tok2vec]
@architectures = "spacy-bertsent.DocListener.v1"

[loss]
@losses = "spacy-bertsent.CrossEntropy.v1"
"""
DEFAULT_POLARITY = Config().from_str(polarity_default_config)
# What each label counts in `doc.sentiment`; other labels count nothing.
VALENCES = {"positive": 1.0, "negative": -1.0}
# The five classes of the Stanford Sentiment Treebank.
FINE_VALENCES = {"very positive": 1.0, "positive": 0.5, "negative": -0.5, "very negative": -1.0}


@Language.factory(
    "bertsent_polarity",
    assigns=["doc.cats", "doc._.polarity", "doc._.polarity_scores"],
    default_config={
        **DEFAULT_POLARITY,
        "labels": [],
        "learn_rate_factor": 10.0,
        "scorer": {"@scorers": "spacy-bertsent.polarity_scorer.v1"},
    },
    default_score_weights={"polarity_acc": 0.5, "polarity_f": 0.5, "polarity_auc": None, "polarity_per_type": None},
)
def make_polarity(
    nlp: Language,
    name: str,
    model: Model[List[Doc], Floats2d],
    loss: LossT,
    labels: List[str],
    learn_rate_factor: float,
    scorer: Optional[Callable],
) -> "Polarity":
    """Make a component that predicts the polarity of a document. See `Head` for the arguments."""
    return Polarity(
        nlp.vocab, model, name, loss=loss, labels=labels, learn_rate_factor=learn_rate_factor, scorer=scorer
    )


class Polarity(Head):
    """Predict one polarity for each document.

    Reads: the text. Writes: `doc.cats["polarity:*"]`, `doc.sentiment` = P(positive) - P(negative), or with five labels
    the mean of `FINE_VALENCES`.
    Gold: `doc.cats["polarity:*"]`; no such key = not annotated.
    """

    default_labels = SENTIMENTS

    def inputs(self, docs: Sequence[Doc]) -> Sequence[Doc]:
        return docs

    def truths(self, examples: Sequence[Example]) -> Tuple[Sequence[Doc], numpy.ndarray, numpy.ndarray]:
        truths = numpy.zeros((len(examples), len(self.labels)), dtype="f")
        mask = numpy.zeros_like(truths)
        for i, eg in enumerate(examples):
            gold = get_group(eg.reference.cats, POLARITY)
            mask[i] = 1.0 if gold else 0.0
            for label, value in gold.items():
                if value:
                    truths[i, self.check_label(label, eg.reference.text)] = value
        return [eg.predicted for eg in examples], truths, mask

    def gold_labels(self, reference: Doc) -> Iterable[str]:
        return get_group(reference.cats, POLARITY)

    def activate(self, logits: Floats2d) -> Floats2d:
        return self.model.ops.softmax(logits)

    def set_annotations(self, docs: Iterable[Doc], scores: numpy.ndarray) -> None:
        """Write the probabilities. docs (Iterable[Doc]): The documents. scores (numpy.ndarray): (docs, labels)."""
        keys = [POLARITY + label for label in self.labels]
        known = FINE_VALENCES if "very positive" in self.labels or "very negative" in self.labels else VALENCES
        valences = [known.get(label, 0.0) for label in self.labels]
        for doc, row in zip(docs, scores.tolist()):
            cats: Dict[str, float] = dict(zip(keys, row))
            doc.cats.update(cats)
            doc.sentiment = sum(value * p for value, p in zip(valences, row))
