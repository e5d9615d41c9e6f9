"""Counting the aspects of a stream of documents. Counts and a few examples are kept, no documents."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from spacy.tokens import Doc

from ..errors import Errors
from ..labels import ASPECTS_KEY, order_labels
from .interval import IntervalT, get_net_interval
from .mentions import Example, Mention, iter_mentions, make_example

BY = ("aspect", "category", "both")
SORT = ("count", "negative", "positive", "name")
POSITIVE = ("positive", "very positive")
NEGATIVE = ("negative", "very negative")
ORDER = ("very positive", "positive", "neutral", "negative", "very negative")
KeyT = Tuple[str, str]


@dataclass
class Row:
    """The mentions of one aspect, of one category, or of all.

    aspect (str), category (str): What is counted; "" for what is not told apart, and for mentions without category.
    count (int): All mentions. documents (int): Documents that have one. unrated (int): Mentions without sentiment.
    counts (Counter): Mentions of each sentiment.
    sums (Dict[str, float]), scored (Counter): Of each sentiment: sum of its probabilities, and how many there were.
    forms (Counter): The words of the mentions as they stand in the texts.
    examples (Dict[str, List[Example]]): The first mentions of each sentiment; "" has those without.
    """

    aspect: str = ""
    category: str = ""
    count: int = 0
    documents: int = 0
    unrated: int = 0
    counts: Counter = field(default_factory=Counter)
    sums: Dict[str, float] = field(default_factory=dict)
    scored: Counter = field(default_factory=Counter)
    forms: Counter = field(default_factory=Counter)
    examples: Dict[str, List[Example]] = field(default_factory=dict)

    @property
    def rated(self) -> int:
        """RETURNS (int): Mentions that have a sentiment."""
        return self.count - self.unrated

    @property
    def positive(self) -> int:
        """RETURNS (int): Mentions that are positive or very positive."""
        return sum(self.counts[label] for label in POSITIVE)

    @property
    def negative(self) -> int:
        """RETURNS (int): Mentions that are negative or very negative."""
        return sum(self.counts[label] for label in NEGATIVE)

    def get_share(self, sentiment: str) -> Optional[float]:
        """RETURNS (Optional[float]): Share of a sentiment among the mentions that have one; None if none has."""
        return self.counts[sentiment] / self.rated if self.rated else None

    def get_mean_score(self, sentiment: str) -> Optional[float]:
        """RETURNS (Optional[float]): Mean probability of a sentiment over all mentions, whatever their own sentiment.
        None where there are no probabilities, as in gold annotation."""
        return self.sums[sentiment] / self.scored[sentiment] if self.scored[sentiment] else None

    @property
    def net(self) -> Optional[float]:
        """RETURNS (Optional[float]): Share of positive mentions minus share of negative ones; None if none is rated."""
        return (self.positive - self.negative) / self.rated if self.rated else None

    @property
    def interval(self) -> Optional[IntervalT]:
        """RETURNS (Optional[IntervalT]): Of `net`, see `get_net_interval`."""
        return get_net_interval(self.positive, self.negative, self.rated)

    def add(self, mention: Mention, document: str, n_examples: int) -> None:
        """Count one mention. document (str): The document's id. n_examples (int): Most to keep of each sentiment."""
        sentiment = mention.aspect.sentiment
        self.count += 1
        self.forms.update([mention.form] if mention.form else [])
        if sentiment:
            self.counts[sentiment] += 1
        else:
            self.unrated += 1
        for label, score in mention.aspect.scores.items():
            self.sums[label] = self.sums.get(label, 0.0) + score
            self.scored[label] += 1
        if len(self.examples.get(sentiment, ())) < n_examples:
            self.examples.setdefault(sentiment, []).append(make_example(mention, document))


@dataclass
class DocumentRows:
    """The table of one document. id (str): Its id. rows (List[Row]): As those of the corpus."""

    id: str
    rows: List[Row]


@dataclass
class RollUp:
    """The aspects of a corpus.

    by (str): What a row is: "aspect", "category" or "both". sentiments (List[str]): All that were found or scored.
    rows (List[Row]): In the order asked for. total (Row): All mentions, also of rows that were left out.
    left_out (List[Row]): Those with too few mentions.
    documents (List[DocumentRows]): Those that have rows, if asked for.
    texts (int), annotated (int), mentioning (int): Documents; those with the group of aspects, also an empty one; those
        with an aspect.
    lemmatised (int): Those with aspects and lemmas.
    """

    by: str
    sentiments: List[str] = field(default_factory=list)
    rows: List[Row] = field(default_factory=list)
    total: Row = field(default_factory=Row)
    left_out: List[Row] = field(default_factory=list)
    documents: List[DocumentRows] = field(default_factory=list)
    texts: int = 0
    annotated: int = 0
    mentioning: int = 0
    lemmatised: int = 0


def count_aspects(
    docs: Iterable[Union[Doc, Tuple[Doc, Any]]],
    *,
    by: str = "aspect",
    per_doc: bool = False,
    min_count: int = 1,
    sort: str = "count",
    examples: int = 3,
) -> RollUp:
    """Count the aspects of documents and their sentiments. The documents are read once and not kept.

    docs (Iterable[Union[Doc, Tuple[Doc, Any]]]): After prediction or with gold annotation; or pairs of a document and
        its id, as `nlp.pipe(..., as_tuples=True)` gives them. Without ids they are numbered from 1.
    by (str): A row for each "aspect", each "category", or each aspect of each category: "both". Mentions of an aspect
        are joined by `get_name`.
    per_doc (bool): Also make a table of each document.
    min_count (int): Leave out rows with fewer mentions in the corpus.
    sort (str): By "count", by "negative" or "positive" mentions, most first, or by "name".
    examples (int): Sentences to keep for each row and sentiment: the first ones.
    RETURNS (RollUp): The same for the same documents in the same order.
    RAISES (ValueError): BS033 if `by` or `sort` is not one of those.
    """
    check_choices(by, sort)
    result = RollUp(by)
    rows: Dict[KeyT, Row] = {}
    for number, item in enumerate(docs, 1):
        doc, name = item if isinstance(item, tuple) else (item, number)
        result.texts += 1
        result.annotated += ASPECTS_KEY in doc.spans
        own: Dict[KeyT, Row] = {}
        for mention in iter_mentions(doc):
            key = _get_key(mention, by)
            row = rows.setdefault(key, Row(*key))
            row.documents += key not in own
            own_row = own.setdefault(key, Row(*key, documents=1))
            row.add(mention, str(name), examples)
            result.total.add(mention, str(name), 0)
            if per_doc:
                own_row.add(mention, str(name), examples)
        if own:
            result.mentioning += 1
            result.lemmatised += doc.has_annotation("LEMMA")
            if per_doc:
                result.documents.append(DocumentRows(str(name), list(own.values())))
    result.total.documents = result.mentioning
    result.sentiments = order_labels({*result.total.counts, *result.total.scored}, ORDER)
    _choose_rows(result, rows, min_count, sort)
    return result


def check_choices(by: str, sort: str) -> None:
    """RAISES (ValueError): BS033 if a choice is not one of `BY` or `SORT`."""
    for option, value, known in (("--by", by, BY), ("--sort", sort, SORT)):
        if value not in known:
            expected = ", ".join(known)
            raise ValueError(Errors.BS033.format(value=value, option=option, expected=expected, example=known[0]))


def _choose_rows(result: RollUp, rows: Dict[KeyT, Row], min_count: int, sort: str) -> None:
    def is_kept(row: Row) -> bool:
        return rows[row.aspect, row.category].count >= min_count

    ranks: Dict[str, Callable[[Row], int]] = {
        "count": lambda row: -row.count,
        "negative": lambda row: -row.negative,
        "positive": lambda row: -row.positive,
        "name": lambda row: 0,
    }

    def rank(row: Row) -> Tuple[int, int, str, str]:
        # Of rows with as many, the more frequent one is first, then the first in the alphabet.
        return ranks[sort](row), 0 if sort == "name" else -row.count, row.aspect, row.category

    ranked = sorted(rows.values(), key=rank)
    result.rows = [row for row in ranked if is_kept(row)]
    result.left_out = [row for row in ranked if not is_kept(row)]
    for document in result.documents:
        document.rows = sorted(filter(is_kept, document.rows), key=rank)
    result.documents = [document for document in result.documents if document.rows]


def _get_key(mention: Mention, by: str) -> KeyT:
    category = mention.aspect.category
    return {"aspect": (mention.name, ""), "category": ("", category), "both": (mention.name, category)}[by]
