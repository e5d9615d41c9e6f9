import re
from pathlib import Path

import pytest
import srsly
from thinc.api import Config

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("**/*.cfg"))
PROJECT = srsly.read_yaml(ROOT / "project.yml")
# Others have a constant learning rate, or nothing to step.
SCHEDULED = [path for path in CONFIGS if "[training.optimizer.learn_rate]" in path.read_text("utf8")]
SCRIPTS = [script for command in PROJECT["commands"] for script in command["script"]]


def read_option(script: str, name: str) -> str:
    found = re.search(rf"--training\.{name} (\S+)", script)
    return found.group(1) if found else ""


@pytest.mark.parametrize("path", SCHEDULED, ids=lambda path: path.name)
def test_learning_rate_reaches_zero_with_the_last_step(path: Path) -> None:
    training = Config().from_disk(path, interpolate=False)["training"]
    rate = training["optimizer"]["learn_rate"]
    # Numbers, no variables: spaCy resolves [training.optimizer] by itself in `debug data` and `assemble`.
    assert rate["total_steps"] == training["max_steps"]
    assert 0 < rate["warmup_steps"] < rate["total_steps"]


def test_workflows_change_both_numbers_of_steps() -> None:
    for script in SCRIPTS:
        assert read_option(script, "max_steps") == read_option(script, r"optimizer\.learn_rate\.total_steps"), script


def test_workflows_name_known_commands_and_configs() -> None:
    names = [command["name"] for command in PROJECT["commands"]]
    assert len(set(names)) == len(names)
    assert {"demo", "sst2", "semeval14", "goemotions", "joint"} <= set(PROJECT["workflows"])
    for workflow, commands in PROJECT["workflows"].items():
        assert set(commands) <= set(names), workflow
    for script in SCRIPTS:
        for config in re.findall(r"configs/\S+", script):
            assert (ROOT / config).is_file(), script
