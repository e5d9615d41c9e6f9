"""What the tests of evaluation share: gold documents and predictions of them."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bertsent.evaluation.predictions import Found, Predictions, Row, get_digest

NLP = spacy.blank("en")
LABELS = ["positive", "neutral", "negative"]
# start token, end token, sentiment, category
AspectT = Tuple[int, int, str, str]


def make_doc(
    text: str = "a b c d e",
    polarity: Optional[str] = None,
    emotions: Optional[Dict[str, float]] = None,
    aspects: Optional[Sequence[AspectT]] = None,
) -> Doc:
    """A gold document with what is given."""
    doc = NLP.make_doc(text)
    if polarity is not None:
        doc.cats.update({f"polarity:{x}": float(x == polarity) for x in dict.fromkeys([*LABELS, polarity])})
    doc.cats.update({f"emotion:{label}": value for label, value in (emotions or {}).items()})
    if aspects is not None:
        spans = [Span(doc, start, end, label=label, kb_id=category) for start, end, label, category in aspects]
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans)
    return doc


def hot(label: str, score: float = 1.0, labels: Sequence[str] = tuple(LABELS)) -> List[float]:
    """The scores of a sure system, or of one that is as sure as `score`."""
    rest = (1.0 - score) / max(1, len(labels) - 1)
    return [score if x == label else rest for x in labels]


def predict(gold: Sequence[Doc], **columns: Sequence[Any]) -> Predictions:
    """Predictions with what is given for each text: polarity, emotions, given, masked, found."""
    rows = [Row(get_digest(doc.text), **{k: v[i] for k, v in columns.items()}) for i, doc in enumerate(gold)]
    return Predictions({"polarity": LABELS, "emotions": ["joy", "anger"], "sentiment": LABELS}, rows=rows)


def find(doc: Doc, start: int, end: int, label: str, category: str = "") -> Found:
    """An aspect that was found: tokens as in gold."""
    span = doc[start:end]
    return Found(span.start_char, span.end_char, category, hot(label, 0.8))


def make_random_corpus(n_texts: int, seed: int = 0) -> List[Doc]:
    """Gold of all words; some texts lack some of it. All labels are about equally frequent."""
    rng = numpy.random.default_rng(seed)
    words = ["soup", "waiter", "not", "road", "never", "was", "good", "dark"]
    docs = []
    for i in range(n_texts):
        text = " ".join([f"t{i}", *rng.choice(words, size=int(rng.integers(4, 45)))])
        aspects = [(j, j + 1, str(rng.choice(LABELS)), str(rng.choice(["", "FOOD"]))) for j in range(rng.integers(4))]
        docs.append(
            make_doc(
                text,
                str(rng.choice(LABELS)) if rng.random() < 0.9 else None,
                {x: float(rng.random() < 0.5) for x in ("joy", "anger")} if rng.random() < 0.9 else None,
                aspects if rng.random() < 0.9 else None,
            )
        )
    return docs


def predict_gold(texts: Sequence[Doc], answers: Sequence[Doc]) -> Predictions:
    """Predict for some texts the gold of others, as far as they have it."""
    predictions = predict(texts)
    for row, doc, answer in zip(predictions.rows, texts, answers):
        cats = answer.cats
        if "polarity:positive" in cats:
            row.polarity = [cats[f"polarity:{x}"] for x in LABELS]
        if "emotion:joy" in cats:
            row.emotions = [cats["emotion:joy"], cats["emotion:anger"]]
        if "aspects" in answer.spans:
            spans = answer.spans["aspects"]
            row.found = [Found(s.start_char, s.end_char, s.kb_id_, hot(s.label_)) for s in spans]
        if "aspects" in doc.spans:
            labels = [span.label_ for span in answer.spans.get("aspects", [])] or ["positive"]
            spans = doc.spans["aspects"]
            row.given = [
                Found(s.start_char, s.end_char, s.kb_id_, hot(labels[i % len(labels)])) for i, s in enumerate(spans)
            ]
            row.masked = [hot("positive") for _ in row.given]
    return predictions
