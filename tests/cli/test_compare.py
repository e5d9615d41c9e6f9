import json
import re
from pathlib import Path
from typing import Any, Dict

import pytest

from spacy_bertsent.evaluation.predictions import read_predictions, write_predictions

from ..util import KEYWORDS, make_nlp, set_heads
from .util import make_corpus, run


@pytest.fixture(scope="module")
def model(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    config: Dict[str, Dict[str, Any]] = {"aspects": {"keywords": KEYWORDS}}
    nlp = make_nlp(weights, "aspects", "backbone", "polarity", "aspect_sentiment", config=config)
    set_heads(nlp)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def test_a_pipeline_and_a_file(model: Path, corpus: Path, tmp_path: Path) -> None:
    file, output, markdown = tmp_path / "majority.jsonl", tmp_path / "new" / "out.json", tmp_path / "out.md"
    assert run("bertsent", "evaluate", model, corpus, "-p", file, "-n", 0)[0] == 0
    # One that always says positive, and has no control.
    predictions = read_predictions(file)
    for row in predictions.rows:
        row.polarity, row.masked = [1.0, 0.0, 0.0], None
    write_predictions(predictions, file)
    code, printed = run("bertsent", "compare", corpus, model, file, "-o", output, "-m", markdown, "-n", 50)
    assert code == 0, printed
    comparison = json.loads(output.read_text("utf8"))
    assert comparison["sections"]["polarity"]["measures"]["accuracy"]["b"] == pytest.approx(1 / 3)
    assert comparison["sections"]["aspects.given"]["measures"]["accuracy"]["difference"] == 0.0
    assert comparison["about"]["a"]["model"] == str(model)
    difference = 100 * comparison["sections"]["polarity"]["measures"]["accuracy"]["difference"]
    pattern = rf"^Polarity +accuracy +[\d.]+ +33\.3 +{re.escape(f'{difference:+.1f}')} +\[.*\] "
    assert re.search(pattern, printed, re.MULTILINE)
    assert f"A = {model}, B = {file} on {corpus}: 30 texts; differences are A - B" in printed
    assert "Not compared: aspect sentiment, aspect masked (predicted by A only)." in printed
    assert "McNemar's exact test" in printed and "| majority |" in markdown.read_text("utf8")


def test_two_files_of_one_name(model: Path, corpus: Path, tmp_path: Path) -> None:
    files = [tmp_path / x / "out.jsonl.gz" for x in "ab"]
    assert run("bertsent", "evaluate", model, corpus, "-p", files[0], "-n", 0)[0] == 0
    write_predictions(read_predictions(files[0]), files[1])
    settings = ["--labels", "positive,negative", "--resamples", 10, "--seed", 3]
    code, printed = run("bertsent", "compare", corpus, *files, *settings)
    assert code == 0, printed
    assert f"{files[0]}   {files[1]}" in printed and "A chooses among: positive, negative." in printed
    assert {float(x) for x in re.findall(r" \+(\d\.\d) ", printed)} == {0.0}


def test_errors_are_readable(model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("bertsent", "evaluate", model, corpus, "-p", "good.jsonl", "-n", 0)[0] == 0
    predictions = read_predictions(Path("good.jsonl"))
    predictions.rows[3].digest = "0" * 16
    write_predictions(predictions, Path("other.jsonl"))
    for args, message in (
        ([corpus, "good.jsonl", "other.jsonl"], "[BS071] The predictions are not of this corpus: 1 texts"),
        ([corpus, "good.jsonl", "nowhere.jsonl"], "[BS021]"),
        (["good.jsonl", corpus, "good.jsonl"], "[BS049] 'good.jsonl' is not in spaCy's binary format"),
        ([corpus, "good.jsonl", "good.jsonl", "--labels", "x"], "[BS073]"),
    ):
        code, printed = run("bertsent", "compare", *args, "-o", "out.json")
        assert code == 1 and message in printed and "Nothing was compared" in printed, printed
        assert "Traceback" not in printed and not Path("out.json").exists()
