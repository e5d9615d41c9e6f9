"""The words that all floors share: plain data, no behaviour."""

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Protocol, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Floats1d, Floats2d, Floats3d

Offsets = Tuple[int, int]
LossT = Callable[[Floats2d, Floats2d, Floats2d], Tuple[float, Floats2d]]


class Aspect(NamedTuple):
    """One aspect of a document with its sentiment, as `doc._.aspects` lists it.

    text (str): The words of the aspect, or its category's name where it has no words of its own.
    start_char (int), end_char (int): Character offsets into `doc.text`, end exclusive.
    category (str): The category, or "".
    sentiment (str): The most probable label, or "" where none was predicted.
    score (float): The probability of `sentiment`.
    scores (Dict[str, float]): The probability of each label; they sum to 1.
    source (str): How it was found: "given", "keyword", "pattern", "entity", "noun_chunk", "finder:KEY", ... or "" where
        nobody has noted it.
    cut (bool): Whether some of its context was too long for the model and was not read.
    """

    text: str
    start_char: int
    end_char: int
    category: str
    sentiment: str
    score: float
    scores: Dict[str, float]
    source: str = ""
    cut: bool = False


class TextPart(NamedTuple):
    """A window or a sentence of a document with its scores.

    start_char (int), end_char (int): Character offsets into `doc.text`, end exclusive.
    label (str): The most probable label.
    scores (Dict[str, float]): The probability of each label.
    """

    start_char: int
    end_char: int
    label: str
    scores: Dict[str, float]


class TextInput(NamedTuple):
    """What the encoder reads as one sequence: a text, or a pair of texts.

    first (str): The text, or the first text of the pair.
    second (Optional[str]): The second text of the pair.
    long (int): 0 or 1: the text of a pair that may be cut to the window; the other keeps at least half of it.
    focus (Offsets): Characters of the long text that a cut must keep.
    masked (bool): Put the mask piece in the place of a pair's other text.
    mark (bool): Put marks around the focus, unless the pair is masked.
    """

    first: str
    second: Optional[str] = None
    long: int = 0
    focus: Offsets = (0, 0)
    masked: bool = False
    mark: bool = False


class AspectQuery(NamedTuple):
    """One question to the aspect sentiment model.

    doc (Doc): The document that the aspect stands in.
    start_char (int), end_char (int): Its characters in `doc.text`.
    text (str): What is asked for: the words of the aspect, or the name of its category.
    masked (bool): Do not tell the model what is asked for: a control of how much it needs to know.
    """

    doc: Doc
    start_char: int
    end_char: int
    text: str
    masked: bool = False


@dataclass
class Windows:
    """Vectors of texts: one row for each window of each text.

    rows (Floats2d): (total windows, width).
    lengths (List[int]): Number of windows of each text, at least 1.
    weights (Floats1d): (total windows,) Number of wordpieces of each window without special ones, at least 1.
    """

    rows: Floats2d
    lengths: List[int]
    weights: Floats1d


class LongText(NamedTuple):
    """How a text was read that does not fit one window, or was not read to its end.

    place (int): Its place among the texts. windows (List[Offsets]): Characters of each window, in order.
    truncated (bool): Whether the text goes on behind the last window.
    """

    place: int
    windows: List[Offsets]
    truncated: bool


@dataclass
class QueryScores:
    """Answers to questions about documents, on the CPU.

    scores (numpy.ndarray): (questions, labels) Probabilities. cut (List[bool]): Whether a part of the context was not
    read.
    """

    scores: numpy.ndarray
    cut: List[bool]


@dataclass
class DocScores:
    """Probabilities of documents and of their parts, on the CPU.

    docs (numpy.ndarray): (documents, labels). sentences (numpy.ndarray): (sentences that were asked for, labels).
    windows (numpy.ndarray): (windows of the long texts, labels). long (List[LongText]): Whose windows those are.
    """

    docs: numpy.ndarray
    sentences: numpy.ndarray
    windows: numpy.ndarray
    long: List[LongText]


@dataclass
class TokenRows:
    """The last hidden layer of one text, for readers of tokens.

    ids (List[List[int]]): Wordpiece ids of each window, special ones included.
    hidden (Floats3d): (windows, longest window of the text's batch, width).
    offsets (List[List[Offsets]]): Characters of each wordpiece of each window; (0, 0) for special ones.
    """

    ids: List[List[int]]
    hidden: Floats3d
    offsets: List[List[Offsets]]


@dataclass
class AspectRows:
    """The last hidden layer around aspects: one sequence of pieces for each aspect.

    rows (Floats2d): (total pieces, width). The first row of each sequence is its [CLS].
    lengths (List[int]): Number of pieces of each sequence.
    context (numpy.ndarray): (total pieces,) Which are pieces of the text that the aspect stands in.
    mention (numpy.ndarray): (total pieces,) Which of these are the aspect's own: at least one in each sequence. All of
        the context where the aspect is not to be told, or has no piece.
    """

    rows: Floats2d
    lengths: List[int]
    context: numpy.ndarray
    mention: numpy.ndarray


class EngineInfo(NamedTuple):
    """What runs the encoder.

    runtime (str): "torch" or "openvino". runs (str): "packed" (no padding in matrix products) or "padded".
    why (str): What this was chosen for. precision (str): Of the products. device (str): Where.
    """

    runtime: str
    runs: str
    why: str
    precision: str
    device: str


@dataclass
class EncoderInput:
    """texts (Sequence[TextInput]): What to encode. tokens (bool): Also give the whole last layer."""

    texts: Sequence[TextInput]
    tokens: bool = False


@dataclass
class Encoded:
    """windows (Windows): The [CLS] rows. tokens (Optional[List[TokenRows]]): The last layer, if asked for."""

    windows: Windows
    tokens: Optional[List[TokenRows]] = None


class Upstream(Protocol):
    """What a listener asks of the backbone that it is linked to."""

    model: Any

    def read(
        self, listener: Any, texts: Sequence[TextInput], is_train: bool
    ) -> Tuple[Windows, Callable[[Windows], None]]: ...

    def read_docs(
        self, listener: Any, docs: Sequence[Doc], is_train: bool
    ) -> Tuple[Windows, Callable[[Windows], None]]: ...

    def read_tokens(
        self, listener: Any, texts: Sequence[TextInput], is_train: bool
    ) -> Tuple[List[TokenRows], Callable[[List[Floats3d]], None]]: ...
