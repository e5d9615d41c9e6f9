"""Measuring in turns: systems in processes of their own, A B A B, between two measurements of the machine's peak."""

import atexit
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy
from peak import QUICK_SECONDS, SECONDS, get_moved, probe
from settings import PEERS, ROOT, say

HERE = Path(__file__).resolve().parent
# A block during which the machine's peak changed by more is measured again.
MAX_MOVED, TRIES = 0.1, 3


class Unavailable(Exception):
    """A system cannot be measured here. The message says why."""


class Worker:
    """A system in a process of its own.

    system (str): See `worker.SYSTEMS`. settings (Dict[str, Any]): Of the system.
    threads (Optional[int]): Instead of those of this process. SPEED_VERBOSE=1 shows what the system prints.
    RAISES (Unavailable): If it does not load.
    """

    def __init__(self, system: str, settings: Dict[str, Any], threads: Optional[int] = None):
        self.system = system
        environment = dict(os.environ)
        if threads is not None:
            environment.update({name: str(threads) for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS")})
        self._process = subprocess.Popen(
            [find_python(system), str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("SPEED_VERBOSE") else subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        atexit.register(self.close)
        self.ask({"system": system, "settings": settings})

    def ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The answer. RAISES (Unavailable): If it is an error, or the process has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Unavailable(f"{self.system} ended with exit code {self._process.wait()}")
        answer: Dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Unavailable(f"{self.system}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def find_python(system: str) -> str:
    """RETURNS (str): The Python that runs a system. RAISES (Unavailable): If its environment was not made."""
    peer = PEERS.get(system)
    if peer is None:
        return sys.executable
    path = ROOT / f".venv-peers-{peer}" / "bin" / "python"
    if not path.is_file():
        raise Unavailable(f"{system} is not installed. Type: python benchmarks/peers/install.py {peer}")
    return str(path)


@dataclass
class Case:
    """One thing that is timed.

    name (str): As the tables call it. worker (Worker): Does it. request (Dict[str, Any]): What it is asked to do.
    n (int): Documents, pairs or steps of the work.
    """

    name: str
    worker: Worker
    request: Dict[str, Any]
    n: int


@dataclass
class Block:
    """Cases that are compared, and what came out.

    name (str): What they do. cases (List[Case]): The first one is what the others are compared with.
    answers (Dict[str, List[Dict[str, Any]]]): Of each case, by round. peaks (Dict[str, List[float]]): Before and after.
    moved (float): By how much a peak changed. tries (int): How often the block was measured.
    failed (Dict[str, str]): Cases that cannot be measured, and why.
    """

    name: str
    cases: List[Case]
    answers: Dict[str, List[Dict[str, Any]]] = field(default_factory=dict)
    peaks: Dict[str, List[float]] = field(default_factory=dict)
    moved: float = 0.0
    tries: int = 0
    failed: Dict[str, str] = field(default_factory=dict)

    def run(self, *, rounds: int, engines: Sequence[str], gpu_id: int = -1, quick: bool = False) -> "Block":
        """Measure all cases in turns, after a round that warms up; again if the machine's peak moved meanwhile.

        rounds (int): How often. engines (Sequence[str]): Whose peaks are watched. gpu_id (int): -1 is the CPU.
        quick (bool): Once, with a short look at the peak. RETURNS (Block): This one.
        """
        seconds = QUICK_SECONDS if quick else SECONDS
        for _ in range(1 if quick else TRIES):
            self.tries += 1
            before = probe(engines, gpu_id=gpu_id, seconds=seconds)
            self._run_rounds(rounds)
            after = probe(engines, gpu_id=gpu_id, seconds=seconds)
            self.moved = get_moved(before, after)
            self.peaks = {name: [before[name], after[name]] for name in before}
            if self.moved <= MAX_MOVED:
                break
            say(f"  the machine's peak moved by {self.moved:.0%}")
        return self

    def _run_rounds(self, rounds: int) -> None:
        self.answers = {}
        for i in range(rounds + 1):
            say(f"{self.name}: round {i} of {rounds}")
            for case in self.cases:
                if case.name in self.failed:
                    continue
                try:
                    answer = case.worker.ask(case.request)
                except Unavailable as e:
                    self.failed[case.name] = str(e)
                    say(f"  {e}")
                    continue
                if i:
                    self.answers.setdefault(case.name, []).append(answer)

    def get_rows(self) -> List[Dict[str, Any]]:
        """RETURNS (List[Dict[str, Any]]): One for each case that was measured, see `make_row`."""
        done = [case for case in self.cases if case.name not in self.failed]
        first = self.cases[0] if self.cases and self.cases[0].name not in self.failed else None
        return [self.make_row(case, first) for case in done]

    def make_row(self, case: Case, first: Optional[Case]) -> Dict[str, Any]:
        """Put together what was measured.

        RETURNS (Dict[str, Any]): "case", "n", "per_second" (median), "spread" (quartiles), "seconds" (of each round)
            and "ratio" with "ratios" (quartiles): its speed over that of the first case in the same round.
        """
        seconds = self.get_seconds(case)
        speeds = case.n / seconds
        row: Dict[str, Any] = {"block": self.name, "case": case.name, "n": case.n}
        row["per_second"], row["spread"] = get_quartiles(speeds)
        row["seconds"] = [round(x, 4) for x in seconds.tolist()]
        if first is not None:
            row["ratio"], row["ratios"] = get_quartiles(speeds / (first.n / self.get_seconds(first)))
        return row

    def get_seconds(self, case: Case) -> numpy.ndarray:
        """RETURNS (numpy.ndarray): Of each round."""
        return numpy.asarray([answer["seconds"] for answer in self.answers[case.name]])

    def get_median(self, name: str, key: str) -> Optional[float]:
        """RETURNS (Optional[float]): The median of what the answers of a case say; None if they do not say it."""
        values = [answer[key] for answer in self.answers.get(name, []) if key in answer]
        return float(numpy.median(values)) if values else None

    def get_account(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): How the block was measured: peaks in operations a second, and what failed."""
        return {
            "block": self.name, "peaks": self.peaks, "moved": round(self.moved, 3), "tries": self.tries,
            "steady": self.moved <= MAX_MOVED, "failed": self.failed,
        }  # fmt: skip


def get_quartiles(values: numpy.ndarray) -> Tuple[float, List[float]]:
    """RETURNS (Tuple[float, List[float]]): The median, and the quartiles beside it."""
    low, middle, high = numpy.percentile(values, [25, 50, 75]).tolist()
    return middle, [low, high]


def start(name: str, system: str, settings: Dict[str, Any], failed: Dict[str, str], **more: Any) -> Optional[Worker]:
    """Start a worker. failed (Dict[str, str]): Gets the reason by name if it cannot be started, and then None comes."""
    say(f"loading {name}")
    try:
        return Worker(system, settings, **more)
    except Unavailable as e:
        say(f"  {e}")
        failed[name] = str(e)
        return None
