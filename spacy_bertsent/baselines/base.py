from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, cast

import numpy
from spacy.training import Example
from thinc.api import Model, Optimizer
from thinc.types import Floats2d

from ..components.base import Head
from ..errors import Errors
from ..scorers import ScorerT, ScoresT, score_aspect_sentiment, score_emotions, score_polarity
from .words import InputT

SCORERS: Dict[str, ScorerT] = {
    "polarity": score_polarity,
    "emotions": score_emotions,
    "aspect_sentiment": score_aspect_sentiment,
}
SCORE_WEIGHTS: Dict[str, Optional[float]] = {
    "polarity_acc": 0.5,
    "polarity_f": 0.5,
    "polarity_auc": None,
    "polarity_per_type": None,
    "emotions_f": 1.0,
    "emotions_micro": None,
    "emotions_jaccard": None,
    "emotions_auc": None,
    "emotions_per_type": None,
    "absa_acc": 0.5,
    "absa_f": 0.5,
    "absa_per_type": None,
    "absa_e2e_p": None,
    "absa_e2e_r": None,
    "absa_e2e_f": None,
}


class Features(NamedTuple):
    """How a baseline turns texts or aspects into numbers.

    reader (Model[List[InputT], List[Any]]): Gives a string or a vector of each; learns nothing.
    transformer (Any): Of scikit-learn, fitted to what the reader gives.
    """

    reader: Model[List[InputT], List[Any]]
    transformer: Any


class Baseline(Head):
    """What a baseline changes in a head: its model gives scores that no gradient trains."""

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Do nothing. RETURNS (Dict[str, float]): The losses, with 0 for this component."""
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        return losses

    def finish_update(self, sgd: Optimizer) -> None:
        """Do nothing: there are no weights to step."""


def no_loss(logits: Floats2d, truths: Floats2d, mask: Floats2d) -> Tuple[float, Floats2d]:
    """Stand in where a head needs a loss. RETURNS (Tuple[float, Floats2d]): Zeros."""
    return 0.0, cast(Floats2d, numpy.zeros_like(logits))


def check_choice(pipe: str, name: str, value: str, known: Sequence[str]) -> None:
    """RAISES (ValueError): BS016 if the value of a setting is not known."""
    if value not in known:
        raise ValueError(Errors.BS016.format(name=name, value=value, expected=", ".join(known), pipe=pipe))


def make_task_scorer() -> Callable[..., ScoresT]:
    """RETURNS (Callable): `score_task`, registered as `spacy-bertsent.task_scorer.v1`."""
    return score_task


def score_task(examples: Iterable[Example], *, task: str, **cfg: Any) -> ScoresT:
    """Score what a component was made for.

    examples (Iterable[Example]): With predictions. task (str): A key of `SCORERS`, from the component's settings.
    RETURNS (ScoresT): As of the scorer of the component with that name.
    """
    return SCORERS[task](examples, **cfg)
