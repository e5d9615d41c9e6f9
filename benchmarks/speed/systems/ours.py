"""This package: `nlp.pipe` with any of its heads on one backbone."""

import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Union

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from texts import read_sample

from spacy_bertsent import mark_aspects

from .clocks import ForwardClock
from .work import Work, read_work, set_up

N_EMOTIONS = 28
# "stars" is a third head on the texts: what one more head costs.
HEADS: Dict[str, Dict[str, Any]] = {
    "polarity": {"factory": "bertsent_polarity", "labels": ["positive", "neutral", "negative"]},
    "emotions": {"factory": "bertsent_emotions", "labels": [f"emotion {i}" for i in range(N_EMOTIONS)]},
    "stars": {
        "factory": "bertsent_polarity",
        "labels": ["very positive", "positive", "neutral", "negative", "very negative"],
    },
    "aspect_sentiment": {"factory": "bertsent_aspect_sentiment", "labels": ["positive", "neutral", "negative"]},
}


def make_nlp(settings: Dict[str, Any], heads: Dict[str, Dict[str, Any]] = HEADS) -> Language:
    """Make a pipeline with all heads, not trained: what they say does not matter for their speed.

    settings (Dict[str, Any]): "weights" (a directory), "engine" (settings of the backbone's model), "cache_size"; for
        int8 what `quantise` needs.
    heads (Dict[str, Dict[str, Any]]): Settings of each, with its factory.
    RETURNS (Language): Ready.
    """
    nlp = spacy.blank("en")
    is_int8 = settings["engine"].get("precision") == "int8"
    # There are no int8 weights before there is an encoder.
    engine = {**settings["engine"], **({"precision": "fp32", "runtime": "auto"} if is_int8 else {})}
    model = {"name": settings["weights"], **engine}
    # As many as the heads of one batch share; no text is met again while it is kept.
    cache_size = settings.get("cache_size", settings["batch_size"])
    nlp.add_pipe("bertsent_backbone", name="backbone", config={"model": model, "cache_size": cache_size})
    for name, config in heads.items():
        rest = {key: value for key, value in config.items() if key != "factory"}
        nlp.add_pipe(config["factory"], name=name, config=rest)
    nlp.initialize(lambda: [Example.from_dict(nlp.make_doc("A text."), {})])
    if is_int8:
        quantise(nlp, settings)
    return nlp


def quantise(nlp: Language, settings: Dict[str, Any]) -> None:
    """Give a pipeline int8 weights, by texts that are not measured. settings (Dict[str, Any]): "data", "n_sample"."""
    from spacy_bertsent.cli.quantize import quantize

    texts, marked = read_sample(Path(settings["data"]), settings["n_sample"])
    docs = [nlp.make_doc(text) for text in texts]
    for text, aspects, _ in marked:
        doc = mark_aspects(nlp.make_doc(text), aspects)
        # Aspects are asked about where they have a label.
        doc.spans["aspects"] = [Span(doc, span.start, span.end, label="positive") for span in doc.spans["aspects"]]
        docs.append(doc)
    quantize(nlp, docs, n=len(docs) // 2)


class Ours:
    """settings (Dict[str, Any]): See `make_nlp`; "threads", "gpu_id", "batch_size"."""

    def __init__(self, settings: Dict[str, Any]):
        set_up(settings)
        if settings["gpu_id"] >= 0:
            spacy.require_gpu(settings["gpu_id"])
        self.settings = settings
        self.nlp = make_nlp(settings)
        self.backbone = self.nlp.get_pipe("backbone")

    def prepare(self, request: Dict[str, Any]) -> Callable[[], Dict[str, Any]]:
        """request: "work" (path), "heads" (names), "batch_size"; "clock": time the forward passes as well; "single":
        one text after the other, and the seconds of each."""
        work = read_work(request["work"])
        batch_size = request.get("batch_size", self.settings["batch_size"])
        heads = request["heads"]
        self.backbone._cache.clear()  # type: ignore[attr-defined]

        def run() -> Dict[str, Any]:
            clock: ContextManager[Any] = ForwardClock(self.backbone) if request.get("clock") else nullcontext()
            with self.nlp.select_pipes(enable=["backbone", *heads]), clock as forward:
                for _ in self.nlp.pipe(self.iter_inputs(work, heads), batch_size=batch_size):
                    pass
            return forward.get_results() if request.get("clock") else {}

        def run_single() -> Dict[str, Any]:
            seconds = []
            with self.nlp.select_pipes(enable=["backbone", *heads]):
                for text in work.texts:
                    start = time.perf_counter()
                    self.nlp(text)
                    seconds.append(time.perf_counter() - start)
            return {"each": seconds}

        return run_single if request.get("single") else run

    def iter_inputs(self, work: Work, heads: List[str]) -> Iterator[Union[str, Doc]]:
        """YIELDS (str / Doc): Texts, or documents whose aspects are marked, as a user would do it."""
        if "aspect_sentiment" not in heads:
            yield from work.texts
            return
        for text, aspects, _ in work.marked:
            yield mark_aspects(self.nlp.make_doc(text), [(start, end) for start, end in aspects])
