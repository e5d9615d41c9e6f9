import sys
from pathlib import Path

import pytest
import spacy

from spacy_bertsent.baselines.lexicon import get_analyzer
from spacy_bertsent.baselines.packages import import_optional


def test_package_is_imported() -> None:
    assert import_optional("sklearn.svm", "scikit-learn").SVC


def test_missing_package_says_what_to_install() -> None:
    with pytest.raises(ImportError, match=r"BS080.*'made-up'[\s\S]*pip install 'spacy-bertsent\[baselines\]'"):
        import_optional("made_up.parts", "made-up")


def test_pipeline_that_needs_a_missing_package_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("bertsent_estimator")
    nlp.to_disk(tmp_path)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    for make in (lambda: spacy.blank("en").add_pipe("bertsent_estimator"), lambda: spacy.load(tmp_path)):
        with pytest.raises(ImportError, match=r"BS080.*'scikit-learn'"):
            make()
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    get_analyzer.cache_clear()
    with pytest.raises(ImportError, match="BS080.*'vaderSentiment'"):
        nlp.add_pipe("bertsent_lexicon")
