import json
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Union

import typer
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model
from wasabi import color, msg

from ..api import mark_aspects, to_dict
from ..errors import Errors
from ..types import Aspect
from .root import bertsent_cli, readable_errors
from .texts import open_texts

COLORS = {"positive": "green", "neutral": "grey", "negative": "red"}


@bertsent_cli.command("annotate")
def annotate_cli(
    model: str = Arg(..., help="Pipeline: a directory or an installed package"),
    texts: Path = Arg(..., help="A .txt file (one text a line), a .jsonl file with 'text', or - for standard input"),
    html: Optional[Path] = Opt(None, "--html", "-H", help="Write the results as a web page"),
    jsonl: Optional[Path] = Opt(None, "--jsonl", "-j", help="Write the results as JSON, one object a line"),
    aspect: List[str] = Opt([], "--aspect", "-a", help="Words to take as an aspect where they occur; may be repeated"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
) -> None:
    """Print polarity, emotions and aspects of texts, and write them as HTML or JSONL.

    A text that has one of the given aspects keeps to them; the others get those that the pipeline finds.
    """
    with readable_errors("Nothing was annotated"):
        found = read_texts(texts)
        setup_gpu(gpu_id, silent=True)
        docs = annotate(load_model(model), found, aspects=aspect, name=model)
        if html is not None:
            from ..visualize import render

            write_text(html, render(docs))
        if jsonl is not None:
            write_text(jsonl, "".join(json.dumps(to_dict(doc), ensure_ascii=False) + "\n" for doc in docs))
    # Last: the files are there, too, where a reader such as `head` stops reading.
    for doc in docs:
        typer.echo(describe(doc))
    for path in filter(None, (html, jsonl)):
        msg.good(f"{len(docs)} texts: {path}")


def annotate(nlp: Language, texts: Sequence[str], *, aspects: Sequence[str] = (), name: str = "") -> List[Doc]:
    """Run a pipeline on texts.

    nlp (Language): The pipeline. texts (Sequence[str]): The texts.
    aspects (Sequence[str]): Words to take as aspects in the texts that have them.
    name (str): What the pipeline is called in messages.
    RETURNS (List[Doc]): With results.
    RAISES (ValueError): BS043 if an aspect occurs in no text; BS010; BS044 if the pipeline gives none of our results.
    """
    docs = [nlp.make_doc(text) for text in texts]
    for aspect in aspects:
        found = [_mark(doc, aspect) for doc in docs]
        if not any(found):
            raise ValueError(Errors.BS043.format(aspect=aspect, count=len(docs)))
    docs = list(nlp.pipe(docs))
    if docs and all(len(to_dict(doc)) == 1 for doc in docs):
        raise ValueError(Errors.BS044.format(model=name, names=", ".join(nlp.pipe_names) or "no component"))
    return docs


def read_texts(path: Union[str, Path]) -> List[str]:
    """Read texts; blank ones are left out.

    path (Union[str, Path]): A .txt or .jsonl file, or "-" for standard input: one text a line.
    RETURNS (List[str]): At least one text.
    RAISES (ValueError): BS021, BS036, BS040, BS041, BS042 or BS111.
    """
    return [row.text for row in open_texts(path)]


def describe(doc: Doc) -> str:
    """RETURNS (str): The results of a Doc, to be read in a terminal."""
    results = to_dict(doc)
    lines = [color(doc.text, bold=True)]
    if "polarity" in results:
        lines.append(f"  polarity    {_paint(results['polarity'])}   {_list_scores(results['polarity_scores'])}")
        lines.append(f"  sentiment   {round(results['sentiment'], 2) + 0.0:+.2f}")
    if "emotions" in results:
        scores = results["emotion_scores"]
        best = max(scores, key=scores.__getitem__)
        lines.append(
            f"  emotions    {_list_scores(results['emotions']) or f'none (highest: {best} {scores[best]:.2f})'}"
        )
    if "aspects" in results:
        table = _list_aspects([Aspect(**row) for row in results["aspects"]]) or ["none"]
        lines += [f"  {'' if i else 'aspects':<9}   {row}" for i, row in enumerate(table)]
    return "\n".join(lines) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a file, and its directories where there are none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf8")


def _mark(doc: Doc, aspect: str) -> bool:
    try:
        mark_aspects(doc, [aspect])
    except ValueError as e:
        if str(e).startswith("[BS011]"):
            return False
        raise
    return True


def _list_scores(scores: Dict[str, float]) -> str:
    return ", ".join(f"{label} {score:.2f}" for label, score in scores.items())


def _list_aspects(aspects: Sequence[Aspect]) -> List[str]:
    texts = _pad([" ".join(aspect.text.split()) for aspect in aspects])
    categories = _pad([aspect.category for aspect in aspects])
    rows = []
    for aspect, text, category in zip(aspects, texts, categories):
        sentiment = _paint(aspect.sentiment) + (f" {aspect.score:.2f}" if aspect.scores else "")
        rows.append("   ".join(filter(None, (text, category, sentiment))))
    return rows


def _pad(words: Sequence[str]) -> List[str]:
    width = max(map(len, words), default=0)
    return [f"{word:<{width}}" for word in words]


def _paint(label: str) -> str:
    return str(color(label, fg=COLORS.get(label)))
