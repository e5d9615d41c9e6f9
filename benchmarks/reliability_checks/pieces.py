"""R10, R11: special pieces in texts, and what stands far into a text."""

import random
from collections import Counter
from typing import Any, List, Sequence

from spacy.language import Language

from spacy_bertsent.layers.backbone import get_shim
from spacy_bertsent.types import TextInput

from .finding import Finding, count
from .models import SENTIMENT_WORDS, place_word

SPECIAL = ("[SEP]", "[CLS]", "</s>", "<s>", "[MASK]", "<mask>", "[PAD]", "<pad>")


def check_special_pieces(nlp: Language, n_texts: int) -> List[Finding]:
    """R10: names of special pieces in texts and aspects are text: a row has the separators of its template alone."""
    shim: Any = get_shim(nlp.get_pipe("backbone").model)  # type: ignore[attr-defined]
    tokenizer = shim.encoder.tokenizer
    known = {tokenizer._tokenizer.token_to_id(name) for name in SPECIAL} - {None}
    rng = random.Random(0)

    def make(n: int) -> str:
        return " ".join(rng.choice([*SPECIAL, "soup", "was", "rude"]) for _ in range(n)) + rng.choice(SPECIAL)

    def count_special(texts: Sequence[TextInput]) -> List[Counter]:
        return [Counter(i for i in row.ids if i in known) for rows in tokenizer(texts) for row in rows[:1]]

    singles = [TextInput(make(rng.randint(0, 6))) for _ in range(n_texts)]
    pairs = [TextInput(make(2), make(rng.randint(0, 6)), 1, (0, 1)) for _ in range(n_texts)]
    findings = []
    for name, texts, plain in (
        ("texts", singles, TextInput("soup")),
        ("pairs", pairs, TextInput("soup", "was", 1, (0, 1))),
    ):
        (expected,) = count_special([plain])
        good = [found == expected for found in count_special(texts)]
        findings.append(count("R10", f"{name} with [SEP], [CLS], </s>, [MASK]: the template's separators alone", good))
    return findings


def check_far_words(nlp: Language, places: Sequence[int]) -> List[Finding]:
    """R11: the only sentiment word, far into a text.

    nlp (Language): From `make_finder`; its polarity combines windows by "max".
    """
    head: Any = nlp.get_pipe("polarity").model.layers[-1]  # type: ignore[attr-defined]
    findings = []
    texts = []
    for place in places:
        rng = random.Random(place)
        texts += [(place_word(rng, place + 150, place, label), label) for label in SENTIMENT_WORDS]
    for combine in ("max", "mean", "mean_softmax"):
        head.attrs["combine"] = combine
        docs = [(nlp(text), label) for text, label in texts]
        good = [doc._.polarity == label for doc, label in docs]
        sure = min(doc.cats[f"polarity:{label}"] for doc, label in docs)
        found = count("R11", f"the word at pieces {', '.join(map(str, places))}: label, combine = {combine}", good)
        # In a mean, one window in a hundred counts by how sure it is: that would be a test of the encoder.
        passed = found.passed if combine == "max" else None
        findings.append(found._replace(figure=f"{found.figure}, least P {sure:.2f}", passed=passed))
    head.attrs["combine"] = "max"
    good = []
    for text, label in texts:
        doc = nlp(text)
        start = text.index(SENTIMENT_WORDS[label])
        best = max(doc._.polarity_windows, key=lambda part: part.scores[label])
        good.append(best.start_char <= start < best.end_char and best.scores[label] > 0.9)
    findings.append(count("R11", "the window with the word is the surest one of doc._.polarity_windows", good))
    return findings
