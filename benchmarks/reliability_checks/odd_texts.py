"""R8, R9: any text gives finite results in bounded time."""

import math
import random
import time
from typing import Callable, Dict, List, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from spacy_bertsent import Failure, Limits, pipe
from spacy_bertsent.labels import EMOTION, POLARITY, get_group

from .finding import Finding, count

ASCII = "".join(map(chr, range(32, 127)))
CLASSES: Dict[str, Callable[[random.Random], str]] = {
    "ASCII": lambda r: r.choice(ASCII),
    "control characters": lambda r: chr(r.choice([*range(32), *range(127, 160)])),
    "Latin with accents": lambda r: chr(r.randint(0xC0, 0x24F)),
    "combining marks": lambda r: r.choice("aeo") + chr(r.randint(0x300, 0x36F)) * r.randint(0, 5),
    "Greek and Cyrillic": lambda r: chr(r.randint(0x370, 0x52F)),
    "Hebrew and Arabic": lambda r: chr(r.randint(0x590, 0x6FF)),
    "Devanagari to Thai": lambda r: chr(r.randint(0x900, 0xE7F)),
    "Chinese, Japanese": lambda r: chr(r.choice([r.randint(0x3040, 0x30FF), r.randint(0x4E00, 0x9FFF)])),
    "Korean": lambda r: chr(r.randint(0xAC00, 0xD7A3)),
    "emoji and joiners": lambda r: r.choice(["\u200d", "\ufe0f", chr(r.randint(0x1F300, 0x1FAFF))]),
    "spaces": lambda r: r.choice(" \t\n\r\u00a0\u2003\u2028\u3000\u200b"),
    "direction marks": lambda r: r.choice("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2069ab "),
    "private use, unassigned": lambda r: chr(
        r.choice([r.randint(0xE000, 0xF8FF), r.randint(0xF0000, 0xFFFFD), 0xFFFE])
    ),
    "lone surrogates": lambda r: chr(r.randint(0xD800, 0xDFFF)),
    "special pieces": lambda r: r.choice(["[CLS]", "[SEP]", "[MASK]", "</s>", "##", "\0", " "]),
    "any": lambda r: chr(r.randint(0, 0x10FFFF)),
}
RUNS = ("a", "!", "-", "_", ".", "7", "\u4e2d", "\U0001f600", "\u0301", "'", "/", "!?,;:(){}")


def check_unicode(nlp: Language, n_texts: int) -> List[Finding]:
    """R8: strings of 16 classes of characters."""
    rng = random.Random(0)
    names = list(CLASSES)
    texts = ["".join(CLASSES[names[i % 16]](rng) for _ in range(rng.randint(0, 40))) for i in range(n_texts)]
    good = [isinstance(doc, Doc) and _is_sound(doc) for doc in pipe(nlp, texts)]
    good += [False] * (n_texts - len(good))
    return [count("R8", "strings of 16 classes: finite, polarity sums to 1, emotions in [0, 1]", good)]


def _is_sound(doc: Doc) -> bool:
    polarity, emotions = get_group(doc.cats, POLARITY), get_group(doc.cats, EMOTION)
    return (
        all(map(math.isfinite, [*doc.cats.values(), doc.sentiment]))
        and (not polarity or abs(sum(polarity.values()) - 1) <= 1e-6)
        and all(0 <= score <= 1 for score in emotions.values())
    )


def check_runs(nlp: Language, sizes: Sequence[int], tokenizer_only: bool = False) -> List[Finding]:
    """R9: runs of one character, and of mixed punctuation. 2 s for 100,000 characters, 10 s for more.

    Seconds are those of the processor, of all its cores together: no less than those of the clock.

    tokenizer_only (bool): Leave the components out. Their time is that of the encoder: see its `max_windows`.
    """
    what = "tokenizer" if tokenizer_only else "whole pipeline"
    findings = []
    disabled = nlp.pipe_names if tokenizer_only else []
    for size in sizes:
        slowest, slowest_run, refused = 0.0, "", 0
        with nlp.select_pipes(disable=disabled):
            for run in RUNS:
                rng = random.Random(0)
                text = "".join(rng.choice(run) for _ in range(size))
                start = time.process_time()
                (outcome,) = pipe(nlp, [text], limits=Limits(max_characters=1_000_000 if tokenizer_only else 100_000))
                seconds = time.process_time() - start
                is_refused = isinstance(outcome, Failure) and outcome.code == "BS064"
                refused += is_refused
                # Nothing else may become of a text than a Doc of all of it.
                if not is_refused and (isinstance(outcome, Failure) or outcome.text != text):
                    seconds = math.inf
                if seconds > slowest:
                    slowest, slowest_run = seconds, run
        bound = 2.0 if size <= 100_000 else 10.0
        note = f", {refused} of {len(RUNS)} refused" if refused else ""
        figure = f"slowest {slowest:.2f} CPU s ({slowest_run.encode('unicode_escape').decode()}){note}"
        findings.append(Finding("R9", f"runs of {size:,} characters, {what}", figure, slowest <= bound))
    return findings


def check_many_aspects(nlp: Language, counts: Sequence[int]) -> List[Finding]:
    """R9: so many aspects in one sentence that does not end."""
    findings = []
    for n_aspects in counts:
        text = "soup " * n_aspects
        start = time.process_time()
        (doc,) = pipe(nlp, [text])
        seconds = time.process_time() - start
        n_found = len(doc.spans["aspects"])
        figure, passed = f"{seconds:.2f} CPU s, {n_found:,} aspects found", seconds <= 2 and n_found == n_aspects
        findings.append(Finding("R9", f"{len(text):,} characters, each word an aspect", figure, passed))
    return findings
