"""Aspects and their contexts as pairs of texts."""

import re
import unicodedata
from typing import Any, Dict, List, Sequence, Tuple

from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..sentences import get_sentences, widen_to_sentences
from ..texts import get_text
from ..types import AspectQuery, Offsets, TextInput
from .pieces import PieceTokenizer, count_at_most

ORDERS = ("aspect_sentence", "sentence_aspect")
CONTEXTS = ("sentence", "document")
MENTIONS = ("repeated", "mark", "position", "none")


def make_settings(order: str, context: str, neighbours: int, mention: str) -> Dict[str, Any]:
    """Check the settings of a reader of pairs.

    order (str): See `ORDERS`. context (str): See `CONTEXTS`. neighbours (int): Sentences on either side that belong to
    the context. mention (str): See `MENTIONS`.
    RETURNS (Dict[str, Any]): The settings by name, for `make_pairs`.
    RAISES (ValueError): BS006 if the order of the pair is not known, BS016 if another setting is not, BS053 if the
        number of neighbours does not fit.
    """
    if order not in ORDERS:
        raise ValueError(Errors.BS006.format(order=order, orders=", ".join(ORDERS)))
    for name, value, known in (("context", context, CONTEXTS), ("mention", mention, MENTIONS)):
        if value not in known:
            expected = ", ".join(known)
            raise ValueError(Errors.BS016.format(name=name, value=value, expected=expected, pipe="the pair listener"))
    if neighbours < 0 or neighbours and context != "sentence":
        raise ValueError(Errors.BS053.format(neighbours=neighbours, context=context))
    return {"order": order, "context": context, "neighbours": neighbours, "mention": mention}


def make_pairs(
    queries: Sequence[AspectQuery], *, order: str, context: str, neighbours: int, mention: str
) -> List[TextInput]:
    """Pair each aspect with the text around it.

    queries (Sequence[AspectQuery]): The aspects. order (str), context (str), neighbours (int), mention (str): See
    `make_settings`.
    RETURNS (List[TextInput]): The context is the long text; its focus is the aspect.
    """
    # By document; the third is the text, which a Doc puts together each time that it is asked.
    known: Dict[int, Tuple[Doc, List[Offsets], str]] = {}
    pairs = []
    for query in queries:
        if id(query.doc) not in known:
            found = get_sentences(query.doc) if context == "sentence" else []
            known[id(query.doc)] = (query.doc, found, get_text(query.doc))
        _, sentences, whole = known[id(query.doc)]
        start, end = widen_to_sentences(whole, sentences, query.start_char, query.end_char, neighbours)
        text = whole[start:end]
        focus = (max(query.start_char, start) - start, min(query.end_char, end) - start)
        has_words = whole[query.start_char : query.end_char] == query.text
        asked, is_marked = _tell_mention(query, text, focus, mention, has_words)
        if order == "aspect_sentence":
            pairs.append(TextInput(asked, text, 1, focus, query.masked, is_marked))
        else:
            pairs.append(TextInput(text, asked, 0, focus, query.masked, is_marked))
    return pairs


def find_cut(encoder: Model, queries: Sequence[AspectQuery], settings: Dict[str, Any]) -> List[bool]:
    """Tell of which aspects a part of the context is not read.

    encoder (Model): The encoder, with weights. queries (Sequence[AspectQuery]): The aspects.
    settings (Dict[str, Any]): See `make_settings`.
    RETURNS (List[bool]): One for each aspect.
    """
    shim: Any = encoder.shims[0]
    tokenizer: PieceTokenizer = shim.encoder.tokenizer
    lengths: Dict[int, int] = {}
    for query in queries:
        if id(query.doc) not in lengths:
            lengths[id(query.doc)] = count_at_most(get_text(query.doc))
    # No context is longer than its document, so most need no look. An ordinal may be added to the aspect.
    most = [lengths[id(query.doc)] + count_at_most(query.text) + 8 for query in queries]
    doubtful = [i for i, n in enumerate(most) if n > tokenizer.pair_room]
    cut = [False] * len(queries)
    rows = tokenizer(make_pairs([queries[i] for i in doubtful], **settings))
    for i, (row,) in zip(doubtful, rows):
        cut[i] = row.cut
    return cut


def _tell_mention(query: AspectQuery, context: str, focus: Offsets, mention: str, has_words: bool) -> Tuple[str, bool]:
    """RETURNS (Tuple[str, bool]): What is asked for, and whether the mention is marked in its context."""
    if mention == "none" or query.masked:
        # A masked question must not show which aspect is meant.
        return query.text, False
    if not has_words:
        # A category without words is asked of its span: there is something to tell if that is not all of the context.
        return query.text, mention != "position" and focus != (0, len(context))
    if mention == "mark":
        return query.text, True
    ordinal, count = count_mentions(context, focus)
    if mention == "position":
        return f"{query.text} {ordinal}" if count > 1 else query.text, False
    return query.text, count > 1


def count_mentions(context: str, focus: Offsets) -> Tuple[int, int]:
    """Count how often the words of an aspect stand in its context. Case, accents and the kind of white space do not
    matter: many vocabularies leave them out. Parts of longer words count only where the aspect is one.

    context (str): The text. focus (Offsets): Characters of the aspect in it.
    RETURNS (Tuple[int, int]): Which of them the aspect is, from 1, and how many there are.
    """
    start, end = focus
    folded, words = _fold(context), _fold(context[start:end]).split()
    if not words:
        return 1, 1
    longest = max(words, key=len)
    # Most words stand there once, and a pattern costs more.
    if folded.find(longest, folded.find(longest) + 1) == -1:
        return 1, 1
    pattern = r"\s+".join(re.escape(word) for word in words)
    if not (start and _is_word(context[start - 1]) or end < len(context) and _is_word(context[end])):
        pattern = rf"(?<!\w){pattern}(?!\w)"
    own = len(_fold(context[:start]))
    # Looked ahead, so that those that overlap are counted, too.
    places = {own, *(found.start() for found in re.finditer(f"(?={pattern})", folded))}
    return sum(place <= own for place in places), len(places)


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
