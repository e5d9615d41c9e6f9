"""Corpora for spaCy's own components."""

from collections import Counter
from typing import Callable, Iterable, Iterator, List, Set, Tuple

from spacy.language import Language
from spacy.tokens import Span, SpanGroup
from spacy.training import Example
from spacy.util import filter_spans, logger

from .extensions import is_wordless
from .labels import ASPECT_LABEL, ASPECTS_KEY
from .sentences import get_sentences

CorpusT = Callable[[Language], Iterable[Example]]


def make_finder_corpus(
    corpus: CorpusT, spans_key: str = "found", ents: bool = False, categories: bool = False
) -> "FinderCorpus":
    """Make a corpus that a finder of aspects can learn from, registered as `spacy-bertsent.finder_corpus.v1`.

    See `FinderCorpus` for the arguments.
    """
    return FinderCorpus(corpus, spans_key=spans_key, ents=ents, categories=categories)


class FinderCorpus:
    """Copy the gold aspects to where spaCy's `spancat`, `span_finder` and `ner` look for gold.

    `doc.spans["aspects"]` stays as it is: its labels are sentiments. Aspects without words are not copied; the same
    words are copied once, whatever is said of them; of overlapping aspects `doc.ents` gets the longest. Once all texts
    were read, what was left out is logged.

    corpus (CorpusT): Such as `spacy.Corpus.v1`.
    spans_key (str): Key of the group of spans, or "" for none. Texts whose aspects are not annotated are left out then:
        spaCy would take them for texts without aspects.
    ents (bool): Write `doc.ents` too, in the place of those that are there.
    categories (bool): Take the category as label, where an aspect has one; otherwise the label is "ASPECT".
    """

    def __init__(self, corpus: CorpusT, *, spans_key: str = "found", ents: bool = False, categories: bool = False):
        self.corpus = corpus
        self.spans_key = spans_key
        self.ents = ents
        self.categories = categories
        self._is_logged = False

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """YIELDS (Example): The examples of the corpus, each with the gold of a finder."""
        counts: Counter[str] = Counter()
        for example in self.corpus(nlp):
            if ASPECTS_KEY in example.reference.spans:
                yield self._add_gold(example, counts)
            elif self.spans_key:
                counts["texts without annotation"] += 1
            else:
                yield example
        if not self._is_logged:
            self._is_logged = True
            n_found = counts.pop("copied", 0)
            left_out = ", ".join(f"{what} ({count})" for what, count in sorted(counts.items())) or "none"
            logger.info("Gold aspects for a finder: %d; left out: %s", n_found, left_out)

    def _add_gold(self, example: Example, counts: "Counter[str]") -> Example:
        reference = example.reference.copy()
        text, sentences = reference.text, get_sentences(reference)
        spans: List[Span] = []
        seen: Set[Tuple[int, int]] = set()
        for span in reference.spans[ASPECTS_KEY]:
            if is_wordless(text, sentences, span):
                counts["aspects without words"] += 1
            elif (span.start, span.end) in seen:
                counts["repeated aspects"] += 1
            else:
                seen.add((span.start, span.end))
                label = self.categories and span.kb_id_ or ASPECT_LABEL
                spans.append(Span(reference, span.start, span.end, label=label))
        counts["copied"] += len(spans)
        if self.spans_key:
            reference.spans[self.spans_key] = SpanGroup(reference, name=self.spans_key, spans=spans)
        if self.ents:
            kept = filter_spans(spans)
            if len(kept) < len(spans):
                counts["overlapping aspects"] += len(spans) - len(kept)
            reference.set_ents(kept, default="outside")
        return Example(example.predicted, reference)
