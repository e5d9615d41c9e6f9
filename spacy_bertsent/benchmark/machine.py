"""Where and with what results were made."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from spacy.language import Language
from thinc.api import Model

PACKAGES = (
    "spacy-bertsent", "spacy", "thinc", "spacy-transformers", "transformers", "torch", "numpy", "scikit-learn",
)  # fmt: skip


def describe_machine(gpu_id: int = -1) -> str:
    """RETURNS (str): The GPU, or the processor, its cores, and whether it computes in bfloat16."""
    if gpu_id >= 0:
        words = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader", f"--id={gpu_id}"]
        return _get_output(words) or "GPU"
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    bf16 = ""
    if cpuinfo.is_file():
        lines = cpuinfo.read_text("utf8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
        bf16 = ", bf16" if any("avx512_bf16" in line for line in lines) else ""
    return f"{model}, {os.cpu_count()} cores{bf16}"


def get_threads() -> int:
    """RETURNS (int): Threads of a run."""
    value = os.environ.get("OMP_NUM_THREADS", "")
    return int(value) if value.isdigit() else os.cpu_count() or 1


def get_versions(more: Sequence[str] = ()) -> Dict[str, str]:
    """RETURNS (Dict[str, str]): Of Python and the packages that matter. more (Sequence[str]): Packages."""
    found = {"python": platform.python_version()}
    for name in (*PACKAGES, *more):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def get_commit() -> Optional[str]:
    """RETURNS (Optional[str]): The commit of the current directory, "+" after it where code or configs differ."""
    commit = _get_output(["git", "rev-parse", "--short", "HEAD"])
    changed = _get_output(["git", "status", "--porcelain", "--", "*.py", "*.cfg", "*.yml"])
    return f"{commit}+" if commit and changed else commit


def count_parameters(nlp: Language) -> Optional[int]:
    """RETURNS (Optional[int]): Trained numbers in all networks of a pipeline; None if it has no network."""
    models = [getattr(pipe, "model", None) for _, pipe in nlp.pipeline]
    nodes = {node.id: node for model in models if isinstance(model, Model) for node in model.walk()}
    params = [node.get_param(name) for node in nodes.values() for name in node.param_names if node.has_param(name)]
    shims: Dict[int, Any] = {id(shim): shim for node in nodes.values() for shim in node.shims}
    total = sum(param.size for param in params)
    # A shim need not hold a network.
    modules = [shim._model for shim in shims.values() if hasattr(getattr(shim, "_model", None), "parameters")]
    total += sum(x.numel() for module in modules for x in module.parameters())
    return total or None


def _get_output(words: Sequence[str]) -> Optional[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() or None
    except (OSError, subprocess.CalledProcessError):
        return None
