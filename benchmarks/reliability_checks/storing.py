"""R12: what is stored and loaded gives the same bits."""

import importlib
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any, Dict, List

import spacy
from spacy.language import Language

from .finding import Finding, count
from .models import clear, get_scores, make_texts


def check_storing(nlp: Language, path: Path, n_texts: int, *, package: bool = True) -> List[Finding]:
    """R12: to and from bytes, disk, pickle and a package. path (Path): An empty directory."""
    texts = make_texts(n_texts)
    clear(nlp)
    expected = [get_scores(doc) for doc in nlp.pipe(texts)]
    settings = _get_settings(nlp)
    nlp.to_disk(path / "model")
    ways: Dict[str, Any] = {
        "bytes": lambda: spacy.blank(nlp.lang).from_config(nlp.config).from_bytes(nlp.to_bytes()),
        "disk": lambda: spacy.load(path / "model"),
        "pickle": lambda: pickle.loads(pickle.dumps(nlp)),
    }
    if package:
        ways["package"] = lambda: _load_package(path)
    findings = []
    for name, load in ways.items():
        loaded = load()
        clear(loaded)
        good = [get_scores(doc) == scores for doc, scores in zip(loaded.pipe(texts), expected, strict=True)]
        found = count("R12", f"{name}: scores equal to the last bit, settings kept", good)
        findings.append(found._replace(passed=found.passed and _get_settings(loaded) == settings))
    return findings


def _get_settings(nlp: Language) -> Dict[str, Any]:
    cfgs = {name: dict(pipe.cfg) for name, pipe in nlp.pipeline if hasattr(pipe, "cfg")}
    # Written with the files, and known from them.
    return {name: {k: v for k, v in cfg.items() if k != "has_weights"} for name, cfg in cfgs.items()}


def _load_package(path: Path) -> Language:
    from spacy.cli.package import package

    (path / "package").mkdir()
    package(
        path / "model", path / "package", name="reliability", version="0.0.0", create_sdist=False, create_wheel=False,
        silent=True,
    )  # fmt: skip
    (folder,) = (path / "package").iterdir()
    (module,) = [p.parent.name for p in folder.glob("*/__init__.py")]
    # What installing it does.
    shutil.copy(folder / "meta.json", folder / module)
    sys.path.insert(0, str(folder))
    try:
        loaded: Language = importlib.import_module(module).load()
        return loaded
    finally:
        sys.path.remove(str(folder))
