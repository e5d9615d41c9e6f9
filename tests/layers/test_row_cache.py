import pickle
from pathlib import Path
from typing import Any, Sequence

from spacy_bertsent.layers.row_cache import RowCache
from spacy_bertsent.types import EncoderInput, TextInput

from ..util import TEXTS, make_encoder

INPUTS = [TextInput(text) for text in TEXTS] + [TextInput("soup", TEXTS[0], 1), TextInput("soup", TEXTS[0], 1, (0, 4))]


class Counted:
    """A tokenizer that counts what it is given."""

    def __init__(self, tokenizer: Any):
        self.tokenizer, self.seen = tokenizer, []  # type: Any, List[TextInput]

    def __call__(self, texts: Sequence[TextInput], *, offsets: bool = False) -> Any:
        self.seen += texts
        return self.tokenizer(texts, offsets=offsets)


def get_tokenizer(weights: Path) -> Any:
    return make_encoder(weights).shims[0].encoder.tokenizer  # type: ignore[attr-defined]


def test_texts_are_cut_once(weights: Path) -> None:
    counted = Counted(get_tokenizer(weights))
    cache: Any = RowCache(counted)  # type: ignore[arg-type]
    want = counted.tokenizer(INPUTS)
    for texts in (INPUTS[:2], INPUTS, INPUTS[::-1], [INPUTS[0], INPUTS[0]]):
        assert cache.read(texts) == [want[INPUTS.index(text)] for text in texts]
    assert sorted(counted.seen) == sorted(INPUTS), "each once"
    assert len(cache) == len(INPUTS)


def test_what_does_not_fit_is_made_again(weights: Path) -> None:
    counted = Counted(get_tokenizer(weights))
    want = counted.tokenizer(INPUTS)
    cache: Any = RowCache(counted, size=len(want[0][0].ids))  # type: ignore[arg-type]
    for _ in range(2):
        assert cache.read(INPUTS) == want
    assert len(cache) == 1 and len(counted.seen) == 2 * len(INPUTS) - 1
    assert RowCache(counted, size=0).read([]) == []  # type: ignore[arg-type]


def test_training_keeps_rows_and_prediction_does_not(weights: Path) -> None:
    model = make_encoder(weights)
    shim: Any = model.shims[0]
    model.predict(EncoderInput(INPUTS))
    assert shim._rows is None
    for _ in range(2):
        model.begin_update(EncoderInput(INPUTS))
        model.begin_update(EncoderInput(INPUTS, tokens=True))
    assert len(shim._rows) == len(INPUTS)
    assert pickle.loads(pickle.dumps(shim))._rows is None and model.copy().shims[0]._rows is None
    old = shim._rows
    shim.from_files(shim.to_files())
    model.begin_update(EncoderInput(INPUTS))
    assert shim._rows is not old, "another tokenizer makes other rows"
