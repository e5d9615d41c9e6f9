import html
from pathlib import Path
from typing import Iterator, List, NamedTuple, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from .gold import GoldAspect, check_words, make_doc, set_aspects
from .rows import Report, RowFault, read_lines, rows_to_docs, split_columns

COLUMNS = ("token", "tag", "category")
OUTSIDE, NO_CATEGORY = "O", "NIL"
SENTIMENTS = {"POS": "positive", "NEG": "negative", "NEU": "neutral"}
# T is part of a target; the others also tell where one begins: BIO and BIOES.
PREFIXES = ("T", "B", "I", "E", "S")


class TaggedToken(NamedTuple):
    """One line. text (str): The token. begins (bool): A target certainly begins here.
    sentiment (str), category (str): Of the target that it is in; "" outside."""

    text: str
    begins: bool
    sentiment: str
    category: str


def tagged_to_docs(path: Path, nlp: Language, report: Report) -> Iterator[Doc]:
    """Read aspects as tags, one token a line, such as the restaurants of SemEval-2016 in other languages than English.

    A target is a run of tokens with the same tag and category; tags that begin with B or S begin a new one. The text is
    the tokens with spaces between them, HTML entities as what they stand for. An empty line ends a sentence.

        La	O	NIL
        sopa	T-POS	FOOD#QUALITY
        de	T-POS	FOOD#QUALITY
        ajo	T-POS	FOOD#QUALITY
        !	O	NIL

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty.
    SOURCE: Zhang et al. (2021), https://aclanthology.org/2021.emnlp-main.727
    """

    def make(lines: List[Tuple[int, str]]) -> Iterator[Doc]:
        tokens = [_read_token(number, line) for number, line in lines]
        doc = make_doc(nlp, " ".join(token.text for token in tokens))
        aspects = find_aspects(tokens)
        for aspect in aspects:
            check_words(doc.text, aspect, doc.text[aspect.start_char : aspect.end_char])
        set_aspects(doc, aspects, report)
        yield doc

    return rows_to_docs(path, _read_sentences(path), make, report)


def find_aspects(tokens: List[TaggedToken]) -> List[GoldAspect]:
    """RETURNS (List[GoldAspect]): The targets of a sentence, in the text of its tokens with spaces between them."""
    aspects: List[GoldAspect] = []
    start, previous = 0, ("", "")
    for token in tokens:
        end, annotation = start + len(token.text), (token.sentiment, token.category)
        if token.sentiment and annotation == previous and not token.begins:
            aspects[-1] = aspects[-1]._replace(end_char=end)
        elif token.sentiment:
            aspects.append(GoldAspect(start, end, *annotation))
        start, previous = end + 1, annotation
    return aspects


def _read_sentences(path: Path) -> Iterator[Tuple[int, List[Tuple[int, str]]]]:
    lines: List[Tuple[int, str]] = []
    for number, line in read_lines(path, blank=True):
        if line:
            lines.append((number, line))
        elif lines:
            yield lines[0][0], lines
            lines = []
    if lines:
        yield lines[0][0], lines


def _read_token(number: int, line: str) -> TaggedToken:
    try:
        text, tag, category = split_columns(line, COLUMNS)
    except RowFault as e:
        raise RowFault(str(e), number) from e
    if not text:
        raise RowFault("the token is empty", number)
    category = "" if category == NO_CATEGORY else category
    if tag == OUTSIDE:
        if category:
            raise RowFault(f"category {category!r} outside of a target", number)
        return TaggedToken(html.unescape(text), False, "", "")
    prefix, _, label = tag.partition("-")
    if prefix not in PREFIXES or label not in SENTIMENTS:
        expected = f"{OUTSIDE}, or one of {', '.join(PREFIXES)} with -{', -'.join(SENTIMENTS)}"
        raise RowFault(f"unknown tag {tag!r}, expected {expected}", number)
    return TaggedToken(html.unescape(text), prefix in ("B", "S"), SENTIMENTS[label], category)
