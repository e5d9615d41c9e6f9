"""The encoder in OpenVINO: on the CPU, for prediction. Training stays in torch."""

import os
import threading
from typing import Any, Dict, List, Sequence, Tuple

import torch

from ..engine import CPU_PIECES, Engine
from ..hf import HFEncoder
from ..pieces import Row
from .arrays import read_arrays
from .graph import build_graph, pad_rows
from .packages import get_core

# OpenVINO's fused attention takes twice as long as plain products where rows are short, as sentences are.
FUSED_FROM = 256
# An internal setting: a version that does not know it fuses all attention.
PLAIN_ATTENTION = {"SNIPPETS_MODE": "DISABLE"}


class OpenVINOEngine(Engine):
    """Run an encoder of BERT's make over rows, as a graph that is compiled when it is first asked for.

    encoder (HFEncoder): Whose weights are used. dtype (torch.dtype): What products are computed in, and in training.
    int8 (bool): Predict with the encoder's int8 weights; what is not a product is computed in `dtype`.
    activation (str): See `build_graph`.
    """

    def __init__(self, encoder: HFEncoder, dtype: torch.dtype, *, int8: bool, activation: str):
        super().__init__(encoder, dtype)
        self.int8, self.activation = int8, activation
        self._requests: Dict[Tuple[bool, bool], Any] = {}
        self._made_for: Tuple[Any, ...] = ()
        # A request runs one batch at a time; pipelines are used by several threads.
        self._lock = threading.Lock()

    def describe(self) -> Dict[str, str]:
        family = str(self.encoder.config.get("model_type"))
        why = "its int8 weights run in OpenVINO alone" if self.int8 else "asked for by the setting 'runtime'"
        precision = f"int8 and {str(self.dtype)[6:]}" if self.int8 else str(self.dtype)[6:]
        return {
            "runtime": "openvino", "runs": "packed", "why": f"{family} is of BERT's make; {why}",
            "precision": precision, "device": "cpu",
        }  # fmt: skip

    def make_batches(self, lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
        # Without its other weights, the module is on no device. In larger passes, rows of more different lengths attend
        # together, too.
        return super().make_batches(lengths, min(max_pieces, CPU_PIECES))

    def predict(self, rows: Sequence[Row], *, tokens: bool) -> torch.Tensor:
        assert self.parts is not None
        inputs = pad_rows(rows, first_position=self.parts.first_position)
        with self._lock:
            request = self._get_request(tokens, inputs.pad.shape[1] >= FUSED_FROM)
            output = request.infer(list(inputs), share_inputs=True)[0]
        return torch.from_numpy(output)[: sum(len(row.ids) for row in rows)]

    def _get_request(self, tokens: bool, fused: bool) -> Any:
        made_for = (os.getpid(), torch.get_num_threads(), *self._get_state())
        if made_for != self._made_for:
            self._requests, self._made_for = {}, made_for
        if (tokens, fused) not in self._requests:
            self._requests[tokens, fused] = self._compile(tokens, fused)
        return self._requests[tokens, fused]

    def _get_state(self) -> Tuple[Any, ...]:
        if self.int8:
            return (id(self.encoder.int8),)
        return tuple((p.data_ptr(), p._version) for p in self._params)

    def _compile(self, tokens: bool, fused: bool) -> Any:
        assert self.parts is not None
        arrays = self.encoder.int8 if self.int8 and self.encoder.int8 is not None else read_arrays(self.parts)
        graph = build_graph(self.parts, arrays, activation=self.activation, tokens=tokens)
        settings: Dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": {torch.float32: "f32", torch.bfloat16: "bf16"}[self.dtype],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        core = get_core()
        try:
            compiled = core.compile_model(graph, "CPU", settings if fused else {**settings, **PLAIN_ATTENTION})
        except RuntimeError:
            compiled = core.compile_model(graph, "CPU", settings)
        return compiled.create_infer_request()

    def forget_weights(self) -> None:
        super().forget_weights()
        self._requests = {}
