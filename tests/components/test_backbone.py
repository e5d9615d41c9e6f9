"""One encoder: stepped once, computed once, read on demand."""

from pathlib import Path
from typing import Any, Dict, List

import numpy
import pytest
import torch
from thinc.api import Adam

from ..util import (
    HEADS,
    ROWS,
    TEXTS,
    Counter,
    backward,
    finish,
    get_grads,
    get_head,
    get_module,
    get_results,
    get_weights,
    grad_norm,
    make_example,
    make_examples,
    make_nlp,
    make_sgd,
    same_weights,
    train,
)


def test_builds_from_its_default_config() -> None:
    import spacy

    nlp = spacy.blank("en")
    backbone: Any = nlp.add_pipe("bertsent_backbone", name="backbone")
    assert backbone.model.attrs["name"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert backbone.cfg["cache_size"] == 4096 and backbone.cfg["max_grad_norm"] == 1.0
    assert backbone.is_trainable
    assert nlp.config["components"]["backbone"]["model"]["@architectures"] == "spacy-bertsent.Backbone.v1"


# One step


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("pipes", [HEADS, (*HEADS, "ner")], ids=["heads", "with ner"])
def test_each_parameter_is_stepped_once(weights: Path, parts: int, pipes: Any) -> None:
    nlp = make_nlp(weights, *pipes)
    sgd = Adam(0.001, use_averages=False)
    train(nlp, make_examples(nlp), steps=2, sgd=sgd, parts=parts)
    shim: Any = nlp.get_pipe("backbone").model.shims[0]
    names = {name for name, _ in shim._model.named_parameters()}
    assert {name: n for (key, name), n in sgd.nr_update.items() if key == shim.id and name in names} == dict.fromkeys(
        names, 2
    )


def test_fused_step_is_taken_once(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = make_nlp(weights, *HEADS, "ner")
    sgd: Any = make_sgd()
    keys: List[int] = []
    step = sgd.step_module
    monkeypatch.setattr(type(sgd), "step_module", lambda self, key, module: (keys.append(key), step(key, module)))
    train(nlp, make_examples(nlp), steps=1, sgd=sgd, parts=3)
    assert keys == [nlp.get_pipe("backbone").model.shims[0].id]
    assert {int(state["step"]) for state in sgd._torch[keys[0]][1].state.values()} == {1}


class Recorder:
    """An optimizer that only looks at the gradients."""

    def __init__(self) -> None:
        self.encoder = self.heads = 0.0

    def __call__(self, key: Any, weights: Any, gradient: Any, *, lr_scale: float = 1.0) -> Any:
        self.heads += float((gradient**2).sum())
        gradient *= 0
        return weights, gradient

    def step_module(self, key: int, module: torch.nn.Module) -> None:
        self.encoder += sum(float((p.grad**2).sum()) for p in module.parameters() if p.grad is not None)


@pytest.mark.parametrize("max_grad_norm", [0.25, 1e6, 0.0])
def test_encoder_and_heads_are_clipped_to_one_norm(weights: Path, max_grad_norm: float) -> None:
    nlp = make_nlp(weights, *HEADS, config={"backbone": {"max_grad_norm": max_grad_norm}})
    free = make_nlp(weights, *HEADS, config={"backbone": {"max_grad_norm": 0.0}})
    found: Any = Recorder()
    plain: Any = Recorder()
    for each, recorder in [(nlp, found), (free, plain)]:
        for name in HEADS:
            each.get_pipe(name).model.get_ref("output_layer").set_param(
                "W", nlp.get_pipe(name).model.get_ref("output_layer").get_param("W").copy()
            )  # fmt: skip
        backward(each, make_examples(each))
        finish(each, recorder)
    assert plain.encoder > 0.01 and plain.heads > 0.01
    if max_grad_norm == 0.25:
        assert (found.encoder + found.heads) ** 0.5 == pytest.approx(0.25, rel=1e-3)
        assert found.encoder / found.heads == pytest.approx(plain.encoder / plain.heads, rel=1e-3)
    else:
        assert found.encoder == pytest.approx(plain.encoder, rel=1e-4)


def test_bad_gradient_skips_the_step_of_all(weights: Path) -> None:
    nlp = make_nlp(weights, *HEADS)
    sgd = make_sgd(weight_decay=0.1)
    train(nlp, make_examples(nlp), steps=2, sgd=sgd)  # there are moments now
    before, heads = get_weights(nlp), {name: get_head(nlp, name) for name in HEADS}
    backward(nlp, make_examples(nlp))
    nlp.get_pipe("backbone")._flush()
    next(p for p in get_module(nlp).parameters() if p.grad is not None).grad[0] = float("nan")
    finish(nlp, sgd)
    assert same_weights(before, get_weights(nlp)) and grad_norm(nlp) == 0.0
    for name in HEADS:
        for key, value in get_head(nlp, name).items():
            numpy.testing.assert_array_equal(value, heads[name][key])
    train(nlp, make_examples(nlp), steps=1, sgd=sgd)
    assert not same_weights(before, get_weights(nlp))
    assert all(numpy.isfinite(value).all() for name in HEADS for value in get_head(nlp, name).values())


def test_lasting_bad_gradients_are_told(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    sgd = make_sgd()

    def spoil() -> None:
        backward(nlp, make_examples(nlp))
        nlp.get_pipe("backbone")._flush()
        next(p for p in get_module(nlp).parameters() if p.grad is not None).grad[0] = float("inf")
        finish(nlp, sgd)

    for _ in range(9):
        spoil()
    with pytest.warns(UserWarning, match=r"BW001.*'backbone' was not finite in this step.*the 10th in a row"):
        spoil()
    train(nlp, make_examples(nlp), steps=1, sgd=sgd)
    spoil()


def test_loss_is_noted_as_stock_does(weights: Path) -> None:
    nlp = make_nlp(weights, *HEADS)
    losses = backward(nlp, make_examples(nlp))
    assert set(losses) == {"backbone", *HEADS} and all(isinstance(v, float) and v > 0 for v in losses.values())


def test_update_with_an_optimizer_steps_the_encoder_one_batch_late(weights: Path) -> None:
    for pipes in [HEADS, (*HEADS, "ner"), ("ner",), ("ner", *HEADS)]:
        nlp = make_nlp(weights, *pipes)
        examples = make_examples(nlp)
        start = get_weights(nlp)
        nlp.update(examples, sgd=make_sgd(), annotates=["sentencizer"])
        assert same_weights(start, get_weights(nlp))
        nlp.update(examples, sgd=make_sgd(), annotates=["sentencizer"])
        assert not same_weights(start, get_weights(nlp)), pipes


def test_update_with_an_optimizer_gives_the_encoder_all_gradients(weights: Path) -> None:
    """Late, but whole: those of the heads are not lost where a stock pipe listens too."""
    nlp = make_nlp(weights, "polarity", "aspect_sentiment", "ner")
    recorder: Any = Recorder()
    backward(nlp, make_examples(nlp))
    finish(nlp, recorder)
    expected = recorder.encoder
    assert expected > 0
    late: Any = Recorder()
    nlp.update(make_examples(nlp), sgd=late, annotates=["sentencizer"])
    assert late.encoder == 0.0
    nlp.update(make_examples(nlp), sgd=late, annotates=["sentencizer"])
    assert late.encoder == pytest.approx(expected, rel=1e-3)


# Frozen


@pytest.mark.parametrize("pipes", [HEADS, (*HEADS, "ner")], ids=["heads", "with ner"])
def test_frozen_backbone_stays_and_heads_learn(weights: Path, pipes: Any) -> None:
    nlp = make_nlp(weights, *pipes)
    before = get_weights(nlp)
    annotates = ["sentencizer", "backbone"] if "ner" in pipes else ["sentencizer"]
    first = train(nlp, make_examples(nlp), steps=1, exclude=["backbone"], annotates=annotates)
    heads = {name: get_head(nlp, name) for name in HEADS}
    last = train(nlp, make_examples(nlp), steps=30, exclude=["backbone"], annotates=annotates)
    assert same_weights(before, get_weights(nlp))
    assert all(p.grad is None for p in get_module(nlp).parameters())
    for name in HEADS:
        assert last[name] < 0.8 * first[name]
        assert (get_head(nlp, name)["W"] != heads[name]["W"]).any()


def test_second_epoch_on_a_frozen_backbone_computes_nothing(weights: Path) -> None:
    nlp = make_nlp(weights, *HEADS)
    train(nlp, make_examples(nlp), steps=1, exclude=["backbone"])
    counter = Counter(nlp)
    for _ in range(3):
        train(nlp, make_examples(nlp), steps=1, exclude=["backbone"])
    assert counter.calls == []


def test_frozen_backbone_is_thawed(weights: Path) -> None:
    nlp = make_nlp(weights, *HEADS)
    before = get_weights(nlp)
    train(nlp, make_examples(nlp), steps=2, exclude=["backbone"])
    train(nlp, make_examples(nlp), steps=1)
    assert not same_weights(before, get_weights(nlp))
    # And frozen again: no gradient from a pass that is over.
    after = get_weights(nlp)
    train(nlp, make_examples(nlp, ROWS[:1]), steps=2, exclude=["backbone"])
    assert same_weights(after, get_weights(nlp)) and grad_norm(nlp) == 0.0


def test_learning_rate_of_a_head_is_its_own(weights: Path) -> None:
    steps = {}
    for factor in (1.0, 10.0):
        torch.manual_seed(0)
        nlp = make_nlp(weights, "polarity", config={"polarity": {"learn_rate_factor": factor}})
        nlp.get_pipe("polarity").model.get_ref("output_layer").get_param("W")[:] = 0.1
        train(nlp, make_examples(nlp), steps=1, exclude=["backbone"], sgd=make_sgd(0.001))
        steps[factor] = numpy.abs(get_head(nlp, "polarity")["W"] - 0.1).max()
    assert steps[10.0] == pytest.approx(10 * steps[1.0], rel=1e-3)


# Read on demand


def test_one_text_in_two_heads_costs_one_pass(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", "emotions")
    counter = Counter(nlp)
    nlp(TEXTS[0])
    assert counter.calls == [1]
    list(nlp.pipe([TEXTS[0], TEXTS[1], TEXTS[1]]))
    assert counter.calls == [1, 1], "what is known is not computed again"
    counter.calls.clear()
    backward(nlp, make_examples(nlp))
    assert counter.calls == [3]


def test_equal_pairs_cost_one_row(weights: Path) -> None:
    nlp = make_nlp(weights, "aspects", "aspect_sentiment")
    counter = Counter(nlp)
    list(nlp.pipe([TEXTS[0]] * 5))
    assert counter.n_rows == 2


def test_step_forgets_what_was_computed(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    before = nlp(TEXTS[0])._.polarity_scores
    train(nlp, make_examples(nlp), steps=1)
    counter = Counter(nlp)
    assert nlp(TEXTS[0])._.polarity_scores != before
    assert counter.calls == [1]


def test_backbone_alone_costs_nothing(weights: Path) -> None:
    nlp = make_nlp(weights)
    counter = Counter(nlp)
    docs = [*nlp.pipe(TEXTS), nlp(TEXTS[0])]
    backward(nlp, make_examples(nlp))
    assert counter.calls == [] and all(doc._.trf_data is None for doc in docs)


def test_aspect_sentiment_reads_no_document(weights: Path) -> None:
    nlp = make_nlp(weights, "aspects", "aspect_sentiment")
    counter = Counter(nlp)
    nlp("Nothing that is known here.")
    assert counter.calls == []
    nlp(TEXTS[0])
    assert counter.n_rows == 2


def test_trf_data_is_set_only_where_a_stock_pipe_listens(weights: Path) -> None:
    assert make_nlp(weights, *HEADS)(TEXTS[0])._.trf_data is None
    doc = make_nlp(weights, *HEADS, "ner")(TEXTS[0])
    assert doc._.trf_data.model_output.last_hidden_state.shape[-1] == 32


def test_stock_pipe_and_heads_share_one_pass(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", "emotions", "ner")
    counter = Counter(nlp)
    list(nlp.pipe(TEXTS))
    assert counter.n_rows == len(TEXTS)
    counter.calls.clear()
    backward(nlp, make_examples(nlp))
    assert counter.n_rows == len(TEXTS)


def test_stock_pipe_learns(weights: Path) -> None:
    nlp = make_nlp(weights, "ner", "polarity")
    train(nlp, make_examples(nlp), steps=60)
    for doc, row in zip(nlp.pipe(TEXTS), ROWS):
        assert {ent.text for ent in doc.ents} == {words for words, _, _ in row[3]}
        assert doc._.polarity == row[1]
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["ents_f"] == 1.0 and scores["polarity_acc"] == 1.0
    assert [e.label_ for e in nlp("").ents] == [] and nlp(" ").ents == ()


def test_other_documents_than_those_of_the_update_are_refused(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    backbone: Any = nlp.get_pipe("backbone")
    polarity: Any = nlp.get_pipe("polarity")
    backbone.update(make_examples(nlp, ROWS[:2]))
    for rows in (ROWS[1:], ROWS[:1], ROWS):
        with pytest.raises(ValueError, match=r"BS009[\s\S]*'polarity' reads now[\s\S]*nlp.update\(examples, sgd=F"):
            polarity.update(make_examples(nlp, rows))
    polarity.update(make_examples(nlp, ROWS[:2]))


def test_predictions_between_update_and_step_do_not_disturb(weights: Path) -> None:
    """Such as those of annotating components."""
    grads: List[Dict[str, torch.Tensor]] = []
    for disturb in (False, True):
        nlp = make_nlp(weights, *HEADS)
        nlp.get_pipe("polarity").model.get_ref("output_layer").get_param("W")[:] = 0.1
        examples = make_examples(nlp)
        nlp.get_pipe("backbone").update(examples)
        if disturb:
            list(nlp.pipe(TEXTS))
        nlp.get_pipe("polarity").update(examples)
        nlp.get_pipe("backbone")._flush()
        grads.append(get_grads(nlp))
    for name in grads[0]:
        torch.testing.assert_close(grads[0][name], grads[1][name])


def test_error_in_one_batch_can_be_handled(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = make_nlp(weights, "ner")
    seen: List[Any] = []
    backbone: Any = nlp.get_pipe("backbone")
    backbone.set_error_handler(lambda name, proc, docs, error: seen.append((name, len(docs))))
    monkeypatch.setattr(backbone, "predict", lambda docs: 1 / 0)
    assert list(nlp.pipe(TEXTS)) == []
    # Each document alone, after the batch.
    assert seen == [("backbone", 1)] * len(TEXTS)


def test_results_are_the_same_at_any_batch_size(weights: Path) -> None:
    from ..util import ODD_TEXTS, assert_same

    for pieces in (50, 4096):
        config = {"backbone": {"model": {"max_pieces": pieces}, "cache_size": 0}}
        nlp = make_nlp(weights, "aspects", *HEADS, "ner", config=config)
        texts = [*ODD_TEXTS, *TEXTS]
        expected = [nlp(text) for text in texts]
        for batch_size in (1, 2, 64):
            assert_same(nlp.pipe(texts, batch_size=batch_size), expected)
    assert get_results(expected[0])["aspects"] == []


def test_example_without_any_gold_keeps_the_others(weights: Path) -> None:
    nlp = make_nlp(weights, *HEADS)
    losses = backward(nlp, [make_example(nlp, TEXTS[0]), *make_examples(nlp, ROWS[1:])])
    assert all(losses[name] > 0 for name in HEADS)
