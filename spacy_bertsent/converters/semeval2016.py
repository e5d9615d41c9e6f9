from pathlib import Path
from typing import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..labels import SENTIMENTS
from .elements import Element, read_xml
from .gold import GoldAspect, check_words, find_whole, make_doc, set_aspects
from .rows import Report, RowFault, check_choice, rows_to_docs

SENTENCE, OPINION = ("Review", "sentences", "sentence"), ("Opinions", "Opinion")
NO_TARGET = "NULL"
KINDS = ("both", "terms", "categories")
OUT_OF_SCOPE = ("drop", "keep")
LEFT_OUT = {"terms": "opinion without a target", "categories": "repeated category"}


def semeval2016_to_docs(
    path: Path, nlp: Language, report: Report, *, aspects: str = "both", out_of_scope: str = "drop"
) -> Iterator[Doc]:
    """Read SemEval-2016 task 5 (sentences, SB1) and SemEval-2015 task 12: opinions with target, category and polarity.

    An opinion without words has the target "NULL", and is a span over the whole text. Several opinions on the same
    words are several aspects, also where they contradict each other.

        <Reviews>
            <Review rid="31">
                <sentences>
                    <sentence id="31:0">
                        <text>Fine soup, but we paid too much.</text>
                        <Opinions>
                            <Opinion target="soup" category="FOOD#QUALITY" polarity="positive" from="5" to="9"/>
                            <Opinion target="NULL" category="RESTAURANT#PRICES" polarity="negative" from="0" to="0"/>
                        </Opinions>
                    </sentence>
                    <sentence id="31:1" OutOfScope="TRUE">
                        <text>The bakery next door is better.</text>
                    </sentence>
                </sentences>
            </Review>
        </Reviews>

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account; gets the number of
        targets that differ in case from the text, which has the last word.
    aspects (str): "both" takes all opinions; "terms" those with a target; "categories" all of them, but as spans over
        the whole text, each category with the same polarity once.
    out_of_scope (str): Sentences about something else are left out with "drop". "keep" takes them as not annotated.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS030 if the file is no XML; BS031 if it has no sentences or no
        opinions on them; BS033 if a setting is unknown.
    SOURCE: Pontiki et al. (2016), https://aclanthology.org/S16-1002; Pontiki et al. (2015), https://aclanthology.org/S15-2082
    """
    check_choice("--aspects", aspects, KINDS)
    check_choice("--out-of-scope", out_of_scope, OUT_OF_SCOPE)
    root = read_xml(path)
    rows = [(element.line, element) for element in root.find(*SENTENCE)]
    if not rows:
        raise ValueError(Errors.BS031.format(path=path, element="sentence", advice="Is it a file of this data set?"))
    # A sentence without opinions has no such element: only the whole file tells "none" from "not annotated".
    if not any(True for _ in root.find(*SENTENCE, *OPINION)):
        advice = "Take the file with the opinions on sentences (subtask 1, SB1)."
        raise ValueError(Errors.BS031.format(path=path, element=OPINION[1], advice=advice))

    def make(sentence: Element) -> Iterator[Doc]:
        is_out = sentence.attrs.get("OutOfScope") == "TRUE"
        if is_out and out_of_scope == "drop":
            report.dropped["sentence out of scope"] += 1
            return
        doc = make_doc(nlp, "".join(child.text for child in sentence.find("text")))
        opinions = list(sentence.find(*OPINION))
        found = [_get_aspect(opinion, doc.text) for opinion in opinions]
        kept = found
        if aspects == "terms":
            kept = [aspect for aspect, opinion in zip(found, opinions) if opinion.get("target") != NO_TARGET]
        elif aspects == "categories":
            start, end = find_whole(doc.text)
            kept = list(dict.fromkeys(aspect._replace(start_char=start, end_char=end) for aspect in found))
        if len(kept) < len(found):
            report.dropped[LEFT_OUT[aspects]] += len(found) - len(kept)
        n_changed = sum(_differs_in_case(opinion, aspect, doc.text) for opinion, aspect in zip(opinions, found))
        if n_changed:
            report.changed["target in another case than in the text"] += n_changed
        # What is out of scope was not annotated, unless it was all the same.
        if opinions or not is_out:
            set_aspects(doc, kept, report)
        yield doc

    return rows_to_docs(path, rows, make, report)


def _get_aspect(opinion: Element, text: str) -> GoldAspect:
    sentiment, category, target = opinion.get("polarity"), opinion.get("category"), opinion.get("target")
    if sentiment not in SENTIMENTS:
        expected = ", ".join(SENTIMENTS)
        raise RowFault(f"unknown label {sentiment!r}, expected one of: {expected}", opinion.line)
    if target == NO_TARGET:
        return GoldAspect(*find_whole(text), sentiment, category)
    aspect = GoldAspect(*opinion.get_offsets(), sentiment, category)
    if _differs_in_case(opinion, aspect, text):
        target = text[aspect.start_char : aspect.end_char]
    try:
        check_words(text, aspect, target)
    except RowFault as e:
        raise RowFault(str(e), opinion.line) from e
    return aspect


def _differs_in_case(opinion: Element, aspect: GoldAspect, text: str) -> bool:
    target, words = opinion.get("target"), text[aspect.start_char : aspect.end_char]
    return target not in (NO_TARGET, words) and target.casefold() == words.casefold()
