from typing import Any

import numpy
import pytest
import spacy
from spacy import registry

from spacy_bertsent.baselines.base import SCORE_WEIGHTS, SCORERS, no_loss, score_task

from ..util import make_example


def make_scored(task: str) -> Any:
    nlp = spacy.blank("en")
    eg = make_example(nlp, "The soup was fine.", "positive", {"joy": 1.0}, [("soup", "FOOD", "positive")])
    eg.predicted.cats = {"polarity:positive": 0.9, "polarity:negative": 0.1, "emotion:joy": 0.9}
    extra = {"given": [("positive", "positive")]} if task == "aspect_sentiment" else {}
    return score_task([eg], task=task, labels=["joy"] if task == "emotions" else ["positive", "negative"], **extra)


@pytest.mark.parametrize(
    "task, key", [("polarity", "polarity_acc"), ("emotions", "emotions_f"), ("aspect_sentiment", "absa_f")]
)
def test_scores_are_those_of_the_task(task: str, key: str) -> None:
    assert registry.scorers.get("spacy-bertsent.task_scorer.v1")() is score_task
    scores = make_scored(task)
    assert scores[key] == 1.0 and set(scores) <= set(SCORE_WEIGHTS)


def test_score_weights_name_all_scores_of_all_tasks() -> None:
    assert set(SCORE_WEIGHTS) == {key for task in SCORERS for key in make_scored(task)}


def test_no_loss_has_no_gradient() -> None:
    scores: Any = numpy.ones((2, 3), dtype="f")
    loss, gradient = no_loss(scores, scores, scores)
    assert loss == 0.0 and gradient.shape == (2, 3) and not gradient.any()
