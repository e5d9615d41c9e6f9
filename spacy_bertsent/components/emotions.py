from typing import Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Config, Model
from thinc.types import Floats2d

from ..errors import Errors
from ..extensions import set_thresholds
from ..labels import EMOTION, EMOTION_WINDOWS_KEY, PLUTCHIK, get_group
from ..types import DocScores, LossT
from .doc_head import DocHead

emotions_default_config = """
[model]
@architectures = "spacy-bertsent.DocHead.v1"

[model.tok2vec]
@architectures = "spacy-bertsent.DocListener.v1"

[loss]
@losses = "spacy-bertsent.BinaryCrossEntropy.v1"
"""
DEFAULT_EMOTIONS = Config().from_str(emotions_default_config)


@Language.factory(
    "bertsent_emotions",
    assigns=["doc.cats", "doc._.emotions", "doc._.emotion_scores", "doc._.emotion_windows", "doc._.truncated"],
    default_config={
        **DEFAULT_EMOTIONS,
        "labels": [],
        "threshold": 0.5,
        "thresholds": {},
        "learn_rate_factor": 10.0,
        "scorer": {"@scorers": "spacy-bertsent.emotions_scorer.v1"},
    },
    default_score_weights={
        "emotions_f": 1.0,
        "emotions_micro": None,
        "emotions_jaccard": None,
        "emotions_auc": None,
        "emotions_per_type": None,
    },
)
def make_emotions(
    nlp: Language,
    name: str,
    model: Model[List[Doc], Floats2d],
    loss: LossT,
    labels: List[str],
    threshold: float,
    thresholds: Dict[str, float],
    learn_rate_factor: float,
    scorer: Optional[Callable],
) -> "Emotions":
    """Make a component that predicts any number of emotions for a document. See `Head` for the other arguments.

    threshold (float): An emotion whose probability reaches it is listed.
    thresholds (Dict[str, float]): The same for single labels.
    """
    return Emotions(
        nlp.vocab, model, name, loss=loss, labels=labels, threshold=threshold, thresholds=thresholds,
        learn_rate_factor=learn_rate_factor, scorer=scorer,
    )  # fmt: skip


class Emotions(DocHead):
    """Predict the emotions of each document, each with a sigmoid of its own.

    Reads: the text. Writes: `doc.cats["emotion:*"]`, the thresholds that `doc._.emotions` needs, and the scores of the
    windows of a long text.
    Gold: `doc.cats["emotion:*"]`; a key that is absent = that emotion was not annotated.
    """

    default_labels = PLUTCHIK
    windows_key = EMOTION_WINDOWS_KEY

    def __init__(self, *args, threshold: float = 0.5, thresholds: Optional[Dict[str, float]] = None, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(*args, **kwargs)
        self.cfg["threshold"] = threshold
        self.cfg["thresholds"] = dict(thresholds or {})
        self._check_thresholds()

    @property
    def thresholds(self) -> Dict[str, float]:
        """RETURNS (Dict[str, float]): The threshold of each label."""
        return {label: self.cfg["thresholds"].get(label, self.cfg["threshold"]) for label in self.labels}

    def truths(self, examples: Sequence[Example]) -> Tuple[Sequence[Doc], numpy.ndarray, numpy.ndarray]:
        truths = numpy.zeros((len(examples), len(self.labels)), dtype="f")
        mask = numpy.zeros_like(truths)
        for i, eg in enumerate(examples):
            for label, value in get_group(eg.reference.cats, EMOTION).items():
                column = self.check_label(label, eg.reference.text)
                truths[i, column] = value
                mask[i, column] = 1.0
        return [eg.predicted for eg in examples], truths, mask

    def gold_labels(self, reference: Doc) -> Iterable[str]:
        return get_group(reference.cats, EMOTION)

    def activate(self, logits: Floats2d) -> Floats2d:
        return self.model.ops.sigmoid(logits)

    def set_annotations(self, docs: Iterable[Doc], scores: DocScores) -> None:
        """Write the probabilities. docs (Iterable[Doc]): The documents. scores (DocScores): From `predict`."""
        docs = list(docs)
        keys = [EMOTION + label for label in self.labels]
        thresholds = self.thresholds
        for doc, row in zip(docs, scores.docs.tolist()):
            doc.cats.update(zip(keys, row))
            set_thresholds(doc, thresholds)
        self.set_windows(docs, scores)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[List[str]] = None,
    ) -> None:
        """Fix the labels and make the weights: see `Head.initialize`. RAISES (ValueError): BS008, BS017."""
        super().initialize(get_examples, nlp=nlp, labels=labels)
        self._check_thresholds()

    def _check_thresholds(self) -> None:
        unknown = sorted(set(self.cfg["thresholds"]) - set(self.labels))
        if self.labels and unknown:
            raise ValueError(Errors.BS017.format(pipe=self.name, unknown=unknown, labels=list(self.labels)))
