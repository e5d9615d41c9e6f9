import warnings
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Config, Model
from thinc.types import Floats2d

from ..aspect_group import read_rows, write_rows
from ..errors import Errors, Warnings
from ..extensions import get_aspect_text
from ..labels import ASPECTS_KEY, CATEGORY_SOURCE, SENTIMENTS
from ..sentences import get_sentences
from ..texts import get_text
from ..types import AspectQuery, LossT, QueryScores
from .query_head import QueryHead

aspect_sentiment_default_config = """
[model]
@architectures = "spacy-bertsent.PairHead.v1"

[model.tok2vec]
@architectures = "spacy-bertsent.PairListener.v1"

[loss]
@losses = "spacy-bertsent.CrossEntropy.v1"
"""
DEFAULT_ASPECT_SENTIMENT = Config().from_str(aspect_sentiment_default_config)


@Language.factory(
    "bertsent_aspect_sentiment",
    requires=["doc.spans"],
    assigns=["doc.spans", "doc._.aspects"],
    default_config={
        **DEFAULT_ASPECT_SENTIMENT,
        "labels": [],
        "learn_rate_factor": 10.0,
        "scorer": {"@scorers": "spacy-bertsent.aspect_sentiment_scorer.v1"},
    },
    default_score_weights={
        "absa_acc": 0.5,
        "absa_f": 0.5,
        "absa_per_type": None,
        "absa_e2e_p": None,
        "absa_e2e_r": None,
        "absa_e2e_f": None,
    },
)
def make_aspect_sentiment(
    nlp: Language,
    name: str,
    model: Model[List[AspectQuery], Floats2d],
    loss: LossT,
    labels: List[str],
    learn_rate_factor: float,
    scorer: Optional[Callable],
) -> "AspectSentiment":
    """Make a component that predicts the sentiment of each aspect. See `Head` for the arguments."""
    return AspectSentiment(
        nlp.vocab, model, name, loss=loss, labels=labels, learn_rate_factor=learn_rate_factor, scorer=scorer
    )


class AspectSentiment(QueryHead):
    """Predict the sentiment of each aspect from the pair of the aspect and its sentence.

    Reads: `doc.spans["aspects"]`. Writes: their `label_`, and `attrs["labels"]`, `attrs["scores"]` and `attrs["cut"]`
    of the group.
    Gold: `label_` of the same group; a span without label = not annotated.
    """

    default_labels = SENTIMENTS

    def inputs(self, docs: Sequence[Doc]) -> List[AspectQuery]:
        # The categories that another component has found have their sentiment.
        asked = [(doc, [row.span for row in read_rows(doc) if row.source != CATEGORY_SOURCE]) for doc in docs]
        return [query for doc, spans in asked for query in self.queries(doc, spans)]

    def queries(self, doc: Doc, aspects: Iterable[Span], *, masked: bool = False) -> List[AspectQuery]:
        """Turn aspects into questions about a document.

        doc (Doc): The document. aspects (Iterable[Span]): Of this document, or of one with the same text.
        masked (bool): Do not tell the model which aspect is meant.
        RETURNS (List[AspectQuery]): One for each. RAISES (ValueError): BS005 if the texts differ.
        """
        text, sentences = get_text(doc), get_sentences(doc)
        queries = []
        for span in aspects:
            start, end = span.start_char, span.end_char
            if text[start:end] != span.text:
                raise ValueError(Errors.BS005.format(text=span.text, start=start, end=end))
            queries.append(AspectQuery(doc, start, end, get_aspect_text(text, sentences, span), masked))
        return queries

    def truths(self, examples: Sequence[Example]) -> Tuple[List[AspectQuery], numpy.ndarray, numpy.ndarray]:
        queries, columns = [], []
        for eg in examples:
            gold = self.gold_aspects(eg)
            # The sentences are those of the predicted Doc, as they will be at prediction.
            queries += self.queries(eg.predicted, gold)
            columns += [self.check_label(span.label_, eg.reference.text) for span in gold]
        truths = numpy.zeros((len(queries), len(self.labels)), dtype="f")
        truths[numpy.arange(len(queries)), columns] = 1.0
        return queries, truths, numpy.ones_like(truths)

    def gold_aspects(self, eg: Example) -> List[Span]:
        """RETURNS (List[Span]): The annotated aspects of a gold document."""
        return [span for span in eg.reference.spans.get(ASPECTS_KEY, []) if span.label_]

    def gold_labels(self, reference: Doc) -> Iterable[str]:
        return [span.label_ for span in reference.spans.get(ASPECTS_KEY, []) if span.label_]

    def set_annotations(self, docs: Iterable[Doc], scores: QueryScores) -> None:
        """Write labels and probabilities.

        docs (Iterable[Doc]): The documents. scores (QueryScores): Of the aspects of all of them.
        """
        answers = iter(zip(scores.scores.tolist(), scores.cut))
        for doc in docs:
            rows = read_rows(doc)
            asked = [i for i, row in enumerate(rows) if row.source != CATEGORY_SOURCE]
            for i, (row, cut) in zip(asked, answers):
                rows[i] = rows[i].judge(self.labels, row, cut)
            write_rows(doc, rows, self.labels)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score the sentiment of the gold aspects, and the aspects and sentiments found end to end.

        examples (Iterable[Example]): With predictions. The model is asked about the gold aspects here, so every spaCy
            command that scores gives both.
        RETURNS (Dict[str, Any]): See the scorer.
        """
        if self.scorer is None:
            return {}
        examples = list(examples)
        gold = [self.gold_aspects(eg) for eg in examples]
        moved = [s for eg, spans in zip(examples, gold) for s in spans if not _is_on_tokens(eg.predicted, s)]
        if moved:
            total = sum(len(spans) for spans in gold)
            warnings.warn(Warnings.BW002.format(count=len(moved), total=total, text=moved[0].text), stacklevel=2)
        queries = [q for eg, spans in zip(examples, gold) for q in self.queries(eg.predicted, spans)]
        scores = self.probabilities(queries) if queries else numpy.zeros((0, len(self.labels)))
        given = [(s.label_, self.labels[int(row.argmax())]) for s, row in zip((s for g in gold for s in g), scores)]
        return dict(self.scorer(examples, given=given, **{**self.cfg, "labels": self.labels, **kwargs}))


def _is_on_tokens(doc: Doc, span: Span) -> bool:
    return doc.char_span(span.start_char, span.end_char) is not None
