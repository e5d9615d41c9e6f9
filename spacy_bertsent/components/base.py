from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, cast

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.util import minibatch
from spacy.vocab import Vocab
from thinc.api import Model, Optimizer, set_dropout_rate
from thinc.types import Floats2d

from ..errors import Errors
from ..extensions import install_extensions
from ..labels import order_labels
from ..types import LossT
from .annotate import annotate


class Head(TrainablePipe):
    """A classifier on the backbone: all that polarity, emotions and aspect sentiment have in common.

    A head gives four hooks: `inputs` (what the model reads at prediction), `predict`, `set_annotations` and `truths`
    (what the model reads in training, and the gold numbers). Its model returns logits; its loss is a setting.

    vocab (Vocab): The shared vocabulary. model (Model): Gives one row of logits per input.
    name (str): Of the component. loss (LossT): Takes logits, truths and mask; gives the loss and its gradient.
    learn_rate_factor (float): The head's learning rate is the optimizer's times this.
    scorer (Optional[Callable]): The scoring method.
    """

    # The labels that come first, and stand in where there is neither a setting nor gold annotation.
    default_labels: Tuple[str, ...] = ()

    def __init__(
        self,
        vocab: Vocab,
        model: Model[Any, Floats2d],
        name: str,
        *,
        loss: LossT,
        labels: Sequence[str] = (),
        learn_rate_factor: float = 1.0,
        scorer: Optional[Callable] = None,
    ):
        install_extensions()
        self.vocab = vocab
        self.model = model
        self.name = name
        self.loss = loss
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {"labels": list(labels), "learn_rate_factor": learn_rate_factor}
        for node in model.walk():
            # A listener that no backbone claims can name its component in the error.
            if node.attrs.get("listens"):
                node.attrs["pipe"] = name

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The labels, in the order of the model's outputs."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> List[str]:
        """RETURNS (List[str]): What `spacy init labels` writes."""
        return list(self.cfg["labels"])

    # Hooks

    def inputs(self, docs: Sequence[Doc]) -> Sequence[Any]:
        """RETURNS (Sequence[Any]): The model's inputs at prediction."""
        raise NotImplementedError

    def truths(self, examples: Sequence[Example]) -> Tuple[Sequence[Any], numpy.ndarray, numpy.ndarray]:
        """RETURNS (Tuple): The model's n inputs in training; the gold numbers and the mask (0 = not annotated), both
        (n, labels) float32."""
        raise NotImplementedError

    def gold_labels(self, reference: Doc) -> Iterable[str]:
        """RETURNS (Iterable[str]): The labels that stand on a gold document."""
        raise NotImplementedError

    def activate(self, logits: Floats2d) -> Floats2d:
        """RETURNS (Floats2d): Probabilities."""
        raise NotImplementedError

    # Predicting

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        for docs in minibatch(stream, batch_size):
            yield from annotate(self, list(docs))

    def probabilities(self, inputs: Sequence[Any]) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): The probabilities of some inputs of the model, at least one."""
        scores = self.activate(self.model.predict(inputs))
        return self.model.ops.to_numpy(scores)

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. Examples without gold annotation for this head leave no gradient.

        examples (Iterable[Example]): A batch. drop (float): Dropout in the head.
        sgd (Optional[Optimizer]): Steps the head's own weights. losses (Optional[Dict[str, float]]): By component name.
        RETURNS (Dict[str, float]): The losses.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        inputs, truths, mask = self.truths(examples)
        if not mask.any():
            return losses
        set_dropout_rate(self.model, drop)
        logits, bp_logits = self.model.begin_update(inputs)
        ops = self.model.ops
        loss, d_logits = self.loss(logits, ops.asarray2f(cast(Any, truths)), ops.asarray2f(cast(Any, mask)))
        bp_logits(d_logits)
        if sgd not in (None, False):
            self.finish_update(sgd)  # type: ignore[arg-type]
        losses[self.name] += loss
        return losses

    def get_loss(self, examples: Iterable[Example], scores: Floats2d) -> Tuple[float, Floats2d]:
        """Compute the loss of logits that were computed for `truths(examples)`.

        examples (Iterable[Example]): A batch. scores (Floats2d): The logits.
        RETURNS (Tuple[float, Floats2d]): The loss and its gradient.
        """
        _, truths, mask = self.truths(list(examples))
        ops = self.model.ops
        return self.loss(scores, ops.asarray2f(cast(Any, truths)), ops.asarray2f(cast(Any, mask)))

    def finish_update(self, sgd: Optimizer) -> None:
        """Step the head's weights, with a learning rate of their own. sgd (Optimizer): The optimizer."""
        factor = self.cfg["learn_rate_factor"]
        for node in self.model.walk():
            for shim in node.shims:
                shim.finish_update(sgd)
            for param in node.param_names:
                # A gradient of zeros is none: no gold in the batch, or the step is skipped. No decay, no momentum.
                if node.has_grad(param) and node.get_grad(param).any():
                    weights, _ = sgd((node.id, param), node.get_param(param), node.get_grad(param), lr_scale=factor)
                    node.set_param(param, weights)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[List[str]] = None,
    ) -> None:
        """Fix the labels and make the head's weights.

        get_examples (Callable): Gives the training examples. nlp (Optional[Language]): Not used.
        labels (Optional[List[str]]): The labels. By default those of the factory's settings, else those of the data,
            else the default ones.
        RAISES (ValueError): BS008 if there are none.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if labels is not None:
            self.cfg["labels"] = list(labels)
        elif not self.cfg["labels"]:
            found = (label for eg in get_examples() for label in self.gold_labels(eg.reference))
            self.cfg["labels"] = order_labels(found, self.default_labels) or list(self.default_labels)
        for label in self.labels:
            self.vocab.strings.add(label)
        self._require_labels()
        sample = self.inputs_for_shape()
        truths = self.model.ops.alloc2f(len(sample), len(self.labels))
        self.model.initialize(X=sample, Y=truths)

    def inputs_for_shape(self) -> Sequence[Any]:
        """RETURNS (Sequence[Any]): Inputs that tell the model its widths."""
        return [Doc(self.vocab, words=["a"])]

    def _require_labels(self) -> None:
        if not self.labels:
            raise ValueError(Errors.BS008.format(pipe=self.name))

    def check_label(self, label: str, text: str) -> int:
        """RETURNS (int): The label's column. RAISES (ValueError): BS002 if it is not one of `labels`."""
        if label not in self.cfg["labels"]:
            raise ValueError(
                Errors.BS002.format(
                    pipe=self.name,
                    label=label,
                    text=text[:80],
                    labels=list(self.labels),
                    suggestion=[*self.labels, label],
                )  # fmt: skip
            )
        return int(self.cfg["labels"].index(label))

    def add_label(self, label: str) -> int:
        """Add a label before the model is initialized.

        label (str): The label. RETURNS (int): 1 if it is new, else 0.
        RAISES (ValueError): BS020 once there are weights.
        """
        if label in self.labels:
            return 0
        if self.model.has_dim("nO"):
            raise ValueError(
                Errors.BS020.format(
                    pipe=self.name,
                    found=f"a new label '{label}'",
                    expected="none after its weights are made",
                    advice="Call nlp.initialize() again with all labels in [initialize.components].",
                )  # fmt: skip
            )
        self.cfg["labels"] = [*self.labels, label]
        self.vocab.strings.add(label)
        return 1
