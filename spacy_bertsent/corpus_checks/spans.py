"""Checks of the aspects of each text."""

from typing import Dict, List, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from .findings import Case, Finding, make_findings
from .gold import AspectT, describe_aspect, get_aspects, identify


def check_spans(split: str, docs: Sequence[Doc], nlp: Language) -> List[Finding]:
    """Look for aspects that the pipeline cannot find, and for those that say two things.

    split (str): Name of the split. docs (Sequence[Doc]): Its gold documents. nlp (Language): Its tokenizer is asked.
    RETURNS (List[Finding]): off-tokens, empty-aspects, opposed-opinions, repeated-aspects, aspects-without-sentiment.
    """
    cases: Dict[str, List[Case]] = {}
    total = 0
    for i, doc in enumerate(docs):
        spans = get_aspects(doc)
        total += len(spans)
        found = _check_doc(spans)
        found += _check_tokens([span for span in spans if span.text.strip()], doc, nlp)
        for name, detail in found:
            cases.setdefault(name, []).append(Case(split, i, doc.text, detail))
    return make_findings(split, cases, total)


def _check_doc(spans: Sequence[Span]) -> List[Tuple[str, str]]:
    found = []
    sentiments: Dict[AspectT, List[str]] = {}
    for span in spans:
        if not span.text.strip():
            found.append(("empty-aspects", f"characters {span.start_char} to {span.end_char}"))
        elif not span.label_:
            found.append(("aspects-without-sentiment", _place(span)))
        earlier = sentiments.setdefault(identify(span), [])
        if span.label_ in earlier:
            found.append(("repeated-aspects", f"{_place(span)} {span.label_}".rstrip()))
        elif earlier and span.label_ and any(earlier):
            both = ", ".join([*filter(None, earlier), span.label_])
            found.append(("opposed-opinions", f"{_place(span)} {both}"))
        earlier.append(span.label_)
    return found


def _check_tokens(spans: Sequence[Span], doc: Doc, nlp: Language) -> List[Tuple[str, str]]:
    if not spans:
        return []
    # Not nlp.make_doc, which refuses long texts.
    predicted = nlp.tokenizer(doc.text)
    found = []
    for span in spans:
        if predicted.char_span(span.start_char, span.end_char) is None:
            tokens = predicted.char_span(span.start_char, span.end_char, alignment_mode="expand")
            found.append(("off-tokens", f"{_place(span)} in the tokens {tokens.text if tokens else ''!r}"))
    return found


def _place(span: Span) -> str:
    return f"{describe_aspect(span)} ({span.start_char} to {span.end_char})"
