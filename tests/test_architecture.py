"""The house as it was designed: who may import whom, how long a file may be, who is in the phone book."""

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import spacy
import thinc.api
from spacy import registry
from spacy.language import Language

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "spacy_bertsent"
MAX_LINES = 300

# From the ground up. Each imports what lies below it, or the other files of its own folder.
FLOORS: List[Tuple[str, ...]] = [
    ("types", "errors", "labels", "compat"),
    ("sentences", "texts", "losses", "metrics", "cache", "training_pass", "training_reads"),
    ("layers",),
    ("architectures", "scorers", "extensions", "parts", "aspect_group", "categories", "readers", "converters", "api"),
    ("components",),
    ("*",),  # all other rooms, which nobody below may need
    ("cli",),
]
FILES = sorted(SOURCE.rglob("*.py"))
IDS = [path.relative_to(SOURCE).as_posix() for path in FILES]


def get_room(path: Path) -> str:
    """The first name below the package: a file or a folder."""
    return path.relative_to(SOURCE).with_suffix("").parts[0]


def get_floor(room: str) -> int:
    floors = [i for i, rooms in enumerate(FLOORS) if room in rooms]
    return floors[0] if floors else FLOORS.index(("*",))


def iter_imports(path: Path) -> Iterator[Tuple[str, int]]:
    """Absolute names of all that a file imports, in functions too, with their lines."""
    package = ["spacy_bertsent", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from . import x`: x may be a module.
            names = [f"{module}.{alias.name}" for alias in node.names] if not node.module else [module]
            yield from ((name, node.lineno) for name in names)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_floor_imports_only_floors_below(path: Path) -> None:
    room = get_room(path)
    if room == "__init__":
        return
    for name, line in iter_imports(path):
        parts = name.split(".")
        if parts[0] == "spacy_bertsent" and len(parts) > 1 and parts[1] != room:
            other = parts[1]
            below = get_floor(other) < get_floor(room)
            # Rooms of one floor that are single files may know each other, not the folders.
            beside = get_floor(other) == get_floor(room) and (SOURCE / f"{other}.py").is_file()
            assert below or beside, f"{path.name}, line {line}: '{room}' must not import '{other}'"


@pytest.mark.parametrize("path", [p for p in FILES if get_room(p) == "components"], ids=lambda p: p.name)
def test_components_meet_the_other_rooms_in_the_config(path: Path) -> None:
    for name, line in iter_imports(path):
        for room in ("architectures", "layers", "losses", "scorers"):
            assert not name.startswith(f"spacy_bertsent.{room}"), f"line {line}: {name}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_torch_is_imported_under_layers(path: Path) -> None:
    if get_room(path) not in ("layers", "export"):
        found = [name for name, _ in iter_imports(path) if name.split(".")[0] in ("torch", "safetensors", "tokenizers")]
        assert not found


def test_transformers_is_named_in_one_file() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in FILES
        for name, _ in iter_imports(path)
        if name.split(".")[0] == "transformers"
    }
    assert found == {"layers/hf.py"}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_file_is_not_too_long(path: Path) -> None:
    n_lines = len(path.read_text("utf8").splitlines())
    assert n_lines <= MAX_LINES, f"{n_lines} lines: make it a folder of the same name"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_file_has_no_name_for_everything(path: Path) -> None:
    assert path.stem not in ("util", "utils", "helpers", "common", "misc")


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_nothing_is_pickled_or_run(path: Path) -> None:
    """No file of the package unpickles, evaluates or trusts remote code."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "torch.load", "pickle.load", "pickle.loads"), f"line {node.lineno}"
            for keyword in node.keywords:
                if keyword.arg == "trust_remote_code":
                    assert ast.unparse(keyword.value) == "False", f"line {node.lineno}"


def test_nothing_heavy_is_imported_with_the_package() -> None:
    import subprocess

    code = "import sys, {}; print([m for m in ('transformers', 'spacy_transformers') if m in sys.modules])"
    ours, theirs = (
        subprocess.run([sys.executable, "-c", code.format(name)], capture_output=True, text=True, check=True).stdout
        for name in ("spacy_bertsent", "spacy")
    )
    assert ours == theirs


# The phone book


def read_entry_points() -> Dict[str, Dict[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    return {group: dict(names) for group, names in project["entry-points"].items()}


ENTRIES = [(group, name, value) for group, names in read_entry_points().items() for name, value in names.items()]


@pytest.mark.parametrize("group, name, value", ENTRIES, ids=[name for _, name, _ in ENTRIES])
def test_entry_point_resolves_and_is_registered(group: str, name: str, value: str) -> None:
    module, _, function = value.partition(":")
    target: Any = importlib.import_module(module)
    if function:
        target = getattr(target, function)
    library, _, kind = group.partition("_")
    if kind == "factories":
        assert Language.get_factory_meta(name).factory == name
        assert spacy.blank("en").has_factory(name)
    elif library == "thinc":
        assert getattr(thinc.api.registry, kind).get(name) is target
    else:
        found = getattr(registry, kind).get(name)
        assert found is target


@pytest.mark.parametrize("group, name, value", ENTRIES, ids=[name for _, name, _ in ENTRIES])
def test_names_are_versioned_and_spelled_by_kind(group: str, name: str, value: str) -> None:
    patterns = {
        "spacy_factories": r"bertsent_[a-z_]+",
        "spacy_architectures": r"spacy-bertsent\.[A-Z][A-Za-z]+\.v\d+",
        "thinc_losses": r"spacy-bertsent\.[A-Z][A-Za-z]+\.v\d+",
        "thinc_optimizers": r"spacy-bertsent\.[A-Z][A-Za-z]+\.v\d+",
        "spacy_cli": r"bertsent",
        "spacy_displacy_colors": r"bertsent",
    }
    assert re.fullmatch(patterns.get(group, r"(spacy-)?bertsent[._][a-z_]+(\.v\d+)?"), name)
    prefix = {"spacy_factories": "make_", "spacy_scorers": "make_", "spacy_architectures": "build_"}
    assert value.partition(":")[2].startswith(prefix.get(group, ""))


@pytest.mark.parametrize("room, prefix", [("architectures", "build_"), ("components", "make_"), ("scorers", "make_")])
def test_every_builder_is_in_the_phone_book(room: str, prefix: str) -> None:
    listed = {value for _, _, value in ENTRIES}
    for path in FILES:
        if get_room(path) == room:
            name = ".".join(["spacy_bertsent", *path.relative_to(SOURCE).with_suffix("").parts])
            module = importlib.import_module(name)
            for function, value in inspect.getmembers(module, inspect.isfunction):
                if function.startswith(prefix) and value.__module__ == name:
                    assert f"{name}:{function}" in listed


# Tests


def test_each_source_file_of_the_core_is_tested() -> None:
    """A test of the same path, or one that covers it."""
    elsewhere = {
        "layers/listeners.py": "layers/test_pairs.py",
        "layers/encoders.py": "components/test_linking.py",
        "layers/hf.py": "layers/test_weights.py",
        "components/base.py": "components/test_polarity.py",
        "architectures/backbone.py": "layers/test_backbone.py",
        "architectures/encoders.py": "components/test_linking.py",
        "architectures/heads.py": "layers/test_head.py",
        "architectures/listeners.py": "layers/test_pairs.py",
        "training_pass.py": "components/test_gradients.py",
    }
    folders = ("layers", "components", "architectures")
    tests = Path(__file__).parent
    for path in FILES:
        name = path.relative_to(SOURCE)
        if path.stem in ("__init__", "types") or len(name.parts) > 1 and name.parts[0] not in folders:
            continue
        if len(name.parts) == 1 and get_floor(get_room(path)) == FLOORS.index(("*",)):
            continue
        test = tests / elsewhere.get(name.as_posix(), (name.parent / f"test_{path.stem}.py").as_posix())
        assert test.is_file(), f"{name} has no {test.relative_to(tests)}"
