from typing import Any, Optional

from thinc.api import Dropout, Linear, Model, chain
from thinc.types import Floats2d

from ..layers.head import window_head
from ..layers.windows import predict_windows


def build_doc_head(
    tok2vec: Model[Any, Any], combine: str = "mean", dropout: float = 0.1, nO: Optional[int] = None
) -> Model[Any, Floats2d]:
    """Build a linear classifier of documents, registered as `spacy-bertsent.DocHead.v1`.

    tok2vec (Model): A `DocListener`, or any spaCy tok2vec, whose mean is taken then.
    combine (str): How the windows of a long text are combined: "mean" of the logits, weighted by length, "max" of each
        label, "mean_softmax" (of the probabilities; for polarity) or "mean_sigmoid" (the same, for emotions).
    dropout (float): Before the linear layer; `[training] dropout` sets it in training.
    nO (Optional[int]): Number of labels.
    RETURNS (Model): Logits, (documents, labels). Weights start Xavier-uniform (Glorot & Bengio 2010), biases at 0.
    """
    model = _build_head(tok2vec, combine, dropout, nO)
    model.attrs["predict_windows"] = predict_windows
    return model


def build_pair_head(tok2vec: Model[Any, Any], dropout: float = 0.1, nO: Optional[int] = None) -> Model[Any, Floats2d]:
    """Build a linear classifier of aspects, registered as `spacy-bertsent.PairHead.v1`.

    tok2vec (Model): A `PairListener`. dropout (float): See `build_doc_head`. nO (Optional[int]): Number of labels.
    RETURNS (Model): Logits, (aspects, labels).
    """
    return _build_head(tok2vec, "mean", dropout, nO)


def _build_head(tok2vec: Model[Any, Any], combine: str, dropout: float, nO: Optional[int]) -> Model[Any, Floats2d]:
    output: Model[Floats2d, Floats2d] = Linear(nO=nO)
    head = window_head(chain(Dropout(dropout), output), combine)
    model: Model[Any, Floats2d] = chain(tok2vec, head)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    return model
