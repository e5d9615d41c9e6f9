"""What listeners are given in training, with the callbacks that take their gradients."""

from typing import Any, Callable, List, Sequence, Tuple, cast

from spacy_transformers.layers import TransformerListener
from thinc.api import Model
from thinc.types import Floats3d

from .errors import Errors
from .training_pass import TrainingPass
from .types import Encoded, EncoderInput, TextInput, TokenRows, Windows

TokensT = Tuple[List[TokenRows], Callable[[List[Floats3d]], None]]


def read_pairs(
    trained: TrainingPass, model: Model, texts: Sequence[TextInput]
) -> Tuple[Windows, Callable[[Windows], None]]:
    """Give the [CLS] rows of pairs, which have a pass of their own.

    trained (TrainingPass): The pass of the batch's documents. model (Model): The encoder.
    texts (Sequence[TextInput]): The pairs.
    RETURNS (Tuple[Windows, Callable]): One window for each, and the callback.
    """
    trained.was_read = True
    encoded, bp_encoded = model.begin_update(cast(Any, EncoderInput(texts)))

    def backprop(d_windows: Windows) -> None:
        trained.note(d_windows.rows)
        bp_encoded(cast(Any, (d_windows.rows, None)))

    return cast(Encoded, encoded).windows, backprop


def read_pair_tokens(trained: TrainingPass, model: Model, texts: Sequence[TextInput]) -> TokensT:
    """Give the last layer of pairs. See `read_pairs` for the arguments.

    RETURNS (Tuple[List[TokenRows], Callable]): One for each, and the callback.
    """
    trained.was_read = True
    encoded, bp_encoded = model.begin_update(cast(Any, EncoderInput(texts, tokens=True)))

    def backprop(d_rows: List[Floats3d]) -> None:
        for d_text in d_rows:
            trained.note(d_text)
        bp_encoded(cast(Any, (None, d_rows)))

    return cast(Encoded, encoded).tokens or [], backprop


def read_document_tokens(
    trained: TrainingPass, encoded: Encoded, listener: Model, texts: Sequence[TextInput]
) -> TokensT:
    """Give the last layer of some documents of the batch, from the pass that all listeners share.

    trained (TrainingPass): The pass. encoded (Encoded): What it gave, with tokens. listener (Model): Who asks.
    texts (Sequence[TextInput]): Of documents of the batch.
    RETURNS (Tuple[List[TokenRows], Callable]): One for each, and the callback.
    RAISES (ValueError): BS009 if a document is not of the batch.
    """
    rows = encoded.tokens or []
    # Documents with the same text have the same rows but for dropout: the first stands for all.
    places = {text: i for i, text in reversed(list(enumerate(trained.texts)))}
    if not all(text in places for text in texts):
        raise ValueError(Errors.BS009.format(pipe=listener.attrs["pipe"]))
    chosen = [places[text] for text in texts]

    def backprop(d_rows: List[Floats3d]) -> None:
        gradients = [cast(Floats3d, row.hidden * 0) for row in rows]
        for i, d_text in zip(chosen, d_rows):
            gradients[i] += d_text
        trained.add_tokens(listener, gradients)

    return [rows[i] for i in chosen], backprop


def send_to_stock(
    trained: TrainingPass, encoded: Encoded, model: Model, listeners: Sequence[TransformerListener]
) -> None:
    """Hand the last layer to stock listeners, which do not ask but wait.

    trained (TrainingPass): The pass. encoded (Encoded): What it gave, with tokens. model (Model): The encoder.
    listeners (Sequence[TransformerListener]): Those of stock pipes.
    """
    rows = encoded.tokens or []
    datas = [model.attrs["make_trf_data"](doc, row) for doc, row in zip(trained.docs, rows)]
    hidden = [row.hidden for row in rows]
    batch_id = TransformerListener.get_batch_id(trained.docs)
    for listener in listeners:

        def backprop(d_datas: Any, listener: Model = listener) -> List[Any]:
            trained.add_tokens(listener, model.attrs["split_gradient"](trained.docs, d_datas, hidden))
            return []

        listener.receive(batch_id, datas, cast(Any, backprop))
