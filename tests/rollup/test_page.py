import re

from spacy_bertsent.rollup import count_aspects, render
from spacy_bertsent.visualize import COLORS

from ..test_visualize import Reader
from .test_counts import make_docs
from .util import make_doc


def test_page() -> None:
    html = render(count_aspects(make_docs(), by="both"), title="Soups & more", lang="en")
    page = Reader(html)
    assert html.startswith("<!DOCTYPE html>") and '<html lang="en">' in html and "<h1>Soups &amp; more</h1>" in html
    assert not {"script", "link", "img", "a", "iframe"} & set(page.tags), "nothing runs, nothing is fetched"
    assert (
        "http" not in html
        and "url(" not in html
        and "@import" not in html
        and " on" not in re.sub(">[^<]*<", "><", html)
    )
    assert page.tags.count("table") == page.tags.count("caption") == page.tags.count("thead") == 1
    assert html.count('<th scope="col">') == 9 and html.count('<th scope="row"') == 4
    assert "5 texts, 3 of them with aspects: 5 mentions, 3 aspects of categories" in html
    for label, color in COLORS.items():
        assert f'<b style="background: {color}">{label.lower()}</b>' in html
    assert "Mentions are joined by their words in lower case" in html


def test_each_number_opens_its_sentences() -> None:
    docs = [make_doc(f"The soup {word}.", [("soup", "negative", "")], [[0.1, 0.2, 0.7]]) for word in ("a", "b", "c")]
    html = render(count_aspects(docs, examples=2))
    row = html[html.index('<th scope="row"') : html.index("</tr>", html.index('<th scope="row"'))]
    assert "<details><summary>3 <small>100% \u00b7 P 0.70</small></summary><ul>" in row
    color = COLORS["NEGATIVE"]
    for i, word in enumerate("ab", 1):
        assert f'The <mark style="background: {color}">soup</mark> {word}. <small>{i} \u00b7 0.70</small>' in row
    assert "<li>and 1 more</li>" in row and "soup</mark> c." not in row
    assert row.count("<details>") == 1 and "<span>0 <small>P 0.10</small></span>" in row
    assert f'<span style="background: {color}; width: 100.0%"></span>' in row
    assert "\u22121.00<small>\u22121.00 to " in row
    assert "<details>" not in render(count_aspects(docs, examples=0))


def test_forms_that_were_joined() -> None:
    forms = ["Soup", "SOUP", "soup", "SOup", "soUP", "soup"]
    html = render(count_aspects([make_doc(f"A {x}.", [(x, "positive", "")]) for x in forms]))
    assert "soup<small>soup 2, SOUP 1, SOup 1, Soup 1, 1 more</small></th>" in html
    assert "soup<small>" not in render(count_aspects([make_doc("A soup.", [("soup", "positive", "")])]))


def test_everything_is_escaped() -> None:
    evil = '<script>alert("1&2")</script>'
    doc = make_doc(f"{evil} said the soup", [(evil, evil, evil), ("soup", "", "")])
    for by in ("both", "category", "aspect"):
        html = render(count_aspects([(doc, evil)], by=by, per_doc=True), title=evil, lang='"><script>')
        page = Reader(html)
        assert "script" not in page.tags and "<script" not in html.lower()
        assert html.count("&lt;script&gt;alert(&quot;1&amp;2&quot;)&lt;/script&gt;") >= 5


def test_tables_of_documents() -> None:
    html = render(count_aspects([(doc, f"id{i}") for i, doc in enumerate(make_docs())], per_doc=True))
    assert Reader(html).tags.count("table") == 4 and html.count('<details class="bs-document">') == 3
    assert '<summary dir="auto">Text id2 <small>mentions: 2</small></summary>' in html
    assert html.count('<tr class="bs-total">') == 1


def test_mentions_without_sentiment_have_a_column() -> None:
    html = render(count_aspects([make_doc("The lamp.", [("lamp", "", "")])]))
    assert ">no sentiment</b></th>" in html and "<details><summary>1</summary>" in html
    assert '<td class="bs-number">-</td>' in html
    assert Reader(render(count_aspects([]))).tags.count("tbody") == 1
