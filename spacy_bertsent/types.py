"""The words that all floors share: plain data, no behaviour."""

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Protocol, Sequence, Tuple

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
    """

    text: str
    start_char: int
    end_char: int
    category: str
    sentiment: str
    score: float
    scores: Dict[str, float]


class TextInput(NamedTuple):
    """What the encoder reads as one sequence: a text, or a pair of texts.

    first (str): The text, or the first text of the pair.
    second (Optional[str]): The second text of the pair.
    long (int): 0 or 1: the text of a pair that may be cut to the window; the other keeps at least half of it.
    focus (Offsets): Characters of the long text that a cut must keep.
    masked (bool): Put the mask piece in the place of a pair's other text.
    """

    first: str
    second: Optional[str] = None
    long: int = 0
    focus: Offsets = (0, 0)
    masked: bool = False


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

    def read(
        self, listener: Any, texts: Sequence[TextInput], is_train: bool
    ) -> Tuple[Windows, Callable[[Windows], None]]: ...

    def read_docs(
        self, listener: Any, docs: Sequence[Doc], is_train: bool
    ) -> Tuple[Windows, Callable[[Windows], None]]: ...
