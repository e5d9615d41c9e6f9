from typing import Any, Dict, Iterator, List

import pytest

from .conftest import ScriptT


class Scripted:
    """Takes the seconds that it was told, and notes when it was asked."""

    def __init__(self, name: str, seconds: List[float], order: List[str]):
        self.name, self.seconds, self.order = name, iter(seconds), order

    def ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
        self.order.append(self.name)
        return {"seconds": next(self.seconds)}


@pytest.fixture
def steady(script: ScriptT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script("rounds"), "probe", lambda engines, **settings: {"fp32": 100.0})


def make_block(script: ScriptT, order: List[str], first: List[float], second: List[float]) -> Any:
    rounds = script("rounds")
    workers = Scripted("a", first, order), Scripted("b", second, order)
    return rounds.Block("texts", [rounds.Case(w.name, w, {}, 10 * i) for i, w in enumerate(workers, start=1)])


@pytest.mark.usefixtures("steady")
def test_systems_are_measured_in_turns_after_a_warm_up(script: ScriptT) -> None:
    order: List[str] = []
    block = make_block(script, order, [99.0, 2.0, 4.0, 5.0], [99.0, 1.0, 1.0, 5.0])
    block.run(rounds=3, engines=["fp32"])
    assert order == ["a", "b"] * 4
    first, second = block.get_rows()
    # 10 of a in 2, 4, 5 s; 20 of b in 1, 1, 5 s. By hand: 5, 2.5, 2 and 20, 20, 4 a second; 4, 8, 2 times as many.
    assert first["per_second"] == 2.5 and first["ratio"] == 1.0
    assert second["per_second"] == 20 and second["ratio"] == 4.0
    assert second["ratios"] == [3.0, 6.0]
    assert block.get_account()["steady"] and block.tries == 1


def test_block_is_measured_again_when_the_peak_moved(script: ScriptT, monkeypatch: pytest.MonkeyPatch) -> None:
    # 100 to 80 moves by a fifth; 80 to 79 does not.
    peaks: Iterator[float] = iter([100.0, 80.0, 80.0, 79.0])
    monkeypatch.setattr(script("rounds"), "probe", lambda engines, **settings: {"fp32": next(peaks)})
    block = make_block(script, [], [9.0, 2.0, 9.0, 4.0], [9.0, 1.0, 9.0, 1.0])
    block.run(rounds=1, engines=["fp32"])
    assert block.tries == 2
    assert block.peaks == {"fp32": [80.0, 79.0]}
    assert [row["seconds"] for row in block.get_rows()] == [[4.0], [1.0]]


def test_machine_that_is_never_steady_is_reported(script: ScriptT, monkeypatch: pytest.MonkeyPatch) -> None:
    peaks: Iterator[float] = iter([100.0, 150.0] * 3)
    monkeypatch.setattr(script("rounds"), "probe", lambda engines, **settings: {"fp32": next(peaks)})
    block = make_block(script, [], [1.0] * 6, [1.0] * 6).run(rounds=1, engines=["fp32"])
    account = block.get_account()
    assert (account["tries"], account["moved"], account["steady"]) == (3, 0.5, False)
    notes = script("records").make_notes([account], {})
    assert notes[0] == "Not steady: during texts the machine's peak moved by 50%."


@pytest.mark.usefixtures("steady")
def test_system_that_fails_is_left_out_and_named(script: ScriptT) -> None:
    rounds = script("rounds")

    class Broken:
        def ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
            raise rounds.Unavailable("broken: ValueError: no weights")

    cases = [rounds.Case("broken", Broken(), {}, 1), rounds.Case("b", Scripted("b", [1.0, 1.0], []), {}, 1)]
    block = rounds.Block("texts", cases).run(rounds=1, engines=[])
    (row,) = block.get_rows()
    # Nothing to compare with.
    assert row["case"] == "b" and "ratio" not in row
    assert script("records").make_notes([block.get_account()], {}) == [
        "Not measured: broken (broken: ValueError: no weights).", "",
    ]  # fmt: skip


def test_worker_is_a_process_that_answers(script: ScriptT, tmp_path: Any) -> None:
    work = script("texts").write_work(tmp_path / "texts.json", ["The soup was cold."] * 3)
    worker = script("rounds").Worker("spacy_tokenizer", {"batch_size": 2})
    try:
        assert worker.ask({"work": str(work)})["seconds"] > 0
        with pytest.raises(script("rounds").Unavailable, match="FileNotFoundError"):
            worker.ask({"work": str(tmp_path / "missing.json")})
        # It goes on after a fault.
        assert worker.ask({"work": str(work)})["seconds"] > 0
    finally:
        worker.close()


def test_environment_that_was_not_made_is_named(
    script: ScriptT, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(script("rounds"), "ROOT", tmp_path)
    failed: Dict[str, str] = {}
    assert script("rounds").start("Trainer", "trainer", {}, failed) is None
    assert failed == {"Trainer": "trainer is not installed. Type: python benchmarks/peers/install.py hf"}
