"""All that is measured on one corpus, as plain JSON."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from spacy.tokens import Doc

from ..errors import Errors
from ..labels import ASPECTS_KEY, EMOTION, POLARITY, get_group
from .alignment import check_alignment
from .bootstrap import compare_counts
from .counts import count_choices
from .items import (
    NONE,
    Choices,
    Marks,
    Matches,
    collect_categories,
    collect_emotions,
    collect_given,
    collect_polarity,
    collect_spans,
    get_rated_aspects,
)
from .measures import score_choices, score_marks, score_matches
from .predictions import Predictions
from .slices import group_aspects, group_texts, slice_choices, slice_marks

SectionT = Dict[str, Any]
WORDS = ("polarity", "emotions", "aspects")
NO_GOLD = "not annotated in the corpus"
NO_PREDICTIONS = "not predicted"


class Bootstrap(NamedTuple):
    """Settings of the intervals. n_resamples (int): How often texts are drawn. seed (int): Of the draws."""

    n_resamples: int
    seed: int


def make_report(
    gold: Sequence[Doc], predictions: Predictions, *, n_resamples: int = 1000, seed: int = 0, slices: bool = True
) -> Dict[str, Any]:
    """Score predictions of a corpus. Gold that is missing is not scored; a prediction that is missing counts as wrong.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): Of it, row by row.
    n_resamples (int): Bootstrap resamples of the texts for the 95 % intervals, 0 for none. seed (int): Of the draws.
    slices (bool): Score parts of the corpus, too.
    RETURNS (Dict[str, Any]): `texts`, `about`, `bootstrap`; `polarity`, `emotions`, `aspects` and `categories`, each
        None where gold or predictions are missing, and why in `missing`; `slices`. Shares are in [0, 1].
    RAISES (ValueError): BS071 if the predictions are of other texts, BS072 if there is nothing to score, BS075 without
        scikit-learn.
    """
    check_alignment(gold, predictions)
    bootstrap = Bootstrap(n_resamples, seed)
    polarity, emotions = collect_polarity(gold, predictions), collect_emotions(gold, predictions)
    given, masked = (collect_given(gold, predictions, masked=x) for x in (False, True))
    found, rated = (collect_spans(gold, predictions, labelled=x) for x in (False, True))
    own = predictions.labels.get("sentiment", [])
    aspects = {
        "given": _score_choices(given, own, bootstrap),
        "masked": _score_choices(masked, own, bootstrap),
        "given_minus_masked": _compare_with_masked(given, masked, bootstrap),
        "extraction": _score_matches(found, bootstrap),
        "end_to_end": _score_matches(rated, bootstrap),
    }
    mentioned, judged = (collect_categories(gold, predictions, labelled=x) for x in (False, True))
    categories = {"detection": _score_matches(mentioned, bootstrap), "joint": _score_matches(judged, bootstrap)}
    report: Dict[str, Any] = {
        "texts": len(gold),
        "about": dict(predictions.about),
        "bootstrap": bootstrap._asdict(),
        "polarity": _score_choices(polarity, predictions.labels.get("polarity", []), bootstrap),
        "emotions": _score_emotions(emotions, predictions, bootstrap),
        "aspects": aspects if any(aspects.values()) else None,
        "categories": categories if any(categories.values()) else None,
        "slices": _score_slices(gold, polarity, emotions, given, masked, bootstrap) if slices else {},
    }
    report["missing"] = _find_missing(gold, report)
    if report["categories"] is None and any(row.categories is not None for row in predictions.rows):
        report["missing"]["categories"] = NO_GOLD
    if all(report[word] is None for word in (*WORDS, "categories")):
        faults = ", ".join(f"{word} {reason}" for word, reason in report["missing"].items())
        raise ValueError(Errors.BS072.format(fault=faults))
    return report


def get_measure(report: Dict[str, Any], name: str) -> Optional[float]:
    """RETURNS (Optional[float]): A number of a report, None if it has none. name (str): "aspects.given.accuracy"."""
    value: Any = report
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return float(value) if isinstance(value, (int, float)) else None


def _score_choices(choices: Optional[Choices], own: Sequence[str], bootstrap: Bootstrap) -> Optional[SectionT]:
    if choices is None:
        return None
    section = score_choices(choices, **bootstrap._asdict())
    unanswered = int((choices.predicted == choices.labels.index(NONE)).sum()) if NONE in choices.labels else 0
    in_gold = [label for label, row in section["per_label"].items() if row["support"]]
    return {**section, "unanswered": unanswered, **_compare_labels(in_gold, own)}


def _score_emotions(marks: Optional[Marks], predictions: Predictions, bootstrap: Bootstrap) -> Optional[SectionT]:
    if marks is None:
        return None
    section = score_marks(marks, thresholds=predictions.thresholds, **bootstrap._asdict())
    unanswered = sum(not predictions.rows[i].emotions for i in marks.texts)
    return {**section, "unanswered": unanswered, **_compare_labels(marks.labels, predictions.labels["emotions"])}


def _score_matches(matches: Optional[Matches], bootstrap: Bootstrap) -> Optional[SectionT]:
    return None if matches is None else score_matches(matches, **bootstrap._asdict())


def _compare_labels(in_gold: Sequence[str], own: Sequence[str]) -> Dict[str, List[str]]:
    return {
        "only_in_gold": [label for label in in_gold if label not in own],
        "only_predicted": [label for label in own if label not in in_gold],
    }


def _compare_with_masked(
    given: Optional[Choices], masked: Optional[Choices], bootstrap: Bootstrap
) -> Optional[SectionT]:
    """RETURNS (Optional[SectionT]): How much is gained by knowing the aspect, with the intervals of the difference."""
    if given is None or masked is None:
        return None
    differences = compare_counts(count_choices(given), count_choices(masked), **bootstrap._asdict())
    return {
        **{name: one.difference for name, one in differences.items()},
        "intervals": {name: one.interval for name, one in differences.items() if one.interval},
    }


def _find_missing(gold: Sequence[Doc], report: Dict[str, Any]) -> Dict[str, str]:
    """RETURNS (Dict[str, str]): Why sections are None."""
    annotated = {
        "polarity": any(get_group(doc.cats, POLARITY) for doc in gold),
        "emotions": any(get_group(doc.cats, EMOTION) for doc in gold),
        "aspects": any(ASPECTS_KEY in doc.spans for doc in gold),
        "aspects.extraction": True,
    }
    is_rated = any(get_rated_aspects(doc) for doc in gold)
    names = [word for word in WORDS if report[word] is None]
    aspects = report["aspects"] or {}
    names += [f"aspects.{x}" for x, section in aspects.items() if section is None and x != "given_minus_masked"]
    return {name: NO_PREDICTIONS if annotated.get(name, is_rated) else NO_GOLD for name in names}


def _score_slices(
    gold: Sequence[Doc],
    polarity: Optional[Choices],
    emotions: Optional[Marks],
    given: Optional[Choices],
    masked: Optional[Choices],
    bootstrap: Bootstrap,
) -> Dict[str, Any]:
    slices: Dict[str, Any] = {}
    settings: Dict[str, Any] = bootstrap._asdict()
    if polarity is not None:
        slices["polarity"] = slice_choices(polarity, group_texts(gold, polarity.texts), **settings)
    if emotions is not None:
        slices["emotions"] = slice_marks(emotions, group_texts(gold, emotions.texts), **settings)
    if given is not None:
        slices["aspects"] = slice_choices(given, group_aspects(gold), masked=masked, **settings)
    return {word: parts for word, parts in slices.items() if parts}
