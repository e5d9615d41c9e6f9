"""What the tests share: tiny encoders, pipelines on them, toy texts, training."""

from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model, Optimizer
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    DistilBertConfig,
    DistilBertModel,
    DistilBertTokenizerFast,
    RobertaConfig,
    RobertaModel,
    RobertaTokenizerFast,
)

from spacy_bertsent.layers.optimizer import build_adamw

WIDTH = 32
LONGEST = 40  # pieces that the tiny encoders can read

# text, polarity, emotions, aspects as (words, category, sentiment)
RowT = Tuple[str, str, Dict[str, float], List[Tuple[str, str, str]]]
ROWS: List[RowT] = [
    (
        "The soup was lovely but the waiter was rude.",
        "neutral",
        {"joy": 1.0, "anger": 1.0, "fear": 0.0},
        [("soup", "FOOD", "positive"), ("waiter", "STAFF", "negative")],
    ),
    (
        "What a bright and happy little garden.",
        "positive",
        {"joy": 1.0, "anger": 0.0, "fear": 0.0},
        [("garden", "PLACE", "positive")],
    ),
    (
        "The dark road scared us. The price was a price.",
        "negative",
        {"joy": 0.0, "anger": 0.0, "fear": 1.0},
        [("road", "PLACE", "negative"), ("price", "PRICE", "neutral")],
    ),
]
TEXTS = [row[0] for row in ROWS]
KEYWORDS = {"FOOD": ["soup"], "STAFF": ["waiter"], "PLACE": ["garden", "road"], "PRICE": ["price"]}
ODD_TEXTS = ["", " ", "\n\n", "soup", "The soup was lovely but the waiter was rude. " * 20, "caf\u00e9 \U0001f600 soup"]

FACTORIES = {
    "sentencizer": "sentencizer",
    "aspects": "bertsent_aspects",
    "backbone": "bertsent_backbone",
    "polarity": "bertsent_polarity",
    "emotions": "bertsent_emotions",
    "aspect_sentiment": "bertsent_aspect_sentiment",
    "category_sentiment": "bertsent_category_sentiment",
    "ner": "ner",
}
HEADS = ("polarity", "emotions", "aspect_sentiment")
NER_MODEL = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "state_type": "ner",
    "hidden_width": 16,
    "maxout_pieces": 2,
    "use_upper": False,
    "tok2vec": {
        "@architectures": "spacy-transformers.TransformerListener.v1",
        "grad_factor": 1.0,
        "pooling": {"@layers": "reduce_mean.v1"},
    },
}


def save_weights(path: Path, family: str) -> Path:
    """Write a random encoder with a tokenizer. Its weights are large, so that texts differ, and its dropout is 0.1."""
    torch.manual_seed(0)
    sizes = {"num_attention_heads": 2, "intermediate_size": 64, "initializer_range": 0.2}
    if family == "roberta":
        texts = path / "texts.txt"
        texts.write_text("\n".join([*TEXTS, *ODD_TEXTS]), "utf8")
        bpe = ByteLevelBPETokenizer()
        specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        bpe.train([str(texts)], vocab_size=340, special_tokens=specials, show_progress=False)
        bpe.save_model(str(path))
        texts.unlink()
        tokenizer: Any = RobertaTokenizerFast.from_pretrained(str(path), model_max_length=LONGEST)
        config: Any = RobertaConfig(
            vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=2, max_position_embeddings=LONGEST + 2,
            type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2, **sizes,
        )  # fmt: skip
        module: Any = RobertaModel(config)
    else:
        vocab = path / "vocab.txt"
        pieces = make_word_pieces()
        vocab.write_text("\n".join(pieces), "utf8")
        if family == "bert":
            tokenizer = BertTokenizerFast(str(vocab), model_max_length=LONGEST)
            config = BertConfig(
                vocab_size=len(pieces), hidden_size=WIDTH, num_hidden_layers=2, max_position_embeddings=LONGEST, **sizes
            )
            module = BertModel(config)
        else:
            tokenizer = DistilBertTokenizerFast(str(vocab), model_max_length=LONGEST)
            config = DistilBertConfig(
                vocab_size=len(pieces), dim=WIDTH, n_layers=2, n_heads=2, hidden_dim=64, initializer_range=0.2,
                max_position_embeddings=LONGEST,
            )  # fmt: skip
            module = DistilBertModel(config)
    tokenizer.save_pretrained(str(path))
    module.save_pretrained(str(path), safe_serialization=True)
    return path


def make_word_pieces() -> List[str]:
    """A WordPiece vocabulary by hand: some words, and letters for all others."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'[]#@-"
    words = ["the", "soup", "was", "but", "waiter", "rude", "garden", "road", "price", "what", "and", "happy", "a"]
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return list(dict.fromkeys([*specials, *words, *letters, *("##" + x for x in letters), "##ly", "##ed"]))


def no_dropout(weights: Path) -> Dict[str, float]:
    """The model settings that switch dropout off, for any family."""
    if "distilbert" in (weights / "config.json").read_text("utf8"):
        return {"dropout": 0.0, "attention_dropout": 0.0}
    return {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def make_encoder(weights: Path, **settings: Any) -> Model:
    """An encoder layer with weights, without dropout."""
    from spacy_bertsent.layers.backbone import load_weights
    from spacy_bertsent.layers.backbone import make_encoder as make

    defaults: Dict[str, Any] = {
        "revision": None, "precision": "fp32", "window": 0, "overlap": 8, "max_windows": 0,
        "max_pieces": 4096, "trainable_layers": -1, "transformer_config": no_dropout(weights),
    }  # fmt: skip
    model = make(str(weights), **{**defaults, **settings})
    load_weights(model)
    return model


def make_nlp(
    weights: Path,
    *pipes: str,
    config: Optional[Dict[str, Dict[str, Any]]] = None,
    initialize: bool = True,
    examples: Optional[List[Example]] = None,
) -> Language:
    """A pipeline with some pipes (see `FACTORIES`), on a tiny encoder in float32 and without dropout.

    config: Settings by pipe. The backbone and a sentencizer come first unless they are named.
    """
    nlp = spacy.blank("en")
    settings = dict(config or {})
    model = {"name": str(weights), "precision": "fp32", "overlap": 8, "transformer_config": no_dropout(weights)}
    backbone = settings.get("backbone", {})
    settings["backbone"] = {**backbone, "model": {**model, **backbone.get("model", {})}}
    settings.setdefault("aspects", {"keywords": KEYWORDS})
    settings.setdefault("ner", {"model": NER_MODEL})
    for name in [x for x in ("sentencizer", "backbone") if x not in pipes] + list(pipes):
        nlp.add_pipe(FACTORIES[name], name=name, config=settings.get(name, {}))
    if initialize:
        nlp.initialize(lambda: examples or make_examples(nlp))
    return nlp


def make_examples(nlp: Language, rows: Sequence[RowT] = tuple(ROWS), repeat: int = 1) -> List[Example]:
    """Examples with all the gold that a row has."""
    return [make_example(nlp, *row) for _ in range(repeat) for row in rows]


def make_example(
    nlp: Language,
    text: str,
    polarity: Optional[str] = None,
    emotions: Optional[Dict[str, float]] = None,
    aspects: Optional[Sequence[Tuple[str, str, str]]] = None,
    ents: bool = True,
) -> Example:
    """An example with the gold that is given. Entities, for `ner`, stand on the aspects."""
    cats: Dict[str, float] = {}
    if polarity is not None:
        cats.update({f"polarity:{x}": float(x == polarity) for x in ("positive", "neutral", "negative")})
    cats.update({f"emotion:{label}": value for label, value in (emotions or {}).items()})
    gold: Dict[str, Any] = {"cats": cats}
    if aspects is not None:
        spans = [(text.index(words), text.index(words) + len(words), sent, cat) for words, cat, sent in aspects]
        gold["spans"] = {"aspects": spans}
        if ents:
            gold["entities"] = [(start, end, "THING") for start, end, _, _ in spans]
    return Example.from_dict(nlp.make_doc(text), gold)


def make_sgd(learn_rate: float = 1e-3, **settings: Any) -> Optimizer:
    return build_adamw(learn_rate=learn_rate, **{"weight_decay": 0.0, **settings})


def train(
    nlp: Language,
    examples: Sequence[Example],
    steps: int = 30,
    *,
    sgd: Optional[Optimizer] = None,
    exclude: Iterable[str] = (),
    annotates: Iterable[str] = ("sentencizer",),
    parts: int = 1,
) -> Dict[str, float]:
    """Train as `spacy train` does, and give the losses of the last step. parts: Batches that share one step."""
    sgd = sgd or make_sgd()
    exclude = list(exclude)
    losses: Dict[str, float] = {}
    for _ in range(steps):
        losses = {}
        for part in range(parts):
            backward(nlp, examples[part::parts], losses=losses, exclude=exclude, annotates=annotates)
        finish(nlp, sgd, exclude=exclude)
    return losses


def backward(
    nlp: Language,
    examples: Sequence[Example],
    *,
    losses: Optional[Dict[str, float]] = None,
    exclude: Iterable[str] = (),
    annotates: Iterable[str] = ("sentencizer",),
) -> Dict[str, float]:
    """One batch without a step."""
    losses = {} if losses is None else losses
    annotates = [name for name in annotates if name in nlp.pipe_names]
    nlp.update(examples, sgd=False, losses=losses, drop=0.0, exclude=list(exclude), annotates=annotates)
    return losses


def finish(nlp: Language, sgd: Optimizer, *, exclude: Iterable[str] = ()) -> None:
    """One step of all pipes."""
    for name, proc in nlp.pipeline:
        if name not in exclude and getattr(proc, "is_trainable", False):
            proc.finish_update(sgd)


def flush(nlp: Language) -> None:
    """Send back what listeners have reported, without a step."""
    nlp.get_pipe("backbone")._flush()


def get_module(nlp: Language) -> torch.nn.Module:
    """The encoder's torch module."""
    return nlp.get_pipe("backbone").model.shims[0]._model


def get_grads(nlp: Language) -> Dict[str, torch.Tensor]:
    """The encoder's gradients by parameter; zeros where there is none."""
    return {
        name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
        for name, p in get_module(nlp).named_parameters()
    }


def grad_norm(nlp: Language) -> float:
    return float(sum(float((g**2).sum()) for g in get_grads(nlp).values())) ** 0.5


def get_weights(nlp: Language) -> Dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in get_module(nlp).named_parameters()}


def same_weights(left: Dict[str, torch.Tensor], right: Dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def get_results(doc: Doc) -> Dict[str, Any]:
    """All that the components write, as plain data."""
    group = doc.spans["aspects"] if "aspects" in doc.spans else None
    return {
        "cats": dict(doc.cats),
        "sentiment": doc.sentiment,
        "emotions": dict(doc._.emotions),
        "aspects": [(s.start_char, s.end_char, s.label_, s.kb_id_) for s in group] if group is not None else None,
        "scores": [list(row) for row in group.attrs.get("scores", [])] if group is not None else None,
        "ents": [(e.start, e.end, e.label_) for e in doc.ents],
    }


def assert_same(left: Iterable[Doc], right: Iterable[Doc], tolerance: float = 1e-5) -> None:
    """Check that two runs gave the same results. Padding differs between batches, so numbers may by rounding."""
    pairs = list(zip(left, right, strict=True))
    for a, b in pairs:
        x, y = get_results(a), get_results(b)
        assert a.text == b.text
        assert x["aspects"] == y["aspects"] and x["ents"] == y["ents"] and list(x["emotions"]) == list(y["emotions"])
        assert x["cats"].keys() == y["cats"].keys()
        numpy.testing.assert_allclose(list(x["cats"].values()), list(y["cats"].values()), atol=tolerance)
        numpy.testing.assert_allclose(x["sentiment"], y["sentiment"], atol=2 * tolerance)
        if x["scores"] is not None:
            assert len(x["scores"]) == len(y["scores"])
            for row, other in zip(x["scores"], y["scores"]):
                numpy.testing.assert_allclose(row, other, atol=tolerance)


def set_heads(nlp: Language) -> None:
    """Give each head weights that depend on its name alone, and not on its place in the pipeline."""
    for name in HEADS:
        if name in nlp.component_names:
            layer = nlp.get_pipe(name).model.get_ref("output_layer")
            rng = numpy.random.RandomState(len(name))
            layer.set_param("W", rng.normal(size=layer.get_param("W").shape).astype("f"))
            layer.set_param("b", rng.normal(size=layer.get_param("b").shape).astype("f"))


def get_head(nlp: Language, name: str) -> Dict[str, numpy.ndarray]:
    """The weights of a head."""
    layer = nlp.get_pipe(name).model.get_ref("output_layer")
    return {key: layer.get_param(key).copy() for key in ("W", "b")}


class Counter:
    """Counts the forward passes of the encoder, and the texts in them."""

    def __init__(self, nlp: Language):
        shim = nlp.get_pipe("backbone").model.shims[0]
        self.calls: List[int] = []
        self._wrap(shim, "predict")
        self._wrap(shim, "begin_update")

    def _wrap(self, shim: Any, name: str) -> None:
        method = getattr(shim, name)

        def counted(inputs: Any) -> Any:
            batches = inputs[0] if name == "begin_update" else [inputs[0]]
            self.calls.extend(len(batch) for batch in batches)
            return method(inputs)

        setattr(shim, name, counted)

    @property
    def n_rows(self) -> int:
        return sum(self.calls)


def check_storing(nlp: Language, path: Path, texts: Sequence[str] = tuple(TEXTS)) -> None:
    """Check that disk and bytes keep the results, to the last bit."""
    if nlp.has_pipe("backbone"):
        # What was computed in another batch may differ in the last bit.
        nlp.get_pipe("backbone")._cache.clear()
    expected = [get_results(doc) for doc in nlp.pipe(texts)]
    nlp.to_disk(path)
    loaded = spacy.load(path)
    assert [get_results(doc) for doc in loaded.pipe(texts)] == expected
    blank = spacy.blank("en").from_config(nlp.config)
    assert [get_results(doc) for doc in blank.from_bytes(nlp.to_bytes()).pipe(texts)] == expected


def check_batches(nlp: Language, texts: Sequence[str] = tuple(TEXTS + ODD_TEXTS)) -> None:
    """Check that results do not depend on batches or processes."""
    expected = [nlp(text) for text in texts]
    for batch_size in (1, 2, 64):
        assert_same(nlp.pipe(texts, batch_size=batch_size), expected)
    assert_same(nlp.pipe(texts, batch_size=2, n_process=2), expected)
