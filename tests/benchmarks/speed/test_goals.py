import json
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from .conftest import ScriptT

BASELINE = "Hugging Face pipeline fp32, batch 32"


def make_case(case: str, seconds: List[float], n: int = 10, block: str = "texts", **more: Any) -> Dict[str, Any]:
    return {"case": case, "block": block, "n": n, "seconds": seconds, "per_second": n / seconds[0], **more}


def make_records() -> Dict[str, Any]:
    rows = [
        make_case(BASELINE, [6.0, 6.0, 9.0]),
        make_case("spaCy transformer + textcat fp32", [9.0, 9.0, 9.0]),
        make_case("ours fp32, polarity", [2.0, 2.0, 2.0]),
        make_case("ours bf16, polarity", [1.0, 1.0, 1.0]),
        make_case("ours bf16, three heads", [1.2, 1.2, 1.2]),
        make_case("ours bf16, polarity + emotions", [1.0, 1.0, 1.0], forward_share=0.9, padding=1.2),
        make_case(BASELINE, [8.0] * 3, block="pairs, 1 a text"),
        make_case("ours bf16, aspects", [0.5] * 3, block="pairs, 1 a text"),
    ]
    return {"predict": {"rows": rows, "blocks": [{"block": "texts"}, {"block": "pairs, 1 a text"}]}}


def find(rows: List[Any], start: str) -> Any:
    (row,) = [row for row in rows if row.measure.startswith(start)]
    return row


def test_verdicts_by_hand(script: ScriptT) -> None:
    rows = script("goals").make_rows(make_records())
    bf16 = find(rows, "bf16, polarity + emotions × Hugging Face")
    # 6, 6 and 9 times as fast.
    assert (bf16.value, bf16.passed, bf16.goal, bf16.shown) == (pytest.approx(6.0), True, "≥ 5.0 ×", "6.0 ×")
    stock = find(rows, "bf16, polarity × spaCy")
    assert (stock.value, stock.passed) == (pytest.approx(9.0), False)
    assert find(rows, "bf16, share of its own forward time").passed is True
    assert find(rows, "bf16, computed over real pieces").passed is False
    heads = find(rows, "bf16, time of three heads over one")
    assert heads.value == pytest.approx(1.2) and heads.passed is False
    pairs = find(rows, "bf16, pairs, 1 a text × Hugging Face")
    assert (pairs.value, pairs.passed) == (pytest.approx(16.0), True)


def test_stages_of_ours(script: ScriptT) -> None:
    stages = {"rows": 3.0, "batches": -1.0, "heads": 16.0, "set_annotations": 2.0, "rest": 1.0}
    row = {"case": "ours int8, polarity", "overhead": 14.0, "forward": 400.0, "make_doc": 20.0, **stages}
    rows = script("goals").make_rows(
        {"stages": {"rows": [row, {**row, "case": "ours int8, three heads"}], "layers": 6}}
    )
    overhead, largest = (find(rows, f"int8, polarity: {title}") for title in ("overhead", "largest stage of ours"))
    assert (overhead.value, overhead.passed) == (14.0, True)
    assert (largest.value, largest.passed) == (16.0, False), "neither the forward passes nor a tokenizer is one"


def test_what_was_not_measured_waits(script: ScriptT) -> None:
    rows = script("goals").make_rows(make_records())
    for start in (
        "int8, polarity + emotions",
        "bf16, pairs, 1 a text × PyABSA",
        "bf16, forward passes",
        "fp32, steps/s",
    ):
        row = find(rows, start)
        assert (row.value, row.passed, row.shown) == (None, None, "waiting")
    assert {row.surface for row in script("goals").make_rows({})} >= {
        "CPU, nlp.pipe",
        "GPU, core",
        "training",
        "exactness",
    }


def test_short_stream_decides_nothing(script: ScriptT) -> None:
    stream = {
        "n": 10**5,
        "memory": {"growth": 3.0},
        "rows": [{"n": 10**3, "recent": 100.0}, {"n": 10**5, "recent": 104.0}],
    }
    for n, passed in ((10**5, None), (10**6, True)):
        rows = script("goals").make_rows({"scale": {**stream, "n": n}})
        memory, cost = find(rows, "growth over"), find(rows, "time a document")
        assert memory.passed is passed and cost.passed is passed
        assert memory.shown == "3.00" and cost.shown == "4.0%"


def test_page_of_what_is_there(script: ScriptT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "speed"
    output.mkdir()
    rows = [
        {"engine": "fp32", "input": "texts", "n": 2000, "gate": 1e-5, "largest": 2e-6, "flips": 0, "passed": True},
        {"engine": "transformers bf16", "input": "texts", "n": 2000, "gate": None, "passed": None},
    ]
    about = {"machine": "a machine", "threads": 1, "weights": "w", "rounds": 1, "seed": 0, "date": "2026-01-01"}
    record = {**about, "name": "exactness", "commit": "abc", "versions": {"spacy": "3.8"}, "quick": False, "rows": rows}
    (output / "exactness.json").write_text(json.dumps(record), "utf8")
    monkeypatch.setattr(sys, "argv", ["run", "--page", "--output", str(output)])
    assert script("run").main() == 0
    page = (tmp_path / "speed.md").read_text("utf8")
    assert "| exactness | fp32, 2,000 texts | ≤ 1e-05, 0 flips | 2.0e-06, 0 flips | pass |" in page
    assert "transformers bf16" not in page
    assert "- [exactness](speed/exactness.md), 2026-01-01" in page
    assert "Machine: a machine, 1 thread(s)." in page
