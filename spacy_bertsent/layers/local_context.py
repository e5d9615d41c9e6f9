"""Local context focus: what stands near an aspect counts more.

Zeng et al. (2019): LCF: A Local Context Focus Mechanism for Aspect-Based Sentiment Classification with Pre-trained
BERT. Applied Sciences 9(16), 3389, https://doi.org/10.3390/app9163389.
"""

from typing import Any, Callable, Optional, Tuple, cast

import numpy
from thinc.api import Dropout, Linear, Model, chain
from thinc.types import Floats2d, Ragged

from ..errors import Errors
from ..types import AspectRows
from .self_attention import self_attention

FOCUSES = ("mask", "weight")
InT = AspectRows
OutT = Floats2d


def check_focus(focus: str, distance: int) -> None:
    """RAISES (ValueError): BS016 if the focus is not known, or the distance is below 0."""
    expected = {"focus": ", ".join(FOCUSES), "distance": "0 or more"}
    for name, value, is_right in (("focus", focus, focus in FOCUSES), ("distance", distance, distance >= 0)):
        if not is_right:
            raise ValueError(
                Errors.BS016.format(name=name, value=value, expected=expected[name], pipe="aspect_sentiment")
            )


def weigh_context(X: AspectRows, focus: str, distance: int) -> numpy.ndarray:
    """Weigh the pieces of each context by how far they are from the aspect.

    The semantic-relative distance of a piece is |i - P| - floor(m / 2), where i is its place in the context, P the
    middle of the aspect and m the number of the aspect's pieces.

    X (AspectRows): The pieces. focus (str): "mask" leaves out all pieces beyond the distance (CDM in the paper);
    "weight" gives them 1 - (their distance - the threshold) / number of pieces of the context (CDW).
    distance (int): The threshold; alpha in the paper.
    RETURNS (numpy.ndarray): (total pieces,) float32 from 0 to 1; 0 for pieces that are not of the context.
    """
    parts = []
    start = 0
    for n in X.lengths:
        context, mention = X.context[start : start + n], X.mention[start : start + n]
        start += n
        places = numpy.cumsum(context) - 1
        own = places[mention]
        middle, size = (own[0] + own[-1]) / 2, own[-1] - own[0] + 1
        beyond = numpy.abs(places - middle) - size // 2 - distance
        near = beyond <= 0
        parts.append(context * (near if focus == "mask" else numpy.where(near, 1, 1 - beyond / context.sum())))
    return numpy.concatenate(parts).astype("f")


def local_attention(focus: str, distance: int, n_heads: int, dropout: float) -> Model[InT, OutT]:
    """Let attention bring together what stands near the aspect and all that was asked.

    As in the paper: the weighted pieces pass self-attention, are joined with all pieces and brought back to the width,
    pass self-attention again, and the first row goes through a dense layer with tanh. Not as there: one encoder, and
    one pass of it over the pair, gives both kinds of pieces (PyABSA's FAST-LCF-BERT), so the local ones know the
    aspect as well.

    focus (str), distance (int): See `weigh_context`. n_heads (int): Of both attentions.
    dropout (float): After the pieces are joined.
    RETURNS (Model[AspectRows, Floats2d]): (aspects, width).
    RAISES (ValueError): BS016 for a setting that is not known; BS097 at its initialization.
    """
    check_focus(focus, distance)
    join: Model[Floats2d, Floats2d] = chain(Linear(), Dropout(dropout))
    layers: Any = [self_attention(n_heads), join, self_attention(n_heads), Linear()]
    attrs = {"focus": focus, "distance": distance}
    return Model("local_attention", forward, init=init, layers=layers, attrs=attrs, dims={"nO": None})


def forward(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[OutT], InT]]:
    xp: Any = model.ops.xp
    local, join, mix, dense = model.layers
    lengths = model.ops.asarray1i(X.lengths)
    weights = xp.asarray(weigh_context(X, model.attrs["focus"], model.attrs["distance"]))[:, None]
    near, bp_near = local(Ragged(cast(Any, X.rows * weights), lengths), is_train)
    joined, bp_joined = join(xp.concatenate([near.dataXd, X.rows], axis=1), is_train)
    mixed, bp_mixed = mix(Ragged(joined, lengths), is_train)
    starts = xp.asarray(numpy.cumsum([0, *X.lengths[:-1]]))
    hidden, bp_hidden = dense(mixed.dataXd[starts], is_train)
    Y = xp.tanh(hidden)

    def backprop(dY: OutT) -> InT:
        d_mixed = xp.zeros_like(mixed.dataXd)
        d_mixed[starts] = bp_hidden(dY * (1 - Y * Y))
        d_joined = bp_joined(bp_mixed(Ragged(d_mixed, lengths)).dataXd)
        d_near, d_rows = xp.split(d_joined, 2, axis=1)
        d_rows = d_rows + bp_near(Ragged(xp.ascontiguousarray(d_near), lengths)).dataXd * weights
        return AspectRows(d_rows, X.lengths, X.context, X.mention)

    return Y, backprop


def init(model: Model[InT, OutT], X: Optional[InT] = None, Y: Optional[OutT] = None) -> None:
    assert X is not None
    local, join, mix, dense = model.layers
    width = X.rows.shape[1]
    rows: Any = X.rows[:1]
    lengths = model.ops.asarray1i([1])
    for attention in (local, mix):
        attention.initialize(X=Ragged(rows, lengths))
    join.initialize(X=model.ops.xp.concatenate([rows, rows], axis=1), Y=rows)  # type: ignore[attr-defined]
    dense.initialize(X=rows, Y=rows)
    model.set_dim("nO", width, force=True)
