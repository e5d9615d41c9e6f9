"""What is read aloud: distinct sentences of real data, and aspects in them."""

import json
import random
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Sequence, Tuple

import spacy
from spacy.tokens import Doc
from tokenizers import Tokenizer

from spacy_bertsent.converters import get_converter
from spacy_bertsent.converters.rows import Report
from spacy_bertsent.labels import ASPECTS_KEY, POLARITY, get_group

TEXTS = ("sst2/dev.tsv", "sst2/train.tsv")
PAIRS = ("semeval2014/Restaurants_Train_v2.xml",)


class Marked(NamedTuple):
    """A text with aspects.

    text (str): The text. aspects (List[Tuple[int, int]]): Their characters, in the order of the text.
    labels (List[str]): The sentiment of each, "" where none is known.
    """

    text: str
    aspects: List[Tuple[int, int]]
    labels: List[str]


class MissingData(Exception):
    """A data set is not there. The message says which."""


def read_texts(data: Path, n: int, seed: int) -> List[Tuple[str, str]]:
    """Choose sentences of SST-2: those of the development split first.

    data (Path): Directory of the data sets. n (int): At most so many. seed (int): Of the order.
    RETURNS (List[Tuple[str, str]]): Distinct texts, in no order of lengths, and their polarity.
    RAISES (MissingData): If there is no SST-2.
    """
    found: Dict[str, str] = {}
    for name in TEXTS:
        for doc in _read(data / name, "sst2"):
            found.setdefault(doc.text, max(get_group(doc.cats, POLARITY).items(), key=lambda x: x[1])[0])
        if len(found) >= n:
            break
    return _shuffle(list(found.items())[:n], seed)


def read_marked(data: Path, n: int, n_aspects: int, seed: int) -> List[Marked]:
    """Choose sentences of SemEval-2014 restaurants with the same number of aspects each.

    Gold aspects come first; where there are too few, other words of the sentence stand in.

    data (Path): Directory of the data sets. n (int): At most so many. n_aspects (int): Of each text.
    seed (int): Of the order.
    RETURNS (List[Marked]): Distinct texts. RAISES (MissingData): If there are no restaurants.
    """
    found: Dict[str, Marked] = {}
    for doc in _read(data / PAIRS[0], "semeval2014"):
        aspects = {(span.start_char, span.end_char): span.label_ for span in doc.spans.get(ASPECTS_KEY, [])}
        words = [(token.idx, token.idx + len(token)) for token in doc if token.is_alpha]
        if aspects:
            aspects = {**aspects, **{word: "" for word in words if word not in aspects}}
            found.setdefault(doc.text, _mark(doc.text, list(aspects.items())[:n_aspects]))
    found = {text: item for text, item in found.items() if len(item.aspects) == n_aspects}
    return _shuffle(list(found.values())[:n], seed)


def read_gold_pairs(data: Path, n: int) -> List[Marked]:
    """Choose aspects of SemEval-2014 restaurants whose words occur once in their text.

    data (Path): Directory of the data sets. n (int): At most so many aspects.
    RETURNS (List[Marked]): Their texts, with all such aspects. RAISES (MissingData): If there are no restaurants.
    """
    chosen: Dict[str, Marked] = {}
    left = n
    for doc in _read(data / PAIRS[0], "semeval2014"):
        spans = [s for s in doc.spans.get(ASPECTS_KEY, []) if doc.text.lower().count(s.text.lower()) == 1]
        if spans and doc.text not in chosen:
            aspects = {(s.start_char, s.end_char): s.label_ for s in spans}
            chosen[doc.text] = _mark(doc.text, list(aspects.items())[:left])
            left -= len(chosen[doc.text].aspects)
        if not left:
            break
    return list(chosen.values())


def read_sample(data: Path, n: int) -> Tuple[List[str], List[Marked]]:
    """Choose what int8 weights take their ranges from: the last sentences, of which the other functions read the first.

    data (Path): Directory of the data sets. n (int): How many texts, and a third as many with aspects.
    RETURNS (Tuple[List[str], List[Marked]]): The texts, and those with aspects.
    RAISES (MissingData): If a data set is not there.
    """
    texts = [doc.text for doc in _read(data / TEXTS[-1], "sst2")][-n:]
    marked: Dict[str, Marked] = {}
    for doc in _read(data / PAIRS[0], "semeval2014"):
        aspects = {(span.start_char, span.end_char): span.label_ for span in doc.spans.get(ASPECTS_KEY, [])}
        if aspects:
            marked[doc.text] = _mark(doc.text, list(aspects.items()))
    return texts, list(marked.values())[-(n // 3) :]


def make_length(texts: Sequence[str], tokenizer: Tokenizer, n_pieces: int, n: int, seed: int) -> List[str]:
    """Make texts of one length by joining sentences and cutting them.

    texts (Sequence[str]): Sentences. tokenizer (Tokenizer): Of the weights. n_pieces (int): Of each text, the special
        ones included. n (int): How many. seed (int): Of the choice.
    RETURNS (List[str]): Distinct texts.
    """
    rng = random.Random(seed)
    made: Dict[str, None] = {}
    for _ in range(20 * n):
        if len(made) == n:
            break
        sentences: List[str] = []
        while True:
            sentences.append(rng.choice(texts))
            text = " ".join(sentences)
            encoding = tokenizer.encode(text)
            if len(encoding.ids) >= n_pieces:
                break
        # The last special piece stands behind the cut.
        cut = text[: encoding.offsets[n_pieces - 2][1]]
        if len(tokenizer.encode(cut).ids) == n_pieces:
            made.setdefault(cut)
    return list(made)


def count_pieces(tokenizer: Tokenizer, texts: Iterable[Any]) -> List[int]:
    """RETURNS (List[int]): Wordpieces of each text or pair, the special ones included, as many as the model takes."""
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))]


def load_tokenizer(weights: Path) -> Tokenizer:
    """RETURNS (Tokenizer): The fast tokenizer of a directory of weights, which neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def get_pairs(marked: Sequence[Marked]) -> List[Tuple[str, str]]:
    """RETURNS (List[Tuple[str, str]]): The words of each aspect and its text."""
    return [(item.text[start:end], item.text) for item in marked for start, end in item.aspects]


def write_work(path: Path, texts: Sequence[str], marked: Sequence[Marked] = (), labels: Sequence[str] = ()) -> Path:
    """Write what the workers read. RETURNS (Path): The file."""
    work = {"texts": list(texts), "marked": [list(item) for item in marked], "labels": list(labels)}
    path.write_text(json.dumps(work), "utf8")
    return path


def _read(path: Path, converter: str) -> Iterable[Doc]:
    if not path.is_file():
        raise MissingData(f"there is no {path.parent.name}/{path.name} in the directory of --data")
    return get_converter(converter)(path, spacy.blank("en"), Report(skip_errors=True))


def _mark(text: str, aspects: Sequence[Tuple[Tuple[int, int], str]]) -> Marked:
    ordered = sorted(aspects)
    return Marked(text, [offsets for offsets, _ in ordered], [label for _, label in ordered])


def _shuffle(items: List[Any], seed: int) -> List[Any]:
    random.Random(seed).shuffle(items)
    return items
