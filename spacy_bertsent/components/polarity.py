from typing import Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Config, Model
from thinc.types import Floats2d

from ..errors import Errors
from ..labels import POLARITY, POLARITY_WINDOWS_KEY, SENTIMENTS, get_group
from ..parts import set_sentences
from ..types import DocScores, LossT
from .doc_head import DocHead

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
    assigns=[
        "doc.cats",
        "doc._.polarity",
        "doc._.polarity_scores",
        "doc._.polarity_windows",
        "doc._.truncated",
        "doc._.mixed",
        "span._.polarity",
        "span._.polarity_scores",
    ],
    default_config={
        **DEFAULT_POLARITY,
        "labels": [],
        "sentences": False,
        "mixed_threshold": 0.5,
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
    sentences: bool,
    mixed_threshold: float,
    learn_rate_factor: float,
    scorer: Optional[Callable],
) -> "Polarity":
    """Make a component that predicts the polarity of a document. See `Head` for the other arguments.

    sentences (bool): Score each sentence too, where a document has more than one.
    mixed_threshold (float): A document is mixed if one of its sentences is positive and another one negative, each with
        this probability or more.
    """
    return Polarity(
        nlp.vocab, model, name, loss=loss, labels=labels, learn_rate_factor=learn_rate_factor, scorer=scorer,
        sentences=sentences, mixed_threshold=mixed_threshold,
    )  # fmt: skip


class Polarity(DocHead):
    """Predict one polarity for each document and, if asked to, for each sentence.

    Reads: the text. Writes: `doc.cats["polarity:*"]`, `doc.sentiment` = P(positive) - P(negative), or with five labels
    the mean of `FINE_VALENCES`; the scores of the windows of a long text, and of the sentences.
    Gold: `doc.cats["polarity:*"]`; no such key = not annotated.
    """

    default_labels = SENTIMENTS
    windows_key = POLARITY_WINDOWS_KEY

    def __init__(self, *args, sentences: bool = False, mixed_threshold: float = 0.5, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(*args, **kwargs)
        if not 0 <= mixed_threshold <= 1:
            raise ValueError(
                Errors.BS016.format(
                    name="mixed_threshold", value=mixed_threshold, expected="0.0 to 1.0", pipe=self.name
                )  # fmt: skip
            )
        # Not in `cfg`, which comes back from disk: `spacy.load(..., config=...)` can change them.
        self.sentences = sentences
        self.mixed_threshold = mixed_threshold

    @property
    def valences(self) -> List[float]:
        """RETURNS (List[float]): What each label counts in `doc.sentiment`."""
        known = FINE_VALENCES if "very positive" in self.labels or "very negative" in self.labels else VALENCES
        return [known.get(label, 0.0) for label in self.labels]

    def parts(self, docs: Sequence[Doc]) -> List[Span]:
        """Give the sentences that are scored: those of documents that have more than one, if asked to.

        docs (Sequence[Doc]): The documents. RETURNS (List[Span]): In order.
        RAISES (ValueError): BS088 for a document without sentence boundaries.
        """
        if not self.sentences:
            return []
        return [sentence for doc in docs for sentence in self._split(doc)]

    def _split(self, doc: Doc) -> List[Span]:
        if not doc.has_annotation("SENT_START"):
            raise ValueError(Errors.BS088.format(pipe=self.name, text=doc.text[:80]))
        sentences = list(doc.sents)
        return sentences if len(sentences) > 1 else []

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

    def set_annotations(self, docs: Iterable[Doc], scores: DocScores) -> None:
        """Write the probabilities. docs (Iterable[Doc]): The documents. scores (DocScores): From `predict`."""
        docs = list(docs)
        keys = [POLARITY + label for label in self.labels]
        valences = self.valences
        for doc, row in zip(docs, scores.docs.tolist()):
            cats: Dict[str, float] = dict(zip(keys, row))
            doc.cats.update(cats)
            doc.sentiment = sum(value * p for value, p in zip(valences, row))
        self.set_windows(docs, scores)
        start = 0
        for doc in docs:
            sentences = self.parts([doc])
            rows = scores.sentences[start : start + len(sentences)]
            start += len(sentences)
            set_sentences(doc, sentences, self.labels, rows, bool(sentences) and self.is_mixed(rows))

    def is_mixed(self, scores: numpy.ndarray) -> bool:
        """Tell whether sentences disagree.

        scores (numpy.ndarray): (sentences, labels) Probabilities.
        RETURNS (bool): Whether the positive labels of one sentence have `mixed_threshold` or more together, and the
            negative ones of another.
        """
        valences, threshold = numpy.asarray(self.valences), self.mixed_threshold
        positive = scores[:, valences > 0].sum(axis=1) >= threshold
        negative = scores[:, valences < 0].sum(axis=1) >= threshold
        return bool(positive.any() and negative.any() and (positive | negative).sum() > 1)
