import json

from spacy_bertsent.corpus_checks.counts import count_split

from .util import make_doc

DOCS = [
    make_doc("The soup was hot.", polarity="positive", emotions={"joy": 1.0, "fear": 1.0, "anger": 0.0}),
    make_doc("The soup was cold.", polarity="negative", emotions={"joy": 0.0}, aspects=[]),
    make_doc(
        "The soup and the waiter.",
        aspects=[
            ("soup", "FOOD", "positive"),
            ("soup", "PRICE", "negative"),
            ("waiter", "", ""),
            ("The soup and the waiter.", "PLACE", "neutral"),
        ],
    ),
    make_doc("Hm", polarity=""),
]


def test_count_split() -> None:
    counts = count_split(DOCS)
    assert (counts.docs, counts.tokens, counts.characters) == (4, 17, 17 + 18 + 24 + 2)
    assert (counts.polarity, counts.emotions, counts.aspects) == (3, 2, 2)
    assert counts.labels["polarity"] == {"positive": 1, "negative": 1}
    assert counts.labels["emotions"] == {"joy": 1, "fear": 1, "anger": 0}
    assert counts.labels["aspect_sentiment"] == {"positive": 1, "negative": 1, "neutral": 1}
    assert counts.labels["categories"] == {"FOOD": 1, "PRICE": 1, "PLACE": 1}
    assert counts.emotions_per_text == {2: 1, 0: 1}
    assert counts.aspects_per_text == {0: 1, 4: 1}
    assert counts.n_aspects == 4
    assert (counts.several_opinions, counts.wordless, counts.without_sentiment) == (1, 1, 1)
    assert counts.longest is None and counts.long_texts is None


def test_to_dict_is_json() -> None:
    data = json.loads(json.dumps(count_split(DOCS).to_dict()))
    assert data["labels"]["emotions"] == {"joy": 1, "fear": 1, "anger": 0}
    assert data["aspects_per_text"] == {"0": 1, "4": 1}
    assert data["docs"] == 4 and data["n_aspects"] == 4 and data["longest"] is None


def test_nothing() -> None:
    assert count_split([]).docs == count_split([]).n_aspects == 0
