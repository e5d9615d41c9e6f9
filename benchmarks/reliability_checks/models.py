"""Pipelines and texts for the checks. The tiny encoders are those of the tests."""

import random
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc
from transformers import BertConfig, BertModel, BertTokenizerFast

from spacy_bertsent.labels import ASPECTS_KEY, POLARITY, get_group
from tests.util import HEADS, make_example, make_nlp, make_sgd, set_heads, train

WORDS = "the soup was lovely but waiter rude garden road price what and happy a dark bright little not very".split()
ASPECTS = ("soup", "waiter", "garden", "road", "price")
FILL = "the soup road price what and a waiter garden was but".split()
SENTIMENT_WORDS = {"positive": "superb", "negative": "dreadful"}


def make_tiny(weights: Path) -> Language:
    """RETURNS (Language): All heads on a tiny random encoder; its scores differ from text to text."""
    nlp = make_nlp(weights, "aspects", *HEADS, config={"emotions": {"thresholds": {"joy": 0.1}}})
    set_heads(nlp)
    clear(nlp)
    return nlp


def clear(nlp: Language) -> None:
    """Forget the vectors of texts, so that they are computed again."""
    for _, pipe in nlp.pipeline:
        if hasattr(pipe, "_cache"):
            pipe._cache.clear()


def get_tolerance(nlp: Language) -> float:
    """RETURNS (float): How far probabilities may differ with the batch: 1e-5 in float32, else 5e-3."""
    return 1e-5 if "float32" in str(get_shim(nlp).dtype) else 5e-3


def get_shim(nlp: Language) -> Any:
    """RETURNS (EncoderShim): That of the backbone."""
    (shim,) = [
        s for _, p in nlp.pipeline for s in getattr(getattr(p, "model", None), "shims", []) if hasattr(s, "dtype")
    ]
    return shim


def make_texts(n: int, seed: int = 0, longest: int = 24) -> List[str]:
    """RETURNS (List[str]): Different texts of different lengths."""
    rng = random.Random(seed)
    return [f"{' '.join(rng.choices(WORDS, k=rng.randint(1, longest)))} {i}." for i in range(n)]


def get_scores(doc: Doc) -> List[float]:
    """RETURNS (List[float]): All probabilities on a Doc, in a fixed order."""
    group = doc.spans.get(ASPECTS_KEY)
    rows = group.attrs.get("scores", []) if group is not None else []
    return [*(doc.cats[key] for key in sorted(doc.cats)), *(p for row in rows for p in row)]


def differ(left: Doc, right: Doc) -> float:
    """RETURNS (float): The largest difference of probabilities; infinite where a clear label changed."""
    a, b = get_scores(left), get_scores(right)
    if len(a) != len(b):
        return float("inf")
    scores, other = (get_group(doc.cats, POLARITY) for doc in (left, right))
    best = sorted(scores.values())[-2:]
    if len(best) == 2 and best[1] - best[0] > 1e-2 and max(scores, key=scores.get) != max(other, key=other.get):  # type: ignore[arg-type]
        return float("inf")
    return max((abs(x - y) for x, y in zip(a, b)), default=0.0)


def make_finder(path: Path, steps: int, lengths: Sequence[int]) -> Language:
    """Train a tiny encoder with windows of 512 pieces on texts in which one word decides.

    path (Path): An empty directory. steps (int): Of 12 texts each. lengths (Sequence[int]): Of the texts, in pieces.
    RETURNS (Language): Labels "positive" and "negative"; a text without such a word has half of each.
    """
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *FILL, *SENTIMENT_WORDS.values()]
    (path / "vocab.txt").write_text("\n".join(pieces), "utf8")
    BertTokenizerFast(str(path / "vocab.txt"), model_max_length=512).save_pretrained(path)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=512, initializer_range=0.05,
    )  # fmt: skip
    BertModel(config).save_pretrained(path)
    settings: Dict[str, Any] = {
        "backbone": {"model": {"overlap": 64}},
        "polarity": {"labels": list(SENTIMENT_WORDS), "model": {"combine": "max"}},
    }
    nlp = make_nlp(path, "polarity", config=settings, initialize=False)
    rng = random.Random(0)
    examples = []
    for i in range(240):
        length, label = rng.choice(lengths), ["positive", "negative", None][i % 3]
        example = make_example(nlp, place_word(rng, length, rng.randrange(length), label))
        for other in SENTIMENT_WORDS:
            example.reference.cats[POLARITY + other] = 0.5 if label is None else float(label == other)
        examples.append(example)
    nlp.initialize(lambda: examples)
    sgd = make_sgd(3e-3)
    for _ in range(steps):
        train(nlp, rng.sample(examples, 12), steps=1, sgd=sgd)
    return nlp


def place_word(rng: random.Random, length: int, place: int, label: Optional[str]) -> str:
    """RETURNS (str): So many words, each one piece, with the word of a label at a place."""
    words = rng.choices(FILL, k=length)
    if label is not None:
        words[place] = SENTIMENT_WORDS[label]
    return " ".join(words)
