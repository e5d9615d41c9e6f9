"""Readers of published data sets: one file for each, its raw format in the docstring.

To add one: write `x.py` with a function `x_to_docs(path, nlp, report, *, settings)`, and name it here. Data sets in the
same form share a function.
"""

from importlib import import_module
from typing import Callable, Dict, Iterator

from spacy.tokens import Doc

from ..errors import Errors

CONVERTERS: Dict[str, str] = {
    "bertsent": "bertsent:bertsent_to_docs",
    "goemotions": "goemotions:goemotions_to_docs",
    "imdb": "imdb:imdb_to_docs",
    "mams": "semeval2014:semeval2014_to_docs",
    "pyabsa": "twitter2014:pyabsa_to_docs",
    "semeval2014": "semeval2014:semeval2014_to_docs",
    "semeval2015": "semeval2016:semeval2016_to_docs",
    "semeval2016": "semeval2016:semeval2016_to_docs",
    "semeval2018_ec": "semeval2018_ec:semeval2018_ec_to_docs",
    "setfit_absa": "setfit_absa:setfit_absa_to_docs",
    "sst2": "sst2:sst2_to_docs",
    "sst_trees": "sst_trees:sst_trees_to_docs",
    "tagged": "tagged:tagged_to_docs",
    "twitter2014": "twitter2014:twitter2014_to_docs",
    "twitter_multimodal": "twitter_multimodal:twitter_multimodal_to_docs",
}


def get_converter(name: str) -> Callable[..., Iterator[Doc]]:
    """Import one converter.

    name (str): A key of `CONVERTERS`.
    RETURNS (Callable[..., Iterator[Doc]]): The function: path, pipeline, report, settings by keyword.
    RAISES (ValueError): BS015 if there is none of that name.
    """
    if name not in CONVERTERS:
        raise ValueError(Errors.BS015.format(name=name, names=", ".join(CONVERTERS)))
    module, function = CONVERTERS[name].split(":")
    converter: Callable[..., Iterator[Doc]] = getattr(import_module(f".{module}", __name__), function)
    return converter
