"""R5, R6: results do not depend on the batch, nor on the neighbours in it."""

import random
from typing import Dict, List, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from spacy_bertsent import mark_aspects

from .finding import Finding
from .models import ASPECTS, clear, differ, get_tolerance, make_texts


def check_batches(nlp: Language, n_texts: int, batch_sizes: Sequence[int], n_orders: int) -> List[Finding]:
    """R5: texts in several orders and batch sizes, against each text alone."""
    texts = make_texts(n_texts, longest=60)
    alone = _run(nlp, texts, 1)
    findings = []
    for batch_size in batch_sizes:
        worst = 0.0
        for order in range(n_orders):
            shuffled = list(texts)
            random.Random(order).shuffle(shuffled)
            found = _run(nlp, shuffled, batch_size)
            worst = max(worst, *(differ(found[text], alone[text]) for text in texts))
        name = f"{n_texts:,} texts, {n_orders} orders, batch {batch_size}"
        findings.append(Finding("R5", name, f"max |dp| {worst:.1e}", worst <= get_tolerance(nlp)))
    return findings


def _run(nlp: Language, texts: Sequence[str], batch_size: int) -> Dict[str, Doc]:
    # What is kept of the last run would be compared with itself.
    clear(nlp)
    found = {}
    for start in range(0, len(texts), batch_size):
        found.update({doc.text: doc for doc in nlp.pipe(texts[start : start + batch_size], batch_size=batch_size)})
    return found


def check_pairs(nlp: Language, n_pairs: int, batch_size: int = 64) -> List[Finding]:
    """R6: aspects alone, among others, and among other others."""
    rng = random.Random(0)
    texts = [f"{text} {rng.choice(ASPECTS)}" for text in make_texts(n_pairs, seed=1)]

    def run(order: Sequence[int], size: int) -> Dict[int, Doc]:
        clear(nlp)
        found = {}
        for start in range(0, len(order), size):
            part = order[start : start + size]
            docs = [mark_aspects(nlp.make_doc(texts[i]), [_get_last_word(texts[i])]) for i in part]
            found.update(zip(part, nlp.pipe(docs, batch_size=size)))
        return found

    shuffled = list(range(n_pairs))
    rng.shuffle(shuffled)
    alone = run(range(n_pairs), 1)
    findings = []
    for name, order in (("among others", list(range(n_pairs))), ("neighbours swapped", shuffled)):
        found = run(order, batch_size)
        worst = max(differ(found[i], alone[i]) for i in range(n_pairs))
        scored = sum(len(doc.spans["aspects"]) for doc in found.values())
        figure = f"max |dp| {worst:.1e} in {scored:,} aspects"
        findings.append(
            Finding("R6", f"{n_pairs:,} pairs {name}", figure, worst <= get_tolerance(nlp) and scored >= n_pairs)
        )
    return findings


def _get_last_word(text: str) -> tuple:
    return text.rindex(" ") + 1, len(text)
