import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, Union

import srsly
from spacy import util
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span
from spacy.training import Example

from ..aspect_group import AspectRow, read_rows, write_rows
from ..errors import Errors, Warnings
from ..extensions import install_extensions, is_wordless
from ..labels import ASPECT_LABEL, ASPECTS_KEY, GIVEN, SOURCES_KEY
from ..sentences import get_sentences
from .aspect_rules import Rules, check_patterns, collect_keywords, read_patterns
from .overlaps import KINDS, OVERLAPS, Find, resolve

EXISTING = ("keep", "extend", "replace")


@Language.factory(
    "bertsent_aspects",
    assigns=["doc.spans"],
    default_config={
        "keywords": {},
        "phrase_matcher_attr": "LOWER",
        "entities": [],
        "noun_chunks": False,
        "finders": [],
        "existing": "keep",
        "order": list(KINDS),
        "overlap": "longest",
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
    finders: List[str],
    existing: str,
    order: List[str],
    overlap: str,
    scorer: Optional[Callable],
) -> "Aspects":
    """Make a component that brings the aspects of all sources together.

    keywords (Dict[str, List[str]]): Phrases by category; the category "" gives none.
    phrase_matcher_attr (str): What must match of phrases: "LOWER", "LEMMA", "ORTH", …
    entities (List[str]): Labels of named entities that are aspects; ["*"] for all.
    noun_chunks (bool): Take noun chunks, where the pipeline has a parser.
    finders (List[str]): Keys of span groups that components before this one write, such as "sc" of a `spancat`.
    existing (str): What to do with spans that stand in the group already: "keep" them as they are and find nothing
        more, "extend" them, or "replace" them.
    order (List[str]): Kinds of sources, best first; those that are left out come last.
    overlap (str): Which of overlapping finds stands: the "longest", the "shortest", or that of the best "source".
    """
    return Aspects(
        nlp, name, keywords=keywords, phrase_matcher_attr=phrase_matcher_attr, entities=entities,
        noun_chunks=noun_chunks, finders=finders, existing=existing, order=order, overlap=overlap, scorer=scorer,
    )  # fmt: skip


class Aspects(Pipe):
    """Find the words that something is said about.

    Reads: the tokens; `doc.ents`, `doc.noun_chunks` and other span groups if told to. Writes: `doc.spans["aspects"]`,
    without label, the category in `kb_id_`, the sources in `attrs["sources"]`. Gold: the same group.

    Labels of entities and of finders' spans are categories; `ASPECT` is none. What overlaps: see `resolve`.
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
        finders: Sequence[str] = (),
        existing: str = "keep",
        order: Sequence[str] = KINDS,
        overlap: str = "longest",
        scorer: Optional[Callable] = None,
    ):
        self.name = name
        self._check("existing", [existing], EXISTING)
        self._check("overlap", [overlap], OVERLAPS)
        self._check("order", order, KINDS)
        if ASPECTS_KEY in finders:
            raise ValueError(Errors.BS025.format(pipe=name, key=ASPECTS_KEY))
        install_extensions()
        self.nlp = nlp
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "keywords": {k: list(v) for k, v in (keywords or {}).items()},
            "phrase_matcher_attr": phrase_matcher_attr,
            "patterns": [],
            "entities": list(entities),
            "noun_chunks": noun_chunks,
            "finders": list(finders),
            "existing": existing,
            "order": list(dict.fromkeys([*order, *KINDS])),
            "overlap": overlap,
        }
        self._rules: Optional[Rules] = None

    def _check(self, name: str, values: Sequence[str], expected: Sequence[str]) -> None:
        for value in values:
            if value not in expected:
                raise ValueError(
                    Errors.BS016.format(name=name, value=value, expected=", ".join(expected), pipe=self.name)
                )

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The categories of the keywords and patterns."""
        return tuple(dict.fromkeys([*self.cfg["keywords"], *(row["label"] for row in self.cfg["patterns"])]))

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """RETURNS (Dict[str, List[str]]): The keywords: what `spacy init labels` writes."""
        return dict(self.cfg["keywords"])

    @property
    def patterns(self) -> List[Dict[str, Any]]:
        """RETURNS (List[Dict[str, Any]]): The patterns, as they were added."""
        return list(self.cfg["patterns"])

    def add_patterns(self, patterns: Iterable[Dict[str, Any]]) -> None:
        """Add patterns in the format of spaCy's `span_ruler`; the label is the category.

        patterns (Iterable[Dict[str, Any]]): Such as {"label": "SCREEN", "pattern": [{"LEMMA": "screen"}], "id": "s"},
            or with a phrase as pattern, matched as keywords are.
        RAISES (ValueError): BS024 if one is faulty, and then none is added.
        """
        self.cfg["patterns"] = [*self.cfg["patterns"], *check_patterns(patterns, self.nlp.vocab)]
        self._rules = None

    # Finding

    def __call__(self, doc: Doc) -> Doc:
        try:
            self.set_annotations(doc, self.find(doc))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def find(self, doc: Doc) -> List[Find]:
        """Find aspects without writing them, as if none had been given.

        doc (Doc): The document. RETURNS (List[Find]): What all sources find, overlapping too.
        """
        finds = list(self._get_rules()(doc))
        for key in self.cfg["finders"]:
            if key not in doc.spans:
                warnings.warn(Warnings.BW024.format(pipe=self.name, key=key, found=list(doc.spans)), stacklevel=2)
            finds += [Find(s.start, s.end, _get_category(s), f"finder:{key}") for s in doc.spans.get(key, [])]
        wanted = self.cfg["entities"]
        for ent in doc.ents if wanted else ():
            if ent.label_ in wanted or "*" in wanted:
                finds.append(Find(ent.start, ent.end, _get_category(ent), "entity"))
        if self.cfg["noun_chunks"] and doc.has_annotation("DEP"):
            finds += [Find(*_strip_chunk(chunk), "", "noun_chunk") for chunk in doc.noun_chunks]
        return [find for find in finds if find.end > find.start]

    def set_annotations(self, doc: Doc, finds: Sequence[Find]) -> None:
        """Write the group. doc (Doc): The document. finds (Sequence[Find]): From `find`."""
        rows = [row._replace(source=row.source or GIVEN) for row in read_rows(doc)]
        if rows and self.cfg["existing"] == "keep":
            doc.spans[ASPECTS_KEY].attrs[SOURCES_KEY] = [row.source for row in rows]
            return
        if self.cfg["existing"] == "replace":
            rows = []
        text, sentences = doc.text, get_sentences(doc)
        # One without words stands for its sentence, and leaves the words in it to others.
        worded = [row for row in rows if not is_wordless(text, sentences, row.span)]
        given = [Find(row.span.start, row.span.end, row.span.kb_id_, row.source) for row in worded]
        for find in resolve(finds, order=self.cfg["order"], overlap=self.cfg["overlap"], given=given):
            span = Span(doc, find.start, find.end, kb_id=find.category, span_id=find.id)
            rows.append(AspectRow(span, {}, find.source))
        write_rows(doc, sorted(rows, key=lambda row: (row.span.start, row.span.end)), ())

    def _get_rules(self) -> Rules:
        if self._rules is None:
            self._rules = Rules(
                self.nlp.vocab, self.cfg["keywords"], self.cfg["patterns"],
                attr=self.cfg["phrase_matcher_attr"], read=self._read_phrase,
            )  # fmt: skip
        return self._rules

    def _read_phrase(self, phrase: str) -> Doc:
        doc = self.nlp.make_doc(phrase)
        # Only an attribute that the tokenizer does not set needs the pipeline's help.
        if self.cfg["phrase_matcher_attr"] in ("LEMMA", "POS", "TAG"):
            for _, pipe in self.nlp.pipeline:
                if pipe is self:
                    break
                doc = pipe(doc)
        return doc

    # Initialization

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        keywords: Optional[Dict[str, List[str]]] = None,
        patterns: Optional[Union[str, Path, List[Any]]] = None,
        from_gold: bool = False,
    ) -> None:
        """Fill the keywords and patterns.

        get_examples (Callable): Gives the training examples. nlp (Optional[Language]): Not used.
        keywords (Optional[Dict[str, List[str]]]): Phrases by category; those of the settings stay where it is None.
        patterns (Optional[Union[str, Path, List]]): A JSONL file of patterns, or the patterns; see `add_patterns`. They
            are stored with the component. Those that are there stay where it is None.
        from_gold (bool): Add the aspects of the training examples, each under its most frequent category. Words that
            are an aspect in less than half of the places where they stand are left out.
        RAISES (ValueError): BS021 or BS024 if the patterns cannot be read.
        """
        if keywords is not None:
            self.cfg["keywords"] = {k: list(v) for k, v in keywords.items()}
        if isinstance(patterns, (str, Path)):
            self.cfg["patterns"] = read_patterns(patterns, self.nlp.vocab)
        elif patterns is not None:
            self.cfg["patterns"] = check_patterns(patterns, self.nlp.vocab)
        if from_gold:
            docs = [eg.reference for eg in get_examples() if ASPECTS_KEY in eg.reference.spans]
            known = {phrase.lower() for phrases in self.cfg["keywords"].values() for phrase in phrases}
            for phrase, category in collect_keywords(docs, self.nlp.vocab, self.nlp.make_doc):
                if phrase not in known:
                    self.cfg["keywords"].setdefault(category, []).append(phrase)
        self._rules = None

    # Storing

    def to_bytes(self, *, exclude: Iterable[str] = tuple()) -> bytes:
        return util.to_bytes({"cfg": lambda: srsly.json_dumps(self.cfg)}, exclude)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = tuple()) -> "Aspects":
        util.from_bytes(data, {"cfg": lambda b: self.cfg.update(srsly.json_loads(b))}, exclude)
        self._rules = None
        return self

    def to_disk(self, path: Any, *, exclude: Iterable[str] = tuple()) -> None:
        util.to_disk(path, {"cfg": lambda p: srsly.write_json(p, self.cfg)}, exclude)

    def from_disk(self, path: Any, *, exclude: Iterable[str] = tuple()) -> "Aspects":
        util.from_disk(path, {"cfg": lambda p: self.cfg.update(srsly.read_json(p))}, exclude)
        self._rules = None
        return self

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_rules": None}


def _get_category(span: Span) -> str:
    """A trained finder's label is a category, unless it is the one that only tells aspects from other words."""
    return "" if span.label_ == ASPECT_LABEL else span.label_


def _strip_chunk(chunk: Span) -> Tuple[int, int]:
    """Cut articles, possessives and lone pronouns off a noun chunk."""
    start = chunk.start
    while start < chunk.end and chunk.doc[start].pos_ in ("DET", "PRON"):
        start += 1
    return start, chunk.end
