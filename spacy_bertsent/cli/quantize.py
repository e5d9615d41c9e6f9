import random
import statistics
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

import typer
from spacy.cli._util import Arg, Opt
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.corpus import FILE_TYPE
from spacy.util import load_model
from wasabi import msg

from ..components.backbone import Backbone
from ..errors import Errors
from ..evaluation.agreement import Agreement, compare_runs
from ..evaluation.corpus import read_gold
from ..evaluation.predict import predict_corpus
from ..tables import Table, to_text
from .root import bertsent_cli, readable_errors
from .texts import open_texts

LEAST, ENOUGH = 10, 100
# Most texts that the two pipelines are compared on, and times that each of them is timed.
MOST_COMPARED, ROUNDS = 1000, 5


class Outcome(NamedTuple):
    """What became of a pipeline with int8 weights.

    agreements (Dict[str, Agreement]): With float32, by word. cosine (float): Mean, of the [CLS] vectors with float32.
    speed (float): Of the encoder, in passes that it makes while the other one makes one. other (str): The other one.
    rows (int), compared (int): Texts and pairs that the ranges were taken from, and texts that were compared.
    """

    agreements: Dict[str, Agreement]
    cosine: float
    speed: float
    other: str
    rows: int
    compared: int


@bertsent_cli.command("quantize")
def quantize_cli(
    model: str = Arg(..., help="Trained pipeline: a directory or an installed package"),
    sample: Path = Arg(..., help="Texts such as it is made for: .txt (one a line), .jsonl with 'text', .spacy, or -"),
    output: Path = Arg(..., help="Directory for the pipeline with int8 weights"),
    n: int = Opt(300, "--n", "-n", min=1, help="Texts to take ranges from, half of the sample at most"),
    all_products: bool = Opt(False, "--all-products", "-a", help="Leave none in floats: for CPUs without bfloat16"),
    drop_weights: bool = Opt(False, "--drop-weights", "-d", help="Leave the other weights out: smaller, cannot learn"),
    seed: int = Opt(0, "--seed", "-s", min=0, help="Of the choice of texts"),
) -> None:
    """Make int8 weights for the backbone of a pipeline, which then runs in OpenVINO, on the CPU.

    Nothing is trained: the ranges of what the encoder multiplies are taken from a part of the sample. The other part
    shows how near the results stay. The texts need no annotation; aspects that they have (.spacy) are asked about.
    """
    with readable_errors("Nothing was quantised"):
        if Path(model).resolve() == output.resolve():
            raise ValueError(Errors.BS127.format(path=output))
        nlp = load_model(model)
        docs = read_sample(nlp, sample)
        outcome = quantize(nlp, docs, n=n, seed=seed, drop_weights=drop_weights, all_products=all_products)
        nlp.to_disk(output)
    print_outcome(outcome)
    msg.good(f"Saved: {output}")


def quantize(
    nlp: Language,
    docs: Sequence[Doc],
    *,
    n: int = 300,
    seed: int = 0,
    drop_weights: bool = False,
    all_products: bool = False,
) -> Outcome:
    """Give the backbone of a pipeline int8 weights, and its settings what they need.

    nlp (Language): The pipeline. docs (Sequence[Doc]): The sample; what they have in `doc.spans["aspects"]` with a
        label is asked about too. n (int): How many to take ranges from. seed (int): Of their choice.
    drop_weights (bool): Leave the other weights out. all_products (bool): See `quantise_encoder`.
    RETURNS (Outcome): How near the results are to those before.
    RAISES (ValueError): BS125 if there is no backbone or not enough texts, BS122 or BS124 if this one cannot have int8
        weights. ImportError: BS120 if a package is missing.
    """
    from ..layers.backbone import get_shim
    from ..layers.openvino.int8 import quantise_encoder, record_rows

    backbones = [(name, pipe) for name, pipe in nlp.pipeline if isinstance(pipe, Backbone)]
    if len(backbones) != 1:
        found = ", ".join(nlp.pipe_names) or "no component"
        raise ValueError(Errors.BS125.format(fault=f"the pipeline has {len(backbones)} backbones (it has: {found})"))
    if len(docs) < LEAST:
        raise ValueError(Errors.BS125.format(fault=f"{len(docs)} texts, at least {LEAST} are needed"))
    if len(docs) < ENOUGH:
        msg.warn(f"{len(docs)} texts are few: ranges may be cut off, and the comparison says little")
    name, backbone = backbones[0]
    docs = random.Random(seed).sample(list(docs), len(docs))
    size = min(n, len(docs) // 2)
    sample, held_out = docs[:size], docs[size : size + MOST_COMPARED]
    shim = get_shim(backbone.model)
    _set_engine(nlp, name, precision="fp32", runtime="auto")
    with record_rows(shim) as rows:
        predict_corpus(nlp, sample, masked=False)
    with record_rows(shim) as compared:
        before = predict_corpus(nlp, held_out, masked=False)
    plain = shim.engine
    msg.info(f"Taking ranges from {len(rows)} texts and pairs")
    assert shim.encoder is not None
    shim.encoder.int8 = quantise_encoder(shim.encoder, rows, all_products=all_products)
    _set_engine(nlp, name, precision="auto", runtime="auto")
    fast = shim.engine
    _set_engine(nlp, name, precision="int8", runtime="openvino")
    after = predict_corpus(nlp, held_out, masked=False)
    cosine, speed = compare_engines(plain, fast, shim.engine, compared)
    if not all_products and fast.describe()["precision"] == "float32":
        msg.info("This CPU has no bfloat16, in which some products are kept: try --all-products")
    other = " ".join(fast.describe()[key] for key in ("runtime", "precision"))
    if drop_weights:
        shim.drop_weights()
    return Outcome(compare_runs(before, after), cosine, speed, other, len(rows), len(held_out))


def compare_engines(plain: Any, fast: Any, new: Any, rows: Sequence[Any]) -> Tuple[float, float]:
    """Compare engines on rows of pieces.

    plain (Engine): In float32, exact. fast (Engine): What would run otherwise. new (Engine): With int8 weights.
    rows (Sequence[Row]): The rows.
    RETURNS (Tuple[float, float]): Mean cosine of the new [CLS] vectors with the exact ones, and how often as fast.
    """
    from ..layers.openvino.int8 import encode_rows, get_cosine

    cosine = get_cosine(encode_rows(plain, rows), encode_rows(new, rows))
    times: Tuple[List[float], List[float]] = ([], [])
    for i in range(ROUNDS + 1):
        for engine, found in zip((fast, new), times):
            start = time.perf_counter()
            encode_rows(engine, rows)
            # The first round makes ready.
            found.extend([time.perf_counter() - start] if i else [])
    return cosine, statistics.median(times[0]) / statistics.median(times[1])


def read_sample(nlp: Language, path: Path) -> List[Doc]:
    """RETURNS (List[Doc]): The texts of a sample. RAISES (ValueError): As `open_texts` and `read_gold`."""
    if path.suffix == FILE_TYPE or path.is_dir():
        return read_gold(path, nlp.vocab)
    return [nlp.make_doc(row.text) for row in open_texts(path)]


def print_outcome(outcome: Outcome) -> None:
    """Print how near the results are to those in float32, and how fast the encoder is."""
    rows = [
        [word, str(x.items), f"{100 * x.same / x.items:.2f}", f"{x.largest:.4f}"]
        for word, x in outcome.agreements.items()
    ]
    header = ["Against float32", "Labels", "Same (%)", "Largest difference of probabilities"]
    lines = [
        f"{outcome.compared} texts that no ranges were taken from",
        *([to_text(Table(header, rows, n_words=1))] if rows else []),
        f"Mean cosine of [CLS] vectors: {outcome.cosine:.5f}",
        f"Speed of the encoder: {outcome.speed:.2f} x {outcome.other}",
    ]
    typer.echo("\n".join(["", *lines, ""]))
    low = [word for word, x in outcome.agreements.items() if x.same < 0.99 * x.items]
    if low:
        msg.warn(f"Fewer than 99 % of the labels are the same: {', '.join(low)}. Try more texts: --n 1000")
    if not any(word == "sentiment" for word in outcome.agreements):
        msg.info("No aspects were asked about, so no ranges were taken from pairs")


def _set_engine(nlp: Language, name: str, *, precision: str, runtime: str) -> None:
    """Set what runs the backbone, also in the config, and drop what was computed before."""
    from ..layers.backbone import get_shim

    backbone: Any = nlp.get_pipe(name)
    for settings in (get_shim(backbone.model).cfg, nlp.get_pipe_config(name)["model"]):
        settings.update(precision=precision, runtime=runtime)
    backbone._cache.clear()
