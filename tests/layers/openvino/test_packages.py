"""OpenVINO and NNCF come when they are asked for, and tell nobody."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import List

import pytest

from spacy_bertsent.layers.openvino.packages import TELEMETRY, get_core, import_nncf, import_openvino

from .util import SAMPLE

# Notes what reaches for the network, here and in forked processes.
HOOK = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(log, f"{event} {args}\\n".encode())
sys.addaudithook(note)
"""
USE = """
import spacy_bertsent.layers.backbone
assert "openvino" not in sys.modules and "nncf" not in sys.modules, "imported before they are asked for"
from spacy_bertsent.layers.backbone import get_shim, load_weights, make_encoder
from spacy_bertsent.layers.openvino.int8 import quantise_encoder
from spacy_bertsent.types import EncoderInput, TextInput
model = make_encoder(
    sys.argv[2], revision=None, precision="int8", window=0, overlap=8, max_windows=0, max_pieces=4096,
    trainable_layers=-1, transformer_config={},
)
load_weights(model)
texts = [TextInput(text) for text in sys.argv[3:]]
encoder = get_shim(model).encoder
encoder.int8 = quantise_encoder(encoder, [row for rows in encoder.tokenizer(texts) for row in rows])
assert model.predict(EncoderInput(texts)).windows.rows.shape[0] == len(texts)
assert "openvino" in sys.modules and "nncf" in sys.modules and "openvino_telemetry" not in sys.modules
"""


def run(code: str, home: Path, *args: str) -> None:
    # As at home: neither a test run nor a build server, where both keep quiet by themselves.
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "TF_BUILD", "JENKINS_URL", "NNCF_CI", "NNCF_DEV")}
    command = [sys.executable, "-c", HOOK + textwrap.dedent(code), str(home / "log"), *args]
    done = subprocess.run(command, env={**env, "HOME": str(home)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_network_would_be_noted(tmp_path: Path) -> None:
    run("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))", tmp_path)
    assert "127.0.0.1" in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_no_socket_is_opened_and_nothing_is_left_behind(weights: Path, tmp_path: Path) -> None:
    run(USE, tmp_path, str(weights), *SAMPLE)
    assert (tmp_path / "log").read_text() == ""
    assert not (tmp_path / "intel").exists(), "where the telemetry keeps its numbers"


@pytest.mark.parametrize("known", [False, True])
def test_telemetry_is_hidden_only_while_they_are_imported(monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    monkeypatch.delitem(sys.modules, TELEMETRY, raising=False)
    if known:
        monkeypatch.setitem(sys.modules, TELEMETRY, os)
    import_openvino()
    import_nncf()
    assert (sys.modules.get(TELEMETRY) is os) is known and (TELEMETRY in sys.modules) is known


def test_core_is_one_for_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    core = get_core()
    assert get_core() is core
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert get_core() is not core


@pytest.mark.parametrize("name", ["openvino", "nncf"])
def test_missing_package_is_a_named_error(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    functions: List = {"openvino": [import_openvino], "nncf": [import_nncf]}[name]
    for function in functions:
        with pytest.raises(ImportError, match=rf'BS120.*{name}[\s\S]*pip install "spacy-bertsent\[openvino\]"'):
            function()
