"""Two systems on the same corpus."""

from typing import Any, Dict, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc

from ..errors import Errors
from .bootstrap import Difference, compare_counts
from .counts import Counts, count_choices, count_marks, count_matches
from .items import collect_categories, collect_emotions, collect_given, collect_polarity, collect_spans
from .predictions import Predictions
from .report import get_measure, make_report

SectionT = Dict[str, Any]
ItemsT = Tuple[Counts, Optional[numpy.ndarray]]
# Compared as they are, without an interval: they are no sums over texts.
RANKINGS = ("auc", "average_precision", "ece", "log_loss")


def compare_predictions(
    gold: Sequence[Doc], a: Predictions, b: Predictions, *, n_resamples: int = 1000, seed: int = 0
) -> Dict[str, Any]:
    """Compare what two systems predict of a corpus, where both predict it.

    gold (Sequence[Doc]): The corpus. a (Predictions), b (Predictions): Of it.
    n_resamples (int): Bootstrap resamples of the texts. seed (int): Of the resamples.
    RETURNS (Dict[str, Any]): `texts`, `about`, `bootstrap`, `missing` (what is not compared), and `sections`: of each
        section of the report its `measures` (a, b, difference a - b, interval, p), and for accuracies `mcnemar`.
    RAISES (ValueError): BS071, BS072 or BS075, as `make_report`; BS072 if nothing is predicted by both.
    """
    reports = [make_report(gold, one, n_resamples=0, slices=False) for one in (a, b)]
    items = [_collect(gold, one) for one in (a, b)]
    sections: Dict[str, SectionT] = {}
    missing: Dict[str, str] = {}
    for name in items[0]:
        x, y = items[0][name], items[1][name]
        if x is not None and y is not None:
            sections[name] = _compare(name, reports, x, y, n_resamples=n_resamples, seed=seed)
        elif x is not None or y is not None:
            missing[name] = f"predicted by {'A' if y is None else 'B'} only"
    if not sections:
        raise ValueError(Errors.BS072.format(fault="nothing is predicted by both"))
    return {
        "texts": len(gold),
        "about": {"a": dict(a.about), "b": dict(b.about)},
        "bootstrap": {"n_resamples": n_resamples, "seed": seed},
        "sections": sections,
        "missing": missing,
    }


def run_mcnemar(a: numpy.ndarray, b: numpy.ndarray) -> SectionT:
    """Run McNemar's exact test: whether two systems err equally often, by the items that only one has right.

    It takes items as independent, which the aspects of one text are not: there, look at the bootstrap first.

    a (numpy.ndarray), b (numpy.ndarray): (n,) Which items each has right.
    RETURNS (Dict[str, Any]): `only_a` and `only_b`, numbers of items; `p`, two-sided.
    RAISES (ValueError): BS075 without scipy. SOURCE: Dietterich (1998), https://doi.org/10.1162/089976698300017197
    """
    try:
        from scipy.stats import binomtest
    except ImportError as e:
        raise ValueError(Errors.BS075.format(package="scipy")) from e
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    return {"only_a": only_a, "only_b": only_b, "p": p}


def _collect(gold: Sequence[Doc], predictions: Predictions) -> Dict[str, Optional[ItemsT]]:
    """RETURNS (Dict[str, Optional[ItemsT]]): By section, what measures are computed from, and which items are right."""
    items: Dict[str, Optional[ItemsT]] = {}
    choices = {
        "polarity": collect_polarity(gold, predictions),
        "aspects.given": collect_given(gold, predictions),
        "aspects.masked": collect_given(gold, predictions, masked=True),
    }
    for name, found in choices.items():
        items[name] = None if found is None else (count_choices(found), found.right)
    marks = collect_emotions(gold, predictions)
    items["emotions"] = None if marks is None else (count_marks(marks), marks.right)
    for name, labelled in (("aspects.extraction", False), ("aspects.end_to_end", True)):
        matches = collect_spans(gold, predictions, labelled=labelled)
        items[name] = None if matches is None else (count_matches(matches), None)
    for name, labelled in (("categories.detection", False), ("categories.joint", True)):
        matches = collect_categories(gold, predictions, labelled=labelled)
        items[name] = None if matches is None else (count_matches(matches), None)
    return items


def _compare(name: str, reports: Sequence[SectionT], a: ItemsT, b: ItemsT, **bootstrap: int) -> SectionT:
    measures = {key: one._asdict() for key, one in compare_counts(a[0], b[0], **bootstrap).items()}
    for key in RANKINGS:
        x, y = (get_measure(report, f"{name}.{key}") for report in reports)
        if x is not None and y is not None:
            measures[key] = Difference(x, y, x - y, None, None)._asdict()
    section: SectionT = {"measures": measures}
    if a[1] is not None and b[1] is not None:
        section["n"] = len(a[1])
        section["mcnemar"] = run_mcnemar(a[1], b[1])
    return section
