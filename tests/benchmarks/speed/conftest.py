import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "benchmarks" / "speed"
SUBJECTS = ("soup", "waiter", "garden", "road", "price")
WORDS = ("rude", "happy", "cold", "fair", "odd", "late")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "TOKENIZERS_PARALLELISM")
ScriptT = Callable[[str], ModuleType]


@pytest.fixture(scope="session")
def script() -> Iterator[ScriptT]:
    """Imports a file of benchmarks/speed, which find each other as scripts do."""
    before = list(sys.path)
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module
    sys.path[:] = before
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "") or "").startswith(str(SCRIPTS)):
            del sys.modules[name]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty sentences with a polarity, and as many with an aspect, in the places and forms of the public data."""
    path = tmp_path_factory.mktemp("data")
    pairs = [(subject, word) for subject in SUBJECTS for word in WORDS]
    (path / "sst2").mkdir()
    lines = [f"the {subject} was {word}\t{i % 2}" for i, (subject, word) in enumerate(pairs)]
    (path / "sst2" / "dev.tsv").write_text("\n".join([*lines[:10], lines[0]]) + "\n", "utf8")
    (path / "sst2" / "train.tsv").write_text("\n".join(lines[10:]) + "\n", "utf8")
    (path / "semeval2014").mkdir()
    sentences = [
        f'<sentence id="{i}"><text>The {subject} was {word} but the {subject} and a road</text><aspectTerms>'
        f'<aspectTerm term="{word}" polarity="{("positive", "negative")[i % 2]}" from="{9 + len(subject)}" '
        f'to="{9 + len(subject) + len(word)}"/>'
        f'<aspectTerm term="{subject}" polarity="neutral" from="4" to="{4 + len(subject)}"/>'
        "</aspectTerms></sentence>"
        for i, (subject, word) in enumerate(pairs)
    ]
    text = f"<sentences>{''.join(sentences)}</sentences>"
    (path / "semeval2014" / "Restaurants_Train_v2.xml").write_text(text, "utf8")
    return path


@pytest.fixture
def run(
    script: ScriptT, data: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Dict[str, Any]]:
    """Runs a script in this process, workers too, with a tiny encoder, and gives the JSON that it wrote."""
    for name in THREADS:
        # So that what the scripts set is taken back.
        monkeypatch.setenv(name, "1")
    rounds, worker = script("rounds"), script("worker")

    class LocalWorker:
        def __init__(self, system: str, settings: Dict[str, Any], threads: Any = None):
            self.system = system
            self._loaded = worker.load(system, settings)

        def ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
            return dict(json.loads(json.dumps(worker.measure(self._loaded, json.loads(json.dumps(request))))))

        def close(self) -> None:
            pass

    monkeypatch.setattr(rounds, "Worker", LocalWorker)
    monkeypatch.setattr(rounds, "QUICK_SECONDS", 0.0)
    # Collecting takes long in a process with so many modules.
    monkeypatch.setattr(worker, "gc", SimpleNamespace(collect=lambda: None))
    monkeypatch.setattr(script("peak"), "SIZE", 64)

    def run_script(name: str, *more: str, may_miss: bool = False) -> Dict[str, Any]:
        words: List[str] = ["--data", str(data), "--weights", str(weights), "--output", str(tmp_path), "--quick"]
        words += ["--no-peers", "--threads", "1", "--rounds", "1", "--engines", "fp32", *more]
        monkeypatch.setattr(sys, "argv", [name, *words])
        assert not script(name).main() or may_miss
        page = (tmp_path / f"{name}.md").read_text("utf8")
        assert page.startswith(f"# Speed: {name}\n") and "A quick run" in page
        return dict(json.loads((tmp_path / f"{name}.json").read_text("utf8")))

    return run_script
