from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, Type

import numpy
from spacy.language import Language
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Config, Model, NumpyOps
from thinc.types import Floats2d

from ..components.aspect_sentiment import AspectSentiment
from ..components.emotions import Emotions
from ..components.polarity import Polarity
from ..errors import Errors
from .base import SCORE_WEIGHTS, Baseline, Features, check_choice, no_loss
from .shim import EstimatorShim, to_rows
from .vectors import PAIR_READERS
from .words import InputT

# Documents that are read at once.
BATCH_SIZE = 128

estimator_default_config = """
[features]
@misc = "spacy-bertsent.tf_idf.v1"

[estimator]
@misc = "spacy-bertsent.logistic_regression.v1"
"""
DEFAULT_ESTIMATOR = Config().from_str(estimator_default_config)


@Language.factory(
    "bertsent_estimator",
    assigns=["doc.cats", "doc.spans"],
    default_config={
        **DEFAULT_ESTIMATOR,
        "task": "polarity",
        "labels": [],
        "threshold": 0.5,
        "thresholds": {},
        "seed": 0,
        "scorer": {"@scorers": "spacy-bertsent.task_scorer.v1"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_estimator(
    nlp: Language,
    name: str,
    features: Features,
    estimator: Any,
    task: str,
    labels: List[str],
    threshold: float,
    thresholds: Dict[str, float],
    seed: int,
    scorer: Optional[Callable],
) -> "Fitted":
    """Make a component that predicts with a classifier of scikit-learn. See `Head` for the other arguments.

    features (Features): How texts or aspects become numbers. estimator (Any): A classifier of scikit-learn, not fitted.
    task (str): "polarity", "emotions" or "aspect_sentiment": what it reads and writes, as the component of that name.
    threshold (float), thresholds (Dict[str, float]): Of emotions, see `bertsent_emotions`.
    seed (int): For classifiers that draw random numbers.
    RAISES (ValueError): BS016 if the task is not known, BS085 if the features are not for it.
    """
    check_choice(name, "task", task, tuple(TASKS))
    check_reader(name, task, features.reader)
    shim = EstimatorShim(features.transformer, estimator, pipe=name, exclusive=task != "emotions", seed=seed)
    model: Model[List[InputT], Floats2d] = Model(
        "estimator", forward, init=init, layers=[features.reader], shims=[shim], dims={"nO": None}, ops=NumpyOps()
    )
    limits: Dict[str, Any] = {"threshold": threshold, "thresholds": thresholds} if task == "emotions" else {}
    component = TASKS[task](nlp.vocab, model, name, loss=no_loss, labels=labels, scorer=scorer, **limits)
    component.cfg["task"] = task
    return component


class Fitted(Baseline):
    """A head whose model is fitted at once, to all training examples, by `initialize`. `update` does nothing."""

    def activate(self, logits: Floats2d) -> Floats2d:
        return logits

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[List[str]] = None,
    ) -> None:
        """Fix the labels and fit the estimator. Without gold annotation it stays as it is.

        Components before this one that need no training, such as a sentencizer, and encoders that it reads from, are
        run on the examples first.

        get_examples (Callable): Gives the training examples. nlp (Optional[Language]): The pipeline.
        labels (Optional[List[str]]): See `Head.initialize`.
        RAISES (ValueError): BS002, BS008 for labels; BS082, BS083 if the estimator cannot learn from the data.
        """
        super().initialize(get_examples, nlp=nlp, labels=labels)
        earlier = find_earlier(nlp, self.name) if nlp is not None else []
        rows: List[Any] = []
        truths, masks = [], []
        for examples in minibatch(get_examples(), BATCH_SIZE):
            docs = [eg.predicted for eg in examples]
            for pipe in earlier:
                docs = list(pipe.pipe(docs) if hasattr(pipe, "pipe") else map(pipe, docs))
            for eg, doc in zip(examples, docs):
                eg.predicted = doc
            inputs, truth, mask = self.truths(examples)
            known = numpy.asarray(mask.any(axis=1))
            rows += self.model.layers[0].predict([x for x, keep in zip(inputs, known) if keep])
            truths.append(truth[known])
            masks.append(mask[known])
        if rows:
            shim: Any = self.model.shims[0]
            shim.fit(to_rows(rows), numpy.concatenate(truths), numpy.concatenate(masks))
            self.model.set_dim("nO", len(self.labels), force=True)


class FittedPolarity(Fitted, Polarity):
    """Predict one polarity for each document. Reads, writes, gold: see `Polarity`."""


class FittedEmotions(Fitted, Emotions):
    """Predict the emotions of each document. Reads, writes, gold: see `Emotions`."""


class FittedAspectSentiment(Fitted, AspectSentiment):
    """Predict the sentiment of each aspect. Reads, writes, gold: see `AspectSentiment`."""


TASKS: Dict[str, Type[Fitted]] = {
    "polarity": FittedPolarity,
    "emotions": FittedEmotions,
    "aspect_sentiment": FittedAspectSentiment,
}


def forward(
    model: Model[List[InputT], Floats2d], X: Sequence[InputT], is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], List[InputT]]]:
    scores = model.shims[0].predict(model.layers[0].predict(list(X)))
    return model.ops.asarray2f(scores), lambda dY: []


def init(model: Model[List[InputT], Floats2d], X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize()


def find_earlier(nlp: Language, name: str) -> List[Any]:
    """Find what must run before a component can be fitted.

    nlp (Language): The pipeline. name (str): Of the component.
    RETURNS (List[Callable]): The components before it that need no training, or that it listens to.
    """
    before = [pipe for _, pipe in nlp.pipeline[: nlp.pipe_names.index(name)]]
    return [
        x for x in before if not getattr(x, "is_trainable", False) or name in getattr(x, "listening_components", [])
    ]


def check_reader(pipe: str, task: str, reader: Model) -> None:
    """RAISES (ValueError): BS085 if an encoder reads texts where aspects are asked for, or the other way round."""
    reads_pairs = any(node.name in PAIR_READERS for node in reader.walk())
    if reader.layers and reads_pairs != (task == "aspect_sentiment"):
        expected = "a PairListener or PairEncoder" if not reads_pairs else "a DocListener, a DocEncoder or a tok2vec"
        raise ValueError(Errors.BS085.format(pipe=pipe, task=task, expected=expected))
