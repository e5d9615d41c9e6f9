"""The one place where an estimator lives, before and after it is fitted."""

from typing import Any, List, Optional, Sequence

import numpy
from thinc.shims.shim import Shim

from ..errors import Errors
from .packages import import_optional
from .storage import StateT, dump_estimator, load_estimator


class EstimatorShim(Shim):
    """Hold a transformer and a classifier of scikit-learn as thinc holds any model of another library.

    Of exclusive labels, one classifier learns all; otherwise each label has one of its own (one against the rest).
    Where a classifier has no probabilities but margins, these stand in: their sigmoid, or their softmax where there are
    more than two labels. They rank as the margins do, and are not calibrated.

    transformer (Any), classifier (Any): Not fitted. pipe (str): Name of the component.
    exclusive (bool): Whether each text has one label. seed (int): For classifiers that draw random numbers.
    """

    def __init__(self, transformer: Any, classifier: Any, *, pipe: str, exclusive: bool, seed: int):
        super().__init__(None, config={"pipe": pipe, "exclusive": exclusive, "seed": seed})
        self._templates = (transformer, classifier)
        # "transformer", "classifiers", "n_labels"
        self._state: Optional[StateT] = None

    def fit(self, rows: Any, truths: numpy.ndarray, mask: numpy.ndarray) -> None:
        """Learn from all rows at once.

        rows (List[str] or numpy.ndarray): Strings or vectors, n of them. truths (numpy.ndarray): (n, labels) in [0, 1].
        mask (numpy.ndarray): (n, labels), 0 where a label is not annotated: that row does not train it.
        RAISES (ValueError): BS083 if the estimator cannot learn from them.
        """
        clone = import_optional("sklearn.base", "scikit-learn").clone
        transformer = clone(self._templates[0])
        try:
            X = transformer.fit_transform(rows)
            if self.cfg["exclusive"]:
                known = (mask * truths).any(axis=1)
                if not known.any():
                    raise ValueError("each label is 0 in each text.")
                classifiers = [self._fit_one(X[known], truths[known].argmax(axis=1))]
            else:
                columns = [(mask[:, i] > 0, truths[:, i] >= 0.5) for i in range(truths.shape[1])]
                classifiers = [self._fit_one(X[known], gold[known].astype("int64")) for known, gold in columns]
        except ValueError as e:
            raise ValueError(Errors.BS083.format(pipe=self.cfg["pipe"], fault=e)) from e
        self._state = {"transformer": transformer, "classifiers": classifiers, "n_labels": truths.shape[1]}

    def _fit_one(self, X: Any, y: numpy.ndarray) -> Any:
        if len(set(y.tolist())) < 2:
            # No classifier learns from one label, or none: what was not seen is 0.
            dummy = import_optional("sklearn.dummy", "scikit-learn").DummyClassifier(strategy="prior")
            return dummy.fit(numpy.zeros((max(1, len(y)), 1)), y if len(y) else numpy.zeros(1, dtype="int64"))
        classifier = import_optional("sklearn.base", "scikit-learn").clone(self._templates[1])
        if "random_state" in classifier.get_params():
            classifier.set_params(random_state=self.cfg["seed"])
        return classifier.fit(X, y)

    def predict(self, fwd_args: Sequence[Any]) -> numpy.ndarray:
        """Give probabilities.

        fwd_args (Sequence[Any]): Strings or vectors, at least one.
        RETURNS (numpy.ndarray): (rows, labels) float32.
        RAISES (ValueError): BS081 if the estimator is not fitted.
        """
        if self._state is None:
            raise ValueError(Errors.BS081.format(pipe=self.cfg["pipe"]))
        X = self._state["transformer"].transform(to_rows(fwd_args))
        scores = numpy.zeros((X.shape[0], self._state["n_labels"]), dtype="f")
        if self.cfg["exclusive"]:
            [classifier] = self._state["classifiers"]
            scores[:, classifier.classes_] = get_probabilities(classifier, X)
        else:
            for i, classifier in enumerate(self._state["classifiers"]):
                found = get_probabilities(classifier, X)[:, classifier.classes_ == 1]
                scores[:, i] = found.sum(axis=1)
        return scores

    def to_bytes(self) -> bytes:
        return b"" if self._state is None else dump_estimator(self._state, self.cfg["pipe"])

    def from_bytes(self, data: bytes) -> "EstimatorShim":
        self._state = load_estimator(data, self.cfg["pipe"]) if data else None
        return self

    def to_device(self, device_type: str, device_id: int) -> None:
        """Stay on the CPU."""


def to_rows(found: Sequence[Any]) -> Any:
    """RETURNS (List[str] or numpy.ndarray): What a transformer takes: strings as they are, vectors as one array."""
    rows: List[Any] = list(found)
    return rows if isinstance(rows[0], str) else numpy.stack(rows)


def get_probabilities(classifier: Any, X: Any) -> numpy.ndarray:
    """RETURNS (numpy.ndarray): (rows, classes that the classifier has seen); rows sum to 1."""
    if hasattr(classifier, "predict_proba"):
        return numpy.asarray(classifier.predict_proba(X))
    special = import_optional("scipy.special", "scipy")
    margins = classifier.decision_function(X)
    if margins.ndim == 1:
        positive = special.expit(margins)
        return numpy.stack([1 - positive, positive], axis=1)
    return numpy.asarray(special.softmax(margins, axis=1))
