"""Choosing among some labels only."""

from dataclasses import replace
from typing import List, Optional, Sequence

from ..errors import Errors
from .predictions import Found, Predictions

WORDS = ("polarity", "sentiment")


def restrict_labels(predictions: Predictions, labels: Sequence[str]) -> Predictions:
    """Make predictions choose among some labels of polarity and of aspect sentiment, by their probabilities.

    For a corpus with fewer labels than the pipeline. The probabilities of these labels are divided by their sum. Where
    polarity or sentiment has none of the labels, it stays as it is.

    predictions (Predictions): They are not changed. labels (Sequence[str]): The labels.
    RETURNS (Predictions): With the labels in `about["choice_among"]`.
    RAISES (ValueError): BS073 if there are none, or one is in neither polarity nor sentiment.
    """
    known = list(dict.fromkeys(x for word in WORDS for x in predictions.labels.get(word, [])))
    unknown = [label for label in labels if label not in known]
    if unknown or not labels:
        found = ", ".join(map(repr, unknown)) or "no label"
        raise ValueError(Errors.BS073.format(found=found, labels=", ".join(known) or "none"))
    places = {word: _find(predictions.labels.get(word, []), labels) for word in WORDS}
    names = {word: [predictions.labels[word][i] for i in places[word]] for word in WORDS if places[word]}
    rows = []
    for row in predictions.rows:
        masked = None if row.masked is None else [_choose(scores, places["sentiment"]) for scores in row.masked]
        rows.append(
            replace(
                row,
                polarity=None if row.polarity is None else _choose(row.polarity, places["polarity"]),
                given=_choose_aspects(row.given, places["sentiment"]),
                masked=masked,
                found=_choose_aspects(row.found, places["sentiment"]),
                categories=_choose_aspects(row.categories, places["sentiment"]),
            )
        )
    about = {**predictions.about, "choice_among": list(labels)}
    return replace(predictions, labels={**predictions.labels, **names}, about=about, rows=rows)


def _find(own: Sequence[str], labels: Sequence[str]) -> List[int]:
    return [i for i, label in enumerate(own) if label in labels] or list(range(len(own)))


def _choose(scores: Sequence[float], places: Sequence[int]) -> List[float]:
    kept = [scores[i] for i in places]
    if len(kept) == len(scores) or not any(scores):
        return kept
    # Probabilities that were rounded to 0 are equal.
    total = sum(kept)
    return [score / total if total else 1 / len(kept) for score in kept]


def _choose_aspects(aspects: Optional[Sequence[Found]], places: Sequence[int]) -> Optional[List[Found]]:
    return None if aspects is None else [x._replace(scores=_choose(x.scores, places)) for x in aspects]
