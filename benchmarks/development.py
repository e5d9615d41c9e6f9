"""Train the workflows of project.yml on public data and write one table of development scores.

    python benchmarks/development.py --data /path/to/data --seeds 0 --workflows sst2 semeval14 goemotions

The last model of each run is scored, so nothing was selected on the development split. Emotion thresholds come from a
tenth of the training texts. Runs that are recorded already are skipped; --force runs them again.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Dict, List

import srsly

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "development.json"
PACKAGES = ("spacy", "thinc", "spacy-transformers", "transformers", "torch", "numpy")
# What each workflow is scored on: name of the metrics file, what it is, and the keys of the table.
SCORED = {
    "sst2": [("sst2", "SST-2, trained on sentences", ("polarity_acc", "polarity_f"))],
    "sst2-phrases": [("sst2-phrases", "SST-2, trained on phrases", ("polarity_acc", "polarity_f"))],
    "semeval14": [
        ("restaurants", "SemEval-14 restaurants, given aspects", ("absa_acc", "absa_f")),
        ("laptops", "SemEval-14 laptops, given aspects", ("absa_acc", "absa_f")),
    ],
    "goemotions": [("goemotions", "GoEmotions, 28 labels", ("emotions_f", "emotions_micro", "emotions_jaccard"))],
    "joint": [
        ("joint-sst2", "SST-2, joint model", ("polarity_acc", "polarity_f")),
        ("joint-restaurants", "SemEval-14 restaurants, joint model", ("absa_acc", "absa_f")),
        ("joint-laptops", "SemEval-14 laptops, joint model", ("absa_acc", "absa_f")),
        ("joint-goemotions", "GoEmotions, joint model", ("emotions_f", "emotions_micro", "emotions_jaccard")),
    ],
}
NAMES = {
    "polarity_acc": "accuracy",
    "polarity_f": "macro-F1",
    "absa_acc": "accuracy",
    "absa_f": "macro-F1",
    "emotions_f": "macro-F1",
    "emotions_micro": "micro-F1",
    "emotions_jaccard": "Jaccard",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "assets", help="directory of the public data sets")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--workflows", nargs="+", choices=list(SCORED), default=list(SCORED)[:-1])
    parser.add_argument("--gpu-id", type=int, default=-1)
    parser.add_argument("--output", type=Path, default=RESULTS, help="JSON file; the table is written beside it")
    parser.add_argument("--force", action="store_true", help="run again what is recorded")
    args = parser.parse_args()
    if not args.data.is_dir():
        sys.stdout.write(f"Skipped: there is no data in {args.data}. Type: python -m spacy project assets\n")
        return
    path = args.output
    results: Dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"runs": {}}
    for workflow in args.workflows:
        for seed in args.seeds:
            key = f"{workflow}/seed{seed}"
            if key in results["runs"] and not args.force:
                continue
            seconds = run(workflow, seed, args, results)
            results["runs"][key] = describe(workflow, seed, args.gpu_id, seconds)
            save(path, results)
    path.with_suffix(".md").write_text(make_table(results["runs"]))


def run(workflow: str, seed: int, args: argparse.Namespace, results: Dict[str, Any]) -> float:
    """Run the commands of one workflow with one seed. RETURNS (float): Seconds of all of them, also of those that the
    project skips because an earlier run made their outputs."""
    data = os.path.relpath(args.data, ROOT)
    overrides = ["--vars.data", data, "--vars.seed", str(seed), "--vars.run", f"seed{seed}"]
    overrides += ["--vars.gpu_id", str(args.gpu_id), "--vars.progress", "null", *(["--force"] if args.force else [])]
    known = results.setdefault("seconds", {})
    total = 0.0
    for command in srsly.read_yaml(ROOT / "project.yml")["workflows"][workflow]:
        start = time.perf_counter()
        words = [sys.executable, "-m", "spacy", "project", "run", command, ".", *overrides]
        done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        sys.stdout.write(done.stdout)
        sys.stdout.flush()
        key = f"{command}/seed{seed}"
        if "nothing changed" not in done.stdout or key not in known:
            known[key] = round(time.perf_counter() - start)
            save(args.output, results)
        total += known[key]
    return total


def save(path: Path, results: Dict[str, Any]) -> None:
    """Write the results: after each command, so that a stop loses one command."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n")


def describe(workflow: str, seed: int, gpu_id: int, seconds: float) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The scores of a finished workflow, and where and when they were made."""
    scores = {}
    for name, _, keys in SCORED[workflow]:
        metrics = json.loads((ROOT / "metrics" / f"{name}-seed{seed}.json").read_text())
        scores[name] = {key: metrics[key] for key in keys}
    return {
        "scores": scores,
        "seed": seed,
        "seconds": round(seconds),
        "command": f"python -m spacy project run {workflow} . --vars.seed {seed} --vars.run seed{seed}",
        "machine": describe_machine(gpu_id),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "date": datetime.date.today().isoformat(),
    }


def describe_machine(gpu_id: int) -> str:
    """RETURNS (str): The processor, or the GPU."""
    if gpu_id >= 0:
        import torch

        return torch.cuda.get_device_name(gpu_id)
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    bf16 = ""
    if cpuinfo.is_file():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
        bf16 = ", bf16" if any("avx512_bf16" in line for line in lines) else ""
    threads = os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))
    return f"{model}, {os.cpu_count()} cores{bf16}, {threads} thread(s) a run"


def make_table(runs: Dict[str, Any]) -> str:
    """RETURNS (str): The scores as Markdown: mean and, with several seeds, standard deviation."""
    rows: List[str] = []
    for workflow, scored in SCORED.items():
        mine = [r for key, r in runs.items() if key.split("/")[0] == workflow]
        if not mine:
            continue
        for name, title, keys in scored:
            cells = []
            for key in keys:
                values = [100 * r["scores"][name][key] for r in mine]
                spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
                cells.append(f"{NAMES[key]} {mean(values):.1f}{spread}")
            seeds = ", ".join(str(r["seed"]) for r in mine)
            minutes = mean(r["seconds"] for r in mine) / 60
            dates = sorted({r["date"] for r in mine})
            rows.append(f"| {title} | {'; '.join(cells)} | {seeds} | {minutes:.0f} | {dates[-1]} |")
    machines = sorted({r["machine"] for r in runs.values()})
    versions = sorted({", ".join(f"{k} {v}" for k, v in r["versions"].items()) for r in runs.values()})
    return "\n".join(
        [
            "# Development scores",
            "",
            "Made by `python benchmarks/development.py`. Backbone: all-MiniLM-L6-v2 (22.7 M parameters). Scores of the",
            "last model of each run, in per cent; nothing was selected on the split that is scored, but recipes were",
            "chosen by looking at it. Minutes are those of the whole workflow, on a machine that may have been busy.",
            "",
            "| data | development scores | seeds | minutes | date |",
            "| --- | --- | --- | ---: | --- |",
            *rows,
            "",
            f"Machine: {'; '.join(machines)}.",
            f"Versions: {'; '.join(versions)}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
