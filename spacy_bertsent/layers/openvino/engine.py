"""The encoder in OpenVINO: on the CPU, for prediction. Training stays in torch."""

import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

import torch

from ..batching import cut_evenly
from ..engine import CPU_PIECES, Engine, ResultT
from ..hf import HFEncoder
from ..pieces import Row
from .arrays import read_arrays
from .graph import build_graph, pad_rows
from .packages import get_core

# OpenVINO's fused attention takes twice as long as plain products where rows are short, as sentences are.
FUSED_FROM = 256
# An internal setting: a version that does not know it fuses all attention.
PLAIN_ATTENTION = {"SNIPPETS_MODE": "DISABLE"}
# Passes that run side by side, a thread each, take four fifths of the time that they take one after the other with
# all threads (`benchmarks/passes.py`): if there are about so many pieces for each thread. Of a pass, no more than these
# stay in its caches.
LEAST_PIECES, MOST_PIECES = 256, 512


class Form(NamedTuple):
    """How a graph is compiled. tokens (bool): Gives every piece. fused (bool): With OpenVINO's own attention.
    n_threads (int): Of all requests together. n_requests (int): How many run at a time."""

    tokens: bool
    fused: bool
    n_threads: int
    n_requests: int


class OpenVINOEngine(Engine):
    """Run an encoder of BERT's make over rows, as a graph that is compiled when it is first asked for.

    encoder (HFEncoder): Whose weights are used. dtype (torch.dtype): What products are computed in, and in training.
    int8 (bool): Predict with the encoder's int8 weights; what is not a product is computed in `dtype`.
    activation (str): See `build_graph`.
    """

    def __init__(self, encoder: HFEncoder, dtype: torch.dtype, *, int8: bool, activation: str):
        super().__init__(encoder, dtype)
        self.int8, self.activation = int8, activation
        # Of each form, the requests that are free: each runs one batch at a time.
        self._requests: Dict[Form, queue.SimpleQueue[Any]] = {}
        self._made_for: Tuple[Any, ...] = ()
        self._lock = threading.Lock()
        # In a thread that runs some of several passes: "form", the numbers of its form.
        self._thread = threading.local()

    def describe(self) -> Dict[str, str]:
        family = str(self.encoder.config.get("model_type"))
        why = "its int8 weights run in OpenVINO alone" if self.int8 else "asked for by the setting 'runtime'"
        precision = f"int8 and {str(self.dtype)[6:]}" if self.int8 else str(self.dtype)[6:]
        return {
            "runtime": "openvino", "runs": "packed", "why": f"{family} is of BERT's make; {why}",
            "precision": precision, "device": "cpu",
        }  # fmt: skip

    def make_batches(self, lengths: Sequence[int], max_pieces: int) -> List[List[int]]:
        total = sum(lengths)
        n_beside = _count_beside(total)
        if n_beside > 1:
            n_passes = -(-total // min(max_pieces, MOST_PIECES))
            return cut_evenly(lengths, -(-n_passes // n_beside) * n_beside)
        # Without its other weights, the module is on no device. In larger passes, rows of more different lengths attend
        # together, too.
        return super().make_batches(lengths, min(max_pieces, CPU_PIECES))

    def run_all(self, run: Callable[[Sequence[Row]], ResultT], batches: Sequence[Sequence[Row]]) -> List[ResultT]:
        n_beside = _count_beside(sum(len(row.ids) for rows in batches for row in rows))
        if n_beside == 1 or len(batches) == 1:
            return super().run_all(run, batches)

        def enter() -> None:
            self._thread.form = n_beside, n_beside

        # Made at each call: its threads do not survive a fork.
        with ThreadPoolExecutor(n_beside, "openvino", enter) as pool:
            return list(pool.map(run, batches))

    def predict(self, rows: Sequence[Row], *, tokens: bool) -> torch.Tensor:
        assert self.parts is not None
        inputs = pad_rows(rows, first_position=self.parts.first_position)
        form = getattr(self._thread, "form", None) or (torch.get_num_threads(), 1)
        requests = self._get_requests(Form(tokens, inputs.pad.shape[1] >= FUSED_FROM, *form))
        request = requests.get()
        try:
            output = request.infer(list(inputs), share_inputs=True)[0]
        finally:
            requests.put(request)
        return torch.from_numpy(output)[: sum(len(row.ids) for row in rows) if tokens else len(rows)]

    def _get_requests(self, form: Form) -> "queue.SimpleQueue[Any]":
        made_for = (os.getpid(), *self._get_state())
        with self._lock:
            if made_for != self._made_for:
                self._requests, self._made_for = {}, made_for
            if form not in self._requests:
                self._requests[form] = self._compile(form)
            return self._requests[form]

    def _get_state(self) -> Tuple[Any, ...]:
        if self.int8:
            return (id(self.encoder.int8),)
        return tuple((p.data_ptr(), p._version) for p in self._params)

    def _compile(self, form: Form) -> "queue.SimpleQueue[Any]":
        assert self.parts is not None
        arrays = self.encoder.int8 if self.int8 and self.encoder.int8 is not None else read_arrays(self.parts)
        graph = build_graph(self.parts, arrays, activation=self.activation, tokens=form.tokens)
        settings: Dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": {torch.float32: "f32", torch.bfloat16: "bf16"}[self.dtype],
            "INFERENCE_NUM_THREADS": form.n_threads,
            "NUM_STREAMS": form.n_requests,
        }
        core = get_core()
        try:
            compiled = core.compile_model(graph, "CPU", settings if form.fused else {**settings, **PLAIN_ATTENTION})
        except RuntimeError:
            compiled = core.compile_model(graph, "CPU", settings)
        free: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(form.n_requests):
            free.put(compiled.create_infer_request())
        return free

    def forget_weights(self) -> None:
        super().forget_weights()
        self._requests = {}


def _count_beside(n_pieces: int) -> int:
    """RETURNS (int): How many passes run at a time, if there are so many pieces."""
    n_threads = torch.get_num_threads()
    return n_threads if n_pieces >= n_threads * LEAST_PIECES else 1
