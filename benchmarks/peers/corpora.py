"""Corpora as items to classify, and their scores as a file of predictions: the same for all peers."""

import argparse
import datetime
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

from spacy.pipeline import Sentencizer
from spacy.tokens import Doc, DocBin
from spacy.training.corpus import walk_corpus
from spacy.vocab import Vocab

from spacy_bertsent.evaluation.predictions import (
    Found,
    Predictions,
    Row,
    get_digest,
    round_scores,
    write_predictions,
)
from spacy_bertsent.extensions import get_aspect_text
from spacy_bertsent.labels import ASPECTS_KEY, EMOTION, PLUTCHIK, POLARITY, SENTIMENTS, get_group, order_labels
from spacy_bertsent.sentences import get_sentences, widen_to_sentences
from spacy_bertsent.types import Offsets

PREFIXES = {"polarity": POLARITY, "emotions": EMOTION}
CONTEXTS = ("document", "sentence")


class Item(NamedTuple):
    """One thing to classify: a text, or an aspect of it.

    doc (int): Place of its document in the corpus.
    start_char (int), end_char (int): Characters of the text or aspect in the document. category (str): Or "".
    text (str): The text, or what the aspect is called. context (str): The text around the aspect; "" without one.
    offset (int): Where the context starts in the document.
    gold (Dict[str, float]): Truth of each label; empty where there is none.
    """

    doc: int
    start_char: int
    end_char: int
    category: str
    text: str
    context: str
    offset: int
    gold: Dict[str, float]

    @property
    def best(self) -> str:
        """The label that is true, of those that exclude each other."""
        return max(self.gold, key=self.gold.__getitem__)

    @property
    def focus(self) -> Offsets:
        """Characters of the aspect in its context, for peers that mark it there.

        RAISES (ValueError): If the aspect is a category without words of its own.
        """
        start, end = self.start_char - self.offset, self.end_char - self.offset
        if self.context[start:end] != self.text:
            raise ValueError(f"This peer needs the words of each aspect; {self.category!r} is a category only")
        return start, end


ScoresT = Sequence[Sequence[float]]
# Takes items, gives the probability of each label for each.
PredictT = Callable[[List[Item]], ScoresT]
# Takes the settings, the items and the labels.
TrainT = Callable[[argparse.Namespace, List[Item], List[str]], PredictT]


def run(peer: str, args: argparse.Namespace, train: TrainT, *, packages: Sequence[str], context: str) -> None:
    """Train a peer, predict, write the predictions and print how long it took.

    peer (str): Its name. args (Namespace): From `arguments.parse`. train (TrainT): Trains and gives what predicts.
    packages (Sequence[str]): Whose versions are recorded. context (str): See `make_items`.
    """
    items = [item for item in make_items(read_docs(args.train), args.task, context) if item.gold]
    labels = find_labels(items, args.task)
    about: Dict[str, Any] = {
        "peer": peer,
        "task": args.task,
        "settings": {key: _without_directory(value) for key, value in vars(args).items()},
        "versions": {package: version(package) for package in packages},
        "date": datetime.date.today().isoformat(),
        "train_items": len(items),
    }
    start = time.perf_counter()
    predict = train(args, items, labels)
    about["train_seconds"] = round(time.perf_counter() - start, 2)
    sys.stdout.write(f"{peer}: trained on {len(items)} items in {about['train_seconds']} s\n")
    for corpus, path in ((args.select, args.predictions_select), (args.report, args.predictions_report)):
        if corpus is None:
            continue
        docs = read_docs(corpus)
        asked = make_items(docs, args.task, context)
        start = time.perf_counter()
        scores = predict(asked)
        about = {**about, "texts": len(docs), "seconds": round(time.perf_counter() - start, 2)}
        write_predictions(make_predictions(docs, args.task, asked, labels, scores, about), path)
        sys.stdout.write(f"{peer}: {len(asked)} items in {about['seconds']} s, written: {path}\n")


def _without_directory(value: Any) -> Any:
    """Where files lie on one machine is of no interest to others."""
    return Path(value).name if isinstance(value, Path) or isinstance(value, str) and Path(value).exists() else value


def read_docs(path: Path) -> List[Doc]:
    """RETURNS (List[Doc]): The documents of a .spacy file, or of all in a directory, by the names of the files."""
    vocab = Vocab()
    files = sorted(walk_corpus(path, ".spacy"))
    return [doc for file in files for doc in DocBin().from_disk(file).get_docs(vocab)]


def make_items(docs: Sequence[Doc], task: str, context: str = "document") -> List[Item]:
    """Make the items of a corpus.

    docs (Sequence[Doc]): The documents. task (str): See `arguments.TASKS`.
    context (str): The context of an aspect: "document", or "sentence", found by spaCy's sentencizer.
    RETURNS (List[Item]): One for each document, or one for each aspect with a sentiment, in their order.
    """
    if task == "aspect_sentiment":
        return [item for i, doc in enumerate(docs) for item in _make_aspects(i, doc, context)]
    prefix = PREFIXES[task]
    return [Item(i, 0, len(doc.text), "", doc.text, "", 0, get_group(doc.cats, prefix)) for i, doc in enumerate(docs)]


def _make_aspects(i: int, doc: Doc, context: str) -> Iterator[Item]:
    aspects = [span for span in doc.spans.get(ASPECTS_KEY, []) if span.label_]
    if not aspects:
        return
    if not doc.has_annotation("SENT_START"):
        Sentencizer()(doc)
    sentences = get_sentences(doc)
    for span in aspects:
        name = get_aspect_text(doc.text, sentences, span)
        around = sentences if context == "sentence" else []
        start, end = widen_to_sentences(doc.text, around, span.start_char, span.end_char)
        text, gold = doc.text[start:end], {span.label_: 1.0}
        yield Item(i, span.start_char, span.end_char, span.kb_id_, name, text, start, gold)


def find_labels(items: Sequence[Item], task: str) -> List[str]:
    """RETURNS (List[str]): The labels of the items, in the order in which the components of this package have them."""
    preferred = PLUTCHIK if task == "emotions" else SENTIMENTS
    return order_labels((label for item in items for label in item.gold), preferred)


def make_predictions(
    docs: Sequence[Doc],
    task: str,
    items: Sequence[Item],
    labels: List[str],
    scores: ScoresT,
    about: Optional[Dict[str, Any]] = None,
) -> Predictions:
    """Put scores in the form that is evaluated.

    docs (Sequence[Doc]): The corpus. task (str): See `arguments.TASKS`. items (Sequence[Item]): From `make_items`.
    labels (List[str]): Of the scores. scores (ScoresT): Probability of each label, for each item.
    about (Optional[Dict[str, Any]]): Where they come from. RETURNS (Predictions): One row for each document.
    """
    assert len(scores) == len(items)
    words: Dict[str, List[str]] = {"polarity": [], "emotions": [], "sentiment": []}
    words["sentiment" if task == "aspect_sentiment" else task] = labels
    rows = [Row(get_digest(doc.text)) for doc in docs]
    if task == "aspect_sentiment":
        for row, doc in zip(rows, docs):
            row.given = [] if ASPECTS_KEY in doc.spans else None
    for item, one in zip(items, scores):
        row, rounded = rows[item.doc], round_scores(one)
        if row.given is not None:
            row.given.append(Found(item.start_char, item.end_char, item.category, rounded))
        elif task == "polarity":
            row.polarity = rounded
        else:
            row.emotions = rounded
    return Predictions(words, rows=rows, about=about or {})
