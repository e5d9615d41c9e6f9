"""The inputs of the graph, and what it can be built for."""

from pathlib import Path

import numpy
import pytest

from spacy_bertsent.layers.openvino.graph import get_form, pad_rows
from spacy_bertsent.layers.pieces import Row

from ...layers.test_engine import make_albert
from .util import load


def make_row(*ids: int) -> Row:
    return Row(list(ids), [0] * (len(ids) - 1) + [1], 1, [])


def test_rows_by_hand() -> None:
    padded = pad_rows([make_row(5, 6, 7), make_row(8)], first_position=2)
    # Filled up to 16 pieces with zeros.
    assert padded.ids.tolist() == [5, 6, 7, 8] + [0] * 12
    assert padded.types.tolist() == [0, 0, 1, 1] + [0] * 12
    assert padded.positions.tolist() == [2, 3, 4, 2] + [0] * 12
    assert padded.starts.tolist() == [0, 3]
    assert padded.pad.tolist() == [[0, 1, 2, 0], [3, 3, 3, 3]]
    assert padded.unpad.tolist() == [0, 1, 2, 4] + [0] * 12
    assert padded.mask[:, 0, 0].tolist() == [[True, True, True, False], [True, False, False, False]]
    assert {x.dtype.name for x in padded[:-1]} == {"int32"} and padded.mask.dtype == bool


@pytest.mark.parametrize("n_rows, all_rows, n_filled", [(1, 1, 16), (5, 5, 64), (51, 52, 512), (53, 56, 544)])
def test_few_shapes(n_rows: int, all_rows: int, n_filled: int) -> None:
    padded = pad_rows([make_row(*range(10))] * n_rows)
    assert padded.pad.shape == (all_rows, 12) and padded.starts.shape == (all_rows,)
    assert padded.mask.any(axis=-1).all(), "a row that is all padding has no softmax"
    assert padded.ids.shape == padded.types.shape == padded.positions.shape == padded.unpad.shape == (n_filled,)
    assert (padded.pad.ravel()[padded.unpad[: 10 * n_rows]] == numpy.arange(10 * n_rows)).all(), "back where it was"


def test_form(any_weights: Path) -> None:
    parts, activation = get_form(load(any_weights))
    assert len(parts.layers) == 2 and activation == "gelu"


def test_other_families_and_activations_are_named_errors(weights: Path) -> None:
    encoder = load(weights)
    with pytest.raises(ValueError, match=r"BS122.*\(albert, gelu_new\) cannot run with runtime = \"openvino\""):
        get_form(make_albert(encoder))
    encoder.config["hidden_act"] = "swish"
    with pytest.raises(ValueError, match=r"BS122.*\(bert, swish\)"):
        get_form(encoder)
