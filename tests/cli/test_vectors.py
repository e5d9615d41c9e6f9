from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.training.initialize import init_nlp
from spacy.util import load_config

from .util import make_corpus, run

CONFIG = Path(__file__).parent.parent.parent / "configs" / "baselines" / "vectors_logreg.cfg"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"), "The", "A")


@pytest.mark.parametrize("method", ["word2vec", "fasttext"])
def test_vectors_are_for_the_initialize_block(method: str, corpus: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "vectors"
    code, printed = run("bertsent", "vectors", corpus, output, "--method", method, "--size", 7, "--epochs", 1)
    assert code == 0, printed
    nlp: Any = spacy.load(output)
    assert nlp.vocab.vectors.shape[1] == 7
    assert str(len(nlp.vocab.vectors)) in printed and "60 texts" in printed
    upper, lower, happy, unheard = nlp("The the happy unheard")
    assert upper.has_vector and upper.vector.any() and upper.vector.tolist() == lower.vector.tolist()
    assert happy.vector.any() and happy.vector.tolist() != upper.vector.tolist() and not unheard.has_vector
    overrides = {"paths.vectors": str(output), "paths.train": str(corpus), "paths.dev": str(corpus)}
    fitted = init_nlp(load_config(CONFIG, overrides, interpolate=False))
    assert fitted.vocab.vectors.shape == nlp.vocab.vectors.shape
    assert len(fitted("The soup was happy.").cats) == 3


def test_same_seed_gives_the_same_vectors(corpus: Path, tmp_path: Path) -> None:
    tables = []
    for i, seed in enumerate([1, 1, 2]):
        output = tmp_path / str(i)
        assert run("bertsent", "vectors", corpus, output, "-n", 4, "-e", 1, "--seed", seed, "--min-count", 1)[0] == 0
        tables.append(spacy.load(output).vocab.vectors.data.tolist())
    assert tables[0] == tables[1] != tables[2]


@pytest.mark.parametrize(
    "args, message",
    [
        (["nowhere.spacy", "out"], "[BS021] No file or directory"),
        (["corpus.spacy", "out", "--method", "glove"], "[BS033] Unknown value 'glove' of --method"),
        (["corpus.spacy", "out", "--min-count", "900"], "[BS087] No word occurs 900 times"),
        (["corpus.jsonl", "out"], "[BS049]"),
        (["corpus.spacy", "out", "--lang", "qq"], "qq"),
    ],
)
def test_errors_are_readable(args: "list[str]", message: str, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus.parent)
    code, printed = run("bertsent", "vectors", *args)
    assert code == 1 and message in printed and "Traceback" not in printed
    assert not (corpus.parent / "out").exists()


def test_numbers_are_positive(corpus: Path, tmp_path: Path) -> None:
    assert run("bertsent", "vectors", corpus, tmp_path / "out", "--size", 0)[0] == 2
