"""Run a pipeline on a corpus for `predictions.py`."""

import time
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from ..aspect_group import remove_source
from ..categories import get_contexts
from ..components.aspect_sentiment import AspectSentiment
from ..components.aspects import Aspects
from ..components.category_sentiment import CategorySentiment
from ..components.emotions import Emotions
from ..components.polarity import Polarity
from ..errors import Errors
from ..extensions import get_sources, get_thresholds
from ..labels import ASPECTS_KEY, CATEGORY_SOURCE, EMOTION, POLARITY, get_group
from .items import get_rated_aspects
from .predictions import Found, Predictions, Row, get_digest, round_scores


def predict_corpus(
    nlp: Language, gold: Sequence[Doc], *, masked: bool = True, batch_size: Optional[int] = None
) -> Predictions:
    """Predict what a pipeline can of the texts of a corpus.

    Any pipeline that writes the keys of this package will do: `doc.cats["polarity:*"]`, `doc.cats["emotion:*"]` and
    `doc.spans["aspects"]` with labels. Aspects are predicted twice: as the pipeline finds them, and given, where the
    gold spans are set before the pipeline runs.

    nlp (Language): The pipeline. gold (Sequence[Doc]): The corpus.
    masked (bool): Also ask about the given aspects without saying which, where there is a `bertsent_aspect_sentiment`.
    batch_size (Optional[int]): Of `nlp.pipe`.
    RETURNS (Predictions): One row for each text.
    RAISES (ValueError): BS077 if a component changes the given aspects.
    """
    start = time.perf_counter()
    docs = list(nlp.pipe([nlp.make_doc(doc.text) for doc in gold], batch_size=batch_size))
    seconds = time.perf_counter() - start
    labels = {
        "polarity": _first_keys(get_group(doc.cats, POLARITY) for doc in docs),
        "emotions": _first_keys(get_group(doc.cats, EMOTION) for doc in docs),
        "sentiment": _first_keys(_sentiment_scores(doc) for doc in docs),
    }
    thresholds = get_thresholds(docs[0]) if docs else {}
    predictions = Predictions(labels, thresholds, about={"seconds": round(seconds, 2), "texts": len(docs)})
    for doc in docs:
        row = Row(get_digest(doc.text))
        row.polarity = _get_scores(get_group(doc.cats, POLARITY), labels["polarity"])
        row.emotions = _get_scores(get_group(doc.cats, EMOTION), labels["emotions"])
        predictions.rows.append(row)
    _move_categories(nlp, docs, predictions)
    _add_aspects(nlp, gold, docs, predictions, masked=masked, batch_size=batch_size)
    return predictions


def _move_categories(nlp: Language, docs: Sequence[Doc], predictions: Predictions) -> None:
    """Read the categories that were found without words, and take them off: what follows is about other aspects."""
    heads = [pipe for _, pipe in nlp.pipeline if isinstance(pipe, CategorySentiment)]
    if heads:
        for row, doc in zip(predictions.rows, docs):
            found = zip(get_sources(doc), _read_aspects(doc, predictions.labels["sentiment"]))
            row.contexts = get_contexts(doc, heads[-1].cfg["context"])
            row.categories = [aspect for source, aspect in found if source == CATEGORY_SOURCE]
            remove_source(doc, CATEGORY_SOURCE)


def _add_aspects(
    nlp: Language,
    gold: Sequence[Doc],
    docs: Sequence[Doc],
    predictions: Predictions,
    *,
    masked: bool,
    batch_size: Optional[int],
) -> None:
    asked = [give_aspects(nlp.make_doc(doc.text), doc) for doc in gold]
    if not any(doc.spans[ASPECTS_KEY] for doc in asked):
        answered = asked
    else:
        offsets = [_get_offsets(doc) for doc in asked]
        # What is said of the whole text is known already, and nothing more may be found.
        known = [name for name, pipe in nlp.pipeline if isinstance(pipe, (Polarity, Emotions, Aspects))]
        with nlp.select_pipes(disable=known):
            answered = list(nlp.pipe(asked, batch_size=batch_size))
        for doc, before in zip(answered, offsets):
            remove_source(doc, CATEGORY_SOURCE)
            if _get_offsets(doc) != before:
                raise ValueError(Errors.BS077.format(names=", ".join(nlp.pipe_names), text=doc.text))
    if not predictions.labels["sentiment"]:
        predictions.labels["sentiment"] = _first_keys(_sentiment_scores(doc) for doc in answered)
    labels = predictions.labels["sentiment"]
    if not labels and not any(ASPECTS_KEY in doc.spans for doc in docs):
        return
    is_finding = has_finder(nlp) or any(doc.spans.get(ASPECTS_KEY) for doc in docs)
    for row, reference, doc, given in zip(predictions.rows, gold, docs, answered):
        row.found = _read_aspects(doc, labels) if is_finding else None
        if labels and ASPECTS_KEY in reference.spans:
            # Under the gold offsets: those of the span may have been widened to tokens.
            keys = [(x.start_char, x.end_char, x.kb_id_) for x in get_rated_aspects(reference)]
            row.given = [Found(*key, x.scores) for key, x in zip(keys, _read_aspects(given, labels))]
    heads = [pipe for _, pipe in nlp.pipeline if isinstance(pipe, AspectSentiment)]
    if masked and heads:
        _add_masked(heads[-1], answered, predictions.rows, labels)


def _add_masked(head: AspectSentiment, docs: Sequence[Doc], rows: Sequence[Row], labels: Sequence[str]) -> None:
    # Of the answered Docs, which have their sentence boundaries.
    queries = [query for doc in docs for query in head.queries(doc, doc.spans[ASPECTS_KEY], masked=True)]
    table = iter(head.probabilities(queries) if queries else ())
    for row in rows:
        if row.given is not None:
            scores = [dict(zip(head.labels, next(table))) for _ in row.given]
            row.masked = [round_scores(one.get(label, 0.0) for label in labels) for one in scores]


def has_finder(nlp: Language) -> bool:
    """RETURNS (bool): Whether a component may find aspects, and does not only judge those that are there."""
    for name in nlp.pipe_names:
        meta = nlp.get_pipe_meta(name)
        # spaCy's writers of spans may write another group, such as what `bertsent_aspects` chooses from.
        key = nlp.get_pipe_config(name).get("spans_key", ASPECTS_KEY)
        is_ours = meta.factory.startswith("bertsent_") and meta.factory != "bertsent_aspects"
        if "doc.spans" in meta.assigns and key == ASPECTS_KEY and not is_ours:
            return True
    return False


def give_aspects(doc: Doc, gold: Doc) -> Doc:
    """Set the gold aspects that have a sentiment, without it, before a pipeline runs.

    doc (Doc): Of the same text; aspects that do not stand on its tokens become those that they touch.
    gold (Doc): With `doc.spans["aspects"]`; nothing else of it is used.
    RETURNS (Doc): `doc`.
    """
    spans: List[Span] = []
    for span in get_rated_aspects(gold):
        given = doc.char_span(span.start_char, span.end_char, kb_id=span.kb_id_, alignment_mode="expand")
        assert given is not None  # characters of a token
        spans.append(given)
    doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, spans=spans)
    return doc


def _get_offsets(doc: Doc) -> List[Tuple[int, int]]:
    return [(span.start_char, span.end_char) for span in doc.spans.get(ASPECTS_KEY, [])]


def _read_aspects(doc: Doc, labels: Sequence[str]) -> List[Found]:
    if ASPECTS_KEY not in doc.spans:
        return []
    group = doc.spans[ASPECTS_KEY]
    own: Sequence[str] = group.attrs.get("labels", [])
    table = group.attrs.get("scores", [])
    aspects = []
    for i, span in enumerate(group):
        scores = dict(zip(own, table[i])) if i < len(table) and table[i] else {span.label_: 1.0}
        found = round_scores(scores.get(label, 0.0) for label in labels)
        aspects.append(Found(span.start_char, span.end_char, span.kb_id_, found))
    return aspects


def _sentiment_scores(doc: Doc) -> Dict[str, Any]:
    if ASPECTS_KEY not in doc.spans:
        return {}
    group = doc.spans[ASPECTS_KEY]
    return dict.fromkeys(group.attrs.get("labels", []) or [x.label_ for x in group if x.label_])


def _first_keys(groups: Iterable[Dict[str, Any]]) -> List[str]:
    """RETURNS (List[str]): The labels of all Docs, in the order in which they come first."""
    return list(dict.fromkeys(label for group in groups for label in group))


def _get_scores(scores: Dict[str, float], labels: Sequence[str]) -> Optional[List[float]]:
    return round_scores(scores.get(label, 0.0) for label in labels) if scores else None
