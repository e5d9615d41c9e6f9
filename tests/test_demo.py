"""What `make demo` must get right. Needs its model: run `make demo` first."""

from pathlib import Path
from typing import Dict

import pytest
import spacy
from spacy.language import Language

MODEL = Path(__file__).parent.parent / "training" / "demo" / "model-best"
pytestmark = pytest.mark.skipif(not MODEL.is_dir(), reason=f"no {MODEL.name} of the demo: run `make demo` first")


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.load(MODEL)


@pytest.mark.parametrize(
    "text,polarity",
    [("Great, another boring superhero movie", "negative"), ("This is not a bad film", "positive")],
)
def test_polarity(nlp: Language, text: str, polarity: str) -> None:
    assert nlp(text)._.polarity == polarity


def test_intensity(nlp: Language) -> None:
    strong = nlp("This is an absolutely wonderful, unforgettable film.")
    weak = nlp("This is a fairly pleasant film.")
    assert strong.sentiment > weak.sentiment > 0


def test_aspects(nlp: Language) -> None:
    doc = nlp("The phone camera is excellent but battery life is terrible.")
    found: Dict[str, str] = {aspect.category: aspect.sentiment for aspect in doc._.aspects}
    assert found["CAMERA"] == "positive"
    assert found["BATTERY"] == "negative"


def test_emotions(nlp: Language) -> None:
    doc = nlp("I'm excited about the trip but worried about the cost.")
    assert {"joy", "fear"} <= set(doc._.emotions)
    assert doc._.emotion_scores["anger"] < 0.2
