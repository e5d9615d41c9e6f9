from pathlib import Path
from typing import Dict, Iterator, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..labels import SENTIMENTS
from .elements import Element, read_xml
from .gold import (
    CONFLICT,
    CONFLICT_MODES,
    GoldAspect,
    check_words,
    find_whole,
    make_doc,
    set_aspects,
    settle_conflicts,
)
from .rows import Report, RowFault, check_choice, rows_to_docs

TERM, CATEGORY = ("aspectTerms", "aspectTerm"), ("aspectCategories", "aspectCategory")
KINDS: Dict[str, Tuple[Tuple[str, str], ...]] = {"terms": (TERM,), "categories": (CATEGORY,), "both": (TERM, CATEGORY)}


def semeval2014_to_docs(
    path: Path, nlp: Language, report: Report, *, aspects: str = "terms", conflict: str = "drop"
) -> Iterator[Doc]:
    """Read SemEval-2014 task 4, and MAMS, which has the same form: sentences with aspect terms and categories.

    Each document gets its aspects; a category has no words and is a span over the whole text.

        <sentences>
            <sentence id="17">
                <text>The soup was cold, the waiter was not.</text>
                <aspectTerms>
                    <aspectTerm term="soup" polarity="negative" from="4" to="8"/>
                </aspectTerms>
                <aspectCategories>
                    <aspectCategory category="food" polarity="negative"/>
                </aspectCategories>
            </sentence>
        </sentences>

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    aspects (str): "terms", "categories" or "both".
    conflict (str): What becomes of aspects that are called both good and bad: "drop" leaves them out and their
        sentence in, "keep" makes "conflict" a fourth sentiment, "neutral" counts them as neutral.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS030 if the file is no XML; BS031 if it has no such aspects at all;
        BS033 if a setting is unknown.
    SOURCE: Pontiki et al. (2014), https://aclanthology.org/S14-2004; Jiang et al. (2019), https://aclanthology.org/D19-1654
    """
    check_choice("--aspects", aspects, tuple(KINDS))
    check_choice("--conflict", conflict, CONFLICT_MODES)
    root = read_xml(path)
    rows = [(element.line, element) for element in root.find("sentence")]
    if not rows:
        raise ValueError(Errors.BS031.format(path=path, element="sentence", advice="Is it a file of this data set?"))
    # A sentence without aspects has no such element: only the whole file tells "none" from "not annotated".
    if not any(True for kind in KINDS[aspects] for _ in root.find("sentence", *kind)):
        advice = "Choose what it has: --aspects categories, or --aspects terms"
        raise ValueError(Errors.BS031.format(path=path, element=KINDS[aspects][0][1], advice=advice))

    def make(sentence: Element) -> Iterator[Doc]:
        doc = make_doc(nlp, "".join(child.text for child in sentence.find("text")))
        found = [_get_aspect(e, doc.text) for kind in KINDS[aspects] for e in sentence.find(*kind)]
        set_aspects(doc, settle_conflicts(found, conflict, report), report)
        yield doc

    return rows_to_docs(path, rows, make, report)


def _get_aspect(element: Element, text: str) -> GoldAspect:
    sentiment = element.get("polarity")
    if sentiment not in (*SENTIMENTS, CONFLICT):
        expected = ", ".join((*SENTIMENTS, CONFLICT))
        raise RowFault(f"unknown label {sentiment!r}, expected one of: {expected}", element.line)
    if element.tag == CATEGORY[1]:
        return GoldAspect(*find_whole(text), sentiment, element.get("category"))
    aspect = GoldAspect(*element.get_offsets(), sentiment)
    try:
        check_words(text, aspect, element.get("term"))
    except RowFault as e:
        raise RowFault(str(e), element.line) from e
    return aspect
