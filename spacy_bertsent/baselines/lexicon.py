from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Type, cast

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps, to_numpy
from thinc.types import Floats2d

from ..components.aspect_sentiment import AspectSentiment
from ..components.polarity import Polarity
from ..errors import Errors
from ..sentences import get_sentences, widen_to_sentences
from ..types import AspectQuery, Offsets
from .base import SCORE_WEIGHTS, Baseline, check_choice, no_loss
from .packages import import_optional
from .words import InputT

CONTEXTS = ("clause", "sentence", "document")
# What parts a sentence into clauses that may disagree. Commas do not: they stand in lists, too.
CLAUSE_MARKS = frozenset(["but", "although", "though", "while", "whereas", "however", "yet", ";"])


@Language.factory(
    "bertsent_lexicon",
    assigns=["doc.cats", "doc.spans"],
    default_config={
        "task": "polarity",
        "labels": [],
        "threshold": 0.05,
        "context": "clause",
        "scorer": {"@scorers": "spacy-bertsent.task_scorer.v1"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lexicon(
    nlp: Language,
    name: str,
    task: str,
    labels: List[str],
    threshold: float,
    context: str,
    scorer: Optional[Callable],
) -> "Lexicon":
    """Make a component that predicts with VADER, a lexicon of English with rules for negation and emphasis.

    task (str): "polarity" or "aspect_sentiment": what it reads and writes, as the component of that name.
    labels (List[str]): With "positive" and "negative". By default those of the data, or also "neutral".
    threshold (float): A text is neutral where VADER's compound score is nearer to 0. Not used without "neutral".
    context (str): What is scored for an aspect: its "clause", its "sentence" or the "document".
    scorer (Optional[Callable]): The scoring method.
    RAISES (ValueError): BS016 if a setting is not known, BS086 for other labels. ImportError: BS080 without VADER.
    """
    get_analyzer()
    check_choice(name, "task", task, tuple(TASKS))
    check_choice(name, "context", context, CONTEXTS)
    model: Model[List[InputT], Floats2d] = Model("vader", forward, attrs={"context": context}, ops=NumpyOps())
    component = TASKS[task](nlp.vocab, model, name, loss=no_loss, labels=labels, scorer=scorer)
    component.cfg.update(task=task, threshold=threshold)
    return component


class Lexicon(Baseline):
    """A head whose model gives VADER's compound score, from -1 to 1. There is nothing to train.

    SOURCE: Hutto & Gilbert (2014), https://doi.org/10.1609/icwsm.v8i1.14550
    """

    @property
    def is_trainable(self) -> bool:
        return False

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The labels; the usual ones before there are others."""
        return tuple(self.cfg["labels"] or self.default_labels)

    def activate(self, logits: Floats2d) -> Floats2d:
        scores = spread_compound(to_numpy(logits[:, 0]), self.labels, self.cfg["threshold"], self.name)
        return cast(Floats2d, scores)


class LexiconPolarity(Lexicon, Polarity):
    """Predict one polarity for each document. Reads, writes: see `Polarity`."""


class LexiconAspectSentiment(Lexicon, AspectSentiment):
    """Predict the sentiment of each aspect. Reads, writes: see `AspectSentiment`."""


TASKS: Dict[str, Type[Lexicon]] = {"polarity": LexiconPolarity, "aspect_sentiment": LexiconAspectSentiment}


def spread_compound(compound: numpy.ndarray, labels: Sequence[str], threshold: float, pipe: str) -> numpy.ndarray:
    """Turn compound scores into scores of labels that sum to 1.

    With c for the compound score and t for the threshold, neutral gets n = (1 + t) / 3 · (1 - |c|) / (1 - t), positive
    (1 - n + c) / 2 and negative (1 - n - c) / 2; n is 0 where there is no label "neutral". So the scores rise and fall
    with c, positive minus negative is c, and neutral is the highest where |c| < t.

    compound (numpy.ndarray): (n,) in [-1, 1]. labels (Sequence[str]): Others than these three get 0.
    threshold (float): In [0, 0.5). pipe (str): Name of the component.
    RETURNS (numpy.ndarray): (n, labels) float32.
    RAISES (ValueError): BS086 if "positive" or "negative" is not among the labels.
    """
    if not {"positive", "negative"} <= set(labels):
        raise ValueError(Errors.BS086.format(pipe=pipe, labels=list(labels)))
    # VADER gives four decimals: a score of exactly the threshold is not neutral.
    t = threshold - 0.00005
    neutral = (1 + t) / 3 * (1 - abs(compound)) / (1 - t) if "neutral" in labels else 0 * compound
    columns = {
        "positive": (1 - neutral + compound) / 2,
        "neutral": neutral,
        "negative": (1 - neutral - compound) / 2,
    }
    return numpy.stack([columns.get(label, 0 * compound) for label in labels], axis=1).astype("f")


def forward(
    model: Model[List[InputT], Floats2d], X: Sequence[InputT], is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], List[InputT]]]:
    texts = [item.text if isinstance(item, Doc) else get_context(item, model.attrs["context"]) for item in X]
    analyzer = get_analyzer()
    return model.ops.asarray2f([[analyzer.polarity_scores(text)["compound"]] for text in texts]), lambda dY: []


@lru_cache(maxsize=1)
def get_analyzer() -> Any:
    """RETURNS (SentimentIntensityAnalyzer): VADER. RAISES (ImportError): BS080."""
    return import_optional("vaderSentiment.vaderSentiment", "vaderSentiment").SentimentIntensityAnalyzer()


def get_context(query: AspectQuery, context: str) -> str:
    """Find the words that are said of an aspect.

    query (AspectQuery): The aspect. context (str): One of `CONTEXTS`.
    RETURNS (str): The text. A clause is what stands between the nearest `CLAUSE_MARKS` on either side of the aspect; of
        an aspect that must not be known, the sentence.
    """
    doc = query.doc
    if context == "document":
        return doc.text
    start, end = widen_to_sentences(doc.text, get_sentences(doc), query.start_char, query.end_char)
    if context == "clause" and not query.masked:
        start, end = _narrow_to_clause(query, start, end)
    return doc.text[start:end]


def _narrow_to_clause(query: AspectQuery, start: int, end: int) -> Offsets:
    for token in query.doc:
        after = token.idx + len(token)
        if token.lower_ in CLAUSE_MARKS and start <= token.idx and after <= end:
            if after <= query.start_char:
                start = after
            elif token.idx >= query.end_char:
                return start, token.idx
    return start, end
