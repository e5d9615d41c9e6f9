"""Each message is raised somewhere, matched by a test, and says what to do."""

import ast
import re
import string
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple

import pytest

from spacy_bertsent.errors import Errors, Warnings

ROOT = Path(__file__).parent.parent
SOURCE, TESTS = ROOT / "spacy_bertsent", ROOT / "tests"
CODES = sorted({name for each in (Errors, Warnings) for name in dir(each) if re.fullmatch(r"B[SW]\d{3}", name)})


def get_message(code: str) -> str:
    return str(getattr(Errors if code.startswith("BS") else Warnings, code))


CallT = Tuple[Path, Optional[Set[str]]]


def find_calls() -> Dict[str, List[CallT]]:
    """Where each code is used, with the keywords of its `.format(…)`; None if there is no such call."""
    found: Dict[str, List[CallT]] = {code: [] for code in CODES}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf8"))
        formatted = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                formatted[id(node.func.value)] = {keyword.arg or "**" for keyword in node.keywords}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in found and path.parent.name != "errors":
                found[node.attr].append((path, formatted.get(id(node))))
    return found


CALLS = find_calls()
TEST_TEXT = "\n".join(p.read_text("utf8") for p in sorted(TESTS.rglob("test_*.py")) if p.name != Path(__file__).name)


@pytest.mark.parametrize("code", CODES)
def test_code_is_raised(code: str) -> None:
    assert CALLS[code], "no file of the package uses it"


@pytest.mark.parametrize("code", CODES)
def test_code_is_matched_by_a_test(code: str) -> None:
    is_matched = code in TEST_TEXT
    assert is_matched


@pytest.mark.parametrize("code", CODES)
def test_each_place_of_a_message_is_filled(code: str) -> None:
    fields = {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(get_message(code)) if name}
    for path, given in CALLS[code]:
        if given is not None and "**" not in given:
            assert given == fields, path.name
        assert given is not None or not fields, path.name


@pytest.mark.parametrize("code", CODES)
def test_message_reads_well(code: str) -> None:
    message = get_message(code)
    assert message.startswith(f"[{code}] ")
    assert "  " not in re.sub(r"\n +", "\n", message)
    for line in message.split("\n")[1:]:
        assert line.startswith("        "), "what to type next is indented"
    if code.startswith("BS"):
        assert "\n" in message, "a second line says what to type next"


def test_no_code_of_spacy_is_borrowed() -> None:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "spacy.errors":
                assert path.parent.name == "errors"


def test_codes_in_docstrings_exist() -> None:
    for path in SOURCE.rglob("*.py"):
        unknown = set(re.findall(r"\bB[SW]\d{3}\b", path.read_text("utf8"))) - set(CODES)
        assert not unknown, path.name
