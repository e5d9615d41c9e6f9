from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

import srsly
from spacy import util
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.util import filter_spans

from ..errors import Errors
from ..extensions import install_extensions
from ..labels import ASPECTS_KEY

EXISTING = ("keep", "extend", "replace")
FoundT = Tuple[int, int, str]


@Language.factory(
    "bertsent_aspects",
    assigns=["doc.spans"],
    default_config={
        "keywords": {},
        "phrase_matcher_attr": "LOWER",
        "entities": [],
        "noun_chunks": False,
        "existing": "keep",
        "scorer": {"@scorers": "spacy-bertsent.aspects_scorer.v1"},
    },
    default_score_weights={"aspects_f": None, "aspects_p": None, "aspects_r": None},
)
def make_aspects(
    nlp: Language,
    name: str,
    keywords: Dict[str, List[str]],
    phrase_matcher_attr: str,
    entities: List[str],
    noun_chunks: bool,
    existing: str,
    scorer: Optional[Callable],
) -> "Aspects":
    """Make a component that finds aspects by rules.

    keywords (Dict[str, List[str]]): Phrases by category; the category "" gives none.
    phrase_matcher_attr (str): What must match: "LOWER", "LEMMA", "ORTH", …
    entities (List[str]): Labels of named entities that are aspects; ["*"] for all.
    noun_chunks (bool): Take noun chunks, where the pipeline has a parser.
    existing (str): What to do with spans that stand in the group already: "keep" them as they are and find nothing
        more, "extend" them, or "replace" them.
    """
    return Aspects(
        nlp, name, keywords=keywords, phrase_matcher_attr=phrase_matcher_attr, entities=entities,
        noun_chunks=noun_chunks, existing=existing, scorer=scorer,
    )  # fmt: skip


class Aspects(Pipe):
    """Find the words that something is said about.

    Reads: the tokens; `doc.ents` and `doc.noun_chunks` if told to. Writes: `doc.spans["aspects"]`, without label, the
    category in `kb_id_`. Gold: the same group.

    Of overlapping finds the longest stands, then keywords before entities before noun chunks, then the first. The
    same words under two categories are two aspects.
    """

    def __init__(
        self,
        nlp: Language,
        name: str = "aspects",
        *,
        keywords: Optional[Dict[str, List[str]]] = None,
        phrase_matcher_attr: str = "LOWER",
        entities: Sequence[str] = (),
        noun_chunks: bool = False,
        existing: str = "keep",
        scorer: Optional[Callable] = None,
    ):
        if existing not in EXISTING:
            raise ValueError(
                Errors.BS016.format(name="existing", value=existing, expected=", ".join(EXISTING), pipe=name)
            )
        install_extensions()
        self.nlp = nlp
        self.name = name
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "keywords": {k: list(v) for k, v in (keywords or {}).items()},
            "phrase_matcher_attr": phrase_matcher_attr,
            "entities": list(entities),
            "noun_chunks": noun_chunks,
            "existing": existing,
        }
        self._matcher: Optional[PhraseMatcher] = None

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The categories of the keywords."""
        return tuple(self.cfg["keywords"])

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """RETURNS (Dict[str, List[str]]): The keywords: what `spacy init labels` writes."""
        return dict(self.cfg["keywords"])

    def __call__(self, doc: Doc) -> Doc:
        try:
            self.set_annotations(doc, self.find(doc))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def find(self, doc: Doc) -> List[FoundT]:
        """Find aspects without writing them.

        doc (Doc): The document.
        RETURNS (List[FoundT]): Start token, end token and category of each, in the order of the text.
        """
        ranked: List[Tuple[int, int, int, str]] = []
        matcher = self._get_matcher()
        ranked += [(0, start, end, doc.vocab.strings[key]) for key, start, end in matcher(doc)]
        wanted = self.cfg["entities"]
        ranked += [(1, e.start, e.end, e.label_) for e in doc.ents if e.label_ in wanted or "*" in wanted]
        if self.cfg["noun_chunks"] and doc.has_annotation("DEP"):
            ranked += [(2, *_strip_chunk(chunk), "") for chunk in doc.noun_chunks]
        return _resolve([item for item in ranked if item[2] > item[1]])

    def set_annotations(self, doc: Doc, found: Sequence[FoundT]) -> None:
        """Write the group. doc (Doc): The document. found (Sequence[FoundT]): From `find`."""
        old = list(doc.spans[ASPECTS_KEY]) if ASPECTS_KEY in doc.spans else []
        if old and self.cfg["existing"] == "keep":
            return
        spans = old if self.cfg["existing"] == "extend" else []
        taken = [(span.start, span.end) for span in spans]
        for start, end, category in found:
            if all(end <= s or start >= e for s, e in taken):
                spans.append(Span(doc, start, end, kb_id=category))
        spans.sort(key=lambda span: (span.start, span.end))
        doc.spans[ASPECTS_KEY] = SpanGroup(doc, name=ASPECTS_KEY, spans=spans)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        keywords: Optional[Dict[str, List[str]]] = None,
        from_gold: bool = False,
    ) -> None:
        """Fill the keywords.

        get_examples (Callable): Gives the training examples. nlp (Optional[Language]): Not used.
        keywords (Optional[Dict[str, List[str]]]): Phrases by category; those of the settings stay where it is None.
        from_gold (bool): Add the aspects of the training examples, each under its most frequent category. Words that
            are an aspect in less than half of the places where they stand are left out.
        """
        if keywords is not None:
            self.cfg["keywords"] = {k: list(v) for k, v in keywords.items()}
        if from_gold:
            self._add_gold(get_examples)
        self._matcher = None

    def _add_gold(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        docs = [eg.reference for eg in get_examples() if ASPECTS_KEY in eg.reference.spans]
        counts: Dict[str, Counter] = {}
        for doc in docs:
            for span in doc.spans[ASPECTS_KEY]:
                counts.setdefault(span.text.lower(), Counter())[span.kb_id_] += 1
        known: Set[str] = {phrase.lower() for phrases in self.cfg["keywords"].values() for phrase in phrases}
        places = self._count_places(set(counts), docs)
        for phrase in sorted(set(counts) - known):
            category = min(counts[phrase], key=lambda c: (-counts[phrase][c], c))
            # Not fewer: one place may hold several aspects.
            if sum(counts[phrase].values()) >= places[phrase] / 2:
                self.cfg["keywords"].setdefault(category, []).append(phrase)

    def _count_places(self, phrases: Set[str], docs: Iterable[Doc]) -> Counter:
        """Count where phrases stand as the finder would find them: not inside a longer one."""
        matcher = PhraseMatcher(self.nlp.vocab, attr="LOWER")
        matcher.add("", [self.nlp.tokenizer(phrase) for phrase in sorted(phrases)])
        return Counter(span.text.lower() for doc in docs for span in filter_spans(matcher(doc, as_spans=True)))

    def _get_matcher(self) -> PhraseMatcher:
        if self._matcher is None:
            self._matcher = PhraseMatcher(self.nlp.vocab, attr=self.cfg["phrase_matcher_attr"])
            # Only an attribute that the tokenizer does not set needs the pipeline's help.
            tokenizer: Any = self.nlp.tokenizer
            needs_pipes = self.cfg["phrase_matcher_attr"] in ("LEMMA", "POS", "TAG")
            for category, phrases in self.cfg["keywords"].items():
                make = self.nlp.pipe if needs_pipes else tokenizer.pipe
                self._matcher.add(category, list(make(phrases)))
        return self._matcher

    # Storing

    def to_bytes(self, *, exclude: Iterable[str] = tuple()) -> bytes:
        return util.to_bytes({"cfg": lambda: srsly.json_dumps(self.cfg)}, exclude)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = tuple()) -> "Aspects":
        util.from_bytes(data, {"cfg": lambda b: self.cfg.update(srsly.json_loads(b))}, exclude)
        self._matcher = None
        return self

    def to_disk(self, path: Any, *, exclude: Iterable[str] = tuple()) -> None:
        util.to_disk(path, {"cfg": lambda p: srsly.write_json(p, self.cfg)}, exclude)

    def from_disk(self, path: Any, *, exclude: Iterable[str] = tuple()) -> "Aspects":
        util.from_disk(path, {"cfg": lambda p: self.cfg.update(srsly.read_json(p))}, exclude)
        self._matcher = None
        return self

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_matcher": None}


def _strip_chunk(chunk: Span) -> Tuple[int, int]:
    """Cut articles, possessives and lone pronouns off a noun chunk."""
    start = chunk.start
    while start < chunk.end and chunk.doc[start].pos_ in ("DET", "PRON"):
        start += 1
    return start, chunk.end


def _resolve(ranked: Iterable[Tuple[int, int, int, str]]) -> List[FoundT]:
    """Keep the longest of overlapping finds, then the best source, then the first."""
    kept: List[FoundT] = []
    for _, start, end, category in sorted(ranked, key=lambda x: (x[1] - x[2], x[0], x[1], x[3])):
        same = [c for s, e, c in kept if (s, e) == (start, end)]
        free = all(end <= s or start >= e for s, e, _ in kept)
        if free or (same and category and category not in same and "" not in same):
            kept.append((start, end, category))
    return sorted(kept)
