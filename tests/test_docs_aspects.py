"""The page about the sources of aspects: its code prints what it says."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "aspects.md"


def read_blocks(text: str) -> List[Tuple[str, str]]:
    """Each block of Python with the output below it, or ""."""
    found = re.findall(r"```python\n(.*?)```\n(?:\n```\n(.*?)```\n)?", text, flags=re.DOTALL)
    return [(code, output) for code, output in found]


def test_page_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = read_blocks(PAGE.read_text("utf8"))
    assert sum(bool(output) for _, output in blocks) >= 8
    names: Dict[str, Any] = {}
    for code, output in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == output, code


def test_page_names_what_there_is() -> None:
    text = PAGE.read_text("utf8")
    configs = set(re.findall(r"configs/\S+?\.cfg", text))
    here = {
        str(path.relative_to(PAGE.parent.parent)) for path in (PAGE.parent.parent / "configs").glob("finders/*.cfg")
    }
    assert here <= configs
    assert all((PAGE.parent.parent / config).is_file() for config in configs)
