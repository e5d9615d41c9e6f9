"""A roll-up as a web page without scripts: each number opens the sentences behind it."""

from html import escape
from typing import List, Sequence

from ..visualize import COLORS, OTHER, PAGE
from .counts import RollUp, Row
from .mentions import Example
from .table import (
    format_interval,
    format_net,
    format_score,
    format_share,
    get_names,
    list_remarks,
    name_columns,
    summarise,
)

# Forms of an aspect that are named below it.
MAX_FORMS = 4
DOT = " \u00b7 "
STYLE = """
body { max-width: 1200px; }
.bs-rollup { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.bs-rollup h1 { font-size: 20px; margin: 0 0 12px; }
.bs-rollup .bs-box { border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 8px; margin: 0 0 16px;
  overflow-x: auto; padding: 6px 18px 10px; }
.bs-rollup table { border-collapse: collapse; width: 100%; }
.bs-rollup caption { font-size: 13px; padding: 8px 0 4px; text-align: start; }
.bs-rollup th, .bs-rollup td { border-top: 1px solid rgba(128, 128, 128, 0.25); padding: 5px 10px 5px 0;
  text-align: start; vertical-align: top; }
.bs-rollup thead th { border-top: 0; font-size: 13px; white-space: nowrap; }
.bs-rollup thead th b { border-radius: 4px; color: #111; padding: 1px 7px; }
.bs-rollup tbody th { font-weight: 600; max-width: 20em; min-width: 7em; overflow-wrap: break-word; }
.bs-rollup small { display: block; font-size: 12px; font-weight: 400; opacity: 0.8; }
.bs-rollup .bs-number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bs-rollup .bs-shares { display: flex; background: rgba(128, 128, 128, 0.2); border-radius: 3px; height: 10px;
  margin-top: 7px; min-width: 110px; overflow: hidden; }
.bs-rollup .bs-total th, .bs-rollup .bs-total td { border-top: 2px solid rgba(128, 128, 128, 0.6); }
.bs-rollup summary { cursor: pointer; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bs-rollup summary small, .bs-rollup .bs-cell > span > small { display: inline; margin-left: 4px; }
.bs-rollup td details[open] { min-width: 15em; }
.bs-rollup td ul { font-size: 14px; margin: 4px 0 8px; padding: 0 0 0 16px; }
.bs-rollup td li { margin: 0 0 6px; overflow-wrap: anywhere; }
.bs-rollup mark { border-radius: 3px; color: #111; padding: 0 3px; }
.bs-rollup .bs-remarks { font-size: 13px; margin: 0 0 16px; padding: 0 0 0 18px; }
.bs-rollup .bs-document > summary { font-size: 15px; padding: 4px 0; white-space: normal; }
"""


def render(rollup: RollUp, *, title: str = "Aspects", lang: str = "") -> str:
    """Show a roll-up as a web page.

    rollup (RollUp): The counts. title (str): Its heading. lang (str): The language of the texts, "" if not known.
    RETURNS (str): A whole page with its style and nothing from elsewhere. All texts, names and labels are escaped.
    """
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in list_remarks(rollup))
    parts = [
        f"<h1>{escape(title)}</h1>",
        _render_table(rollup, rollup.rows, summarise(rollup), has_total=True),
        f'<ul class="bs-remarks">{remarks}</ul>',
    ]
    if rollup.documents:
        parts.append(f"<h1>{len(rollup.documents)} texts</h1>")
    for document in rollup.documents:
        mentions = sum(row.count for row in document.rows)
        summary = f'<summary dir="auto">Text {escape(document.id)} <small>mentions: {mentions}</small></summary>'
        parts.append(
            f'<details class="bs-document">{summary}'
            f"{_render_table(rollup, document.rows, f'Text {document.id}', has_total=False)}</details>"
        )
    content = '<main class="bs-rollup">\n' + "\n".join(parts) + "\n</main>"
    return PAGE.format(lang=escape(lang), style=STYLE, content=content)


def _render_table(rollup: RollUp, rows: Sequence[Row], caption: str, *, has_total: bool) -> str:
    labels = [*rollup.sentiments, *([""] if rollup.total.unrated else [])]
    names = name_columns(rollup.by)
    heads = [*names, "Mentions", *(["Texts"] if has_total else []), "Shares"]
    cells = [f'<th scope="col">{head}</th>' for head in heads]
    cells += [f'<th scope="col">{_render_label(label)}</th>' for label in labels]
    cells.append('<th scope="col">Net (95 %)</th>')
    body = [_render_row(row, get_names(row, rollup.by), labels, has_documents=has_total) for row in rows]
    if has_total:
        total = ["all", *[""] * (len(names) - 1)]
        body.append(_render_row(rollup.total, total, labels, has_documents=True, kind=' class="bs-total"'))
    return (
        f'<div class="bs-box" tabindex="0"><table>\n<caption dir="auto">{escape(caption)}</caption>\n'
        f"<thead><tr>{''.join(cells)}</tr></thead>\n<tbody>\n{''.join(body)}</tbody>\n</table></div>"
    )


def _render_row(row: Row, names: Sequence[str], labels: Sequence[str], *, has_documents: bool, kind: str = "") -> str:
    *outer, last = names
    cells = [f'<td dir="auto">{escape(name)}</td>' for name in outer]
    cells.append(f'<th scope="row" dir="auto">{escape(last)}{_render_forms(row, last)}</th>')
    numbers = [row.count, *([row.documents] if has_documents else [])]
    cells += [f'<td class="bs-number">{number}</td>' for number in numbers]
    cells.append(f"<td>{_render_shares(row, labels)}</td>")
    cells += [f'<td class="bs-cell">{_render_cell(row, label)}</td>' for label in labels]
    interval = f"<small>{format_interval(row.interval)}</small>" if row.interval else ""
    cells.append(f'<td class="bs-number">{format_net(row.net)}{interval}</td>')
    return f"<tr{kind}>{''.join(cells)}</tr>\n"


def _render_label(label: str) -> str:
    return f'<b style="background: {_get_color(label)}">{escape(label or "no sentiment")}</b>'


def _render_forms(row: Row, name: str) -> str:
    """The words that were joined, where they are not the name itself."""
    if not row.aspect or set(row.forms) <= {name}:
        return ""
    forms = [f"{form} {n}" for form, n in sorted(row.forms.items(), key=lambda item: (-item[1], item[0]))]
    rest = [f"{len(forms) - MAX_FORMS} more"] if len(forms) > MAX_FORMS else []
    return f"<small>{escape(', '.join(forms[:MAX_FORMS] + rest))}</small>"


def _render_shares(row: Row, labels: Sequence[str]) -> str:
    parts = [
        f'<span style="background: {_get_color(label)}; width: {100 * row.counts[label] / row.rated:.1f}%"></span>'
        for label in labels
        if row.counts[label]
    ]
    # The numbers beside it say the same.
    return f'<span class="bs-shares" aria-hidden="true">{"".join(parts)}</span>'


def _render_cell(row: Row, label: str) -> str:
    count = row.counts[label] if label else row.unrated
    mean = row.get_mean_score(label) if label else None
    facts = [format_share(row.get_share(label))] if label and count else []
    facts += [f"P {format_score(mean)}"] if mean is not None else []
    head = f"{count} <small>{DOT.join(facts)}</small>" if facts else f"{count}"
    examples = row.examples.get(label, [])
    if not examples:
        return f"<span>{head}</span>"
    items: List[str] = [_render_example(example, label) for example in examples]
    if count > len(examples):
        items.append(f"<li>and {count - len(examples)} more</li>")
    return f"<details><summary>{head}</summary><ul>{''.join(items)}</ul></details>"


def _render_example(example: Example, label: str) -> str:
    text, start, end = example.text, example.start, example.end
    words = f'<mark style="background: {_get_color(label)}">{escape(text[start:end])}</mark>' if end else ""
    score = f"{DOT}{example.score:.2f}" if example.score else ""
    return (
        f'<li dir="auto">{escape(text[:start])}{words}{escape(text[end:])} '
        f"<small>{escape(example.document)}{score}</small></li>"
    )


def _get_color(label: str) -> str:
    """RETURNS (str): That of the label; "very positive" has the colour of "positive"."""
    return COLORS.get(label.upper().replace("VERY ", ""), OTHER)
