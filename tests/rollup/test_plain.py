import json

import pytest

from spacy_bertsent.rollup import count_aspects, to_json

from .test_counts import make_docs
from .util import make_doc


def test_numbers_and_sentences() -> None:
    data = json.loads(json.dumps(to_json(count_aspects(make_docs(), min_count=2, per_doc=True, examples=1))))
    assert data["by"] == "aspect" and data["left_out"] == {"rows": 1, "mentions": 1}
    assert [data[f"texts{x}"] for x in ("", "_annotated", "_with_aspects", "_with_lemmas")] == [5, 4, 3, 0]
    (soup,) = data["rows"]
    assert (soup["aspect"], soup["count"], soup["documents"], soup["net"]) == ("soup", 4, 3, 0.25)
    assert soup["forms"] == {"Soup": 2, "soup": 2} and len(soup["interval"]) == 2
    negative = soup["sentiments"]["negative"]
    assert negative["mean_score"] == pytest.approx(0.225) and (negative["count"], negative["share"]) == (1, 0.25)
    assert negative["examples"] == [{"document": "3", "text": "The Soup was bad.", "start": 4, "end": 8, "score": 0.6}]
    assert [len(x["examples"]) for x in soup["sentiments"].values()] == [1, 1, 1]
    assert data["total"]["count"] == 5
    assert [(x["id"], [row["aspect"] for row in x["rows"]]) for x in data["documents"]] == [
        ("1", ["soup"]),
        ("3", ["soup"]),
        ("5", ["soup"]),
    ]


def test_what_there_is_not_is_null() -> None:
    docs = [make_doc("A soup.", [("soup", "positive", "")]), make_doc("The lamp.", [("lamp", "", "")])]
    data = to_json(count_aspects(docs, sort="name"))
    lamp, soup = data["rows"]
    assert soup["sentiments"]["positive"]["mean_score"] is None
    assert lamp["net"] is None and lamp["interval"] is None and lamp["sentiments"]["positive"]["share"] is None
    assert lamp["unrated"]["count"] == 1 and lamp["unrated"]["examples"][0]["text"] == "The lamp."
