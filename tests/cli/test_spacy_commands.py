"""spaCy's own commands on our pipelines: each runs, and gives what it should."""

import json
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.tokens import DocBin
from thinc.api import Config

from spacy_bertsent import install_extensions
from spacy_bertsent.cli.scores import SCORES

from .util import THINGS, make_corpus, make_rows, run

ROOT = Path(__file__).parent.parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.cfg"))  # tests/baselines trains the others
JOINT = ROOT / "configs" / "joint.cfg"
PIPES = ["sentencizer", "aspects", "backbone", "polarity", "emotions", "aspect_sentiment"]
# Categories have a config of their own.
JOINT_SCORES = {key for key in SCORES if not key.startswith("acsa")}
SENTIMENTS = ["positive", "neutral", "negative"]


def make_overrides(config: Path, weights: Path, corpus: Path) -> List[object]:
    """Put a config on the toy corpus and on the tiny encoder, where it has a backbone."""
    overrides: List[object] = ["--paths.train", corpus, "--paths.dev", corpus]
    if "backbone" in Config().from_disk(config, interpolate=False)["components"]:
        overrides += ["--components.backbone.model.name", weights, "--components.backbone.model.precision", "fp32"]
    return overrides


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """joint.cfg with all defaults."""
    path = tmp_path_factory.mktemp("filled") / "joint.cfg"
    assert run("init", "fill-config", JOINT, path)[0] == 0
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, weights: Path, corpus: Path) -> Path:
    """What `spacy train configs/joint.cfg` writes."""
    output = tmp_path_factory.mktemp("trained")
    code, printed = run(
        "train", JOINT, "--output", output, *make_overrides(JOINT, weights, corpus), "--training.max_steps", 60,
        "--training.eval_frequency", 30, "--training.optimizer.learn_rate.warmup_steps", 5,
        "--training.optimizer.learn_rate.initial_rate", 0.001,
    )  # fmt: skip
    assert code == 0, printed
    for column in ("POLARITY_ACC", "POLARITY_F", "EMOTIONS_F", "ABSA_ACC", "ABSA_F", "LOSS POLARITY", "LOSS EMOTIONS"):
        assert re.search(rf"{column}\b", printed), "the training table cuts this name"
    return output


@pytest.mark.parametrize("path", CONFIGS, ids=[str(path.relative_to(ROOT / "configs")) for path in CONFIGS])
def test_fill_config_and_train(tmp_path: Path, weights: Path, corpus: Path, path: Path) -> None:
    filled, again = tmp_path / "filled.cfg", tmp_path / "again.cfg"
    assert run("init", "fill-config", path, filled)[0] == 0
    code, printed = run("init", "fill-config", filled, again)
    assert code == 0 and "already complete" in printed
    assert again.read_text("utf8") == filled.read_text("utf8")
    ours = Config().from_disk(path, interpolate=False)
    assert Config().from_disk(filled, interpolate=False)["nlp"]["pipeline"] == ours["nlp"]["pipeline"]
    steps = ["--training.max_steps", 2, "--training.eval_frequency", 1]
    for config in (path, filled):
        output = tmp_path / config.stem
        code, printed = run("train", config, "--output", output, *make_overrides(config, weights, corpus), *steps)
        assert code == 0, printed
        nlp = spacy.load(output / "model-best")
        assert nlp.pipe_names == ours["nlp"]["pipeline"]
        scores = nlp.meta["performance"]
        weighted = [key for key, weight in ours["training"]["score_weights"].items() if weight]
        assert weighted and all(isinstance(scores[key], float) for key in weighted)


def test_train(trained: Path) -> None:
    nlp = spacy.load(trained / "model-best")
    assert nlp.pipe_names == PIPES and (trained / "model-last").is_dir()
    scores = nlp.meta["performance"]
    assert {key for key in scores if key in SCORES} == JOINT_SCORES
    assert scores["polarity_acc"] == scores["absa_acc"] == scores["absa_e2e_f"] == scores["aspects_f"] == 1.0
    assert scores["backbone_loss"] > 0
    for row, doc in zip(make_rows(), nlp.pipe(row["text"] for row in make_rows())):
        assert doc._.polarity == row["polarity"]
        assert [aspect.sentiment for aspect in doc._.aspects] == [row["polarity"]]


def test_init_labels(tmp_path: Path, weights: Path, corpus: Path) -> None:
    labels = tmp_path / "labels"
    overrides = make_overrides(JOINT, weights, corpus)
    code, printed = run("init", "labels", JOINT, labels, *overrides)
    assert code == 0, printed
    found = {path.stem: json.loads(path.read_text("utf8")) for path in labels.iterdir()}
    assert sorted(found) == ["aspect_sentiment", "aspects", "emotions", "polarity"]
    assert found["polarity"] == found["aspect_sentiment"] == SENTIMENTS
    assert len(found["emotions"]) == 8
    assert {phrase: category for category, phrases in found["aspects"].items() for phrase in phrases} == THINGS
    # And back: spaCy's reader gives them to `initialize`.
    config = Config().from_disk(JOINT, interpolate=False)
    for pipe, argument in {"polarity": "labels", "emotions": "labels", "aspects": "keywords"}.items():
        reader = {"@readers": "spacy.read_labels.v1", "path": str(labels / f"{pipe}.json")}
        config["initialize"]["components"][pipe] = {argument: reader}
    config["initialize"]["components"]["polarity"]["labels"]["path"] = str(tmp_path / "two.json")
    (tmp_path / "two.json").write_text('["negative", "positive", "neutral", "other"]', "utf8")
    config.to_disk(tmp_path / "labels.cfg")
    steps = ["--training.max_steps", 1, "--training.eval_frequency", 1]
    code, printed = run("train", tmp_path / "labels.cfg", "--output", tmp_path / "model", *overrides, *steps)
    assert code == 0, printed
    nlp = spacy.load(tmp_path / "model" / "model-last")
    assert nlp.pipe_labels["polarity"] == ["negative", "positive", "neutral", "other"]
    assert nlp.pipe_labels["emotions"] == found["emotions"]
    assert set(nlp.pipe_labels["aspects"]) == set(THINGS.values())


def test_evaluate(tmp_path: Path, trained: Path, corpus: Path) -> None:
    output = tmp_path / "metrics.json"
    code, printed = run("evaluate", trained / "model-best", corpus, "--output", output)
    assert code == 0, printed
    scores = json.loads(output.read_text("utf8"))
    assert all(isinstance(scores[key], float) for key in JOINT_SCORES)
    saved = spacy.load(trained / "model-best").meta["performance"]
    assert {key: scores[key] for key in JOINT_SCORES} == pytest.approx({key: saved[key] for key in JOINT_SCORES})
    assert list(scores["polarity_per_type"]) == list(scores["absa_per_type"]) == SENTIMENTS
    assert scores["speed"] > 0


def test_apply(tmp_path: Path, trained: Path, corpus: Path) -> None:
    nlp = spacy.load(trained / "model-best")
    install_extensions()
    for source, n_docs in ((corpus, 30), (corpus.with_suffix(".jsonl"), 30)):
        output = tmp_path / f"{source.suffix[1:]}.spacy"
        code, printed = run("apply", trained / "model-best", source, output, "--batch-size", 8)
        assert code == 0, printed
        docs = list(DocBin().from_disk(output).get_docs(spacy.blank("en").vocab))
        assert len(docs) == n_docs
        for doc in docs:
            expected = nlp(doc.text)
            assert doc._.polarity == expected._.polarity and set(doc._.emotion_scores) == set(expected._.emotion_scores)
            assert [x[:5] for x in doc._.aspects] == [x[:5] for x in expected._.aspects] != []


def test_find_threshold(trained: Path, corpus: Path) -> None:
    code, printed = run(
        "find-threshold", trained / "model-best", corpus, "emotions", "threshold", "emotions_f", "--n_trials", 5
    )
    assert code == 0, printed
    table = dict(re.findall(r"^([\d.]+) +([\d.]+) *$", printed, flags=re.MULTILINE))
    assert list(table) == ["0.0", "0.25", "0.5", "0.75", "1.0"]
    best = re.search(r"Best threshold: ([\d.]+) with emotions_f value of (\d+\.\d+)", printed)
    assert best is not None
    assert float(best[2]) == pytest.approx(max(map(float, table.values())), abs=1e-3)
    # All emotions of all texts: 10 of 30 have joy, 5 anger, 5 fear, the other five labels have none.
    assert float(table["0.0"]) == pytest.approx((20 / 40 + 2 * 10 / 35) / 8, abs=1e-3)
    assert float(table["1.0"]) == 0.0


def test_debug_config(filled: Path, weights: Path, corpus: Path) -> None:
    overrides = make_overrides(filled, weights, corpus)
    code, printed = run("debug", "config", filled, *overrides, "--show-functions", "--show-variables")
    assert code == 0, printed
    for name in ("Backbone.v1", "DocHead.v1", "PairListener.v1", "BinaryCrossEntropy.v1", "polarity_scorer.v1"):
        assert f"spacy-bertsent.{name}" in printed
    code, printed = run("debug", "config", filled, *overrides, "--components.polarity.learn_rate_factor", "fast")
    assert code == 1 and "learn_rate_factor" in printed


def test_debug_data(tmp_path: Path, filled: Path, weights: Path) -> None:
    # Fewer than a hundred are an error for this command.
    overrides = make_overrides(filled, weights, make_corpus(tmp_path / "train", "The", "This", "That", "Our"))
    overrides[3] = make_corpus(tmp_path / "dev", "Your")
    code, printed = run("debug", "data", filled, *overrides)
    assert code == 0, printed
    assert "Pipeline can be initialized with data" in printed and "Corpus is loadable" in printed
    assert "120 training docs" in printed and "30 evaluation docs" in printed
    assert "No overlap between training and evaluation data" in printed


def test_debug_diff_config(filled: Path) -> None:
    # Without another config, spaCy takes the names of pipes for those of factories.
    code, printed = run("debug", "diff-config", filled, "--compare-to", JOINT)
    assert code == 0, printed
    assert 'phrase_matcher_attr = "LOWER"' in printed
    code, printed = run("debug", "diff-config", JOINT, "--compare-to", JOINT)
    assert code == 0 and "configs are identical" in printed


def test_benchmark_speed(trained: Path, corpus: Path) -> None:
    code, printed = run(
        "benchmark", "speed", trained / "model-best", corpus, "--batches", 30, "--batch-size", 2, "--warmup", 1
    )
    assert code == 0, printed
    mean = re.search(r"Mean: ([\d.]+) words/s", printed)
    assert mean is not None and float(mean[1]) > 0


def test_assemble(tmp_path: Path, weights: Path, corpus: Path) -> None:
    config = Config().from_disk(JOINT, interpolate=False)
    components: Dict[str, Dict[str, Any]] = {
        "aspects": {"keywords": {"FOOD": ["soup"]}},
        "polarity": {"labels": ["positive", "negative"]},
        "emotions": {"labels": ["joy", "pride"]},
        "aspect_sentiment": {"labels": SENTIMENTS},
    }
    config["initialize"]["components"] = components
    config.to_disk(tmp_path / "labels.cfg")
    overrides = make_overrides(JOINT, weights, corpus)
    code, printed = run("assemble", tmp_path / "labels.cfg", tmp_path / "model", *overrides)
    assert code == 0, printed
    nlp = spacy.load(tmp_path / "model")
    doc = nlp("The soup was rude.")
    assert set(doc._.polarity_scores) == {"positive", "negative"} and set(doc._.emotion_scores) == {"joy", "pride"}
    assert [(x.text, x.category) for x in doc._.aspects] == [("soup", "FOOD")]
    assert set(doc._.aspects[0].scores) == set(SENTIMENTS)


# spaCy's `package` leaves the files that it writes to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_package(tmp_path: Path, trained: Path) -> None:
    code, printed = run("package", trained / "model-best", tmp_path, "--name", "toy", "--build", "none")
    assert code == 0, printed
    package = tmp_path / "en_toy-0.0.0"
    meta = json.loads((package / "meta.json").read_text("utf8"))
    assert any(re.fullmatch(r"spacy-bertsent>=[\d.]+,<[\d.]+", line) for line in meta["requirements"])
    assert meta["labels"]["polarity"] == SENTIMENTS and meta["performance"]["polarity_acc"] == 1.0
    readme = (package / "README.md").read_text("utf8")
    assert "`POLARITY_ACC` | 100.00" in readme and "`backbone`" in readme
    nlp = spacy.load(package / "en_toy" / "en_toy-0.0.0")
    assert nlp("The garden was lovely.")._.polarity == "positive"


def test_project_document(tmp_path: Path) -> None:
    if not (ROOT / "project.yml").exists():
        pytest.skip("there is no project.yml")
    output = tmp_path / "README.md"
    code, printed = run("project", "document", ROOT, "--output", output)
    assert code == 0, printed
    text = output.read_text("utf8")
    for name in ("demo", "sst2", "semeval14", "goemotions", "joint"):
        assert f"| `{name}` |" in text
