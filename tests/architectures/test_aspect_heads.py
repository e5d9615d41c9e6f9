"""All architectures of aspect sentiment, from the config to the gradient of the encoder."""

from copy import deepcopy
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy
import pytest
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_bertsent.architectures.aspect_heads import build_local_context_head, build_pair_aspect_head, build_span_head
from spacy_bertsent.architectures.heads import build_doc_head
from spacy_bertsent.architectures.listeners import build_doc_listener, build_pair_listener, build_span_listener
from spacy_bertsent.layers.pairs import make_pairs
from spacy_bertsent.sentences import get_sentences, widen_to_sentences
from spacy_bertsent.types import AspectQuery, TextInput

from ..util import (
    ODD_TEXTS,
    ROWS,
    TEXTS,
    WIDTH,
    Counter,
    assert_same,
    backward,
    check_batches,
    check_storing,
    finish,
    flush,
    get_grads,
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

LABELS = ("positive", "neutral", "negative")
# The finder knows each word once.
CLEAN: List[Any] = [ROWS[0], ROWS[1], ("The dark road scared us. The price was fine.", *ROWS[2][1:])]
# The aspects stand in different windows.
LONG_ROW: Any = (
    "The soup was a. " + "What and happy. " * 12 + "The waiter was but a.",
    "neutral",
    {"joy": 0.0, "anger": 1.0, "fear": 0.0},
    [("soup", "FOOD", "positive"), ("waiter", "STAFF", "negative")],
)

PAIRS = {"@architectures": "spacy-bertsent.PairListener.v1"}
SPANS = {"@architectures": "spacy-bertsent.SpanListener.v1"}
LOCAL = {"@architectures": "spacy-bertsent.LocalContextHead.v1", "tok2vec": PAIRS}
MODELS: Dict[str, Dict[str, Any]] = {
    "pair": {"@architectures": "spacy-bertsent.PairHead.v1", "tok2vec": PAIRS},
    "pair-aspect": {"@architectures": "spacy-bertsent.PairAspectHead.v1", "tok2vec": PAIRS},
    "pair-aspect-max": {"@architectures": "spacy-bertsent.PairAspectHead.v1", "pooling": "max", "tok2vec": PAIRS},
    "pair-local": LOCAL,
    "pair-local-weight": {**LOCAL, "focus": "weight", "distance": 1},
    "pair-local-attention": {**LOCAL, "n_heads": 4, "distance": 1},
    "span": {"@architectures": "spacy-bertsent.SpanHead.v1", "tok2vec": SPANS},
    "span-max": {"@architectures": "spacy-bertsent.SpanHead.v1", "pooling": "max", "tok2vec": SPANS},
    "span-local": {**LOCAL, "focus": "weight", "tok2vec": SPANS},
}
# One of each kind, where all others would do the same.
KINDS = ["pair-aspect", "pair-local-attention", "span"]


def make(weights: Path, name: str, *pipes: str, **settings: Any) -> Language:
    config: Any = {"aspect_sentiment": {"model": deepcopy(MODELS[name])}, **settings}
    return make_nlp(weights, *(pipes or ("aspects", "aspect_sentiment")), config=config)


@pytest.fixture(scope="module", params=MODELS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def trained(weights: Path, name: str) -> Language:
    nlp = make(weights, name)
    train(nlp, make_examples(nlp, CLEAN), steps=60)
    return nlp


def ask(doc: Doc, words: str, masked: bool = False) -> AspectQuery:
    start = doc.text.index(words)
    return AspectQuery(doc, start, start + len(words), words, masked)


# Built, trained, stored


def test_shapes(weights: Path, name: str) -> None:
    nlp = make(weights, name)
    pipe: Any = nlp.get_pipe("aspect_sentiment")
    doc = nlp.make_doc(TEXTS[0])
    queries = [ask(doc, words) for words in ("soup", "waiter", "lovely")]
    logits, backprop = pipe.model.begin_update(queries)
    assert logits.shape == (3, 3) and logits.dtype == numpy.float32
    assert backprop(numpy.ones_like(logits)) == []
    width = WIDTH if name in ("pair", "pair-local-attention") else 2 * WIDTH
    assert pipe.model.get_ref("output_layer").get_grad("W").shape == (3, width)
    assert pipe.model.get_ref("tok2vec").attrs["pieces"] == (name != "pair")
    assert nlp.config["components"]["aspect_sentiment"]["model"]["@architectures"] == MODELS[name]["@architectures"]


def test_overfits_and_survives_disk_and_bytes(trained: Language, tmp_path: Path) -> None:
    texts = [row[0] for row in CLEAN]
    for doc, row in zip(trained.pipe(texts), CLEAN):
        assert [(a.text, a.category, a.sentiment) for a in doc._.aspects] == row[3]
        assert all(aspect.score > 0.9 for aspect in doc._.aspects)
    scores = trained.evaluate(make_examples(trained, CLEAN))
    assert scores["absa_acc"] == scores["absa_f"] == scores["absa_e2e_f"] == 1.0
    check_storing(trained, tmp_path, texts)


def test_aspects_of_a_document_in_several_windows_are_marked(weights: Path) -> None:
    nlp = make(weights, "span", backbone={"model": {"window": 16, "overlap": 4}})
    assert [aspect.cut for aspect in nlp(TEXTS[0])._.aspects] == [False, False]
    assert [aspect.cut for aspect in nlp(LONG_ROW[0])._.aspects] == [True, True]
    nlp.replace_listeners("backbone", "aspect_sentiment", ["model.tok2vec"])
    assert [aspect.cut for doc in nlp.pipe([LONG_ROW[0], TEXTS[0]]) for aspect in doc._.aspects] == [True] * 2 + [
        False
    ] * 2


def test_results_do_not_depend_on_batches_or_processes(trained: Language, name: str) -> None:
    if name in KINDS:
        check_batches(trained)
    else:
        expected = [trained(text) for text in TEXTS + ODD_TEXTS]
        assert_same(trained.pipe(TEXTS + ODD_TEXTS, batch_size=3), expected)


def test_results_do_not_depend_on_neighbours(trained: Language) -> None:
    texts = [*TEXTS, LONG_ROW[0]]
    alone = [trained(text) for text in texts]
    for order in ([3, 0, 1, 2], [2, 2, 3, 1, 0]):
        assert_same(trained.pipe([texts[i] for i in order]), [alone[i] for i in order])


def test_many_aspects_in_chunks(trained: Language, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = get_results(trained("soup waiter " * 20))
    if name != "pair":
        pipe: Any = trained.get_pipe("aspect_sentiment")
        monkeypatch.setitem(pipe.model.attrs, "size", 7)
    found = get_results(trained("soup waiter " * 20))
    assert len(found["scores"]) == 40
    numpy.testing.assert_allclose(found["scores"], expected["scores"], atol=1e-5)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_texts(trained: Language, text: str) -> None:
    doc = trained(text)
    assert len(doc._.aspects) == text.count("soup") + text.count("waiter")
    for aspect in doc._.aspects:
        assert sum(aspect.scores.values()) == pytest.approx(1.0, abs=1e-5)


def test_aspects_without_words_or_pieces(trained: Language) -> None:
    """A category of a sentence, white space, and a text that is nothing else."""
    doc = trained.make_doc("It was fine.  We paid too much.")
    trained.get_pipe("sentencizer")(doc)
    first, second = doc.sents
    space = next(token for token in doc if token.is_space)
    doc.spans["aspects"] = [
        Span(doc, first.start, first.end, kb_id="PRICE"), Span(doc, second.start, second.end, kb_id="PRICE"),
        doc[space.i : space.i + 1],
    ]  # fmt: skip
    blank = trained.make_doc("  ")
    blank.spans["aspects"] = [blank[0:1]]
    results = [found._.aspects for found in trained.pipe([doc, blank])]
    assert [len(aspects) for aspects in results] == [3, 1]
    for aspects in results:
        assert all(sum(aspect.scores.values()) == pytest.approx(1.0, abs=1e-5) for aspect in aspects)
        assert len({aspect.score for aspect in aspects}) == len(aspects), "each has its own"


# What the architectures are told


def probabilities(nlp: Language, *queries: AspectQuery) -> Any:
    nlp.get_pipe("backbone")._cache.clear()  # type: ignore[attr-defined]
    return nlp.get_pipe("aspect_sentiment").probabilities(queries)  # type: ignore[attr-defined]


def test_masked_questions_do_not_tell_the_aspect(trained: Language) -> None:
    """Nothing that the model is given differs between the aspects of a sentence; between sentences it does."""
    doc = trained.get_pipe("sentencizer")(trained.make_doc("The soup was lovely but the waiter was rude. What a road!"))
    words = ("soup", "waiter", "lovely but", "road")
    open_ones = probabilities(trained, *(ask(doc, x) for x in words))
    masked = probabilities(trained, *(ask(doc, x, masked=True) for x in words))
    assert numpy.abs(open_ones[0] - open_ones[1]).max() > 1e-3
    numpy.testing.assert_allclose(masked[1:3], masked[:1].repeat(2, axis=0), atol=1e-6)
    assert numpy.abs(masked[0] - masked[3]).max() > 1e-5


def test_two_mentions_of_a_word_are_told_apart(trained: Language) -> None:
    doc = trained.make_doc("The soup was lovely but the soup was rude.")
    first, second = (AspectQuery(doc, start, start + 4, "soup") for start in (4, 28))
    one, other = probabilities(trained, first, second)
    assert numpy.abs(one - other).max() > 1e-5


def test_document_is_what_a_span_is_told_and_a_sentence_what_a_pair_is(trained: Language, name: str) -> None:
    texts = [f"The road was there. {end}" for end in ("Lovely!", "Rude and dark!")]
    docs = [trained.get_pipe("sentencizer")(trained.make_doc(text)) for text in texts]
    one, other = probabilities(trained, *(ask(doc, "road") for doc in docs))
    is_same = bool(numpy.abs(one - other).max() < 1e-5)
    assert is_same == (not name.startswith("span"))


def test_span_ignores_the_name_of_its_category(weights: Path) -> None:
    """What docs/architectures.md warns of; a pair asks for it."""
    results = {}
    for kind in ("pair-aspect", "span"):
        nlp = make(weights, kind)
        doc = nlp.make_doc("We paid too much.")
        one, other = probabilities(nlp, *(AspectQuery(doc, 0, len(doc.text), name) for name in ("price", "staff")))
        results[kind] = numpy.abs(one - other).max()
    assert results["span"] < 1e-6 < 1e-4 < results["pair-aspect"]


# Gradients


def encode(nlp: Language, text: TextInput) -> List[Tuple[torch.Tensor, List[Tuple[int, int]]]]:
    """RETURNS: The last layer of each window, alone and without padding, and the characters of its pieces."""
    module, backbone = get_module(nlp), nlp.get_pipe("backbone")
    rows = backbone.model.shims[0].encoder.tokenizer([text], offsets=True)[0]  # type: ignore[attr-defined]
    return [
        (module(input_ids=torch.tensor([row.ids]), token_type_ids=torch.tensor([row.types]))[0][0], row.offsets)
        for row in rows
    ]


def attend(rows: torch.Tensor, W: torch.Tensor, b: torch.Tensor, n_heads: int) -> torch.Tensor:
    query, key, value = (
        (rows @ w.T + c).reshape(len(rows), n_heads, -1).transpose(0, 1)
        for w, c in zip(torch.split(W, WIDTH), torch.split(b, WIDTH))
    )
    mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    return torch.tanh(mixed.transpose(0, 1).reshape(len(rows), WIDTH))


def weigh(n: int, own: List[int], settings: Dict[str, Any]) -> torch.Tensor:
    distance = settings.get("distance", 3)
    middle, weights = (own[0] + own[-1]) / 2, []
    for i in range(n):
        beyond = abs(i - middle) - len(own) // 2 - distance
        weights.append(1.0 if beyond <= 0 else 0.0 if settings.get("focus", "mask") == "mask" else 1 - beyond / n)
    return torch.tensor(weights)


def run_torch(nlp: Language, name: str, query: AspectQuery, params: List[torch.Tensor]) -> torch.Tensor:
    """The logits of one aspect in plain torch, in words of the description and not of the layers."""
    settings = MODELS[name]
    if name.startswith("span"):
        windows = encode(nlp, TextInput(query.doc.text))
        # Those of this test do not stand in two windows.
        held = [any(s < query.end_char and e > query.start_char for s, e in spans) for _, spans in windows]
        assert sum(held) == 1
        hidden, spans = windows[held.index(True)]
        focus = (query.start_char, query.end_char)
        if query.masked:
            focus = widen_to_sentences(query.doc.text, get_sentences(query.doc), *focus)
    else:
        tok2vec: Any = nlp.get_pipe("aspect_sentiment").model.get_ref("tok2vec")  # type: ignore[attr-defined]
        (pair,) = make_pairs([query], **tok2vec.attrs["pairs"])
        ((hidden, spans),) = encode(nlp, pair)
        focus = (0, 10**6) if query.masked else pair.focus
    text = [i for i, (start, end) in enumerate(spans) if end > start]
    own = [k for k, i in enumerate(text) if spans[i][0] < focus[1] and spans[i][1] > focus[0]]
    pieces, (W, b) = hidden[text], params[-2:]
    if name == "pair":
        return hidden[0] @ W.T + b
    if name == "pair-local-attention":
        weights = torch.zeros(len(hidden))
        weights[text] = weigh(len(text), own, settings)
        near = attend(hidden * weights[:, None], *params[:2], 4)
        joined = torch.cat([near, hidden], dim=1) @ params[2].T + params[3]
        mixed = attend(joined, *params[4:6], 4)
        return torch.tanh(mixed[0] @ params[6].T + params[7]) @ W.T + b
    if "local" in name:
        weights = weigh(len(text), own, settings)[:, None]
        pooled = (pieces * weights).sum(dim=0) / weights.sum()
    else:
        pooled = pieces[own].max(dim=0).values if name.endswith("max") else pieces[own].mean(dim=0)
    return torch.cat([hidden[0], pooled]) @ W.T + b


def get_params(nlp: Language, pipe: str) -> List[Tuple[Any, str]]:
    layers = [node for node in nlp.get_pipe(pipe).model.walk() if node.param_names]  # type: ignore[attr-defined]
    found = [(layer, param) for layer in layers for param in ("W", "b")]
    # The walk goes level by level: put the layers in the order of the forward pass.
    output = nlp.get_pipe(pipe).model.get_ref("output_layer")  # type: ignore[attr-defined]
    local = [node for node in nlp.get_pipe(pipe).model.walk() if node.name == "local_attention"]  # type: ignore[attr-defined]
    if local:
        first, join, mix, dense = local[0].layers
        return [(layer, param) for layer in (first, join.layers[0], mix, dense, output) for param in ("W", "b")]
    assert [layer for layer, _ in found] == [output, output]
    return found


def shake(nlp: Language) -> None:
    """Give the heads weights that let gradients pass."""
    rng = numpy.random.RandomState(0)
    for pipe in ("polarity", "aspect_sentiment"):
        for layer, param in get_params(nlp, pipe):
            shape = layer.get_param(param).shape
            layer.set_param(param, rng.normal(scale=0.3, size=shape).astype("f"))


@pytest.mark.parametrize("parts", [1, 3])
def test_gradients_are_those_of_plain_autograd(weights: Path, name: str, parts: int) -> None:
    """Of the encoder and of the head, with another head that shares the pass, a long text and an empty one."""
    nlp = make(weights, name, "polarity", "aspect_sentiment")
    shake(nlp)
    rows: List[Any] = [ROWS[0], ROWS[1], LONG_ROW, ("", "neutral", None, []), ROWS[0], (ROWS[2][0], *ROWS[2][1:3], [])]
    examples = make_examples(nlp, rows)
    batches = [examples[i::parts] for i in range(parts)]
    for batch in batches:
        backward(nlp, batch)
    flush(nlp)
    shim: Any = nlp.get_pipe("backbone").model.shims[0]  # type: ignore[attr-defined]
    assert shim.prepare_step(0.0)
    found = get_grads(nlp)
    polarity, sentiment = get_params(nlp, "polarity"), get_params(nlp, "aspect_sentiment")
    for i, (layer, param) in enumerate([*polarity, *sentiment]):
        found[str(i)] = torch.tensor(layer.get_grad(param))

    module = get_module(nlp)
    module.zero_grad(set_to_none=True)
    module.train()
    leaves = [torch.tensor(layer.get_param(p), requires_grad=True) for layer, p in [*polarity, *sentiment]]
    pipe: Any = nlp.get_pipe("aspect_sentiment")
    labels = nlp.get_pipe("polarity").labels  # type: ignore[attr-defined]
    for batch in batches:
        losses = []
        documents = []
        for eg in batch:
            # The examples that were trained on are copies.
            nlp.get_pipe("sentencizer")(eg.predicted)
            windows = encode(nlp, TextInput(eg.reference.text))
            sizes = [max(1, len(hidden) - 2) for hidden, _ in windows]
            logits = torch.stack([hidden[0] @ leaves[0].T + leaves[1] for hidden, _ in windows])
            documents.append((logits * torch.tensor(sizes)[:, None]).sum(dim=0) / sum(sizes))
        gold = torch.tensor([[eg.reference.cats[f"polarity:{x}"] for x in labels] for eg in batch])
        losses.append(torch.nn.functional.cross_entropy(torch.stack(documents), gold))
        queries, truths, _ = pipe.truths(batch)
        if queries:
            logits = torch.stack([run_torch(nlp, name, query, leaves[2:]) for query in queries])
            losses.append(torch.nn.functional.cross_entropy(logits, torch.tensor(truths)))
        sum(losses).backward()  # type: ignore[union-attr]
    expected = get_grads(nlp)
    expected.update({str(i): leaf.grad for i, leaf in enumerate(leaves) if leaf.grad is not None})
    assert found.keys() == expected.keys()
    largest = max(float(gradient.abs().max()) for gradient in expected.values())
    assert largest > 0.05
    for key in expected:
        difference = float((found[key] - expected[key]).abs().max())
        assert difference < 2e-5 * largest, key


def test_predictions_are_those_of_plain_torch(trained: Language, name: str) -> None:
    doc = trained.get_pipe("sentencizer")(trained.make_doc(LONG_ROW[0]))
    queries = [ask(doc, words, masked) for words in ("soup", "waiter") for masked in (False, True)]
    found = probabilities(trained, *queries)
    leaves = [torch.tensor(layer.get_param(param)) for layer, param in get_params(trained, "aspect_sentiment")]
    get_module(trained).eval()
    with torch.no_grad():
        logits = torch.stack([run_torch(trained, name, query, leaves) for query in queries])
    numpy.testing.assert_allclose(found, torch.softmax(logits, dim=1).numpy(), atol=1e-5)


def test_what_is_not_annotated_leaves_no_gradient(weights: Path, name: str) -> None:
    nlp = make(weights, name)
    silent = [make_example(nlp, TEXTS[0]), make_example(nlp, TEXTS[1], aspects=[])]
    before = get_weights(nlp)
    assert backward(nlp, silent)["aspect_sentiment"] == 0.0
    finish(nlp, make_sgd(weight_decay=0.1))
    assert grad_norm(nlp) == 0.0 and same_weights(before, get_weights(nlp))


@pytest.mark.parametrize("name", KINDS)
def test_frozen_backbone_serves_a_head_that_learns(weights: Path, name: str) -> None:
    nlp = make(weights, name)
    before = get_weights(nlp)
    examples = make_examples(nlp, CLEAN)
    first = train(nlp, examples, steps=1, exclude=["backbone"])
    last = train(nlp, examples, steps=60, sgd=make_sgd(3e-3), exclude=["backbone"])
    assert last["aspect_sentiment"] < 0.5 * first["aspect_sentiment"]
    assert same_weights(before, get_weights(nlp)) and grad_norm(nlp) == 0.0


@pytest.mark.parametrize("who", ["polarity", "aspect_sentiment", "ner"])
@pytest.mark.parametrize("name", KINDS)
def test_encoder_learns_with_a_stock_pipe_whoever_is_frozen(weights: Path, name: str, who: str) -> None:
    grads: List[Dict[str, torch.Tensor]] = []
    for pipes in (("ner", "polarity", "aspect_sentiment"), ("aspect_sentiment", "polarity", "ner")):
        nlp = make(weights, name, *pipes)
        shake(nlp)
        backward(nlp, make_examples(nlp), exclude=[who])
        flush(nlp)
        assert grad_norm(nlp) > 0.01
        grads.append(get_grads(nlp))
    if who == "ner":
        for key in grads[0]:
            torch.testing.assert_close(grads[0][key], grads[1][key], atol=1e-5, rtol=1e-4)


# One pass for all


@pytest.mark.parametrize(
    "pipes",
    [("polarity", "emotions", "aspects", "aspect_sentiment"), ("aspects", "aspect_sentiment", "polarity", "ner")],
    ids=["last", "first, beside a stock pipe"],
)
def test_span_shares_the_pass_of_the_document(weights: Path, pipes: Sequence[str]) -> None:
    nlp = make(weights, "span", *pipes)
    counter = Counter(nlp)
    list(nlp.pipe([*TEXTS, LONG_ROW[0]]))
    windows = len(encode(nlp, TextInput(LONG_ROW[0])))
    assert counter.n_rows == len(TEXTS) + windows, "each window once"
    counter.calls.clear()
    backward(nlp, make_examples(nlp))
    assert counter.n_rows == len(TEXTS)


def test_batch_of_another_text_is_refused(weights: Path) -> None:
    nlp = make(weights, "span", "aspect_sentiment")
    backbone: Any = nlp.get_pipe("backbone")
    backbone.update(make_examples(nlp))
    other = make_example(nlp, "Another soup.", aspects=[("soup", "FOOD", "positive")])
    with pytest.raises(ValueError, match="BS009.*'aspect_sentiment'"):
        nlp.get_pipe("aspect_sentiment").update([other])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", KINDS)
def test_replaced_listener_gives_the_same_and_is_stored(weights: Path, tmp_path: Path, name: str) -> None:
    nlp = make(weights, name, "aspects", "polarity", "aspect_sentiment")
    train(nlp, make_examples(nlp), steps=5)
    expected = [nlp(text) for text in TEXTS]
    nlp.replace_listeners("backbone", "aspect_sentiment", ["model.tok2vec"])
    assert_same(nlp.pipe(TEXTS), expected)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert_same(loaded.pipe(TEXTS), expected)
    before = get_weights(loaded)
    pipe: Any = loaded.get_pipe("aspect_sentiment")
    shim = next(shim for node in pipe.model.walk() for shim in node.shims)
    own = [p.detach().clone() for p in shim._model.parameters()]
    train(loaded, make_examples(loaded), steps=2, exclude=["polarity"])
    assert same_weights(before, get_weights(loaded)), "the gradient does not reach the backbone"
    assert not all(torch.equal(a, b) for a, b in zip(own, shim._model.parameters()))


# Settings


def test_other_readers_are_refused() -> None:
    for build in (build_pair_aspect_head, build_span_head, build_local_context_head):
        with pytest.raises(ValueError, match=r"BS096.*Head reads the pieces around aspects, which 'doc_listener' does"):
            build(build_doc_listener())


def test_heads_of_whole_vectors_refuse_pieces(weights: Path) -> None:
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy-bertsent.PairHead.v1", "tok2vec": SPANS}
    nlp.add_pipe("bertsent_backbone", name="backbone", config={"model": {"name": str(weights)}})
    nlp.add_pipe("bertsent_aspect_sentiment", name="aspect_sentiment", config={"model": model})
    with pytest.raises(ValueError, match="BS019.*AspectRows"):
        nlp.initialize(lambda: make_examples(nlp))


def test_attention_heads_must_fit_the_width(weights: Path) -> None:
    settings: Any = {"aspect_sentiment": {"model": {**LOCAL, "n_heads": 5}}}
    with pytest.raises(ValueError, match=r"BS097.*32, is no multiple of 5"):
        make_nlp(weights, "aspect_sentiment", config=settings)


def test_plain_pair_head_is_given_whole_vectors() -> None:
    listener = build_pair_listener()
    assert listener.attrs["pieces"] is False
    build_local_context_head(listener)
    assert listener.attrs["pieces"] is True and build_span_listener().attrs["pieces"] is True
    assert "pieces" not in build_doc_head(build_doc_listener()).get_ref("tok2vec").attrs
