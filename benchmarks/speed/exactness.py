"""Whether the fast paths give the scores of the plain one.

    python benchmarks/speed/exactness.py --data /path/to/data

The reference is the encoder of `transformers` in fp32, one text or pair at a time, without padding. Heads are logistic
regressions on its vectors and the gold labels, so that scores are as far apart as those of a trained pipeline. The same
heads then stand in a pipeline for each engine, which reads everything in batches. Pairs are aspects whose words occur
once in their text. Beside them, what torch's autocast makes of the reference itself.
"""

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from records import make_record, make_table, number, percent, write_record
from settings import get_base, get_engine, make_parser, parse, say, skip
from texts import Marked, MissingData, get_pairs, read_gold_pairs, read_texts

from spacy_bertsent import mark_aspects
from spacy_bertsent.layers.weights import find_weights

# Largest difference of a probability, by engine. One that is not here must agree on the labels instead.
GATES = {"fp32": 1e-5, "bf16": 5e-3, "OpenVINO bf16": 5e-3}
# What bf16 costs by itself.
CONTROL = "transformers bf16"
AGREEMENT, LOST_ACCURACY = 0.99, 0.003
# Labels may change only where the two best scores are closer than this.
MARGIN = 1e-2
VERDICTS = {True: "pass", False: "**miss**", None: "control"}


class Head(NamedTuple):
    """A linear classifier. labels (List[str]): Of its outputs. W, b (numpy.ndarray): (labels, width) and (labels,)."""

    labels: List[str]
    W: numpy.ndarray
    b: numpy.ndarray

    def predict(self, vectors: numpy.ndarray) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): Probabilities, computed in double precision."""
        logits = vectors.astype("float64") @ self.W.T + self.b
        shifted = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)


def main() -> int:
    parser = make_parser(__doc__)
    parser.add_argument("--n", type=int, default=2000, help="texts, and pairs")
    args = parse(parser)
    n = min(args.n, 24) if args.quick else args.n
    try:
        texts = read_texts(args.data, n, args.seed)
        marked = read_gold_pairs(args.data, n)
    except MissingData as e:
        skip("exactness", e)
    weights = find_weights(args.weights).resolve()
    pairs = get_pairs(marked)
    truths = {"texts": [label for _, label in texts], "pairs": [x for item in marked for x in item.labels]}
    say(f"reference: {len(texts)} texts and {len(pairs)} pairs, one at a time")
    vectors = {
        "texts": encode(weights, [(text,) for text, _ in texts], args.threads),
        "pairs": encode(weights, pairs, args.threads),
    }
    heads = {name: fit(vectors[name], truths[name]) for name in vectors}
    reference = {name: heads[name].predict(vectors[name]) for name in vectors}
    rows: List[Dict[str, Any]] = []
    for name in vectors:
        say(f"transformers in bf16: {name}")
        inputs = [(text,) for text, _ in texts] if name == "texts" else pairs
        found = heads[name].predict(encode(weights, inputs, args.threads, bf16=True))
        rows.append(make_row(CONTROL, name, reference[name], found, heads[name], truths[name]))
    failed: Dict[str, str] = {}
    for engine in args.engines:
        say(engine)
        try:
            scores = predict(args, engine, weights, heads, [text for text, _ in texts], marked)
        except (ValueError, ImportError) as e:
            failed[engine] = str(e).splitlines()[0]
            continue
        rows += [make_row(engine, name, reference[name], scores[name], heads[name], truths[name]) for name in reference]
    record = make_record("exactness", args, rows=rows, failed=failed, margin=MARGIN)
    write_record(record, args, make_page(record))
    return 1 if any(row["passed"] is False for row in rows) else 0


def make_row(
    engine: str, name: str, expected: numpy.ndarray, found: numpy.ndarray, head: Head, truths: Sequence[str]
) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): "engine", "input" and what `compare` says. The control neither passes nor misses."""
    row = compare(expected, found, [head.labels.index(label) for label in truths], engine)
    return {"engine": engine, "input": name, **row, **({"passed": None} if engine == CONTROL else {})}


def encode(weights: Path, inputs: Sequence[Tuple[str, ...]], threads: int, *, bf16: bool = False) -> numpy.ndarray:
    """Run the plain encoder.

    weights (Path): Its directory. inputs (Sequence[Tuple[str, ...]]): Texts or pairs. threads (int): Of torch.
    bf16 (bool): Under torch's autocast.
    RETURNS (numpy.ndarray): (inputs, width), the [CLS] rows of the last layer.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(weights)
    model = AutoModel.from_pretrained(weights, torch_dtype=torch.float32).eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        rows = [model(**tokenizer(*one, truncation=True, return_tensors="pt"))[0][0, 0] for one in inputs]
    return torch.stack(rows).float().numpy()


def fit(vectors: numpy.ndarray, labels: Sequence[str]) -> Head:
    """RETURNS (Head): A logistic regression."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # It need not be the best one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(max_iter=200).fit(vectors, labels)
    W, b = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # Of two classes it gives the logit of the second.
        W, b = numpy.concatenate([0 * W, W]), numpy.concatenate([0 * b, b])
    return Head([str(x) for x in model.classes_], W.astype("f"), b.astype("f"))


def predict(
    args: argparse.Namespace,
    engine: str,
    weights: Path,
    heads: Dict[str, Head],
    texts: Sequence[str],
    marked: Sequence[Marked],
) -> Dict[str, numpy.ndarray]:
    """Run a pipeline with an engine.

    engine (str): One of `settings.ENGINES`. heads (Dict[str, Head]): Of "texts" and "pairs".
    RETURNS (Dict[str, numpy.ndarray]): Probabilities of "texts" and "pairs".
    """
    import spacy
    from systems.ours import make_nlp

    if args.gpu_id >= 0:
        spacy.require_gpu(args.gpu_id)
    listener = {"@architectures": "spacy-bertsent.PairListener.v1", "context": "document"}
    model = {"@architectures": "spacy-bertsent.PairHead.v1", "tok2vec": listener}
    configs = {
        "polarity": {"factory": "bertsent_polarity", "labels": heads["texts"].labels},
        "aspect_sentiment": {
            "factory": "bertsent_aspect_sentiment", "labels": heads["pairs"].labels, "model": model,
        },
    }  # fmt: skip
    settings = get_base(args, weights, engine=get_engine(args, engine), batch_size=256)
    nlp = make_nlp(settings, configs)
    for name, head in (("polarity", heads["texts"]), ("aspect_sentiment", heads["pairs"])):
        layer = nlp.get_pipe(name).model.get_ref("output_layer")  # type: ignore[attr-defined]
        layer.set_param("W", layer.ops.asarray2f(head.W))
        layer.set_param("b", layer.ops.asarray1f(head.b))
    with nlp.select_pipes(enable=["backbone", "polarity"]):
        labels = heads["texts"].labels
        found = [[doc.cats[f"polarity:{x}"] for x in labels] for doc in nlp.pipe(texts, batch_size=256)]
    docs = (mark_aspects(nlp.make_doc(item.text), item.aspects) for item in marked)
    with nlp.select_pipes(enable=["backbone", "aspect_sentiment"]):
        scores = [row for doc in nlp.pipe(docs, batch_size=256) for row in doc.spans["aspects"].attrs["scores"]]
    return {"texts": numpy.asarray(found), "pairs": numpy.asarray(scores)}


def compare(expected: numpy.ndarray, found: numpy.ndarray, gold: Sequence[int], engine: str) -> Dict[str, Any]:
    """Compare probabilities.

    expected (numpy.ndarray), found (numpy.ndarray): (n, labels). gold (Sequence[int]): The right label of each row.
    engine (str): Decides what must hold.
    RETURNS (Dict[str, Any]): "n"; "largest" difference; "p999": 99.9 % of the rows differ by less; "flips": other
        labels although the two best scores are far enough apart; "agreement"; "lost": points of accuracy; "passed".
    """
    assert expected.shape == found.shape
    difference = numpy.abs(expected - found).max(axis=1)
    best = numpy.sort(expected, axis=1)
    apart = best[:, -1] - best[:, -2] > MARGIN
    before, after = expected.argmax(axis=1), found.argmax(axis=1)
    flips = int((apart & (before != after)).sum())
    agreement = float((before == after).mean())
    right = numpy.asarray(gold)
    lost = float((before == right).mean() - (after == right).mean())
    largest, gate = float(difference.max()), get_gate(engine)
    exact = largest <= gate and not flips if gate is not None else None
    passed = exact if exact is not None else agreement >= AGREEMENT and lost <= LOST_ACCURACY
    return {
        "n": len(expected), "largest": largest, "p999": float(numpy.quantile(difference, 0.999)), "flips": flips,
        "agreement": agreement, "accuracy": float((before == right).mean()), "lost": lost, "gate": gate,
        "confidence": float(best[:, -1].mean()), "passed": bool(passed),
    }  # fmt: skip


def get_gate(engine: str) -> Optional[float]:
    """RETURNS (Optional[float]): The largest difference that an engine may make, None where labels decide."""
    return GATES.get(engine)


def make_page(record: Dict[str, Any]) -> List[str]:
    """RETURNS (List[str]): The page in Markdown."""
    lines = [
        "Probabilities of the pipeline beside those of plain `transformers` in fp32, one input at a time. A flip is",
        f"another label although the reference's two best scores are more than {MARGIN:g} apart.",
        "",
        *make_table(
            ["engine, input", "n", "largest difference", "allowed", "99.9 %", "flips", "same label", "points lost", ""],
            [
                [
                    f"{row['engine']}, {row['input']}", number(row["n"]), f"{row['largest']:.1e}",
                    "–" if row["gate"] is None else f"{row['gate']:.0e}", f"{row['p999']:.1e}", row["flips"],
                    f"{row['agreement']:.2%}", f"{100 * row['lost']:.2f}", VERDICTS[row["passed"]],
                ]
                for row in record["rows"]
            ],
        ),
        *(
            f"Reference, {row['input']}: accuracy {percent(row['accuracy'])}, mean best score {row['confidence']:.2f}."
            for row in record["rows"][:2]
        ),
        "",
    ]  # fmt: skip
    return [*lines, *(f"Not measured: {name} ({why})." for name, why in record["failed"].items())]


if __name__ == "__main__":
    sys.exit(main())
