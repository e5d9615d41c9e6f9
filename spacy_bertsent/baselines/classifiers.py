"""Classifiers of scikit-learn."""

from typing import Any, Union

from .packages import import_optional


def build_majority() -> Any:
    """Build the shares of the labels in the training data, registered as `spacy-bertsent.majority.v1`."""
    return import_optional("sklearn.dummy", "scikit-learn").DummyClassifier(strategy="prior")


def build_logistic_regression(C: float = 1.0, balanced: bool = False, max_iter: int = 1000) -> Any:
    """Build a logistic regression, registered as `spacy-bertsent.logistic_regression.v1`.

    C (float): Inverse of the regularization. balanced (bool): Weight labels by their rarity.
    max_iter (int): Most iterations.
    """
    linear = import_optional("sklearn.linear_model", "scikit-learn")
    return linear.LogisticRegression(C=C, class_weight=_get_weight(balanced), max_iter=max_iter)


def build_linear_svm(C: float = 0.1, balanced: bool = False, max_iter: int = 10000) -> Any:
    """Build a support vector machine with a linear kernel, registered as `spacy-bertsent.linear_svm.v1`.

    Its probabilities are the sigmoid or softmax of its margins: see `EstimatorShim`.

    C (float), balanced (bool), max_iter (int): See `build_logistic_regression`.
    SOURCE: Fan et al. (2008), https://www.jmlr.org/papers/v9/fan08a.html
    """
    svm = import_optional("sklearn.svm", "scikit-learn")
    return svm.LinearSVC(C=C, class_weight=_get_weight(balanced), max_iter=max_iter)


def build_svc(C: float = 1.0, gamma: Union[float, str] = "scale", balanced: bool = False) -> Any:
    """Build a support vector machine with a radial kernel, registered as `spacy-bertsent.svc.v1`.

    Its probabilities are the sigmoid or softmax of its margins: see `EstimatorShim`. Its cost grows with the square of
    the number of texts.

    C (float), balanced (bool): See `build_logistic_regression`.
    gamma (Union[float, str]): Of the kernel; "scale" is 1 / (columns x variance).
    SOURCE: Cortes & Vapnik (1995), https://doi.org/10.1007/BF00994018
    """
    svm = import_optional("sklearn.svm", "scikit-learn")
    return svm.SVC(C=C, gamma=gamma, class_weight=_get_weight(balanced))


def _get_weight(balanced: bool) -> Any:
    return "balanced" if balanced else None
