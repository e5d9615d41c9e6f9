import numpy
import pytest

from .conftest import ScriptT

EXPECTED = numpy.asarray([[0.7, 0.3], [0.503, 0.497], [0.2, 0.8]])


def test_flip_counts_where_scores_are_apart(script: ScriptT) -> None:
    compare = script("exactness").compare
    # The second row changes its label, but its scores are closer than 0.01.
    close = compare(EXPECTED, numpy.asarray([[0.7, 0.3], [0.499, 0.501], [0.2, 0.8]]), [0, 0, 1], "bf16")
    assert close["flips"] == 0 and close["passed"] is True
    assert close["largest"] == pytest.approx(0.004)
    assert close["agreement"] == pytest.approx(2 / 3) and close["lost"] == pytest.approx(1 / 3)
    far = compare(EXPECTED, numpy.asarray([[0.49, 0.51], [0.503, 0.497], [0.2, 0.8]]), [0, 0, 1], "bf16")
    assert far["flips"] == 1 and far["passed"] is False


def test_engine_without_gate_is_judged_by_its_labels(script: ScriptT) -> None:
    compare = script("exactness").compare
    moved = compare(EXPECTED, numpy.asarray([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6]]), [0, 0, 1], "int8")
    assert moved["gate"] is None and moved["passed"] is True
    assert compare(EXPECTED, EXPECTED[:, ::-1], [0, 0, 1], "int8")["passed"] is False


def test_gates_are_strict(script: ScriptT) -> None:
    compare = script("exactness").compare
    shifted = EXPECTED + numpy.asarray([[2e-5, -2e-5]])
    assert compare(EXPECTED, shifted, [0, 0, 1], "fp32")["passed"] is False
    assert compare(EXPECTED, shifted, [0, 0, 1], "bf16")["passed"] is True


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c"]])
def test_head_gives_the_probabilities_of_its_regression(script: ScriptT, labels: list) -> None:
    from sklearn.linear_model import LogisticRegression

    rng = numpy.random.RandomState(0)
    vectors, gold = rng.normal(size=(60, 5)), [labels[i % len(labels)] for i in range(60)]
    head = script("exactness").fit(vectors, gold)
    expected = LogisticRegression(max_iter=200).fit(vectors, gold).predict_proba(vectors)
    assert head.labels == labels
    numpy.testing.assert_allclose(head.predict(vectors), expected, atol=1e-6)
