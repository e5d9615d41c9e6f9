from typing import Any, Dict, List

from .counts import RollUp, Row
from .mentions import Example


def to_json(rollup: RollUp) -> Dict[str, Any]:
    """Give a roll-up as plain data, ready for JSON.

    rollup (RollUp): The counts.
    RETURNS (Dict[str, Any]): "rows", "total" and "documents" with counts, shares, mean scores and examples of each
        sentiment; null for what there is not, such as mean scores of gold annotation.
    """
    return {
        "by": rollup.by,
        "texts": rollup.texts,
        "texts_annotated": rollup.annotated,
        "texts_with_aspects": rollup.mentioning,
        "texts_with_lemmas": rollup.lemmatised,
        "sentiments": rollup.sentiments,
        "left_out": {"rows": len(rollup.left_out), "mentions": sum(row.count for row in rollup.left_out)},
        "total": _get_row(rollup.total, rollup.sentiments),
        "rows": [_get_row(row, rollup.sentiments) for row in rollup.rows],
        "documents": [
            {"id": document.id, "rows": [_get_row(row, rollup.sentiments) for row in document.rows]}
            for document in rollup.documents
        ],
    }


def _get_row(row: Row, sentiments: List[str]) -> Dict[str, Any]:
    return {
        "aspect": row.aspect,
        "category": row.category,
        "count": row.count,
        "documents": row.documents,
        "net": row.net,
        "interval": row.interval,
        "sentiments": {
            label: {
                "count": row.counts[label],
                "share": row.get_share(label),
                "mean_score": row.get_mean_score(label),
                "examples": _get_examples(row, label),
            }
            for label in sentiments
        },
        "unrated": {"count": row.unrated, "examples": _get_examples(row, "")},
        "forms": dict(sorted(row.forms.items(), key=lambda item: (-item[1], item[0]))),
    }


def _get_examples(row: Row, sentiment: str) -> List[Dict[str, Any]]:
    examples: List[Example] = row.examples.get(sentiment, [])
    return [example._asdict() for example in examples]
