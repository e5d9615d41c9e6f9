"""benchmarks/mentions.py"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, List, Tuple

import pytest
from spacy.tokens import Doc, SpanGroup

from ..util import ROWS, make_example, make_nlp

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import mentions
    finally:
        sys.path.pop(0)
    return mentions


def test_repeated_words_are_counted(script: ModuleType, weights: Path) -> None:
    nlp = make_nlp(weights, "aspect_sentiment")
    text = "The soup was lovely but the soup was rude."
    mixed = mark(nlp.make_doc(text), [(4, "positive"), (28, "negative"), (37, "neutral")])
    equal = mark(nlp.make_doc(text), [(4, "positive"), (28, "positive")])
    gold = [make_example(nlp, *ROWS[0]).reference, mixed, nlp.make_doc("a b"), equal]
    layer = nlp.get_pipe("aspect_sentiment").model.get_ref("output_layer")
    layer.get_param("W")[:] = 0
    layer.get_param("b")[:] = [1, 0, 0]  # all of them are positive
    assert script.score(nlp, gold) == {
        "all": (4, 7),
        "repeated": (3, 4),
        "repeated, different sentiments": (1, 2),
    }


def mark(doc: Doc, aspects: List[Tuple[int, str]]) -> Doc:
    """Make words of four letters aspects."""
    spans = [doc.char_span(start, start + 4, label=label) for start, label in aspects]
    doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=[span for span in spans if span is not None])
    return doc


def test_page(script: ModuleType) -> None:
    about: Dict[str, Any] = {"machine": "m", "threads": 1, "date": "d", "commit": "c", "versions": {"python": "3"}}
    aspects = dict(zip(script.GROUPS, (10, 4, 0)))
    results = {
        f"restaurants14/mark/folds1/seed{seed}": {
            **about, "right": dict(zip(script.GROUPS, (right, 1, 0))), "aspects": aspects, "folds": 1
        }
        for seed, right in enumerate((6, 8))
    }  # fmt: skip
    page = script.make_page(results)
    assert "## restaurants14, the selection split\n" in page
    assert "| mention | all (10) | repeated (4) | repeated, different sentiments (0) | seeds |" in page
    assert "| mark | 70.0 ± 14.1 | 25.0 ± 0.0 | – | 2 |" in page
