"""Shows results as HTML, without scripts: aspects by displaCy's `style="span"`, polarity and emotions as bars."""

import re
from html import escape
from itertools import chain
from typing import Any, Dict, Iterable, List, Optional, Union

from spacy import displacy
from spacy.tokens import Doc

from .extensions import get_aspects, get_emotion_scores, get_emotions, get_polarity, get_polarity_scores
from .labels import SENTIMENTS, order_labels
from .types import Aspect

# Registered for displaCy by an entry point, so `displacy.render(doc, style="span")` shows the same colours.
COLORS = {"POSITIVE": "#8ed1a0", "NEUTRAL": "#c3c9d1", "NEGATIVE": "#f2a099"}
OTHER = "#dddddd"
EMPHASIS = "#f3b54a"
# Weaker emotions are folded where there are more; those above their thresholds are always open.
MAX_OPEN = 8
# Characters of a long aspect that stay on one line.
PIECE = 24

# displaCy puts a space after each token of plain text. This character, of the private use area, marks those to remove.
NO_SPACE = "\ue000"
# In the flow and not at fixed heights, as displaCy's own are: lines grow with the labels below them.
TEMPLATE = {
    "span": (
        '<span class="bs-aspect"><span class="bs-words">{text}'
        '<span class="bs-lines" style="height: {total_height}px">{span_slices}</span></span>{span_starts}</span>'
    ),
    "slice": '<span style="background: {bg}; top: {top_offset}px"></span>',
    "start": "{label}",
}
LINES = {"top_offset": 0, "span_label_offset": 4, "top_offset_step": 6}

STYLE = """
.bs-doc { border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 8px; margin: 0 0 16px; padding: 14px 18px;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.bs-doc .spans { font-size: 17px; line-height: 1.6 !important; white-space: pre-wrap;
  overflow-wrap: anywhere; padding-inline-end: 48px; }
.bs-scores { display: flex; flex-wrap: wrap; gap: 10px 36px; margin-bottom: 12px; }
.bs-scores > section { flex: 1 1 220px; max-width: 300px; }
.bs-scores > section.bs-wide { flex: 2 1 300px; max-width: 640px; }
.bs-scores h2 { font-size: 13px; font-weight: 400; margin: 0 0 4px; }
.bs-scores h2 b { border-radius: 4px; color: #111; margin: 0 6px; padding: 1px 7px; }
.bs-scores ul { display: grid; gap: 1px 24px; grid-template-columns: repeat(auto-fill, minmax(235px, 1fr));
  list-style: none; margin: 0; padding: 0; }
.bs-scores li { align-items: center; display: grid; font-size: 12.5px; gap: 8px; grid-template-columns: 9em 1fr 2.6em;
  margin: 0; }
.bs-scores li > :first-child { overflow-wrap: anywhere; }
.bs-scores li > :last-child { font-variant-numeric: tabular-nums; text-align: right; }
.bs-scores li.bs-weak { opacity: 0.75; }
.bs-track { background: rgba(128, 128, 128, 0.2); border-radius: 3px; height: 8px; overflow: hidden; }
.bs-track > span { display: block; height: 100%; }
.bs-doc summary { cursor: pointer; font-size: 12.5px; margin-top: 2px; opacity: 0.75; }
.bs-doc p { margin: 0; opacity: 0.75; }
.bs-aspect { display: inline-flex; flex-direction: column; margin-bottom: 5px; max-width: 100%; }
.bs-words { align-self: flex-start; }
.bs-lines { display: block; position: relative; }
.bs-lines > span { border-radius: 2px; height: 4px; left: 0; position: absolute; right: 0; }
.bs-tag { align-self: flex-start; font-size: 11px; line-height: 1.25; margin-top: 2px; }
.bs-tag.bs-free { width: 0; }
.bs-tag > span { border-radius: 3px; color: #111; display: block; margin-inline-end: 4px; padding: 1px 5px 2px;
  white-space: nowrap; width: max-content; }
.bs-tag small { display: block; font-size: 9px; letter-spacing: 0.02em; }
"""
PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sentiment</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ background: Canvas; color: CanvasText; margin: 0 auto; max-width: 960px; padding: 24px 16px; }}
{style}</style>
</head>
<body>
{content}
</body>
</html>
"""


def render(docs: Union[Doc, Iterable[Doc]], *, page: bool = True) -> str:
    """Show the results of documents as HTML.

    docs (Union[Doc, Iterable[Doc]]): After prediction, or with gold annotation. What a Doc lacks is left out.
    page (bool): Give a whole page; without, give a part for a page of yours or a notebook.
    RETURNS (str): HTML with its style. All texts and labels are escaped.
    """
    docs = [docs] if isinstance(docs, Doc) else list(docs)
    content = "\n".join(map(_render_doc, docs))
    if not page:
        return f"<style>{STYLE}</style>\n{content}"
    return PAGE.format(lang=escape(docs[0].lang_ if docs else ""), style=STYLE, content=content)


def _render_doc(doc: Doc) -> str:
    scores = _render_polarity(doc) + _render_emotions(doc)
    head = f'<div class="bs-scores">{scores}</div>\n' if scores else ""
    text = _render_text(doc) if doc.text.strip() else "<p>(no text)</p>"
    return f'<article class="bs-doc" dir="auto">\n{head}{text}\n</article>'


def _render_polarity(doc: Doc) -> str:
    scores, best = get_polarity_scores(doc), get_polarity(doc)
    if best is None:
        return ""
    bars = [_render_bar(x, scores[x], _get_color(x), x == best) for x in order_labels(scores, SENTIMENTS)]
    sentiment = scores.get("positive", 0.0) - scores.get("negative", 0.0)
    number = f"{round(sentiment, 2) + 0.0:+.2f}".replace("-", "\u2212")
    title = f'Polarity <b style="background: {_get_color(best)}">{escape(best)}</b> {number}'
    return f"<section><h2>{title}</h2><ul>{''.join(bars)}</ul></section>"


def _render_emotions(doc: Doc) -> str:
    scores, found = get_emotion_scores(doc), get_emotions(doc)
    if not scores:
        return ""
    ranked = sorted(scores, key=lambda label: (label not in found, -scores[label]))
    bars = [_render_bar(x, scores[x], EMPHASIS if x in found else "#9aa3ad", x in found) for x in ranked]
    n_open = max(MAX_OPEN, len(found))
    rest = f"<details><summary>{len(bars) - n_open} more</summary><ul>{''.join(bars[n_open:])}</ul></details>"
    title = "Emotions" if found else "Emotions: none above its threshold"
    return (
        f'<section class="bs-wide"><h2>{title}</h2><ul>{"".join(bars[:n_open])}</ul>'
        f"{rest if len(bars) > n_open else ''}</section>"
    )


def _render_bar(label: str, score: float, color: str, strong: bool) -> str:
    tag, kind = ("b", "") if strong else ("span", ' class="bs-weak"')
    width = 100 * min(max(score, 0.0), 1.0)
    track = f'<span class="bs-track"><span style="background: {color}; width: {width:.1f}%"></span></span>'
    return f"<li{kind}><{tag}>{escape(label)}</{tag}>{track}<{tag}>{score:.2f}</{tag}></li>"


def _render_text(doc: Doc) -> str:
    """Cut the text where aspects start and end, and let displaCy draw the pieces as if they were tokens."""
    aspects = get_aspects(doc)
    cuts = sorted({0, len(doc.text), *chain.from_iterable(_cut_aspect(doc.text, x) for x in aspects)})
    places = {offset: i for i, offset in enumerate(cuts)}
    tokens = [doc.text[start:end] + NO_SPACE for start, end in zip(cuts, cuts[1:])]
    spans: List[Dict[str, Any]] = []
    colors: Dict[str, str] = {}
    starts = sorted({x.start_char for x in aspects})
    for x in aspects:
        near = next((start - x.start_char for start in starts if start > x.start_char), None)
        tag = _render_tag(x, near)
        colors[tag.upper()] = _get_color(x.sentiment)
        spans.append({"start_token": places[x.start_char], "end_token": places[x.end_char], "label": tag})
    options = {"colors": colors, "template": TEMPLATE, **LINES}
    parsed = {"tokens": tokens, "spans": spans}
    html = displacy.render(parsed, style="span", manual=True, page=False, jupyter=False, options=options)
    return html.replace(NO_SPACE + " ", "").replace(NO_SPACE, "")


def _render_tag(aspect: Aspect, near: Optional[int]) -> str:
    """The label below an aspect. It takes no width, unless the next one stands so near that it would be covered."""
    words = (aspect.sentiment or "aspect") + (f" {aspect.score:.2f}" if aspect.scores else "")
    # Characters are smaller here than in the text, so this is more than it needs.
    kind = "bs-tag" if near is not None and near <= max(len(words), len(aspect.category)) else "bs-tag bs-free"
    small = f"<small>{escape(aspect.category)}</small>" if aspect.category else ""
    # displaCy escapes texts but no labels.
    return (
        f'<span class="{kind}"><span style="background: {_get_color(aspect.sentiment)}">'
        f"{escape(words)}{small}</span></span>"
    )


def _cut_aspect(text: str, aspect: Aspect) -> List[int]:
    """Cut a long aspect into pieces of a few words: a piece is never broken over two lines."""
    cuts = [aspect.start_char]
    for space in re.finditer(r"\s+", text[aspect.start_char : aspect.end_char]):
        place = aspect.start_char + space.end()
        if place - cuts[-1] >= PIECE:
            cuts.append(place)
    return [*cuts, aspect.end_char]


def _get_color(label: str) -> str:
    return COLORS.get(label.upper(), OTHER)
