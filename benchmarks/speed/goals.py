"""The figures that this package wants to reach, and where the results say whether it does."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy
from records import make_table, number, percent

RecordsT = Dict[str, Optional[Dict[str, Any]]]
BASELINE = "Hugging Face pipeline fp32, batch 32"
WAITING = "waiting"
# Of stages.py, all but the two tokenizers and the forward passes.
OWN_STAGES = ("rows", "batches", "heads", "set_annotations", "rest")


class Row(NamedTuple):
    """One goal.

    surface (str), measure (str): What is measured. goal (str): In words.
    value (Optional[float]): Measured, None where it was not. passed (Optional[bool]): None where nothing is decided.
    shown (str): The value as the table shows it. note (str): More about it.
    """

    surface: str
    measure: str
    goal: str
    value: Optional[float]
    passed: Optional[bool]
    shown: str
    note: str = ""


def make_row(
    surface: str,
    measure: str,
    limit: float,
    value: Optional[float],
    *,
    at_most: bool = False,
    show: Callable[[float], str] = lambda x: f"{x:.2f}",
    note: str = "",
) -> Row:
    """RETURNS (Row): With a verdict. limit (float): The least that is wanted, or with `at_most` the most."""
    goal = f"{'≤' if at_most else '≥'} {show(limit)}"
    if value is None:
        return Row(surface, measure, goal, None, None, WAITING, note)
    return Row(surface, measure, goal, value, value <= limit if at_most else value >= limit, show(value), note)


def find_row(record: Optional[Dict[str, Any]], case: str, block: Optional[str] = None) -> Optional[Dict[str, Any]]:
    """RETURNS (Optional[Dict[str, Any]]): A row of a record."""
    rows = record["rows"] if record else []
    return next((x for x in rows if x["case"] == case and block in (None, x.get("block"))), None)


def get_ratio(record: Optional[Dict[str, Any]], block: str, case: str, base: str) -> Optional[float]:
    """RETURNS (Optional[float]): Speed of a case over that of another one: median of the ratios within each round."""
    left, right = find_row(record, case, block), find_row(record, base, block)
    if left is None or right is None:
        return None
    times = numpy.asarray(right["seconds"]) / right["n"] / (numpy.asarray(left["seconds"]) / left["n"])
    return float(numpy.median(times))


def find_engines(record: Optional[Dict[str, Any]]) -> List[str]:
    """RETURNS (List[str]): The engines of ours that were measured, the fastest first."""
    rows = [
        x for x in (record or {"rows": []})["rows"] if x["case"].startswith("ours") and x["case"].endswith(", polarity")
    ]
    return [x["case"][5:].split(",")[0] for x in sorted(rows, key=lambda x: -x["per_second"])]


def make_rows(records: RecordsT) -> List[Row]:
    """Compare all goals with the results.

    records (RecordsT): By the name of the script; those of a GPU end in "-gpu".
    RETURNS (List[Row]): In the order of the page.
    """
    return [
        *_list_prediction(records),
        *_list_host(records),
        *_list_gpu(records),
        *_list_training(records),
        *_list_scale(records.get("scale")),
        *_list_exactness(records.get("exactness")),
    ]


def _list_prediction(records: RecordsT) -> List[Row]:
    record = records.get("predict")
    surface = "CPU, nlp.pipe"
    times = _times
    rows = [
        make_row(
            surface,
            f"{engine}, polarity + emotions × Hugging Face pipeline, polarity alone",
            limit,
            get_ratio(record, "texts", f"ours {engine}, polarity + emotions", BASELINE),
            show=times,
        )
        for engine, limit in (("int8", 8.0), ("OpenVINO bf16", 5.0), ("bf16", 5.0), ("fp32", 1.8))
    ]
    engines = find_engines(record)
    fastest = engines[0] if engines else ""
    rows.append(
        make_row(
            surface,
            f"{fastest}, polarity × spaCy transformer + textcat".lstrip(", "),
            10.0,
            get_ratio(record, "texts", f"ours {fastest}, polarity", "spaCy transformer + textcat fp32"),
            show=times,
        )
    )
    for engine in engines:
        found = find_row(record, f"ours {engine}, polarity + emotions", "texts") or {}
        share = found.get("forward_share")
        rows.append(make_row(surface, f"{engine}, share of its own forward time", 0.85, share, show=_share))
        rows.append(make_row(surface, f"{engine}, computed over real pieces", 1.05, found.get("padding"), at_most=True))
    for engine in engines:
        ratio = get_ratio(record, "texts", f"ours {engine}, polarity", f"ours {engine}, three heads")
        rows.append(make_row(surface, f"{engine}, time of three heads over one", 1.1, ratio, at_most=True))
    blocks = [x["block"] for x in record["blocks"] if x["block"].startswith("pairs")] if record else ["pairs"]
    for block in blocks:
        for title, base in (
            ("Hugging Face text_pair pipeline", BASELINE),
            ("PyABSA", "PyABSA FAST_LCF_BERT fp32, batch 128"),
        ):
            ratio = get_ratio(record, block, f"ours {fastest}, aspects", base)
            rows.append(make_row("CPU, pairs", f"{fastest}, {block} × {title}".lstrip(", "), 8.0, ratio, show=times))
    return rows


def _list_host(records: RecordsT) -> List[Row]:
    record = records.get("stages")
    found = [row for row in (record or {"rows": []})["rows"] if not row["case"].endswith("three heads")]
    rows: Sequence[Dict[str, Any]] = found or [{"case": "polarity", "overhead": None}]
    goals = []
    for row in rows:
        case = row["case"].removeprefix("ours ")
        largest = max((row[stage] for stage in OWN_STAGES), default=None) if found else None
        for title, value in (("overhead", row["overhead"]), ("largest stage of ours", largest)):
            goals.append(make_row("host", f"{case}: {title}, µs a document", 15.0, value, at_most=True))
    return goals


def _list_gpu(records: RecordsT) -> List[Row]:
    stages, predict = records.get("stages-gpu"), records.get("predict-gpu")
    case = "ours bf16, polarity"
    forward, spacy = find_row(stages, case) or {}, find_row(predict, "spaCy tokenizer alone", "texts") or {}
    pipe = find_row(predict, case, "texts") or {}
    # A large encoder fills a GPU better than a small one.
    limit = 0.4 if stages and stages["layers"] >= 12 else 0.25
    share = None
    if forward and spacy and pipe:
        share = pipe["per_second"] / min(1e6 / forward["forward"], spacy["per_second"])
    note = "stages.py --gpu-id 0 --max-pieces 16384"
    core, pipes = "bf16, forward passes over the compute floor", "bf16, share of the slower of core and spaCy tokenizer"
    return [
        make_row("GPU, core", core, limit, forward.get("peak_share"), show=percent, note=note),
        make_row("GPU, nlp.pipe", pipes, 0.8, share, show=percent, note="predict.py --gpu-id 0"),
    ]


def _list_training(records: RecordsT) -> List[Row]:
    return [
        make_row(
            "training",
            f"{precision}, steps/s × Hugging Face Trainer",
            1.2,
            get_ratio(records.get("train"), precision, "ours, spacy train", "Hugging Face Trainer"),
            show=_times,
        )
        for precision in ("fp32", "bf16")
    ]


def _list_scale(record: Optional[Dict[str, Any]]) -> List[Row]:
    n = record["n"] if record else 10**6
    growth = record["memory"]["growth"] if record else None
    times = [row["recent"] for row in record["rows"] if row["n"] >= 1000] if record else []
    moved = max(abs(x / times[0] - 1) for x in times) if len(times) > 1 else None
    note = "" if n >= 10**6 else "wanted: 1,000,000 documents"
    memory = make_row("memory", f"growth over {n:,} documents, MB", 50.0, growth, at_most=True, note=note)
    cost = make_row(
        "cost growth",
        f"time a document from 1,000 to {n:,}, change",
        0.05,
        moved,
        at_most=True,
        show=_share,
        note=note,
    )
    # A short stream decides nothing.
    return [row._replace(passed=None) if note and row.value is not None else row for row in (memory, cost)]


def _list_exactness(record: Optional[Dict[str, Any]]) -> List[Row]:
    rows = []
    for row in [x for x in record["rows"] if x["passed"] is not None] if record else []:
        measure = f"{row['engine']}, {row['n']:,} {row['input']}"
        if row["gate"] is not None:
            shown, goal = f"{row['largest']:.1e}, {row['flips']} flips", f"≤ {row['gate']:.0e}, 0 flips"
        else:
            shown, goal = (
                f"{row['agreement']:.2%}, {100 * row['lost']:.2f} points lost",
                "≥ 99 % same label, ≤ 0.3 points",
            )
        rows.append(Row("exactness", measure, goal, row["largest"], row["passed"], shown))
    return rows or [Row("exactness", "2,000 texts, 2,000 pairs", "≤ 1e-05 fp32, ≤ 5e-03 bf16", None, None, WAITING)]


def make_page(rows: Sequence[Row]) -> List[str]:
    """RETURNS (List[str]): The table in Markdown."""
    verdicts = {True: "pass", False: "**miss**", None: WAITING}
    cells = [
        [row.surface, row.measure, row.goal, row.shown, verdicts[row.passed] + (f" ({row.note})" if row.note else "")]
        for row in rows
    ]
    return make_table(["surface", "measure", "goal", "measured", "verdict"], cells, n_left=5)


def _times(x: float) -> str:
    return f"{number(x, 1)} ×"


def _share(x: float) -> str:
    return percent(x, 1)
