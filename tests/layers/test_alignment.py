"""What stock pipes read is what spacy-transformers would have given them."""

from pathlib import Path
from typing import Any, List

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy_transformers.layers import trfs2arrays
from thinc.api import reduce_mean

from ..util import TEXTS, make_encoder, make_nlp

# None ends in a space: the stock pipe leaves that out, we do not.
ODD = ["don't  stop\n\nnow", "a-b soup.", "caf\u00e9 \U0001f600 x", " soup", "Soup,soup", "\u4f60\u597d a"]


def make_stock(weights: Path) -> Any:
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": str(weights),
        "tokenizer_config": {"use_fast": True},
        "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 64, "stride": 64},
    }
    stock = nlp.add_pipe("transformer", config={"model": model})
    nlp.initialize()
    return stock


@pytest.mark.parametrize("texts", [TEXTS, ODD], ids=["plain", "odd"])
def test_token_vectors_are_those_of_the_stock_transformer(any_weights: Path, texts: List[str]) -> None:
    stock = make_stock(any_weights)
    nlp = make_nlp(any_weights)
    docs = list(nlp.tokenizer.pipe(texts))
    expected_data = stock.predict(docs).doc_data
    found_data = nlp.get_pipe("backbone").predict(docs)
    pool = trfs2arrays(reduce_mean(), 1.0)
    for doc, expected, found in zip(docs, expected_data, found_data):
        assert expected.model_output.last_hidden_state.shape[0] == 1, "one window"
        numpy.testing.assert_array_equal(found.align.lengths, expected.align.lengths)
        numpy.testing.assert_array_equal(found.align.dataXd, expected.align.dataXd.reshape(-1))
        left, right = pool.predict([expected])[0], pool.predict([found])[0]
        assert left.shape == (len(doc), 32)
        numpy.testing.assert_allclose(right, left, atol=1e-5)


def test_every_token_of_a_long_text_has_pieces(any_weights: Path) -> None:
    nlp = make_nlp(any_weights)
    docs = [nlp.make_doc("The soup  was lovely but a waiter. " * 15), nlp.make_doc("soup")]
    datas = nlp.get_pipe("backbone").predict(docs)
    assert len(datas[0].wordpieces.strings) > 1
    for doc, data in zip(docs, datas):
        for token, length in zip(doc, data.align.lengths):
            assert length > 0 or token.is_space
        assert data.align.dataXd.max() < data.model_output.last_hidden_state.shape[0] * len(data.wordpieces.strings[0])


def test_docs_without_tokens_have_empty_data(weights: Path) -> None:
    nlp = make_nlp(weights)
    docs = [Doc(nlp.vocab), nlp.make_doc(" "), nlp.make_doc("soup")]
    empty, space, soup = nlp.get_pipe("backbone").predict(docs)
    assert "last_hidden_state" not in empty.model_output
    assert list(space.align.lengths) == [0] and list(soup.align.lengths) == [1]


def test_gradients_of_docs_without_tokens_are_zero(weights: Path) -> None:
    from spacy_bertsent.layers.alignment import split_gradient
    from spacy_bertsent.types import EncoderInput, TextInput

    nlp = make_nlp(weights)
    docs = [nlp.make_doc("soup"), Doc(nlp.vocab), nlp.make_doc("the waiter")]
    rows = make_encoder(weights).predict(EncoderInput([TextInput(doc.text) for doc in docs], tokens=True)).tokens
    datas = nlp.get_pipe("backbone").predict([docs[0], docs[2]])
    grads = split_gradient(docs, datas, [r.hidden for r in rows])
    assert [g.shape for g in grads] == [r.hidden.shape for r in rows]
    assert not grads[1].any()
    numpy.testing.assert_allclose(grads[2], datas[1].model_output.last_hidden_state)
