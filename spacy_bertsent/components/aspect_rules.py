"""Keywords and patterns: the sources of aspects that are written down."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Sequence, Set, Tuple, Union

from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from ..errors import Errors
from ..labels import ASPECTS_KEY
from .overlaps import Find

PatternT = Dict[str, Any]
# From text to tokens with the attributes that are matched.
ReadT = Callable[[str], Doc]


class Rules:
    """Match keywords and patterns.

    vocab (Vocab): The shared vocabulary. keywords (Dict[str, List[str]]): Phrases by category.
    patterns (Sequence[PatternT]): As `check_patterns` gives them.
    attr (str): What must match of phrases: "LOWER", "LEMMA", "ORTH", …
    read (ReadT): Reads phrases.
    """

    def __init__(
        self, vocab: Vocab, keywords: Dict[str, List[str]], patterns: Sequence[PatternT], *, attr: str, read: ReadT
    ):
        self._vocab = vocab
        self._patterns = list(patterns)
        self._keywords = PhraseMatcher(vocab, attr=attr)
        self._phrases = PhraseMatcher(vocab, attr=attr)
        self._tokens = Matcher(vocab)
        for category, phrases in keywords.items():
            self._keywords.add(category, [read(phrase) for phrase in phrases])
        for i, pattern in enumerate(self._patterns):
            if isinstance(pattern["pattern"], str):
                self._phrases.add(str(i), [read(pattern["pattern"])])
            else:
                self._tokens.add(str(i), [pattern["pattern"]])

    def __call__(self, doc: Doc) -> Iterator[Find]:
        """YIELDS (Find): What matches in a document, overlapping too."""
        strings = self._vocab.strings
        for key, start, end in self._keywords(doc):
            yield Find(start, end, strings[key], "keyword")
        for matcher in (self._phrases, self._tokens):
            for key, start, end in matcher(doc) if len(matcher) else ():
                pattern = self._patterns[int(strings[key])]
                yield Find(start, end, pattern["label"], "pattern", pattern.get("id", ""))


def read_patterns(path: Union[str, Path], vocab: Vocab) -> List[PatternT]:
    """Read patterns in the format of spaCy's `span_ruler` and `entity_ruler`: one JSON object a line.

        {"label": "BATTERY", "pattern": "battery life"}
        {"label": "SCREEN", "pattern": [{"LOWER": {"IN": ["screen", "display"]}}], "id": "screen"}

    path (str / Path): The file. vocab (Vocab): The shared vocabulary.
    RETURNS (List[PatternT]): The patterns. RAISES (ValueError): BS021 if there is no file; BS024 if a line is faulty.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(Errors.BS021.format(path=path, advice="Mend 'patterns' in [initialize.components]."))
    rows: List[Tuple[str, Any]] = []
    # utf-8-sig: some editors put a mark at the start of a file.
    for i, line in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
        where = f"{path}, line {i}"
        try:
            rows += [(where, json.loads(line))] if line.strip() else []
        except ValueError as e:
            raise ValueError(Errors.BS024.format(where=where, fault=f"no JSON ({e})")) from e
    return _check_rows(rows, vocab)


def check_patterns(patterns: Iterable[Any], vocab: Vocab) -> List[PatternT]:
    """Check patterns that are in memory.

    patterns (Iterable[Any]): Of the format of `read_patterns`. vocab (Vocab): The shared vocabulary.
    RETURNS (List[PatternT]): The same, without what is no part of a pattern.
    RAISES (ValueError): BS024 with the pattern's number, from 1.
    """
    return _check_rows([(f"pattern {i}", pattern) for i, pattern in enumerate(patterns, 1)], vocab)


def _check_rows(rows: Iterable[Tuple[str, Any]], vocab: Vocab) -> List[PatternT]:
    checked = []
    for where, row in rows:
        fault = _find_fault(row, vocab)
        if fault:
            raise ValueError(Errors.BS024.format(where=where, fault=fault))
        checked.append({key: row[key] for key in ("label", "pattern", "id") if key in row})
    return checked


def _find_fault(row: Any, vocab: Vocab) -> str:
    """RETURNS (str): What is wrong with a pattern, or ""."""
    if not isinstance(row, dict):
        return f"{row!r} is no object"
    if not isinstance(row.get("label"), str):
        return "'label' is not a text"
    if not isinstance(row.get("id", ""), str):
        return "'id' is not a text"
    pattern = row.get("pattern")
    if isinstance(pattern, list) and pattern:
        try:
            Matcher(vocab, validate=True).add("", [pattern])
        except (ValueError, re.error) as e:
            return "spaCy does not take this 'pattern': " + " ".join(str(e).split())
    elif not isinstance(pattern, str) or not pattern.strip():
        return "'pattern' is neither a text nor a list of tokens"
    return ""


def collect_keywords(docs: Sequence[Doc], vocab: Vocab, read: ReadT) -> Iterator[Tuple[str, str]]:
    """Find words that are an aspect in at least half of the places where they stand.

    docs (Sequence[Doc]): With gold aspects. vocab (Vocab): The shared vocabulary. read (ReadT): Reads phrases.
    YIELDS (Tuple[str, str]): Words in lower case and their most frequent category, sorted.
    """
    counts: Dict[str, Counter] = {}
    for doc in docs:
        for span in doc.spans[ASPECTS_KEY]:
            counts.setdefault(span.text.lower(), Counter())[span.kb_id_] += 1
    places = _count_places(set(counts), docs, vocab, read)
    for phrase in sorted(counts):
        category = min(counts[phrase], key=lambda c: (-counts[phrase][c], c))
        # Not fewer: one place may hold several aspects.
        if sum(counts[phrase].values()) >= places[phrase] / 2:
            yield phrase, category


def _count_places(phrases: Set[str], docs: Iterable[Doc], vocab: Vocab, read: ReadT) -> Counter:
    """Count where phrases stand as the finder would find them: not inside a longer one."""
    matcher = PhraseMatcher(vocab, attr="LOWER")
    matcher.add("", [read(phrase) for phrase in sorted(phrases)])
    return Counter(span.text.lower() for doc in docs for span in filter_spans(matcher(doc, as_spans=True)))
