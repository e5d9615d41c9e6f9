"""The encoder as a thinc layer: texts and pairs in, [CLS] rows (and, if asked for, whole rows) out."""

import itertools
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, cast

import numpy
import torch
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d, Floats3d

from ..types import Encoded, EncoderInput, EngineInfo, TokenRows, Windows
from .alignment import make_trf_data, split_gradient
from .encoders import replace_listener, replace_listener_cfg
from .hf import load_pretrained
from .packing import put_array
from .pieces import Row, WindowSizes
from .retry import run_halving
from .shim import EncoderShim, iter_grads
from .weights import find_weights

InT = EncoderInput
OutT = Encoded
# What comes back: the gradient of the [CLS] rows, or of the whole last layer of each text.
GradT = Tuple[Optional[Floats2d], Optional[List[Floats3d]]]


def make_encoder(
    name: str,
    *,
    revision: Optional[str],
    precision: str,
    runtime: str = "auto",
    window: int,
    overlap: int,
    max_windows: int,
    max_pieces: int,
    trainable_layers: int,
    transformer_config: Dict[str, Any],
) -> Model[InT, OutT]:
    """Make the encoder layer; its weights are loaded by `initialize`, or from a trained pipeline.

    name (str): See `find_weights`. revision (Optional[str]): Commit or tag on the hub.
    precision (str): See `EncoderShim`. runtime (str): See `make_engine`.
    window (int): Most pieces of a window, 0 for the model's own limit.
    overlap (int): Pieces that neighbouring windows share. max_windows (int): Most windows of a text, 0 for all.
    max_pieces (int): Most pieces of a micro-batch. trainable_layers (int): See `train_top_layers`.
    transformer_config (Dict[str, Any]): Settings of the Hugging Face config.
    RETURNS (Model[EncoderInput, Encoded]): With `nO`, the width, once there are weights.
    """
    return Model(
        "bertsent_encoder",
        forward,
        init=init,
        dims={"nO": None},
        attrs={
            "name": name,
            "revision": revision,
            "sizes": (window, overlap, max_windows),
            "max_pieces": max_pieces,
            "transformer_config": transformer_config,
            "load_weights": load_weights,
            "prepare_step": prepare_step,
            "make_trf_data": make_trf_data,
            "split_gradient": split_gradient,
            "replace_listener": replace_listener,
            "replace_listener_cfg": replace_listener_cfg,
            "to_files": to_files,
            "from_files": from_files,
            "describe": describe,
        },
        shims=[EncoderShim(None, precision=precision, runtime=runtime, trainable_layers=trainable_layers)],
    )


def get_shim(model: Model) -> EncoderShim:
    # Asked for at each call: loading replaces what the shim holds.
    return cast(EncoderShim, model.shims[0])


def load_weights(model: Model[InT, OutT]) -> None:
    """Load pretrained weights, unless there are weights already. RAISES: BS004, BS012, BS018."""
    shim = get_shim(model)
    if shim.encoder is None:
        attrs = model.attrs
        path = find_weights(attrs["name"], revision=attrs["revision"])
        sizes = WindowSizes(*attrs["sizes"])
        shim.set_encoder(load_pretrained(path, overrides=attrs["transformer_config"], sizes=sizes))
    assert shim.encoder is not None
    model.set_dim("nO", shim.encoder.width, force=True)


def prepare_step(model: Model[InT, OutT], max_norm: float, heads: Sequence[Model]) -> bool:
    """Clip the gradients of the encoder and the heads together: see `EncoderShim.prepare_step`."""
    return get_shim(model).prepare_step(max_norm, iter_grads(heads))


def to_files(model: Model[InT, OutT]) -> Dict[str, bytes]:
    """RETURNS (Dict[str, bytes]): The encoder as files, see `layers/storage.py`."""
    return get_shim(model).to_files()


def from_files(model: Model[InT, OutT], files: Dict[str, bytes]) -> None:
    """Load the encoder from files. RAISES (ValueError): BS007, and then nothing has changed."""
    shim = get_shim(model)
    shim.from_files(files)
    if shim.encoder is not None:
        model.set_dim("nO", shim.encoder.width, force=True)


def describe(model: Model[InT, OutT]) -> EngineInfo:
    """RETURNS (EngineInfo): What runs the encoder. RAISES: See `make_engine`."""
    load_weights(model)
    return EngineInfo(**get_shim(model).engine.describe())


def init(model: Model[InT, OutT], X: Optional[InT] = None, Y: Optional[OutT] = None) -> None:
    load_weights(model)


def forward(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[GradT], None]]:
    shim = get_shim(model)
    if shim.encoder is None:
        # A frozen backbone is not initialized by `spacy train`.
        load_weights(model)
    size = 0 if is_train or X.tokens else shim.engine.part_size
    if not 0 < size < len(X.texts):
        return encode(model, X, is_train)
    # The device computes one part while the next is cut into pieces.
    parts = [encode(model, EncoderInput(X.texts[i : i + size]), False)[0] for i in range(0, len(X.texts), size)]
    windows, xp = [part.windows for part in parts], model.ops.xp
    rows, weights = (xp.concatenate([getattr(x, name) for x in windows]) for name in ("rows", "weights"))
    return Encoded(Windows(rows, [n for x in windows for n in x.lengths], weights)), lambda dY: None


def encode(model: Model[InT, OutT], X: InT, is_train: bool) -> Tuple[OutT, Callable[[GradT], None]]:
    """Encode texts at once. See `forward` of a thinc layer."""
    shim = get_shim(model)
    nested = shim.tokenize(X.texts, offsets=X.tokens, is_train=is_train)
    rows = [row for text_rows in nested for row in text_rows]
    batches = shim.engine.make_batches([len(row.ids) for row in rows], model.attrs["max_pieces"])
    order = [i for batch in batches for i in batch]
    lengths = [len(text_rows) for text_rows in nested]
    inputs = [[rows[i] for i in batch] for batch in batches]
    bp_outputs: Optional[Callable[[List[torch.Tensor]], None]] = None
    if is_train:
        outputs, bp_outputs = shim.begin_update((inputs, X.tokens))
    else:
        # A pass that does not fit is made in halves.
        found = shim.engine.run_all(lambda x: list(run_halving(lambda part: shim.predict((part, X.tokens)), x)), inputs)
        runs = [run for halves in found for run in halves]
        inputs, outputs = [list(part) for part, _ in runs], [output for _, output in runs]
    # Where the output of each row starts in that of its batch.
    starts = [_get_starts(batch) if X.tokens else range(len(batch)) for batch in inputs]
    cls = [output[torch.as_tensor(s)] if X.tokens else output for output, s in zip(outputs, starts)]
    Y = Encoded(Windows(_unsort_cls(model, cls, order), lengths, model.ops.asarray1f([float(r.weight) for r in rows])))
    if X.tokens:
        Y.tokens = _split_by_text(model, rows, _unsort_tokens(model, outputs, inputs, order), lengths)

    def backprop(dY: GradT) -> None:
        if bp_outputs is None:
            return
        d_cls, d_tokens = dY
        grads = [torch.zeros_like(output) for output in outputs]
        if d_cls is not None:
            d_sorted = xp2torch(d_cls, device=shim.device)[torch.as_tensor(order, device=shim.device)]
            for grad, s, part in zip(grads, starts, torch.split(d_sorted, [len(batch) for batch in batches])):
                grad[torch.as_tensor(s)] += part
        if d_tokens is not None:
            flat = [window for text in d_tokens for window in text]
            for grad, s, batch in zip(grads, starts, batches):
                for start, i in zip(s, batch):
                    n = len(rows[i].ids)
                    grad[start : start + n] += xp2torch(flat[i][:n], device=shim.device)
        bp_outputs(grads)

    return Y, backprop


def _get_starts(rows: Sequence[Row]) -> List[int]:
    lengths = [len(row.ids) for row in rows]
    return [end - n for end, n in zip(itertools.accumulate(lengths), lengths)]


def _unsort_cls(model: Model, outputs: List[torch.Tensor], order: List[int]) -> Floats2d:
    """Join the micro-batches in the order of the rows; one copy to thinc's arrays."""
    if not outputs:
        return model.ops.alloc2f(0, model.get_dim("nO"))
    joined = torch.cat(outputs)
    unsorted = torch.empty_like(joined)
    unsorted[put_array(numpy.asarray(order), joined.device)] = joined
    return cast(Floats2d, torch2xp(unsorted, ops=model.ops))


def _unsort_tokens(
    model: Model, outputs: List[torch.Tensor], batches: List[List[Row]], order: List[int]
) -> List[Floats2d]:
    hidden: List[Any] = [None] * len(order)
    sorted_rows = (
        torch2xp(row, ops=model.ops)
        for output, batch in zip(outputs, batches)
        for row in torch.split(output, [len(x.ids) for x in batch])
    )
    for i, row in zip(order, sorted_rows):
        hidden[i] = row
    return hidden


def _split_by_text(model: Model, rows: Sequence[Row], hidden: List[Floats2d], lengths: List[int]) -> List[TokenRows]:
    """Give each text its rows, all as long as its longest."""
    texts = []
    start = 0
    for n_windows in lengths:
        mine = rows[start : start + n_windows]
        longest = max(len(row.ids) for row in mine)
        width = hidden[start].shape[-1]
        block = model.ops.alloc3f(n_windows, longest, width)
        for k in range(n_windows):
            n_pieces = min(longest, hidden[start + k].shape[0])
            block[k, :n_pieces] = hidden[start + k][:n_pieces]
        texts.append(TokenRows([row.ids for row in mine], block, [row.offsets for row in mine]))
        start += n_windows
    return texts
