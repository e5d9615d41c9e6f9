from typing import Any, Dict

import numpy
import pytest
from spacy import registry

from spacy_bertsent.baselines.classifiers import (
    build_linear_svm,
    build_logistic_regression,
    build_majority,
    build_svc,
)

X = numpy.asarray([[0.0], [1.0], [2.0], [3.0]])
y = numpy.asarray([0, 0, 0, 1])


@pytest.mark.parametrize("name", ["majority", "logistic_regression", "linear_svm", "svc"])
def test_classifier_is_registered_and_learns(name: str) -> None:
    classifier = registry.misc.get(f"spacy-bertsent.{name}.v1")()
    settings: Dict[str, Any] = {} if name == "majority" else {"C": 100.0}
    fitted = classifier.set_params(**settings).fit(X, y)
    assert fitted.predict([[-1.0]]).tolist() == [0]
    assert fitted.predict([[4.0]]).tolist() == [0 if name == "majority" else 1]


def test_majority_gives_the_shares_of_the_labels() -> None:
    assert build_majority().fit(X, y).predict_proba([[9.0]]).tolist() == [[0.75, 0.25]]


@pytest.mark.parametrize("build", [build_logistic_regression, build_linear_svm, build_svc])
def test_settings_reach_the_classifier(build: Any) -> None:
    given = build(C=0.5, balanced=True).get_params()
    assert given["C"] == 0.5 and given["class_weight"] == "balanced"
    assert build().get_params()["class_weight"] is None


def test_kernel_and_its_width() -> None:
    assert build_svc().get_params()["gamma"] == "scale" and build_svc().get_params()["kernel"] == "rbf"
    assert build_svc(gamma=0.1).get_params()["gamma"] == 0.1
