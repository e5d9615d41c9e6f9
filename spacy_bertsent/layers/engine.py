"""Rows of wordpieces in, vectors out: the fastest exact way for the encoder and the device at hand."""

import contextlib
from typing import Any, Callable, ContextManager, Dict, List, Optional, Sequence, Tuple, TypeVar

import numpy
import torch

from .batching import batch_by_length, cut_by_length
from .families import EncoderParts, find_parts
from .hf import HFEncoder
from .packed import FinishT, LayerWeights, cast_weights, embed, finish_layer, run_layers
from .packing import ALIGNMENT, Packing, pack_rows
from .pieces import Row
from .varlen import has_varlen

# Most pieces of a packed pass on the CPU: what larger ones give on the way does not stay in its caches.
CPU_PIECES = 1024
# Texts of a part: a GPU computes one while the next is cut into pieces.
GPU_TEXTS = 512
BackpropT = Callable[[Sequence[torch.Tensor]], None]
ResultT = TypeVar("ResultT")


class Engine:
    """Run an encoder over rows.

    Encoders of BERT's make (`families.py`) run packed: no padding in linear layers, weights held in the type that
    products are computed in, [CLS] alone in the last layer. Any other runs in its own module over padded rows.

    encoder (HFEncoder): Whose weights are used; its module may be trained between calls.
    dtype (torch.dtype): What products are computed in. packed (bool): False keeps to the module's own forward pass.
    compiled (bool): Let torch compile what follows the attention, at the first prediction.
    """

    def __init__(self, encoder: HFEncoder, dtype: torch.dtype, *, packed: bool = True, compiled: bool = False):
        self.encoder = encoder
        self.module = encoder.module
        self.dtype = dtype
        self.parts: Optional[EncoderParts] = find_parts(encoder.module) if packed else None
        self._params = list(encoder.module.parameters())
        self._varlen = has_varlen(self.device, dtype)
        self._compiled = compiled
        # Rows and pieces are never the same number twice.
        self._finish: FinishT = torch.compile(finish_layer, dynamic=True) if compiled else finish_layer
        self._cast: Optional[List[LayerWeights]] = None
        self._state: Tuple[Any, ...] = ()
        self._word_grad: Optional[torch.Tensor] = None
        self._touched: List[torch.Tensor] = []

    @property
    def device(self) -> torch.device:
        return self._params[0].device

    @property
    def part_size(self) -> int:
        """RETURNS (int): Texts that are given to the device before the next are cut into pieces; 0 for all."""
        return GPU_TEXTS if self.device.type == "cuda" else 0

    def describe(self) -> Dict[str, str]:
        """RETURNS (Dict[str, str]): What runs, and why."""
        family = str(self.encoder.config.get("model_type"))
        runs = "packed" if self.parts is not None else "padded"
        why = f"{family} is of BERT's make" if self.parts is not None else f"{family} runs in its own module"
        if self.parts is not None:
            why += ", attention by varlen_attn" * self._varlen + ", layers compiled" * self._compiled
        return {
            "runtime": "torch",
            "runs": runs,
            "why": why,
            "precision": str(self.dtype)[6:],
            "device": str(self.device),
        }

    def make_batches(self, lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
        """RETURNS (List[List[int]]): Indices of the rows of each pass, shortest first."""
        if self.parts is None:
            return batch_by_length(lengths, max_pieces)
        return cut_by_length(lengths, min(max_pieces, CPU_PIECES) if self.device.type == "cpu" else max_pieces)

    def predict(self, rows: Sequence[Row], *, tokens: bool) -> torch.Tensor:
        """Run rows without gradients.

        rows (Sequence[Row]): At least one. tokens (bool): Give every piece, not [CLS] alone.
        RETURNS (torch.Tensor): float32, (rows, width), or (pieces of all rows, width).
        """
        if self.module.training:
            self.module.eval()
        with torch.inference_mode():
            if self.parts is None:
                return self._run_module(rows, tokens)
            packing = self._pack(rows, grouped=not self._varlen, filled=self._filled)
            x = embed(self.parts, packing, self.parts.words(packing.ids))
            weights, finish = self._get_weights(), self._finish
            return run_layers(self.parts, weights, packing, x, tokens=tokens, fused=True, finish=finish)

    def run_all(self, run: Callable[[Sequence[Row]], ResultT], batches: Sequence[Sequence[Row]]) -> List[ResultT]:
        """Predict several batches. Some engines run several at a time.

        run (Callable): Calls `predict` with what it is given, or with parts of it.
        batches (Sequence[Sequence[Row]]): See `make_batches`.
        RETURNS (List): What `run` gave for each. RAISES: What it raised.
        """
        return [run(batch) for batch in batches]

    def begin_update(self, batches: Sequence[Sequence[Row]], *, tokens: bool) -> Tuple[List[torch.Tensor], BackpropT]:
        """Run rows in training mode.

        batches (Sequence[Sequence[Row]]): One pass each; their backward passes are one. tokens (bool): See `predict`.
        RETURNS (Tuple[List[torch.Tensor], Callable]): What `predict` gives for each batch, and the callback that takes
            its gradient and adds into the `.grad` of the parameters.
        """
        if not self.module.training:
            self.module.train()
        if self.parts is None:
            outputs, finish = [self._run_module(rows, tokens) for rows in batches], _ignore
        else:
            outputs, finish = self._run_packed(self.parts, batches, tokens)

        def backprop(d_outputs: Sequence[torch.Tensor]) -> None:
            pairs = [(output, d) for output, d in zip(outputs, d_outputs) if output.requires_grad]
            if pairs:
                torch.autograd.backward([output for output, _ in pairs], [d for _, d in pairs])
                finish()

        return [output.detach() for output in outputs], backprop

    def _run_packed(
        self, parts: EncoderParts, batches: Sequence[Sequence[Row]], tokens: bool
    ) -> Tuple[List[torch.Tensor], Callable[[], None]]:
        # Its kernel knows no dropout.
        grouped = not self._varlen or any(layer.attention_dropout for layer in parts.layers)
        packings = [self._pack(rows, grouped=grouped, filled=self._filled) for rows in batches]
        weights = cast_weights(parts, self.dtype)
        table = parts.words.weight
        # The gradient of a table of words is nearly all zeros: only the rows of words that occur are made.
        unique, places = torch.unique(torch.cat([p.ids for p in packings]), return_inverse=True)
        words = table.detach()[unique].requires_grad_(table.requires_grad)
        outputs = []
        for packing, place in zip(packings, torch.split(places, [len(p.ids) for p in packings])):
            x = embed(parts, packing, torch.nn.functional.embedding(place, words))
            outputs.append(run_layers(parts, weights, packing, x, tokens=tokens, fused=self._fused))

        def finish() -> None:
            if words.grad is not None:
                self._add_word_grad(table, unique, words.grad)

        return outputs, finish

    def _pack(self, rows: Sequence[Row], *, grouped: bool, filled: bool = False) -> Packing:
        assert self.parts is not None
        # A GPU has fast attention without a mask: rows of one length attend together, and no others.
        alignment = ALIGNMENT if self.device.type == "cpu" else 1
        first, device = self.parts.first_position, self.device
        return pack_rows(rows, first_position=first, device=device, alignment=alignment, grouped=grouped, filled=filled)

    @property
    def _fused(self) -> bool:
        # Torch's fused attention gains nothing on the CPU, backwards (`benchmarks/passes.py`).
        return self.device.type != "cpu"

    @property
    def _filled(self) -> bool:
        # oneDNN, which multiplies in bfloat16, makes a kernel for each size.
        return self.device.type == "cpu" and self.dtype != torch.float32

    def _get_weights(self) -> List[LayerWeights]:
        assert self.parts is not None
        state = tuple((p.data_ptr(), p._version) for p in self._params)
        if self._cast is None or state != self._state:
            self._cast, self._state = cast_weights(self.parts, self.dtype), state
        return self._cast

    def forget_weights(self) -> None:
        """Cast the weights again at the next call."""
        self._cast = None

    # The gradient of the word table is kept, and only the rows that were written are set to 0: to allocate and clear
    # all of it at each step takes as long as a tenth of the step.
    def _add_word_grad(self, table: torch.Tensor, rows: torch.Tensor, grad: torch.Tensor) -> None:
        if table.grad is None:
            if self._word_grad is None or self._word_grad.device != table.device:
                self._word_grad, self._touched = torch.zeros_like(table), []
            # Somebody else may have dropped the gradient.
            self._clear_word_grad()
            table.grad = self._word_grad
        table.grad.index_add_(0, rows, grad)
        self._touched.append(rows)

    def clear_gradients(self, *, bad: bool = False) -> None:
        """Drop the gradients of all parameters. bad (bool): Some are not finite, wherever they came from."""
        for param in self._params:
            param.grad = None
        if bad:
            self._word_grad = None
        self._clear_word_grad()

    def _clear_word_grad(self) -> None:
        if self._word_grad is not None:
            for rows in self._touched:
                self._word_grad.index_fill_(0, rows, 0)
        self._touched = []

    # Padded

    def _autocast(self) -> ContextManager[Any]:
        if self.dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def _run_module(self, rows: Sequence[Row], tokens: bool) -> torch.Tensor:
        inputs = {k: torch.from_numpy(v).to(self.device) for k, v in self._pad(rows).items()}
        with self._autocast():
            hidden = self.module(**inputs)[0].float()  # (rows, pieces, width)
        return hidden[inputs["attention_mask"].bool()] if tokens else hidden[:, 0]

    def _pad(self, rows: Sequence[Row]) -> Dict[str, numpy.ndarray]:
        shape = len(rows), max(len(row.ids) for row in rows)
        ids = numpy.full(shape, self.encoder.tokenizer.pad_id, dtype="int64")
        mask, types = numpy.zeros(shape, dtype="int64"), numpy.zeros(shape, dtype="int64")
        for i, row in enumerate(rows):
            n = len(row.ids)
            ids[i, :n], mask[i, :n], types[i, :n] = row.ids, 1, row.types
        inputs = {"input_ids": ids, "attention_mask": mask}
        return {**inputs, "token_type_ids": types} if self.encoder.segments else inputs


def _ignore() -> None:
    pass
