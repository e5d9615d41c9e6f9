"""What is scored: pairs of gold and prediction, as arrays. Gold that is missing gives no item."""

from dataclasses import dataclass, replace
from typing import List, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span

from ..categories import Mentioned, compare, count_gold, find_contexts, get_contexts, get_mentions, has_categories
from ..labels import ASPECTS_KEY, EMOTION, POLARITY, get_group
from .predictions import Found, Predictions

# The label of an item that has gold and no prediction. It is no right label, so the item counts as wrong.
NONE = "(none)"
ScoresT = Optional[Sequence[float]]
SpansT = List[Tuple[int, int, str]]


@dataclass
class Choices:
    """One label for each item: the polarity of texts, or the sentiment of aspects.

    labels (List[str]): Those of the predictions in their order, then what else gold has, then `NONE` if needed.
    gold (numpy.ndarray), predicted (numpy.ndarray): (n,) Places in `labels`.
    scores (numpy.ndarray): (n, labels) Probabilities, 0 for labels that the predictions do not have.
    texts (numpy.ndarray): (n,) Place of the item's text in the corpus.
    """

    labels: List[str]
    gold: numpy.ndarray
    predicted: numpy.ndarray
    scores: numpy.ndarray
    texts: numpy.ndarray

    @property
    def right(self) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): (n,) Which items are right."""
        return self.gold == self.predicted

    def select(self, chosen: numpy.ndarray) -> "Choices":
        """RETURNS (Choices): Some of the items. chosen (numpy.ndarray): (n,) Which."""
        return Choices(self.labels, self.gold[chosen], self.predicted[chosen], self.scores[chosen], self.texts[chosen])


@dataclass
class Marks:
    """Any number of labels for each text: emotions.

    labels (List[str]): All that are annotated in a text of the corpus, those of the predictions first.
    known (numpy.ndarray): (n, labels) What was annotated; nothing else counts.
    gold (numpy.ndarray), predicted (numpy.ndarray): (n, labels) What the text has. False where not known.
    scores (numpy.ndarray): (n, labels) Probabilities, 0 where there is no prediction.
    texts (numpy.ndarray): (n,) Place of the text in the corpus.
    """

    labels: List[str]
    known: numpy.ndarray
    gold: numpy.ndarray
    predicted: numpy.ndarray
    scores: numpy.ndarray
    texts: numpy.ndarray

    @property
    def right(self) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): (n,) Which texts have all their labels right."""
        return (self.gold == self.predicted).all(axis=1)

    def select(self, chosen: numpy.ndarray) -> "Marks":
        """RETURNS (Marks): Some of the texts. chosen (numpy.ndarray): (n,) Which."""
        names = ("known", "gold", "predicted", "scores", "texts")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def drop_unused(self) -> "Marks":
        """RETURNS (Marks): Without labels that no text has in gold or predictions, if there are others."""
        used = (self.gold | self.predicted).any(axis=0)
        if not used.any():
            return self
        labels = [label for label, is_used in zip(self.labels, used) if is_used]
        names = ("known", "gold", "predicted", "scores")
        return replace(self, labels=labels, **{name: getattr(self, name)[:, used] for name in names})


@dataclass
class Matches:
    """Spans that were found, by exact characters.

    both (numpy.ndarray), gold (numpy.ndarray), predicted (numpy.ndarray): (n,) Number of spans of each text.
    """

    both: numpy.ndarray
    gold: numpy.ndarray
    predicted: numpy.ndarray


def get_rated_aspects(doc: Doc) -> List[Span]:
    """RETURNS (List[Span]): The gold aspects that have a sentiment."""
    return [span for span in doc.spans.get(ASPECTS_KEY, []) if span.label_]


def collect_polarity(gold: Sequence[Doc], predictions: Predictions) -> Optional[Choices]:
    """RETURNS (Optional[Choices]): Texts with a polarity in gold; None if there are none, or no predictions."""
    items: List[Tuple[int, str, ScoresT]] = []
    for i, (doc, row) in enumerate(zip(gold, predictions.rows)):
        scores = get_group(doc.cats, POLARITY)
        if scores:
            # A mild text has less than 1.0 of its label.
            items.append((i, max(scores, key=scores.__getitem__), row.polarity))
    if not items or not any(row.polarity for row in predictions.rows):
        return None
    return _make_choices(predictions.labels.get("polarity", []), items)


def collect_given(gold: Sequence[Doc], predictions: Predictions, *, masked: bool = False) -> Optional[Choices]:
    """Collect the gold aspects that have a sentiment, in the order of `Row.given`.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): Of it.
    masked (bool): Take the answers that were given without knowing the aspect.
    RETURNS (Optional[Choices]): None if there are no such aspects, or no such predictions.
    """
    items: List[Tuple[int, str, ScoresT]] = []
    for i, (doc, row) in enumerate(zip(gold, predictions.rows)):
        spans = get_rated_aspects(doc)
        answers: List[ScoresT] = [None] * len(spans)
        if masked and row.masked is not None:
            answers = list(row.masked)
        elif not masked and row.given is not None:
            answers = [x.scores for x in row.given]
        items += [(i, span.label_, scores) for span, scores in zip(spans, answers)]
    found = any((row.masked if masked else row.given) is not None for row in predictions.rows)
    return _make_choices(predictions.labels.get("sentiment", []), items) if items and found else None


def collect_emotions(gold: Sequence[Doc], predictions: Predictions) -> Optional[Marks]:
    """RETURNS (Optional[Marks]): Texts with emotions in gold; None if there are none, or no predictions."""
    groups = [get_group(doc.cats, EMOTION) for doc in gold]
    texts = numpy.asarray([i for i, group in enumerate(groups) if group], dtype="i8")
    if not len(texts) or not any(row.emotions for row in predictions.rows):
        return None
    own = predictions.labels.get("emotions", [])
    annotated = dict.fromkeys(label for group in groups for label in group)
    labels = [x for x in own if x in annotated] + [x for x in annotated if x not in own]
    known = numpy.asarray([[label in groups[i] for label in labels] for i in texts])
    truth = numpy.asarray([[groups[i].get(label, 0.0) >= 0.5 for label in labels] for i in texts])
    scores = numpy.zeros(known.shape)
    has_score = numpy.zeros_like(known)
    columns = [own.index(label) for label in labels if label in own]
    for i, text in enumerate(texts):
        row = predictions.rows[text].emotions
        if row:
            scores[i, : len(columns)] = [row[column] for column in columns]
            has_score[i, : len(columns)] = True
    limits = numpy.asarray([predictions.thresholds.get(label, 0.5) for label in labels])
    return Marks(labels, known, truth, (scores >= limits) & has_score & known, scores, texts)


def collect_spans(gold: Sequence[Doc], predictions: Predictions, *, labelled: bool = False) -> Optional[Matches]:
    """Match the aspects that were found with gold, as `spacy-bertsent.aspects_scorer.v1` does: as sets, by characters.

    The category is not compared. Words that have two categories are one span; with the sentiment, they are two where
    their sentiments differ.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): Of it.
    labelled (bool): The sentiment must be right as well. Gold spans without one are then neither right nor wrong.
    RETURNS (Optional[Matches]): None if no text has that annotated, or it was not predicted.
    """
    counts = []
    if labelled and not (predictions.labels.get("sentiment") and any(get_rated_aspects(doc) for doc in gold)):
        return None
    for doc, row in zip(gold, predictions.rows):
        if ASPECTS_KEY in doc.spans:
            spans = [(x.start_char, x.end_char, x.label_) for x in doc.spans[ASPECTS_KEY]]
            found = _get_labelled(row.found or [], predictions.labels.get("sentiment", []))
            if labelled:
                unrated = {x[:2] for x in spans if not x[2]} - {x[:2] for x in spans if x[2]}
                truth = {x for x in spans if x[2]}
                answers = {x for x in found if x[:2] not in unrated}
            else:
                truth, answers = ({(start, end, "") for start, end, _ in group} for group in (spans, found))
            counts.append((len(truth & answers), len(truth), len(answers)))
    if not counts or all(row.found is None for row in predictions.rows):
        return None
    return Matches(*numpy.asarray(counts, dtype="i8").T)


def collect_categories(gold: Sequence[Doc], predictions: Predictions, *, labelled: bool = False) -> Optional[Matches]:
    """Match the categories that are mentioned with gold, as `spacy-bertsent.category_sentiment_scorer.v1` does: each
    once in each part of a text that was asked.

    An aspect with words mentions its category, too. A mention without a sentiment in gold is neither right nor wrong.

    gold (Sequence[Doc]): The corpus. predictions (Predictions): Of it; without `contexts` the whole text is one.
    labelled (bool): The sentiment must be right as well.
    RETURNS (Optional[Matches]): None if no text has categories, or they were not predicted.
    """
    if not count_gold(gold).counts or all(row.categories is None for row in predictions.rows):
        return None
    labels = predictions.labels.get("sentiment", [])
    counts = []
    for doc, row in zip(gold, predictions.rows):
        if has_categories(doc):
            contexts = get_contexts(doc, "document") if row.contexts is None else row.contexts
            answers = {
                Mentioned(place, x.category, label)
                for x, (_, _, label) in zip(row.categories or [], _get_labelled(row.categories or [], labels))
                for place in find_contexts(contexts, x.start_char, x.end_char)
            }
            pair = compare(get_mentions(doc, contexts, labels), answers)
            truth, found = (group if labelled else {x._replace(sentiment="") for x in group} for group in pair)
            counts.append((len(truth & found), len(truth), len(found)))
    return Matches(*numpy.asarray(counts, dtype="i8").T)


def _get_labelled(found: Sequence[Found], labels: Sequence[str]) -> SpansT:
    best = [_get_best(x.scores) for x in found]
    return [(x.start_char, x.end_char, NONE if i is None else labels[i]) for x, i in zip(found, best)]


def _make_choices(own: Sequence[str], items: Sequence[Tuple[int, str, ScoresT]]) -> Choices:
    best = [_get_best(scores) for _, _, scores in items]
    labels = list(dict.fromkeys([*own, *sorted(label for _, label, _ in items)]))
    if None in best:
        labels.append(NONE)
    table = numpy.zeros((len(items), len(labels)))
    for i, (_, _, scores) in enumerate(items):
        if scores:
            table[i, : len(own)] = scores
    return Choices(
        labels,
        numpy.asarray([labels.index(label) for _, label, _ in items], dtype="i8"),
        numpy.asarray([labels.index(NONE) if i is None else i for i in best], dtype="i8"),
        table,
        numpy.asarray([i for i, _, _ in items], dtype="i8"),
    )


def _get_best(scores: ScoresT) -> Optional[int]:
    """RETURNS (Optional[int]): Place of the highest score, of the first one of equals; None where all are 0."""
    if not scores or max(scores) <= 0.0:
        return None
    return max(range(len(scores)), key=scores.__getitem__)
