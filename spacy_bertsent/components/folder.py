"""A component's files as bytes by name."""

from pathlib import Path
from typing import Dict


def write_files(files: Dict[str, bytes], path: Path) -> None:
    """Write files into a directory, which is made. files (Dict[str, bytes]): By name. path (Path): The directory."""
    path.mkdir(exist_ok=True)
    for name, data in files.items():
        (path / name).write_bytes(data)


def read_files(path: Path) -> Dict[str, bytes]:
    """RETURNS (Dict[str, bytes]): All that stands in a directory, empty for what is no file; none without directory."""
    if not path.is_dir():
        return {}
    return {entry.name: entry.read_bytes() if entry.is_file() else b"" for entry in path.iterdir()}
