from html.parser import HTMLParser
from typing import Dict, List, Optional, Sequence, Tuple

import pytest
import spacy
from spacy import displacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bertsent import mark_aspects
from spacy_bertsent.extensions import set_thresholds
from spacy_bertsent.visualize import COLORS, render

TEXT = "The soup was lovely, but (the waiter) was rude.\n\n  Never   again!"
LABELS = ["positive", "neutral", "negative"]
VOID = {"meta"}


class Reader(HTMLParser):
    """Reads a page: checks that elements are closed in order, collects tags, and the text that displaCy drew."""

    def __init__(self, html: str):
        super().__init__()
        self.open: List[Tuple[str, str]] = []
        self.tags: List[str] = []
        self.text = ""  # without the labels below the aspects
        self.feed(html)
        self.close()
        assert not self.open, "not all elements are closed"

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        names = [name for _, name in self.open]
        if "spans" in names and not any(name.startswith("bs-tag") for name in names):
            self.text += data


def make_doc(text: str = TEXT, aspects: Sequence[Tuple[str, str, str]] = (), **cats: Dict[str, float]) -> Doc:
    """A Doc with results. aspects: words, category, sentiment. cats: scores by group."""
    doc = spacy.blank("en").make_doc(text)
    for group, scores in cats.items():
        doc.cats.update({f"{group}:{label}": score for label, score in scores.items()})
    spans, rows = [], []
    for words, category, sentiment in aspects:
        start = text.index(words)
        span = doc.char_span(start, start + len(words), label=sentiment, kb_id=category)
        assert span is not None
        spans.append(span)
        rows.append([0.9 if label == sentiment else 0.05 for label in LABELS])
    if aspects:
        doc.spans["aspects"] = SpanGroup(doc, name="aspects", spans=spans, attrs={"labels": LABELS, "scores": rows})
    return doc


FULL = {
    "polarity": {"positive": 0.2, "neutral": 0.1, "negative": 0.7},
    "emotion": {"joy": 0.41, "anger": 0.83, "fear": 0.02},
}
ASPECTS = [("soup", "FOOD", "positive"), ("waiter", "STAFF", "negative")]


def test_page() -> None:
    html = render(make_doc(aspects=ASPECTS, **FULL))
    page = Reader(html)
    assert html.startswith("<!DOCTYPE html>") and '<html lang="en">' in html and "color-scheme: light dark" in html
    assert not {"script", "link", "img", "a", "iframe"} & set(page.tags), "nothing runs, nothing is fetched"
    assert "http" not in html and "url(" not in html and "@import" not in html
    assert Reader(html).text.strip("\n") == TEXT, "every character, spaces too"
    assert '<b style="background: #f2a099">negative</b> \u22120.50' in html
    for label, score in [*FULL["polarity"].items(), *FULL["emotion"].items()]:
        assert f">{label}<" in html and f">{score:.2f}<" in html
        assert f"width: {100 * score:.1f}%" in html


def test_aspects_have_the_colors_of_their_sentiment() -> None:
    html = render(make_doc(aspects=[*ASPECTS, ("again", "TIME", "neutral"), ("Never", "", "mixed")]))
    for label, category in (("positive", "FOOD"), ("negative", "STAFF"), ("neutral", "TIME")):
        color = COLORS[label.upper()]
        assert f'<span style="background: {color}">{label} 0.90<small>{category}</small></span>' in html
        assert f'<span style="background: {color}; top: 0px"></span>' in html
    assert '<span style="background: #dddddd">mixed 0.00</span>' in html, "a label of your own, without category"


def test_aspects_without_sentiment() -> None:
    doc = mark_aspects(spacy.blank("en").make_doc(TEXT), ["soup"])
    assert '<span style="background: #dddddd">aspect</span>' in render(doc)


def test_everything_is_escaped() -> None:
    evil = '<script>alert("1&2")</script>'
    text = f"{evil} said the soup"
    doc = make_doc(text, [("soup", evil, "positive")], polarity={evil: 0.9, "neutral": 0.1}, emotion={evil: 0.9})
    doc.spans["aspects"] = [*doc.spans["aspects"], Span(doc, 0, 2, label=evil)]
    html = render(doc)
    page = Reader(html)
    assert "script" not in page.tags and "<script" not in html
    assert html.count("&lt;script&gt;alert(&quot;1&amp;2&quot;)&lt;/script&gt;") >= 5
    assert Reader(html).text.strip("\n") == text


def test_emotions_above_their_threshold_are_emphasised() -> None:
    doc = make_doc(**FULL)
    assert "<b>anger</b>" in render(doc) and "<b>joy</b>" not in render(doc)
    set_thresholds(doc, {"joy": 0.4, "anger": 0.9})
    html = render(doc)
    assert "<b>joy</b>" in html and "<b>0.41</b>" in html and "<b>anger</b>" not in html
    assert html.index(">joy<") < html.index(">anger<"), "those that are found come first"
    set_thresholds(doc, {"joy": 0.9, "anger": 0.9})
    assert "Emotions: none above its threshold" in render(doc)


def test_many_emotions_are_folded() -> None:
    scores = {f"emotion{i}": 0.01 * i for i in range(28)}
    html = render(make_doc(emotion=scores))
    shown, folded = html.split("<details><summary>20 more</summary>")
    assert shown.count("<li") == 8 and folded.count("<li") == 20
    html = render(make_doc(emotion={**scores, **{f"strong{i}": 0.9 for i in range(10)}}))
    shown, folded = html.split("<details><summary>28 more</summary>")
    assert shown.count("<li") == shown.count("<li><b>strong") == 10


def test_what_is_missing_is_left_out() -> None:
    nlp = spacy.blank("en")
    html = render([nlp.make_doc("A soup."), nlp.make_doc(""), nlp.make_doc(" \n")])
    assert html.count("<article") == 3 and html.count("(no text)") == 2
    assert "Polarity" not in html and "Emotions" not in html and 'class="bs-aspect"' not in html
    Reader(html)
    assert Reader(render([])).tags.count("article") == 0
    polarity = render(make_doc(polarity={"positive": 0.0, "negative": 0.001}))
    assert "Emotions" not in polarity and "</b> +0.00<" in polarity, "never minus zero"


def test_part() -> None:
    html = render([make_doc(aspects=ASPECTS), make_doc(**FULL)], page=False)
    assert html.startswith("<style>") and "<html" not in html and "<body" not in html
    assert html.count("<style>") == 1 and html.count("<article") == 2
    selectors = [line.split("{")[0].strip() for line in html.split("</style>")[0].split("\n") if "{" in line]
    assert selectors and all(x.startswith(".bs-") for x in selectors), "the rest of your page keeps its style"


def test_a_document_alone_and_a_generator() -> None:
    doc = make_doc(aspects=ASPECTS, **FULL)
    assert render(doc) == render([doc]) == render(doc for doc in [doc])


@pytest.mark.parametrize(
    "aspects,n_lines",
    [
        ([("soup", "FOOD", "positive"), ("soup", "PRICE", "negative")], 2),  # the same words twice
        ([("The soup was lovely", "", "positive"), ("soup", "FOOD", "negative")], 4),  # one in the other
        ([("The soup was", "", "positive"), ("was lovely", "", "negative")], 4),  # they overlap
        ([("The soup was lovely, but (the waiter) was rude.", "MEAL", "negative")], 2),  # long: two pieces
        ([(TEXT, "", "neutral")], 3),
    ],
)
def test_overlapping_and_long_aspects(aspects: List[Tuple[str, str, str]], n_lines: int) -> None:
    html = render(make_doc(aspects=aspects))
    assert Reader(html).text.strip("\n") == TEXT
    assert html.count('px"></span>') == n_lines
    assert html.count('class="bs-tag') == len(aspects)


def test_labels_of_neighbours_do_not_cover_each_other() -> None:
    near = render(make_doc("soup and bread", [("soup", "FOOD", "positive"), ("bread", "FOOD", "negative")]))
    assert near.count('class="bs-tag"') == 1, "it takes its width"
    assert near.count('class="bs-tag bs-free"') == 1
    far = render(make_doc(aspects=ASPECTS))
    assert far.count('class="bs-tag bs-free"') == 2


def test_right_to_left() -> None:
    doc = spacy.blank("ar").make_doc("الكاميرا ممتازة")
    html = render(mark_aspects(doc, ["الكاميرا"]))
    assert 'lang="ar"' in html and 'dir="auto"' in html
    assert Reader(html).text.strip("\n") == doc.text


def test_displacy_shows_the_same_colors() -> None:
    doc = make_doc(aspects=ASPECTS)
    html = displacy.render(doc, style="span", options={"spans_key": "aspects"}, jupyter=False)
    assert COLORS["POSITIVE"] in html and COLORS["NEGATIVE"] in html and COLORS["NEUTRAL"] not in html
