"""The group `doc.spans["aspects"]`, which several components write to: its spans, and what is kept beside each."""

from typing import Any, Dict, Iterable, List, NamedTuple, Sequence

from spacy.tokens import Doc, Span, SpanGroup

from .extensions import get_sources
from .labels import ASPECTS_KEY, CUT_KEY, SOURCES_KEY


class AspectRow(NamedTuple):
    """A span of the group with what is kept beside it.

    span (Span): Its label is the sentiment, its `kb_id_` the category.
    scores (Dict[str, float]): The probability of each sentiment; empty where nobody has judged.
    source (str): How it was found, or "". cut (bool): Whether some of its context was not read.
    """

    span: Span
    scores: Dict[str, float]
    source: str = ""
    cut: bool = False

    def judge(self, labels: Sequence[str], scores: Sequence[float], cut: bool) -> "AspectRow":
        """RETURNS (AspectRow): With the most probable sentiment, the first of equals.

        labels (Sequence[str]): The sentiments. scores (Sequence[float]): Their probabilities. cut (bool): See above.
        """
        old, label = self.span, labels[max(range(len(scores)), key=scores.__getitem__)]
        span = Span(old.doc, old.start, old.end, label=label, kb_id=old.kb_id_, span_id=old.id_)
        return AspectRow(span, dict(zip(labels, scores)), self.source, cut)


def read_rows(doc: Doc) -> List[AspectRow]:
    """RETURNS (List[AspectRow]): The group of a document; none where it has no group."""
    if ASPECTS_KEY not in doc.spans:
        return []
    group = doc.spans[ASPECTS_KEY]
    labels, table, cut = (group.attrs.get(key, []) for key in ("labels", "scores", CUT_KEY))
    return [
        AspectRow(span, dict(zip(labels, table[i])) if i < len(table) else {}, source, i < len(cut) and cut[i])
        for i, (span, source) in enumerate(zip(group, get_sources(doc)))
    ]


def write_rows(doc: Doc, rows: Iterable[AspectRow], labels: Sequence[str]) -> None:
    """Write the group. What else stands in its `attrs` stays.

    doc (Doc): The document. rows (Iterable[AspectRow]): All of the group; those that were there keep their places.
    labels (Sequence[str]): The writer's sentiments. Those of other components follow them, and one that a component
        does not have gets 0.0: each row of `attrs["scores"]` is as long as `attrs["labels"]`, or empty.
    """
    rows = list(rows)
    joined = list(dict.fromkeys([*labels, *(label for row in rows for label in row.scores)]))
    old: Any = doc.spans.get(ASPECTS_KEY, [])
    attrs: Dict[str, Any] = {
        **getattr(old, "attrs", {}),
        "labels": joined,
        "scores": [[row.scores.get(label, 0.0) for label in joined] if row.scores else [] for row in rows],
        SOURCES_KEY: [row.source for row in rows],
        CUT_KEY: [row.cut for row in rows],
    }
    doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, attrs=attrs, spans=[row.span for row in rows])


def remove_source(doc: Doc, source: str) -> None:
    """Take the spans of one source out of the group, with all that is kept beside them.

    doc (Doc): The document. source (str): Such as "category".
    """
    keep = [i for i, one in enumerate(get_sources(doc)) if one != source]
    if ASPECTS_KEY not in doc.spans or len(keep) == len(doc.spans[ASPECTS_KEY]):
        return
    group = doc.spans[ASPECTS_KEY]
    spans, attrs = list(group), dict(group.attrs)
    for key, values in attrs.items():
        # Lists in step with the spans, of whichever component. The labels may be as many by chance.
        if key != "labels" and isinstance(values, (list, tuple)) and len(values) == len(spans):
            attrs[key] = [values[i] for i in keep]
    doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, attrs=attrs, spans=[spans[i] for i in keep])
