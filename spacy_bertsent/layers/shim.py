"""The one place where the encoder's torch module lives: precision, gradients, clipping, the optimizer's step."""

import contextlib
import copy
import os
import warnings
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, cast

import torch
from thinc.api import Optimizer, PyTorchGradScaler, get_torch_default_device, torch2xp, xp2torch
from thinc.shims import PyTorchShim
from thinc.shims.shim import Shim

from ..errors import Errors, Warnings
from ..types import TextInput
from .engine import Engine
from .hf import HFEncoder, train_top_layers
from .pieces import Row
from .row_cache import RowCache
from .runtimes import INT8, RUNTIMES, make_engine
from .storage import dump_files, load_files, pack_files, unpack_files

PRECISIONS = ("auto", "fp32", "bf16", "fp16", INT8)
_PID = os.getpid()


class EncoderShim(PyTorchShim):
    """Hold the encoder (`HFEncoder`: module, tokenizer, settings) as thinc holds any torch module.

    Stock `PyTorchShim` divides every `.grad` by the loss scale after every backward, so with fp16 and more than one
    backward a step (pairs, accumulated batches) all but the last gradient are lost. Here gradients are scaled at each
    backward and unscaled once, in `prepare_step`.

    encoder (Optional[HFEncoder]): None until the weights are loaded.
    precision (str): "auto" (bf16 where the hardware has it, else fp32), "fp32", "bf16", "fp16" (CUDA only), or "int8":
        prediction with the encoder's int8 weights, all else as "auto".
    runtime (str): See `make_engine`.
    trainable_layers (int): See `train_top_layers`.
    """

    def __init__(
        self, encoder: Optional[HFEncoder], *, precision: str, runtime: str = "auto", trainable_layers: int = -1
    ):
        if precision not in PRECISIONS:
            raise ValueError(Errors.BS013.format(precision=precision, device="any", expected=", ".join(PRECISIONS)))
        if runtime not in RUNTIMES:
            expected = ", ".join(RUNTIMES)
            raise ValueError(Errors.BS016.format(name="runtime", value=runtime, expected=expected, pipe="backbone"))
        settings = {"precision": precision, "runtime": runtime, "trainable_layers": trainable_layers}
        super().__init__(encoder.module if encoder else None, config=settings)
        self.encoder = encoder
        self._engine: Optional[Engine] = None
        self._engine_key: Any = None
        self._rows: Optional[RowCache] = None
        self._has_outdated = False
        self._ready = False

    # thinc reads and writes `_model`; here it is the encoder's module, so the two cannot drift apart.
    @property
    def _model(self) -> Any:
        return self.encoder.module if getattr(self, "encoder", None) else None  # type: ignore[union-attr]

    @_model.setter
    def _model(self, module: Any) -> None:
        if getattr(self, "encoder", None):
            self.encoder.module = module  # type: ignore[union-attr]

    def set_encoder(self, encoder: HFEncoder) -> None:
        """Take over loaded weights, on thinc's device."""
        train_top_layers(encoder.module, self.cfg["trainable_layers"])
        if encoder.has_weights:
            encoder.module.to(get_torch_default_device())
        self.encoder, self._has_outdated = encoder, False
        self._grad_scaler = PyTorchGradScaler(enabled=self.dtype == torch.float16)
        self._grad_scaler.to_(self.device)

    @property
    def device(self) -> Any:
        # Int8 weights alone: the module has no device, and is never run.
        has_weights = self.encoder is None or self.encoder.has_weights
        return super().device if has_weights else torch.device("cpu")

    @property
    def dtype(self) -> "torch.dtype":
        """RETURNS (torch.dtype): What the matrix products are computed in. RAISES: BS013 for fp16 on a CPU."""
        precision, device = self.cfg["precision"], self.device.type
        if precision in ("auto", INT8):
            return torch.bfloat16 if _has_bf16(device) else torch.float32
        if precision == "fp16" and device == "cpu":
            expected = ", ".join(x for x in PRECISIONS if x not in ("fp16", INT8))
            raise ValueError(Errors.BS013.format(precision=precision, device=device, expected=expected))
        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]

    @property
    def engine(self) -> Engine:
        """RETURNS (Engine): Runs the encoder. Made again where the module or a setting is another one."""
        assert self.encoder is not None
        _guard_forked_worker()
        precision = "auto" if self._has_outdated else self.cfg["precision"]
        key = (precision, self.cfg["runtime"], self.dtype, self.device)
        if self._engine is None or self._engine.module is not self._model or self._engine_key != key:
            names = ("precision", "runtime", "dtype", "device")
            self._engine, self._engine_key = make_engine(self.encoder, **dict(zip(names, key))), key
        return self._engine

    def tokenize(self, texts: Sequence[TextInput], *, offsets: bool, is_train: bool) -> List[List[Row]]:
        """Encode texts and pairs. See `PieceTokenizer`; in training, rows are kept for the next epoch."""
        assert self.encoder is not None
        if not is_train or offsets:
            return self.encoder.tokenizer(texts, offsets=offsets)
        if self._rows is None or self._rows.tokenizer is not self.encoder.tokenizer:
            self._rows = RowCache(self.encoder.tokenizer)
        return self._rows.read(texts)

    def predict(self, inputs: Any) -> "torch.Tensor":
        """Run rows without gradients. inputs (Tuple[Sequence[Row], bool]): See `Engine.predict`."""
        rows, tokens = inputs
        return self.engine.predict(rows, tokens=tokens)

    def begin_update(self, inputs: Any) -> Tuple[List["torch.Tensor"], Callable[[Sequence["torch.Tensor"]], None]]:
        """Run batches of rows in training mode; the callback adds into the `.grad` of the parameters.

        inputs (Tuple[Sequence[Sequence[Row]], bool]): See `Engine.begin_update`.
        RAISES (ValueError): BS124 if there are int8 weights alone.
        """
        batches, tokens = inputs
        if self.encoder is not None and not self.encoder.has_weights:
            raise ValueError(Errors.BS124.format(wanted="training"))
        outputs, bp_outputs = self.engine.begin_update(batches, tokens=tokens)

        def backprop(d_outputs: Sequence["torch.Tensor"]) -> None:
            bp_outputs([self._scale(d_output) for d_output in d_outputs])
            self._ready = False

        return outputs, backprop

    def _scale(self, d_output: "torch.Tensor") -> "torch.Tensor":
        return cast(torch.Tensor, self._grad_scaler.scale(d_output, inplace=False))

    def prepare_step(self, max_norm: float, others: Sequence[Any] = ()) -> bool:
        """Unscale the gradients once and clip them, with those of the heads, to one global norm.

        max_norm (float): Largest L2 norm of all gradients together, 0 for no clipping (Pascanu et al. 2013, eq. 1).
        others (Sequence[FloatsXd]): Gradients of thinc parameters; changed in place.
        RETURNS (bool): False if a gradient was not finite: all are zero then, and the step should be skipped.
        """
        grads = self._grads()
        self._ready = True
        if not grads and not others:
            return True
        overflow = bool(self._grad_scaler.unscale(grads)) if grads else False
        norms = [torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))] if grads else []
        total = sum(float(n) ** 2 for n in norms) + sum(float((g.astype("float64") ** 2).sum()) for g in others)
        norm = total**0.5
        if overflow or norm != norm or norm == float("inf"):
            self.engine.clear_gradients(bad=True)
            for grad in others:
                grad[:] = 0
            return False
        if max_norm and norm > max_norm:
            factor = max_norm / norm
            if grads:
                torch._foreach_mul_(grads, factor)
            for grad in others:
                grad *= factor
        return True

    def finish_update(self, optimizer: Optimizer) -> None:
        """Step each parameter that has a gradient once, and drop the gradients."""
        if not self._ready:
            self.prepare_step(0.0)
        self._drop_int8()
        if hasattr(optimizer, "step_module"):
            optimizer.step_module(self.id, self._model)
        else:
            for name, param in self._model.named_parameters():
                if param.grad is not None:
                    key, grad = (self.id, name), torch2xp(param.grad)
                    weights, _ = optimizer(key, torch2xp(param.data), grad)  # type: ignore[arg-type]
                    param.data = xp2torch(weights, requires_grad=False, device=param.device)
        self.engine.clear_gradients()
        self.engine.forget_weights()
        self._grad_scaler.update()
        self._ready = False

    def drop_weights(self) -> None:
        """Keep the int8 weights alone: the encoder can predict, but not learn."""
        assert self.encoder is not None and self.encoder.int8 is not None
        self.encoder.module.to("meta")

    def _drop_int8(self) -> None:
        """Drop int8 weights before a step changes those that they were made from."""
        if self.encoder is not None and self.encoder.int8 is not None and self._grads():
            warnings.warn(Warnings.BW120, stacklevel=2)
            self.encoder.int8, self._has_outdated = None, True

    def _grads(self) -> List["torch.Tensor"]:
        if self._model is None:
            return []
        return [p.grad for p in self._model.parameters() if p.grad is not None]

    @contextlib.contextmanager
    def use_params(self, params: Any) -> Any:
        # Averaged weights are not kept for torch modules (thinc neither applies them).
        yield

    def copy(self) -> "EncoderShim":
        """Copy with an id of its own: a shared id is a shared optimizer state."""
        return copy.deepcopy(self)

    def __deepcopy__(self, memo: Dict[int, Any]) -> "EncoderShim":
        copied = EncoderShim(None, **self.cfg)
        if self.encoder is not None:
            copied.set_encoder(copy.deepcopy(self.encoder, memo))
        copied._has_outdated = self._has_outdated
        return copied

    def to_device(self, device_type: str, device_id: int) -> None:
        if self.encoder is not None and self.encoder.has_weights:
            super().to_device(device_type, device_id)

    def to_files(self) -> Dict[str, bytes]:
        """RETURNS (Dict[str, bytes]): The encoder as files (`layers/storage.py`); empty without weights."""
        return dump_files(self.encoder) if self.encoder is not None else {}

    def from_files(self, files: Dict[str, bytes]) -> None:
        """Load what `to_files` gave. RAISES (ValueError): BS007, and then nothing has changed."""
        self.set_encoder(load_files(files))

    def to_bytes(self) -> bytes:
        return pack_files(self.to_files())

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        files = unpack_files(bytes_data)
        if files:
            self.from_files(files)
        return self

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_engine": None, "_rows": None}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        # Another process counts its shims from 0: keep ids unique.
        with Shim.global_id_lock:
            Shim.global_id = max(Shim.global_id, self.id)


def _has_bf16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return device == "cpu" and torch.cpu._is_avx512_bf16_supported()


def _guard_forked_worker() -> None:
    """Run single-threaded in a forked worker: torch's thread pool does not survive the fork, and waits forever."""
    global _PID
    if os.getpid() != _PID:
        _PID = os.getpid()
        torch.set_num_threads(1)


def iter_grads(models: Iterable[Any]) -> List[Any]:
    """RETURNS (List[FloatsXd]): The gradients of all thinc parameters of some models, each once."""
    grads = {}
    for model in models:
        for node in model.walk():
            for name in node.grad_names:
                grads[(node.id, name)] = node.get_grad(name)
    return list(grads.values())
