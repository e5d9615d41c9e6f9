import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union, cast

import srsly
from spacy import util
from spacy.language import Language
from spacy.pipeline.pipe import deserialize_config
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import Transformer, install_extensions
from thinc.api import Config, Model, Optimizer, set_dropout_rate

from ..cache import VectorCache
from ..errors import Errors, Warnings
from ..texts import get_text
from ..training_pass import TrainingPass
from ..training_reads import TokensT, read_document_tokens, read_pair_tokens, read_pairs, send_to_stock
from ..types import Encoded, EncoderInput, EngineInfo, TextInput, TokenRows, Windows
from .annotate import annotate
from .folder import read_files, write_files

backbone_default_config = """
[model]
@architectures = "spacy-bertsent.Backbone.v1"
name = "sentence-transformers/all-MiniLM-L6-v2"
"""
DEFAULT_BACKBONE_MODEL = Config().from_str(backbone_default_config)["model"]
ModelT = Model[EncoderInput, Encoded]
ReadT = Tuple[Windows, Callable[[Windows], None]]


@Language.factory(
    "bertsent_backbone",
    default_config={"model": DEFAULT_BACKBONE_MODEL, "cache_size": 4096, "max_grad_norm": 1.0},
)
def make_backbone(nlp: Language, name: str, model: Model, cache_size: int, max_grad_norm: float) -> "Backbone":
    """Make the component that owns the encoder's weights.

    model (Model[EncoderInput, Encoded]): The encoder. cache_size (int): Texts and pairs whose vectors are kept while
    the weights do not change. max_grad_norm (float): Largest norm of all gradients together, 0 for no clipping.
    """
    return Backbone(nlp.vocab, model, name, cache_size=cache_size, max_grad_norm=max_grad_norm)


class Backbone(Transformer):
    """Encode texts for the components that listen.

    Reads: the text. Writes: nothing, or `doc._.trf_data` where a stock spaCy pipe listens. Gold: none.

    Vectors are computed when a listener asks for them, so nothing is computed that nobody reads. In training all
    listeners to documents share one pass (`TrainingPass`).
    """

    def __init__(
        self, vocab: Vocab, model: ModelT, name: str = "backbone", *, cache_size: int = 4096, max_grad_norm: float = 1.0
    ):
        super().__init__(vocab, cast(Any, model), name=name)
        self.cfg: Dict[str, Any] = {"cache_size": cache_size, "max_grad_norm": max_grad_norm, "has_weights": False}
        self._heads: Dict[str, Any] = {}
        self._pass: Optional[TrainingPass] = None
        self._cache = VectorCache(cache_size)
        self._n_skipped = 0

    # Linking

    def find_listeners(self, component: Any) -> None:
        """Link the layers of a component that listen to this backbone: ours, and those of stock pipes.

        component (Callable[[Doc], Doc]): A component after this one.
        """
        super().find_listeners(component)
        if not isinstance(getattr(component, "model", None), Model):
            return
        for node in component.model.walk():
            if node.attrs.get("listens") and node.attrs["upstream"] in ("*", self.name):
                node.attrs["link"].set(self)
                node.attrs["pipe"] = component.name
                self.add_listener(node, component.name)
                self._heads[component.name] = component

    @property
    def has_token_listeners(self) -> bool:
        """RETURNS (bool): Whether a stock pipe listens, which needs the whole last layer."""
        return any(isinstance(listener, TransformerListener) for listener in self.listeners)

    @property
    def has_span_listeners(self) -> bool:
        """RETURNS (bool): Whether a head of ours reads the pieces of documents."""
        return any(listener.attrs.get("listens") == "spans" for listener in self.listeners)

    # Reading

    def read_docs(self, listener: Model, docs: Sequence[Doc], is_train: bool) -> ReadT:
        """Give a listener the vectors of documents. See `read` for the arguments."""
        if is_train and self._pass is not None:
            return self._read_pass(listener, docs)
        return self._read_cached([TextInput(get_text(doc)) for doc in docs]), _ignore

    def read(self, listener: Model, texts: Sequence[TextInput], is_train: bool) -> ReadT:
        """Give a listener the vectors of texts or pairs.

        listener (Model): Who asks. texts (Sequence[TextInput]): What to encode.
        is_train (bool): With gradients, unless the backbone is frozen (was not updated with this batch).
        RETURNS (Tuple[Windows, Callable]): The vectors, and the callback that takes their gradient.
        """
        if not is_train or self._pass is None or not texts:
            return self._read_cached(texts), _ignore
        return read_pairs(self._pass, self.model, texts)

    def read_tokens(self, listener: Model, texts: Sequence[TextInput], is_train: bool) -> TokensT:
        """Give a listener the last layer of pairs, or of documents of the batch. See `read` for the arguments."""
        is_pairs, trained = listener.attrs["listens"] == "pairs", self._pass if is_train else None
        if trained is not None and is_pairs:
            return read_pair_tokens(trained, self.model, texts)
        if trained is not None:
            return read_document_tokens(trained, self._run(trained), listener, texts)
        return (self._encode(texts, tokens=True).tokens or []) if is_pairs else self._read_documents(texts), _ignore

    def _read_cached(self, texts: Sequence[TextInput]) -> Windows:
        if not texts:
            return Windows(self.model.ops.alloc2f(0, self._width()), [], self.model.ops.alloc1f(0))
        return self._cache.read(texts, self._encode_new, self.model.ops.xp)

    def _encode_new(self, texts: Sequence[TextInput]) -> Windows:
        encoded = self._encode(texts, tokens=self.has_span_listeners and texts[0].second is None)
        if encoded.tokens:
            self._cache.write_tokens(texts, encoded.tokens)
        return encoded.windows

    def _read_documents(self, texts: Sequence[TextInput]) -> List[TokenRows]:
        return self._cache.read_tokens(texts, lambda new: self._encode(new, tokens=True))

    def _encode(self, texts: Sequence[TextInput], tokens: bool = False) -> Encoded:
        return cast(Encoded, self.model.predict(cast(Any, EncoderInput(texts, tokens))))

    def _width(self) -> int:
        if not self.model.has_dim("nO"):
            self.model.attrs["load_weights"](self.model)
        return int(self.model.get_dim("nO"))

    @property
    def engine(self) -> EngineInfo:
        """RETURNS (EngineInfo): What runs the encoder, and why."""
        return cast(EngineInfo, self.model.attrs["describe"](self.model))

    # Predicting

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe(iter([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Pass documents on. Only stock pipes need something set on them; our listeners ask when they need it."""
        if not self.has_token_listeners:
            yield from stream
            return
        install_extensions()
        for docs in util.minibatch(stream, batch_size):
            yield from annotate(self, list(docs))

    def predict(self, docs: Iterable[Doc]) -> Any:
        """RETURNS (List[TransformerData]): What stock listeners read, one for each document."""
        docs = list(docs)
        found = self._read_documents([TextInput(get_text(doc)) for doc in docs])
        return [self.model.attrs["make_trf_data"](doc, rows) for doc, rows in zip(docs, found)]

    def set_annotations(self, docs: Iterable[Doc], predictions: Any) -> None:
        for doc, data in zip(docs, predictions):
            doc._.trf_data = data

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Get ready for the listeners' updates with the same examples.

        examples (Iterable[Example]): A batch. drop (float): Not used: the encoder's dropout is in its own config.
        sgd (Optional[Optimizer]): Not used: call `finish_update` after all pipes were updated.
        losses (Optional[Dict[str, float]]): Losses by component name.
        RETURNS (Dict[str, float]): The losses.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, "Backbone.update")
        self._flush()
        set_dropout_rate(self.model, drop)
        docs = [eg.predicted for eg in examples]
        self._pass = TrainingPass(docs, self.name, losses)
        stock = [x for x in self.listeners if isinstance(x, TransformerListener)]
        if stock and any(len(doc) for doc in docs):
            send_to_stock(self._pass, self._run(self._pass), self.model, stock)
        return losses

    def _run(self, trained: TrainingPass) -> Encoded:
        listeners = [x for x in self.listeners if x.attrs.get("listens") != "pairs"]
        return trained.run(self.model, listeners, tokens=self.has_token_listeners or self.has_span_listeners)

    def _read_pass(self, listener: Model, docs: Sequence[Doc]) -> ReadT:
        trained = cast(TrainingPass, self._pass)
        if [get_text(doc) for doc in docs] != [text.first for text in trained.texts]:
            raise ValueError(Errors.BS009.format(pipe=listener.attrs["pipe"]))
        return self._run(trained).windows, lambda d_windows: trained.add_cls(listener, d_windows.rows)

    def _flush(self) -> None:
        if self._pass is not None:
            self._pass.send_back()

    def finish_update(self, sgd: Optimizer) -> None:
        """Send back what listeners have reported, clip all gradients to one norm, and step the encoder.

        sgd (Optimizer): The optimizer.
        """
        self._flush()
        if self._pass is not None and self._pass.was_read:
            self._pass = None
        heads = [self._heads[name].model for name in self.listening_components if name in self._heads]
        is_finite = self.model.attrs["prepare_step"](self.model, self.cfg["max_grad_norm"], heads)
        self._n_skipped = 0 if is_finite else self._n_skipped + 1
        # The loss scale of fp16 finds its size by overflowing: only a lasting fault is worth a word.
        if self._n_skipped and self._n_skipped % 10 == 0:
            warnings.warn(Warnings.BW001.format(pipe=self.name, count=self._n_skipped), stacklevel=2)
        self.model.finish_update(sgd)
        self._cache.clear()

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Optional[Language] = None) -> None:
        """Load the pretrained weights, unless there are weights already.

        get_examples (Callable): Not used. nlp (Optional[Language]): Not used.
        RAISES: BS004 if there are none.
        """
        self.model.initialize()
        for component, listeners in self.listener_map.items():
            for listener in listeners:
                # Again: stock listeners need the width, which was not known when they were linked.
                self.add_listener(listener, component)
        self._pass = None
        self._cache.clear()

    # Storing

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = tuple()) -> None:
        """Write the settings, and the encoder as files with a manifest.

        path (str / Path): A directory. exclude (Iterable[str]): Names of parts to leave out: "cfg", "vocab", "model".
        """
        util.to_disk(
            path,
            {
                "cfg": lambda p: srsly.write_json(p, {**self.cfg, "has_weights": self.model.has_dim("nO")}),
                "vocab": lambda p: self.vocab.to_disk(p, exclude=exclude),
                "model": self._write_files,
            },
            exclude,
        )

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = tuple()) -> "Backbone":
        """Read what `to_disk` wrote. RAISES (ValueError): BS007 if a file is missing, unknown or changed."""
        util.from_disk(
            path,
            {
                "vocab": lambda p: self.vocab.from_disk(p, exclude=exclude),  # type: ignore[dict-item]
                # Without settings, weights are expected.
                "cfg": lambda p: self.cfg.update({"has_weights": True, **deserialize_config(p)}),
                "model": self._read_files,
            },
            exclude,
        )
        self._cache.clear()
        return self

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = tuple()) -> "Backbone":
        """Read what `to_bytes` gave. RAISES (ValueError): BS007 if the encoder in it does not fit."""
        super().from_bytes(bytes_data, exclude=exclude)
        self._cache.clear()
        return self

    def _write_files(self, path: Path) -> None:
        write_files(self.model.attrs["to_files"](self.model), path)

    def _read_files(self, path: Path) -> None:
        files = read_files(path)
        # A pipeline that was never initialized has no weights, and says so: an emptied directory is a fault.
        if files or self.cfg["has_weights"]:
            self.model.attrs["from_files"](self.model, files)

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_pass": None}


def _ignore(gradient: Any) -> None:
    """Take the gradient of a frozen backbone."""
