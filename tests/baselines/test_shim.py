from typing import Any, List, Optional

import numpy
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from spacy_bertsent.baselines.shim import EstimatorShim, get_probabilities, to_rows

ROWS = ["good\nfilm", "bad\nfilm", "odd\nfilm", "good\ngood", "bad\nold"]


def make(classifier: Any = None, exclusive: bool = True, seed: int = 0, transformer: Any = None) -> EstimatorShim:
    counts = CountVectorizer(token_pattern=r"[^\n]+", lowercase=False)
    return EstimatorShim(
        transformer or counts, classifier or LogisticRegression(), pipe="baseline", exclusive=exclusive, seed=seed
    )


def fit(shim: EstimatorShim, truths: List[List[float]], mask: Optional[List[List[float]]] = None) -> numpy.ndarray:
    gold = numpy.asarray(truths, dtype="f")
    shim.fit(ROWS, gold, numpy.ones_like(gold) if mask is None else numpy.asarray(mask, dtype="f"))
    return shim.predict(ROWS)


def test_a_label_that_was_not_seen_is_0() -> None:
    scores = fit(make(), [[0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]])
    assert scores.dtype == numpy.float32 and scores.shape == (5, 3)
    assert scores.argmax(axis=1).tolist() == [2, 0, 0, 2, 0]
    assert not scores[:, 1].any()
    numpy.testing.assert_allclose(scores.sum(axis=1), 1.0, rtol=1e-6)


@pytest.mark.parametrize("classifier", [LogisticRegression(), LinearSVC(), SVC()])
def test_one_label_alone_is_sure(classifier: Any) -> None:
    assert fit(make(classifier), [[0, 1]] * 5).tolist() == [[0.0, 1.0]] * 5


def test_rows_without_gold_are_not_learned_from() -> None:
    truths = [[1, 0], [0, 1], [0, 0], [1, 0], [0, 1]]
    scores = fit(make(), truths)
    gold = numpy.asarray([truths[i] for i in (0, 1, 3, 4)], dtype="f")
    # The words of all rows are known all the same.
    X = CountVectorizer(token_pattern=r"[^\n]+", lowercase=False).fit(ROWS)
    model = LogisticRegression().fit(X.transform([ROWS[i] for i in (0, 1, 3, 4)]), gold.argmax(axis=1))
    numpy.testing.assert_allclose(scores, model.predict_proba(X.transform(ROWS)), rtol=1e-5)


def test_degrees_count_for_the_highest() -> None:
    soft = [[0.7, 0.3], [0.3, 0.7], [0.4, 0.6], [0.7, 0.3], [0.0, 0.5]]
    hard = [[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]]
    assert fit(make(), soft).tolist() == fit(make(), [list(map(float, row)) for row in hard]).tolist()


def test_each_label_learns_from_the_rows_that_have_it() -> None:
    truths = [[1, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 0, 1], [0, 1, 0, 1]]
    mask = [[1, 1, 0, 1], [1, 1, 0, 1], [1, 1, 0, 1], [1, 1, 0, 1], [1, 0, 0, 1]]
    scores = fit(make(exclusive=False), [list(map(float, row)) for row in truths], mask)  # type: ignore[arg-type]
    X = CountVectorizer(token_pattern=r"[^\n]+", lowercase=False).fit_transform(ROWS)
    for column, known in [(0, [0, 1, 2, 3, 4]), (1, [0, 1, 2, 3])]:
        model = LogisticRegression().fit(X[known], [truths[i][column] for i in known])
        numpy.testing.assert_allclose(scores[:, column], model.predict_proba(X)[:, 1], rtol=1e-5)
    assert not scores[:, 2].any(), "never annotated"
    assert scores[:, 3].tolist() == [1.0] * 5, "always there"


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("classifier", [LogisticRegression(), LinearSVC(), SVC(), DummyClassifier(strategy="prior")])
def test_bytes_keep_the_scores(classifier: Any, exclusive: bool) -> None:
    shim = make(classifier, exclusive)
    expected = fit(shim, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])
    loaded = make(classifier, exclusive).from_bytes(shim.to_bytes())
    assert loaded.predict(ROWS).tolist() == expected.tolist()
    assert shim.copy().predict(ROWS).tolist() == expected.tolist()


def test_without_a_fit_there_is_nothing_to_store_or_predict() -> None:
    shim = make()
    assert shim.to_bytes() == b"" and make().from_bytes(b"").to_bytes() == b""
    with pytest.raises(ValueError, match=r"BS081.*'baseline' was not fitted"):
        shim.predict(ROWS)


def test_seed_reaches_the_classifier() -> None:
    shim = make(LinearSVC(), seed=7)
    fit(shim, [[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]])
    assert shim._state is not None and shim._state["classifiers"][0].random_state == 7
    assert shim._templates[1].random_state is None, "what the config gave stays"


def test_what_cannot_be_learned_says_so() -> None:
    shim = make(transformer=CountVectorizer(min_df=9))
    with pytest.raises(ValueError, match=r"BS083.*'baseline'.*max_df[\s\S]*components.baseline.features"):
        fit(shim, [[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]])
    assert shim.to_bytes() == b""
    with pytest.raises(ValueError, match="BS083.*each label is 0"):
        fit(make(), [[0, 0]] * 5)


def test_vectors_are_rows() -> None:
    vectors = [numpy.asarray([1.0, 2.0]), numpy.asarray([3.0, 2.0])]
    shim = make(transformer=StandardScaler())
    shim.fit(to_rows(vectors), numpy.eye(2, dtype="f"), numpy.ones((2, 2), dtype="f"))
    assert shim.predict(vectors).argmax(axis=1).tolist() == [0, 1]


class Margins:
    """Two or three margins, no probabilities."""

    def __init__(self, margins: Any):
        self.margins = numpy.asarray(margins)

    def decision_function(self, X: Any) -> numpy.ndarray:
        return self.margins


def test_margins_become_probabilities() -> None:
    two = get_probabilities(Margins([0.0, numpy.log(3)]), None)
    numpy.testing.assert_allclose(two, [[0.5, 0.5], [0.25, 0.75]])
    three = get_probabilities(Margins([[0.0, 0.0, numpy.log(2)]]), None)
    numpy.testing.assert_allclose(three, [[0.25, 0.25, 0.5]])


@pytest.mark.parametrize("classifier", [LinearSVC(), SVC()])
def test_margins_choose_what_the_classifier_chooses(classifier: Any) -> None:
    rng = numpy.random.RandomState(0)
    X, y = rng.normal(size=(60, 3)), rng.randint(0, 3, 60)
    fitted = classifier.fit(X, y)
    assert get_probabilities(fitted, X).argmax(axis=1).tolist() == fitted.predict(X).tolist()
