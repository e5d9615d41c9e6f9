"""The encoder learns from every head, whatever the order of the pipes and whoever is silent."""

from itertools import permutations
from pathlib import Path
from typing import Any, Dict, List, Sequence

import pytest
import torch
from spacy.language import Language
from spacy.training import Example
from thinc.api import PyTorchGradScaler

from spacy_bertsent.types import TextInput

from ..util import (
    HEADS,
    ROWS,
    TEXTS,
    backward,
    flush,
    get_grads,
    get_module,
    grad_norm,
    make_example,
    make_examples,
    make_nlp,
    set_heads,
)

LONG_ROW: Any = ("The soup was a soup. " * 20, "neutral", {"joy": 0.0, "anger": 1.0, "fear": 0.0}, [])


def run_autograd(nlp: Language, batches: Sequence[Sequence[Example]]) -> Dict[str, torch.Tensor]:
    """The same losses in plain torch: each row of pieces alone, no padding, no thinc."""
    backbone: Any = nlp.get_pipe("backbone")
    module = get_module(nlp)
    tokenizer = backbone.model.shims[0].encoder.tokenizer
    heads: Dict[str, Any] = {}
    for name in HEADS:
        layer = nlp.get_pipe(name).model.get_ref("output_layer")
        heads[name] = {k: torch.tensor(layer.get_param(k), requires_grad=True) for k in ("W", "b")}
    module.zero_grad(set_to_none=True)
    module.train()

    def logits(name: str, text: TextInput) -> torch.Tensor:
        rows = tokenizer([text])[0]
        total = sum(row.weight for row in rows)
        found = torch.zeros(())
        for row in rows:
            hidden = module(input_ids=torch.tensor([row.ids]), token_type_ids=torch.tensor([row.types]))[0]
            found = found + (hidden[0, 0] @ heads[name]["W"].T + heads[name]["b"]) * (row.weight / total)
        return found

    for batch in batches:
        docs = [TextInput(eg.reference.text) for eg in batch]
        polarity, emotions, aspects = (nlp.get_pipe(name).labels for name in HEADS)
        gold = torch.tensor([[eg.reference.cats[f"polarity:{x}"] for x in polarity] for eg in batch])
        loss = torch.nn.functional.cross_entropy(torch.stack([logits("polarity", x) for x in docs]), gold)
        gold = torch.tensor([[eg.reference.cats[f"emotion:{x}"] for x in emotions] for eg in batch])
        found = torch.stack([logits("emotions", x) for x in docs])
        loss = loss + torch.nn.functional.binary_cross_entropy_with_logits(found, gold)
        pairs, classes = [], []
        for eg in batch:
            doc = nlp.get_pipe("sentencizer")(nlp.make_doc(eg.reference.text))
            for span in eg.reference.spans["aspects"]:
                sentence = next(s for s in doc.sents if s.start_char <= span.start_char < s.end_char)
                focus = (span.start_char - sentence.start_char, span.end_char - sentence.start_char)
                is_repeated = sentence.text.lower().count(span.text.lower()) > 1
                pairs.append(TextInput(span.text, sentence.text, 1, focus, mark=is_repeated))
                classes.append(aspects.index(span.label_))
        if pairs:
            found = torch.stack([logits("aspect_sentiment", pair) for pair in pairs])
            loss = loss + torch.nn.functional.cross_entropy(found, torch.tensor(classes))
        loss.backward()
    grads = {name: p.grad.clone() for name, p in module.named_parameters()}
    grads.update({f"{name}.{key}": value.grad for name, head in heads.items() for key, value in head.items()})
    module.zero_grad(set_to_none=True)
    return grads


@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
@pytest.mark.parametrize("parts", [1, 3])
def test_gradients_are_those_of_plain_autograd(
    weights: Path, request: pytest.FixtureRequest, parts: int, scaled: bool
) -> None:
    nlp = make_nlp(weights, *HEADS)
    set_heads(nlp)
    examples = make_examples(nlp, [*ROWS, LONG_ROW, *ROWS[:2]])
    batches = [examples[i::parts] for i in range(parts)]
    shim: Any = nlp.get_pipe("backbone").model.shims[0]
    if scaled:
        request.getfixturevalue("cpu_scaler")
        shim._grad_scaler = PyTorchGradScaler(enabled=True)
    for batch in batches:
        backward(nlp, batch)
    flush(nlp)
    assert shim.prepare_step(0.0)
    found = get_grads(nlp)
    for name in HEADS:
        layer = nlp.get_pipe(name).model.get_ref("output_layer")
        found.update({f"{name}.{key}": torch.tensor(layer.get_grad(key)) for key in ("W", "b")})
    expected = run_autograd(nlp, batches)
    assert found.keys() == expected.keys()
    largest = max(float(g.abs().max()) for g in expected.values())
    assert largest > 0.1
    for name in expected:
        difference = float((found[name] - expected[name]).abs().max())
        assert difference < 1e-5 * largest, name


def make_case(
    weights: Path, order: Sequence[str], condition: str, who: str, ner: int = -1
) -> "tuple[Language, List[Example], List[str]]":
    """A pipeline in some order, where one pipe gives nothing."""
    pipes = list(order)
    if ner >= 0:
        pipes.insert(ner, "ner")
    nlp = make_nlp(weights, *pipes)
    set_heads(nlp)
    rows: List[Any] = list(ROWS)
    if condition == "no gold":
        position = {"polarity": 1, "emotions": 2, "aspect_sentiment": 3, "ner": 3}[who]
        rows = [tuple(None if i == position else x for i, x in enumerate(row)) for row in rows]
    elif condition == "no aspects":
        rows = [(*row[:3], []) for row in rows]
    examples = [make_example(nlp, *row, ents=who == "" or who != "ner" or condition != "no gold") for row in rows]
    if condition == "disabled":
        nlp.disable_pipe(who)
    return nlp, examples, [who] if condition == "frozen" else []


CONDITIONS = [(c, who) for c in ("frozen", "disabled", "no gold") for who in HEADS]
CONDITIONS += [("all", ""), ("no aspects", "")]


@pytest.mark.parametrize("condition, who", CONDITIONS, ids=lambda x: x or "-")
def test_encoder_learns_in_every_order(weights: Path, condition: str, who: str) -> None:
    """And it learns the same in each."""
    first: Dict[str, torch.Tensor] = {}
    for order in permutations(HEADS):
        nlp, examples, exclude = make_case(weights, order, condition, who)
        backward(nlp, examples, exclude=exclude)
        flush(nlp)
        assert grad_norm(nlp) > 0.1, order
        grads = get_grads(nlp)
        first = first or grads
        for name in grads:
            torch.testing.assert_close(grads[name], first[name], atol=1e-5, rtol=1e-4)


NER_CASES = [(c, who) for c in ("frozen", "disabled", "no gold") for who in ("ner", "polarity", "aspect_sentiment")]


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("condition, who", [*NER_CASES, ("all", ""), ("no aspects", "")], ids=lambda x: x or "-")
def test_encoder_learns_with_a_stock_pipe_in_every_place(weights: Path, condition: str, who: str, place: int) -> None:
    nlp, examples, exclude = make_case(weights, HEADS, condition, who, ner=place)
    backward(nlp, examples, exclude=exclude)
    flush(nlp)
    assert grad_norm(nlp) > 0.1
    # The heads' own part is there too: the encoder's gradient is more than that of ner alone.
    together = get_grads(nlp)
    get_module(nlp).zero_grad(set_to_none=True)
    backward(nlp, examples, exclude=[*HEADS, *exclude])
    flush(nlp)
    alone = get_grads(nlp)
    assert sum(float((together[n] - alone[n]).abs().sum()) for n in alone) > 0.1


def test_gradients_of_heads_and_stock_pipe_add_up(weights: Path) -> None:
    nlp, examples, _ = make_case(weights, HEADS, "all", "", ner=1)
    parts = []
    for exclude in [[], ["ner"], list(HEADS)]:
        backward(nlp, examples, exclude=exclude)
        flush(nlp)
        parts.append(get_grads(nlp))
        get_module(nlp).zero_grad(set_to_none=True)
    together, heads, ner = parts
    assert sum(float(g.abs().sum()) for g in ner.values()) > 0.1
    for name in together:
        torch.testing.assert_close(together[name], heads[name] + ner[name], atol=1e-4, rtol=1e-3)


def test_silent_heads_leave_the_encoder_alone(weights: Path) -> None:
    """No gold at all: no pass, no gradient, no step."""
    from ..util import Counter, finish, get_weights, make_sgd, same_weights

    nlp = make_nlp(weights, *HEADS)
    before = get_weights(nlp)
    counter = Counter(nlp)
    losses = backward(nlp, [make_example(nlp, text) for text in TEXTS])
    finish(nlp, make_sgd(weight_decay=0.1))
    assert counter.calls == [] and not any(losses.values())
    assert same_weights(before, get_weights(nlp)) and grad_norm(nlp) == 0.0


def test_batch_of_empty_docs_is_learned_from(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", "emotions", "aspect_sentiment", "ner")
    rows: List[Any] = [("", *ROWS[0][1:3], []), (" ", *ROWS[1][1:3], [])]
    backward(nlp, make_examples(nlp, rows))
    flush(nlp)
    assert grad_norm(nlp) > 0
    backward(nlp, make_examples(nlp, [*rows, ROWS[0]]))
    flush(nlp)
