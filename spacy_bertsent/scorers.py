"""Scores of each word, under the keys that the training table shows."""

from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from spacy.scorer import ROCAUCScore
from spacy.tokens import Doc
from spacy.training import Example

from .categories import Mentioned
from .extensions import get_sources
from .labels import ASPECTS_KEY, CATEGORY_SOURCE, EMOTION, POLARITY, get_group
from .metrics import mean_jaccard, score_labels, score_sets

ScoresT = Dict[str, Any]
ScorerT = Callable[..., ScoresT]


def make_polarity_scorer() -> ScorerT:
    """RETURNS (ScorerT): `score_polarity`, registered as `spacy-bertsent.polarity_scorer.v1`."""
    return score_polarity


def make_emotions_scorer() -> ScorerT:
    """RETURNS (ScorerT): `score_emotions`, registered as `spacy-bertsent.emotions_scorer.v1`."""
    return score_emotions


def make_aspects_scorer() -> ScorerT:
    """RETURNS (ScorerT): `score_aspects`, registered as `spacy-bertsent.aspects_scorer.v1`."""
    return score_aspects


def make_aspect_sentiment_scorer() -> ScorerT:
    """RETURNS (ScorerT): `score_aspect_sentiment`, registered as `spacy-bertsent.aspect_sentiment_scorer.v1`."""
    return score_aspect_sentiment


def make_category_sentiment_scorer() -> ScorerT:
    """RETURNS (ScorerT): `score_category_sentiment`, registered as `spacy-bertsent.category_sentiment_scorer.v1`."""
    return score_category_sentiment


def score_polarity(examples: Iterable[Example], *, labels: Sequence[str], **cfg: Any) -> ScoresT:
    """Score the polarity of the documents that have one.

    examples (Iterable[Example]): With predictions. labels (Sequence[str]): The component's labels.
    RETURNS (ScoresT): `polarity_acc`, `polarity_f` (macro-F1), `polarity_auc` (macro, one against the rest),
        `polarity_per_type`; all None where no document has gold.
    """
    examples = [eg for eg in examples if get_group(eg.reference.cats, POLARITY)]
    if not examples:
        return dict.fromkeys(("polarity_acc", "polarity_f", "polarity_auc", "polarity_per_type"))
    gold = [_best(eg.reference) for eg in examples]
    acc, f, per_type = score_labels(gold, [_best(eg.predicted) for eg in examples], labels)
    auc = _macro_auc(examples, POLARITY, labels)
    return {"polarity_acc": acc, "polarity_f": f, "polarity_auc": auc, "polarity_per_type": per_type}


def score_emotions(
    examples: Iterable[Example],
    *,
    labels: Sequence[str],
    threshold: float = 0.5,
    thresholds: Optional[Dict[str, float]] = None,
    **cfg: Any,
) -> ScoresT:
    """Score the emotions of the documents that have them annotated.

    examples (Iterable[Example]): With predictions. labels (Sequence[str]): The component's labels.
    threshold (float), thresholds (Dict[str, float]): Which probabilities count.
    RETURNS (ScoresT): `emotions_f` (macro-F1), `emotions_micro`, `emotions_jaccard`, `emotions_auc` (macro),
        `emotions_per_type`; all None where no document has gold.
    """
    examples = [eg for eg in examples if get_group(eg.reference.cats, EMOTION)]
    keys = ("emotions_f", "emotions_micro", "emotions_jaccard", "emotions_auc", "emotions_per_type")
    if not examples:
        return dict.fromkeys(keys)
    limits = {label: (thresholds or {}).get(label, threshold) for label in labels}
    known = [set(get_group(eg.reference.cats, EMOTION)) for eg in examples]
    gold = [{x for x, v in get_group(eg.reference.cats, EMOTION).items() if v >= 0.5} for eg in examples]
    found: List[Set[str]] = []
    for eg, annotated in zip(examples, known):
        scores = get_group(eg.predicted.cats, EMOTION)
        # What was not annotated is neither right nor wrong.
        found.append({x for x, v in scores.items() if x in annotated and v >= limits.get(x, threshold)})
    per_type = {
        label: score_sets([g & {label} for g in gold], [p & {label} for p in found]).to_dict() for label in labels
    }
    f = sum(row["f"] for row in per_type.values()) / len(per_type)
    micro, jaccard = score_sets(gold, found).fscore, mean_jaccard(gold, found)
    return dict(zip(keys, (f, micro, jaccard, _macro_auc(examples, EMOTION, labels), per_type)))


def score_aspects(examples: Iterable[Example], **cfg: Any) -> ScoresT:
    """Score where aspects were found, by exact characters. What one span is said to be does not matter here.

    RETURNS (ScoresT): `aspects_p`, `aspects_r`, `aspects_f`; None where no document has gold aspects annotated.
    """
    examples = [eg for eg in examples if ASPECTS_KEY in eg.reference.spans]
    if not examples:
        return dict.fromkeys(("aspects_p", "aspects_r", "aspects_f"))
    prf = score_sets([_spans(eg.reference) for eg in examples], [_spans(eg.predicted) for eg in examples])
    return {"aspects_p": prf.precision, "aspects_r": prf.recall, "aspects_f": prf.fscore}


def score_aspect_sentiment(
    examples: Iterable[Example], *, labels: Sequence[str], given: Sequence[Tuple[str, str]], **cfg: Any
) -> ScoresT:
    """Score the sentiment of given aspects, and aspect and sentiment end to end.

    examples (Iterable[Example]): With predictions. labels (Sequence[str]): The component's labels.
    given (Sequence[Tuple[str, str]]): Gold and predicted sentiment of each gold aspect.
    RETURNS (ScoresT): `absa_acc`, `absa_f` (macro-F1), `absa_per_type` for given aspects; `absa_e2e_p | r | f` for
        exact span and sentiment. None where nothing was annotated.
    """
    scores: ScoresT = dict.fromkeys(("absa_acc", "absa_f", "absa_per_type", "absa_e2e_p", "absa_e2e_r", "absa_e2e_f"))
    if given:
        acc, f, per_type = score_labels([g for g, _ in given], [p for _, p in given], labels)
        scores.update(absa_acc=acc, absa_f=f, absa_per_type=per_type)
    examples = [eg for eg in examples if ASPECTS_KEY in eg.reference.spans]
    if examples:
        gold = [_spans(eg.reference, labelled=True) for eg in examples]
        prf = score_sets(gold, [_spans(eg.predicted, labelled=True) for eg in examples])
        scores.update(absa_e2e_p=prf.precision, absa_e2e_r=prf.recall, absa_e2e_f=prf.fscore)
    return scores


def score_category_sentiment(
    examples: Iterable[Example],
    *,
    labels: Sequence[str],
    gold: Sequence[Set[Mentioned]],
    found: Sequence[Set[Mentioned]],
    given: Sequence[Tuple[str, str]],
    **cfg: Any,
) -> ScoresT:
    """Score which categories are mentioned, and their sentiment.

    examples (Iterable[Example]): Not used. labels (Sequence[str]): The sentiments.
    gold (Sequence[Set[Mentioned]]), found (Sequence[Set[Mentioned]]): Of each document with categories annotated.
    given (Sequence[Tuple[str, str]]): Gold and predicted sentiment of each gold mention.
    RETURNS (ScoresT): `acsa_p | r | f` for category and sentiment; `acsa_det_p | r | f` for the category alone;
        `acsa_acc`, `acsa_sent_f` (macro-F1) and `acsa_per_type` for the sentiment of given categories. None where
        nothing was annotated.
    """
    scores: ScoresT = {f"acsa_{part}{x}": None for part in ("", "det_") for x in "prf"}
    scores.update(acsa_acc=None, acsa_sent_f=None, acsa_per_type=None)
    if given:
        acc, f, per_type = score_labels([g for g, _ in given], [p for _, p in given], labels)
        scores.update(acsa_acc=acc, acsa_sent_f=f, acsa_per_type=per_type)
    if gold:
        prf = score_sets(gold, found)
        scores.update(acsa_p=prf.precision, acsa_r=prf.recall, acsa_f=prf.fscore)
        prf = score_sets(*([{x[:2] for x in group} for group in groups] for groups in (gold, found)))
        scores.update(acsa_det_p=prf.precision, acsa_det_r=prf.recall, acsa_det_f=prf.fscore)
    return scores


def _best(doc: Doc) -> str:
    scores = get_group(doc.cats, POLARITY)
    return max(scores, key=scores.__getitem__) if scores else ""


def _macro_auc(examples: Sequence[Example], prefix: str, labels: Sequence[str]) -> float:
    """Mean over labels of the area under the ROC curve, 0 for a label of which all or no example has gold."""
    per_label = {label: ROCAUCScore() for label in labels}
    for eg in examples:
        gold, scores = get_group(eg.reference.cats, prefix), get_group(eg.predicted.cats, prefix)
        for label, auc in per_label.items():
            if label in gold:
                auc.score_set(scores.get(label, 0.0), float(gold[label] >= 0.5))
    return sum(auc.score if auc.is_binary() else 0.0 for auc in per_label.values()) / max(1, len(per_label))


def _spans(doc: Doc, labelled: bool = False) -> Set[Tuple[int, int, str]]:
    # The categories that were found without words have scores of their own.
    return {
        (span.start_char, span.end_char, span.label_ if labelled else "")
        for span, source in zip(doc.spans.get(ASPECTS_KEY, []), get_sources(doc))
        if source != CATEGORY_SOURCE
    }
