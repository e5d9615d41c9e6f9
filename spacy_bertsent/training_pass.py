"""One training pass of the encoder over a batch of documents, shared by all that listen to documents."""

from typing import Any, Callable, Dict, List, Optional, Sequence, Set, cast

from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d, Floats3d

from .texts import get_text
from .types import Encoded, EncoderInput, TextInput


class TrainingPass:
    """Run the encoder when the first listener asks, sum the gradients, send them back once.

    Stock `Transformer.update` gives the real backprop to the last listener alone: where that one is frozen, disabled or
    has nothing to learn, the encoder gets no gradient. Here it does not matter who is last.

    docs (Sequence[Doc]): The batch. name (str), losses (Dict[str, float]): Where the squared gradient is noted.
    """

    def __init__(self, docs: Sequence[Doc], name: str, losses: Dict[str, float]):
        self.docs = list(docs)
        self.texts = [TextInput(get_text(doc)) for doc in docs]
        self.was_read = False
        self._name = name
        self._losses = losses
        self._encoded: Optional[Encoded] = None
        self._backprop: Optional[Callable] = None
        self._waiting: Set[int] = set()
        self._d_cls: Optional[Floats2d] = None
        self._d_tokens: Optional[List[Floats3d]] = None

    def run(self, model: Model, listeners: Sequence[Model], *, tokens: bool) -> Encoded:
        """Give the vectors of the batch, computed at the first call.

        model (Model): The encoder. listeners (Sequence[Model]): All that may report a gradient.
        tokens (bool): Whether somebody reads tokens. RETURNS (Encoded): The vectors.
        """
        if self._encoded is None:
            encoded, self._backprop = model.begin_update(EncoderInput(self.texts, tokens))
            self._encoded = cast(Encoded, encoded)
            self._waiting = {listener.id for listener in listeners}
        return self._encoded

    def add_cls(self, listener: Model, d_rows: Floats2d) -> None:
        """Take the gradient of the [CLS] rows. listener (Model): Whose. d_rows (Floats2d): (windows, width)."""
        self.note(d_rows)
        self._d_cls = d_rows if self._d_cls is None else cast(Floats2d, self._d_cls + d_rows)
        self._report(listener)

    def add_tokens(self, listener: Model, d_tokens: List[Floats3d]) -> None:
        """Take the gradient of the last layer. d_tokens (List[Floats3d]): One for each document."""
        for d_text in d_tokens:
            self.note(d_text)
        old = self._d_tokens
        self._d_tokens = d_tokens if old is None else [cast(Floats3d, a + b) for a, b in zip(old, d_tokens)]
        self._report(listener)

    def note(self, gradient: Any) -> None:
        """Add a gradient's square to the losses, as stock `Transformer` does."""
        self._losses[self._name] += float((gradient**2).sum())

    def _report(self, listener: Model) -> None:
        self.was_read = True
        self._waiting.discard(listener.id)
        if not self._waiting:
            self.send_back()

    def send_back(self) -> None:
        """Send the sum of what was reported into the encoder. A second call does nothing."""
        if self._d_cls is None and self._d_tokens is None:
            # Nobody has reported yet: with `nlp.update(sgd=...)` the step comes before the reports.
            return
        if self._backprop is not None:
            self._backprop((self._d_cls, self._d_tokens))
        # Frees the activations too.
        self._backprop = self._d_cls = self._d_tokens = None
