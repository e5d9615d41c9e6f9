from itertools import product
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_get_examples
from thinc.api import Config, Model
from thinc.types import Floats2d

from ..aspect_group import AspectRow, read_rows, remove_source, write_rows
from ..categories import (
    CellT,
    check_gold,
    check_settings,
    compare,
    count_gold,
    find_given,
    get_contexts,
    get_found,
    read_gold,
    scale_rows,
)
from ..errors import Errors
from ..labels import ASPECTS_KEY, CATEGORY_SOURCE, SENTIMENTS, order_labels, readable_category
from ..types import AspectQuery, LossT, Offsets, QueryScores
from .query_head import QueryHead

category_sentiment_default_config = """
[model]
@architectures = "spacy-bertsent.PairHead.v1"

[model.tok2vec]
@architectures = "spacy-bertsent.PairListener.v1"

[loss]
@losses = "spacy-bertsent.CrossEntropy.v1"
"""
DEFAULT_CATEGORY_SENTIMENT = Config().from_str(category_sentiment_default_config)


@Language.factory(
    "bertsent_category_sentiment",
    assigns=["doc.spans", "doc._.aspects"],
    default_config={
        **DEFAULT_CATEGORY_SENTIMENT,
        "categories": {},
        "labels": [],
        "none_label": "none",
        "context": "sentence",
        "targets": True,
        "threshold": 0.5,
        "negatives": 1.0,
        "learn_rate_factor": 10.0,
        "scorer": {"@scorers": "spacy-bertsent.category_sentiment_scorer.v1"},
    },
    default_score_weights={
        "acsa_f": 1.0,
        "acsa_p": None,
        "acsa_r": None,
        "acsa_det_f": 0.0,
        "acsa_det_p": None,
        "acsa_det_r": None,
        "acsa_acc": 0.0,
        "acsa_sent_f": None,
        "acsa_per_type": None,
    },
)
def make_category_sentiment(
    nlp: Language,
    name: str,
    model: Model[List[AspectQuery], Floats2d],
    loss: LossT,
    categories: Dict[str, str],
    labels: List[str],
    none_label: str,
    context: str,
    targets: bool,
    threshold: float,
    negatives: float,
    learn_rate_factor: float,
    scorer: Optional[Callable],
) -> "CategorySentiment":
    """Make a component that asks each sentence about a list of categories. See `Head` for the other arguments.

    categories (Dict[str, str]): What the model is asked, by category: {"FOOD#QUALITY": "quality of the food"}; ""
        spells the category itself as words. By default those of the gold data.
    labels (List[str]): The sentiments. none_label (str): Of a category that is not mentioned.
    context (str): What is asked, and was annotated as one: each "sentence", or the whole "document".
    targets (bool): In gold, an aspect with words of its own mentions its category, too.
    threshold (float): A category is mentioned if the probability that it is not is below.
    negatives (float): Share of the categories that are not mentioned which is learned from in each batch.
    """
    return CategorySentiment(
        nlp.vocab, model, name, loss=loss, labels=labels, learn_rate_factor=learn_rate_factor, scorer=scorer,
        categories=categories, none_label=none_label, context=context, targets=targets, threshold=threshold,
        negatives=negatives,
    )  # fmt: skip


class CategorySentiment(QueryHead):
    """Predict which categories a sentence mentions, and their sentiment, from pairs of category and sentence.

    Reads: the sentences. Writes: `doc.spans["aspects"]`: a span over the sentence for each category that is mentioned,
    and for given categories without words their sentiment; `attrs["labels" | "scores" | "sources" | "cut"]`.
    Gold: the same group. It is not annotated where it is absent, or where it has aspects none of which has a category.
    """

    default_labels = SENTIMENTS

    def __init__(  # type: ignore[no-untyped-def]
        self,
        *args,
        categories: Optional[Dict[str, str]] = None,
        none_label: str = "none",
        context: str = "sentence",
        targets: bool = True,
        threshold: float = 0.5,
        negatives: float = 1.0,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.cfg.update(categories=dict(categories or {}), none_label=none_label, context=context, targets=targets)
        self.cfg.update(threshold=threshold, negatives=negatives)
        self._check_settings()

    @property
    def categories(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The categories that are asked for."""
        return tuple(self.cfg["categories"])

    @property
    def sentiments(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The labels but for that of what is not mentioned."""
        return tuple(label for label in self.labels if label != self.cfg["none_label"])

    # Asking

    def inputs(self, docs: Sequence[Doc]) -> List[AspectQuery]:
        queries = []
        for doc in docs:
            contexts = get_contexts(doc, self.cfg["context"])
            queries += [self.query(doc, offsets, category) for offsets in contexts for category in self.categories]
            given = [doc.spans[ASPECTS_KEY][place] for place in find_given(doc)]
            queries += [self.query(doc, (span.start_char, span.end_char), span.kb_id_) for span in given]
        return queries

    def query(self, doc: Doc, context: Offsets, category: str) -> AspectQuery:
        """RETURNS (AspectQuery): The question whether a part of a text mentions a category, and how."""
        return AspectQuery(doc, *context, self.cfg["categories"].get(category) or readable_category(category))

    # Learning

    def truths(self, examples: Sequence[Example]) -> Tuple[List[AspectQuery], numpy.ndarray, numpy.ndarray]:
        """RETURNS (Tuple): See `Head.truths`. Not a function of the examples alone where `negatives` is below 1: spaCy
        seeds the draws with `[training] seed`."""
        none_label, share = self.cfg["none_label"], self.cfg["negatives"]
        queries, columns = [], []
        for eg in examples:
            contexts = get_contexts(eg.predicted, self.cfg["context"])
            mentions = self.get_gold(eg, contexts)
            cells = [] if mentions is None else list(product(range(len(contexts)), self.categories))
            for cell in cells:
                label = (mentions or {}).get(cell, none_label)
                if label == none_label and share < 1.0 and numpy.random.uniform() >= share:
                    continue
                # A category that is mentioned with a sentiment that was not annotated teaches nothing.
                if label:
                    queries.append(self.query(eg.predicted, contexts[cell[0]], cell[1]))
                    columns.append(self.check_label(label, eg.reference.text))
        truths = numpy.zeros((len(queries), len(self.labels)), dtype="f")
        truths[numpy.arange(len(queries)), columns] = 1.0
        return queries, truths, numpy.ones_like(truths)

    def get_gold(self, eg: Example, contexts: Sequence[Offsets]) -> Optional[Dict[CellT, str]]:
        """RETURNS (Optional[Dict[CellT, str]]): See `read_gold`."""
        return read_gold(eg, contexts, self.sentiments, targets=self.cfg["targets"], pipe=self.name)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[List[str]] = None,
        categories: Optional[Dict[str, str]] = None,
    ) -> None:
        """Fix categories and labels and make the head's weights.

        get_examples (Callable): Gives the training examples. nlp (Optional[Language]): Not used.
        labels (Optional[List[str]]), categories (Optional[Dict[str, str]]): By default those of the factory's settings,
            else those of the data; labels can be the default ones.
        RAISES (ValueError): BS056 if there are no categories; BS057 if no gold aspect has one; BS058 if none of them is
            in gold.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        labels = list(self.cfg["labels"] if labels is None else labels)
        categories = dict(self.cfg["categories"] if categories is None else categories)
        gold = count_gold(eg.reference for eg in get_examples())
        check_gold(gold, list(categories), self.name)
        self.cfg["categories"] = categories or dict.fromkeys(sorted(gold.counts), "")
        self._require_categories()
        labels = labels or order_labels(gold.labels, SENTIMENTS) or list(SENTIMENTS)
        none_label = self.cfg["none_label"]
        super().initialize(get_examples, nlp=nlp, labels=[*(x for x in labels if x != none_label), none_label])

    # Predicting

    def predict(self, docs: Iterable[Doc]) -> QueryScores:
        self._require_categories()
        return super().predict(docs)

    def rate(self, scores: numpy.ndarray) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): (n, sentiments) Their probabilities, given that the category is mentioned.
        scores (numpy.ndarray): (n, labels) From `probabilities`."""
        return scale_rows(scores[:, [self.labels.index(label) for label in self.sentiments]])

    def set_annotations(self, docs: Iterable[Doc], scores: QueryScores) -> None:
        """Write the categories that are mentioned, in the place of those of an earlier run, behind all other aspects.

        docs (Iterable[Doc]): The documents. scores (QueryScores): Of the questions of `inputs`.
        """
        none = scores.scores[:, self.labels.index(self.cfg["none_label"])]
        answers = iter(zip((none < self.cfg["threshold"]).tolist(), self.rate(scores.scores).tolist(), scores.cut))
        for doc in docs:
            remove_source(doc, CATEGORY_SOURCE)
            contexts, given, rows = get_contexts(doc, self.cfg["context"]), find_given(doc), read_rows(doc)
            known = {(row.span.start, row.span.end, row.span.kb_id_) for row in rows}
            for (start, end), category in product(contexts, self.categories):
                span = doc.char_span(start, end, kb_id=category, alignment_mode="expand")
                assert span is not None  # some character is no white space
                mentioned, rated, cut = next(answers)
                if mentioned and (span.start, span.end, category) not in known:
                    rows.append(AspectRow(span, {}, CATEGORY_SOURCE).judge(self.sentiments, rated, cut))
            for place in given:
                _, rated, cut = next(answers)
                rows[place] = rows[place].judge(self.sentiments, rated, cut)
            write_rows(doc, rows, self.sentiments)

    # Scoring

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score which categories were found, and the sentiment of those of gold.

        examples (Iterable[Example]): With predictions. The model is asked about the gold categories here.
        RETURNS (Dict[str, Any]): See the scorer.
        """
        if self.scorer is None:
            return {}
        examples = list(examples)
        gold, found, given, queries = [], [], [], []
        for eg in examples:
            contexts = get_contexts(eg.predicted, self.cfg["context"])
            mentions = self.get_gold(eg, contexts)
            if mentions is not None:
                truth, answers = compare(mentions, get_found(eg.predicted, contexts), self.cfg["none_label"])
                gold.append(truth)
                found.append(answers)
                given += [x.sentiment for x in sorted(truth)]
                queries += [self.query(eg.predicted, contexts[x.context], x.category) for x in sorted(truth)]
        best = self.rate(self.probabilities(queries)).argmax(axis=1) if queries else []
        pairs = [(sentiment, self.sentiments[i]) for sentiment, i in zip(given, best)]
        settings = {**self.cfg, "labels": self.sentiments, **kwargs}
        return dict(self.scorer(examples, gold=gold, found=found, given=pairs, **settings))

    # Checking

    def _check_settings(self) -> None:
        context = self.cfg["context"]
        check_settings(context, self.cfg["threshold"], self.cfg["negatives"], self.name)
        for node in self.model.walk():
            if node.attrs.get("pairs", {}).get("context") == "document" and context == "sentence":
                found = 'a listener with context = "document", which gives all sentences the same answer'
                advice = f'Type: context = "document" in [components.{self.name}] as well.'
                raise ValueError(
                    Errors.BS020.format(pipe=self.name, found=found, expected='context = "sentence"', advice=advice)
                )

    def _require_categories(self) -> None:
        if not self.categories:
            raise ValueError(Errors.BS056.format(pipe=self.name))
