"""From what a stream holds to a text or a Doc that can be processed."""

import re
from typing import Any, Dict, NamedTuple, Union

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from ..errors import Errors
from .limits import Limits
from .outcomes import REPAIRS_KEY, Fault, make_fault
from .tokenizer import tokenize

_SURROGATES = re.compile("[\ud800-\udfff]")


class Item(NamedTuple):
    """An input that can be processed.

    source (Union[str, Doc, bytes]): A text, a Doc, or the bytes of a Doc. repairs (Dict[str, int]): See `get_repairs`.
    """

    source: Union[str, Doc, bytes]
    repairs: Dict[str, int]


def read_item(source: Any, limits: Limits, max_length: int) -> Union[Item, Fault]:
    """Check an input, and mend what can be mended.

    source (Any): What the stream gave. limits (Limits): See there. max_length (int): That of the pipeline.
    RETURNS (Union[Item, Fault]): A fault if it is no text (BS063) or too long (BS064).
    """
    most = min(limits.max_characters, max_length)
    try:
        if isinstance(source, Doc):
            _check_length(len(source.text), most)
            return Item(source, {})
        if not isinstance(source, str):
            raise ValueError(Errors.BS063.format(found=type(source).__name__, advice="Give a str or a Doc: str(value)"))
        text, repairs = str.__str__(source), {}
        if len(text) > most:
            if limits.too_long == "refuse":
                _check_length(len(text), most)
            repairs["truncated"] = len(text) - most
            text = text[:most]
        text, n_replaced = _SURROGATES.subn("\ufffd", text)
        if n_replaced:
            if limits.surrogates == "refuse":
                advice = 'Read the text with errors="replace", or let the stream mend it: Limits(surrogates="replace")'
                raise ValueError(Errors.BS063.format(found="a text with lone surrogates", advice=advice))
            repairs["surrogates"] = n_replaced
        return Item(text, repairs)
    except Exception as error:
        return make_fault("input", error)


def make_doc(nlp: Language, item: Item, limits: Limits) -> Doc:
    """Tokenize a text, and note on the Doc what was changed.

    nlp (Language): The pipeline. item (Item): From `read_item`. limits (Limits): See there.
    RETURNS (Doc): The Doc that came, where one came.
    """
    if isinstance(item.source, Doc):
        return item.source
    if isinstance(item.source, bytes):
        return Doc(nlp.vocab).from_bytes(item.source)
    repairs = dict(item.repairs)
    # Another tokenizer has its own ways, which need not be quadratic.
    if type(nlp.tokenizer) is Tokenizer:
        doc, n_cuts = tokenize(nlp.tokenizer, item.source, limits.max_run)
        if n_cuts:
            repairs["cut_runs"] = n_cuts
    else:
        doc = nlp.make_doc(item.source)
    if repairs:
        doc.user_data[REPAIRS_KEY] = repairs
    return doc


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise ValueError(Errors.BS064.format(length=length, most=most))
