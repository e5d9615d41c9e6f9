"""The comparison of architectures: its systems train from their configs, and its table holds what was measured."""

import io
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import spacy
from spacy.cli._util import parse_config_overrides
from spacy.tokens import Doc
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from benchmarks.architectures import (
    COLUMNS,
    DATASETS,
    ROOT,
    SUITE,
    SYSTEMS,
    Work,
    make_page,
    make_pipeline,
    make_prediction,
    make_training,
    measure_speeds,
)
from benchmarks.architectures import score_mixed as score
from spacy_bertsent.benchmark.runs import Run, get_train_command
from spacy_bertsent.benchmark.suite import Suite, read_suite
from spacy_bertsent.evaluation.predictions import Found, Predictions, Row, get_digest, write_predictions

from ..cli.util import make_corpus
from ..util import make_example, make_nlp

READERS = {"span": "SpanListener"}
HEADS = {
    "fine-tuned": "PairHead",
    "pair-aspect": "PairAspectHead",
    "pair-local": "LocalContextHead",
    "pair-local-attention": "LocalContextHead",
    "span": "SpanHead",
}
NLP = spacy.blank("en")


@pytest.fixture(scope="module")
def suite() -> Suite:
    return read_suite(SUITE)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_system_trains_from_its_config_as_the_benchmark_does(
    suite: Suite, name: str, corpus: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = suite.systems[name]
    assert set(DATASETS) <= set(system.on) and system.recipe and system.choose == "last" and not system.candidates
    monkeypatch.chdir(ROOT)
    run = Run(suite.get_set("restaurants14"), system, seed=0)
    values: Dict[str, Any] = {"train": corpus, "select": corpus, "gpu_id": -1, "task": "aspect_sentiment"}
    words = get_train_command(run, {}, values, texts=30, output=tmp_path)
    overrides = parse_config_overrides(words[words.index("--output") + 2 : words.index("--gpu-id")])
    overrides.update({"components.backbone.model.name": str(weights), "training.max_steps": 1})
    heads = {"n_heads": 4} if name == "pair-local-attention" else {}
    overrides.update({f"components.aspect_sentiment.model.{key}": value for key, value in heads.items()})
    nlp = init_nlp(load_config(run.config, overrides, interpolate=False))
    train(nlp, tmp_path, stdout=io.StringIO(), stderr=io.StringIO())
    loaded = spacy.load(tmp_path / "model-last")
    model = loaded.config["components"]["aspect_sentiment"]["model"]
    assert model["@architectures"] == f"spacy-bertsent.{HEADS[name]}.v1"
    assert model["tok2vec"]["@architectures"] == f"spacy-bertsent.{READERS.get(name, 'PairListener')}.v1"
    doc = loaded("The soup was lovely.")
    assert [(a.text, sum(a.scores.values())) for a in doc._.aspects] == [("soup", pytest.approx(1.0, abs=1e-5))]


@pytest.mark.parametrize("name", [x for x in SYSTEMS if x != "pair-local-attention"])
def test_speed_is_that_of_given_aspects(suite: Suite, name: str, weights: Path) -> None:
    examples = [make_example(NLP, "The soup was a soup.", aspects=[("soup", "FOOD", "positive")])]
    dataset = suite.datasets["restaurants14"].model_copy(deep=True)
    dataset.recipe.overrides["components.backbone.model.name"] = str(weights)
    gold = [eg.reference for eg in examples]
    nlp = make_pipeline(suite.systems[name], dataset, gold)
    assert "aspects" not in nlp.pipe_names
    assert nlp.config["components"]["aspect_sentiment"]["model"]["@architectures"].split(".")[1] == HEADS[name]
    works = [make_prediction(nlp, gold), make_training(nlp, gold)]
    assert all(speed > 0 for speed in measure_speeds(works, rounds=2))
    assert "aspects" not in nlp(gold[0].text).spans or not nlp(gold[0].text).spans["aspects"]


def make_gold(text: str, *aspects: Any) -> Doc:
    return make_example(NLP, text, aspects=aspects).reference


def test_texts_with_several_sentiments_are_scored_apart(tmp_path: Path) -> None:
    labels = {"sentiment": ["positive", "negative"]}
    gold = [
        make_gold("soup and road", ("soup", "", "positive"), ("road", "", "negative")),
        make_gold("soup or road", ("soup", "", "positive"), ("road", "", "positive")),
    ]
    rows = []
    for doc in gold:
        # All are called positive: one of the two in the first text is right.
        given = [Found(span.start_char, span.end_char, "", [0.9, 0.1]) for span in doc.spans["aspects"]]
        rows.append(Row(get_digest(doc.text), given=given))
    write_predictions(Predictions(labels, rows=rows), tmp_path / "p.jsonl")
    assert score(tmp_path / "p.jsonl", gold) == 0.5
    write_predictions(Predictions(labels, rows=rows[1:]), tmp_path / "p.jsonl")
    assert score(tmp_path / "p.jsonl", gold[1:]) is None


def test_table_has_means_over_seeds_and_marks_what_is_missing(suite: Suite) -> None:
    def run(seed: int, accuracy: float) -> Dict[str, Any]:
        scores = {"aspects.given.accuracy": accuracy, "aspects.given.macro_f1": 0.5, "mixed": None}
        return {"seed": seed, "scores": scores}

    systems = {
        "fine-tuned": {"runs": [run(0, 0.8), run(1, 0.82)], "aspects_per_second": 100.4, "trained_per_second": 9.6},
        "span": {"runs": [], "aspects_per_second": 250.0, "trained_per_second": 20.0},
    }
    about = {"machine": "A machine", "threads": 2, "versions": {"spacy": "3"}, "date": "2026-01-01"}
    page = make_page(suite, {"datasets": {"restaurants14": systems}, **about})
    assert "## SemEval-2014 restaurants, aspect terms" in page
    rows: List[List[str]] = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| fine")
    ]
    assert rows[0][1:] == ["81.0 ± 1.4", "50.0 ± 0.0", "-", "-", "100", "10", "0, 1"]
    assert rows[1][1:] == ["-"] * len(COLUMNS) + ["250", "20", "-"]
    assert "A machine, 2 threads." in page


def test_aspects_are_not_looked_for(weights: Path) -> None:
    """Given ones are answered: what is measured is the head."""
    nlp = make_nlp(weights, "aspect_sentiment")
    gold = [make_gold("a soup", ("soup", "", "positive")), make_gold("a road")]
    seconds, n_aspects = make_prediction(nlp, gold)()
    assert seconds > 0 and n_aspects == 1


def test_speed_is_the_median_of_the_rounds_in_turns_after_the_first() -> None:
    order: List[str] = []

    def make_work(name: str, seconds: Iterator[float]) -> Work:
        def work() -> Tuple[float, int]:
            order.append(name)
            return next(seconds), 6

        return work

    works = [make_work("a", iter([9.0, 1.0, 3.0, 2.0])), make_work("b", iter([0.1, 6.0, 6.0, 1.0]))]
    assert measure_speeds(works, rounds=3) == [3.0, 1.0]
    assert order == ["a", "b"] * 4
