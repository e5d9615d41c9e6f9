import inspect
import os
import textwrap

# Before any import that reads them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pathlib import Path
from typing import Iterator

import pytest
import torch
from hypothesis import settings
from spacy.tokens.underscore import Underscore
from thinc.api import PyTorchGradScaler, fix_random_seed
from thinc.shims import pytorch_grad_scaler

from .util import save_weights

torch.set_num_threads(1)
settings.register_profile("tests", deadline=None, database=None, max_examples=50)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def seed() -> None:
    fix_random_seed(0)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a random BERT, 2 layers and 32 wide."""
    return save_weights(tmp_path_factory.mktemp("bert"), "bert")


@pytest.fixture(scope="session", params=["bert", "distilbert", "roberta"])
def any_weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for each family: with segments, without, with shifted positions and two separators."""
    return save_weights(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def no_extensions() -> Iterator[None]:
    """No extension attributes; those that were there come back."""
    tables = [Underscore.doc_extensions, Underscore.span_extensions]
    saved = [dict(table) for table in tables]
    for table in tables:
        table.clear()
    yield
    for table, names in zip(tables, saved):
        table.clear()
        table.update(names)


@pytest.fixture
def cpu_scaler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loss scaler of fp16 run on a CPU: only its guard is lifted, its arithmetic stays."""
    source = textwrap.dedent(inspect.getsource(PyTorchGradScaler._scale_tensor))
    assert source.count("tensor.is_cuda") == 1
    namespace = {**vars(pytorch_grad_scaler), "has_torch_amp": True}
    exec(source.replace("tensor.is_cuda", "True"), namespace)
    monkeypatch.setattr(PyTorchGradScaler, "_scale_tensor", namespace["_scale_tensor"])
