import json
from pathlib import Path
from typing import List

import pytest
import spacy
from spacy.language import Language

import spacy_bertsent
from spacy_bertsent.cli.annotate import annotate, describe, read_texts

from ..util import TEXTS, make_nlp, set_heads
from .util import plain, run


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    nlp = make_nlp(weights, "aspects", "backbone", "polarity", "emotions", "aspect_sentiment")
    set_heads(nlp)
    return nlp


@pytest.fixture(scope="module")
def model(nlp: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join([TEXTS[0], "", *TEXTS[1:], "A caf\u00e9.", ""]), "utf-8-sig")
    return path


def test_annotate(model: Path, texts: Path, tmp_path: Path) -> None:
    html, jsonl = tmp_path / "new" / "page.html", tmp_path / "results.jsonl"
    code, printed = run("bertsent", "annotate", model, texts, "--html", html, "--jsonl", jsonl)
    assert code == 0, printed
    rows = [json.loads(line) for line in jsonl.read_text("utf8").splitlines()]
    assert [row["text"] for row in rows] == [*TEXTS, "A caf\u00e9."]
    loaded = spacy.load(model)
    for row in rows:
        doc = loaded(row["text"])
        expected = spacy_bertsent.to_dict(doc)
        assert row.keys() == expected.keys()
        assert row["polarity"] == expected["polarity"] and row["emotions"].keys() == expected["emotions"].keys()
        assert [x["text"] for x in row["aspects"]] == [x["text"] for x in expected["aspects"]]
        assert row["text"] in printed
        scores = ", ".join(f"{label} {score:.2f}" for label, score in row["polarity_scores"].items())
        assert f"polarity    {row['polarity']}   {scores}" in printed
    page = html.read_text("utf8")
    assert page.count("<article") == 4 and "A caf\u00e9." in page
    assert "Traceback" not in printed


def test_layout(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    doc.cats = {"polarity:positive": 0.2, "polarity:negative": 0.8, "emotion:joy": 0.4, "emotion:anger": 0.71}
    doc.spans["aspects"].attrs["scores"] = [[0.9, 0.06, 0.04], [0.1, 0.3, 0.6]]
    first, second = [span.label_ for span in doc.spans["aspects"]]
    a, b = ({"positive": x, "neutral": y, "negative": z} for x, y, z in doc.spans["aspects"].attrs["scores"])
    assert plain(describe(doc)).split("\n") == [
        "The soup was lovely but the waiter was rude.",
        "  polarity    negative   positive 0.20, negative 0.80",
        "  sentiment   -0.60",
        "  emotions    anger 0.71",
        f"  aspects     soup     FOOD    {first} {a[first]:.2f}",
        f"              waiter   STAFF   {second} {b[second]:.2f}",
        "",
    ]
    doc.cats = {"emotion:joy": 0.4, "emotion:anger": 0.31}
    doc.spans["aspects"] = []
    assert plain(describe(doc)).split("\n")[1:3] == ["  emotions    none (highest: joy 0.40)", "  aspects     none"]


def test_given_aspects(nlp: Language) -> None:
    docs = annotate(nlp, TEXTS, aspects=["WAITER", "dark road"])
    found = [[(x.text, x.category) for x in doc._.aspects] for doc in docs]
    assert found == [
        [("waiter", "")],
        [("garden", "PLACE")],  # has none of them: the pipeline looks
        [("dark road", "")],
    ]
    assert all(x.sentiment for doc in docs for x in doc._.aspects)


def test_standard_input(model: Path) -> None:
    code, printed = run("bertsent", "annotate", model, "-", "-a", "garden", stdin="A dark garden.\r\n\nThe soup.\n")
    assert code == 0, printed
    assert "A dark garden.\n  polarity" in printed and "The soup.\n  polarity" in printed
    assert "aspects     garden   " in printed


def test_read_texts(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(
        '{"text": "One\\nand two."}\n\n{"text": " ", "x": 1}\n{"text": "Three.\u2028Four.", "n": [2]}\n', "utf8"
    )
    assert read_texts(path) == ["One\nand two.", "Three.\u2028Four."]
    path = tmp_path / "texts.txt"
    path.write_text("\ufeffOne.\r\n \r\n Two\u2028lines. \n", "utf8")
    assert read_texts(path) == ["One.", "Two\u2028lines."]


@pytest.mark.parametrize(
    "args,message",
    [
        (["nowhere.txt"], "[BS021] No file or directory at 'nowhere.txt'"),
        (["folder.txt"], "[BS036]"),
        (["texts.csv"], "[BS041] Cannot tell what 'texts.csv' holds"),
        (["empty.txt"], "[BS042] There is no text in empty.txt"),
        (["-"], "[BS042] There is no text in standard input"),
        (["broken.jsonl"], "[BS040] broken.jsonl, line 2: no JSON"),
        (["list.jsonl"], "[BS040] list.jsonl, line 1: no 'text'"),
        (["number.jsonl"], "[BS040] number.jsonl, line 1: no 'text'"),
        (["texts.txt", "--aspect", "battery"], "[BS043] The aspect 'battery' occurs in none of the 2 texts"),
        (["texts.txt", "--aspect", "oup"], "[BS043] The aspect 'oup'"),
        (["latin.txt"], "can't decode byte"),
    ],
)
def test_errors_are_readable(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: List[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.txt").mkdir()
    for name, text in {
        "texts.txt": "The soup.\nA garden.",
        "texts.csv": "text\nThe soup.",
        "empty.txt": "\n \n",
        "broken.jsonl": '{"text": "The soup."}\n{"text": "The soup.\n',
        "list.jsonl": '["The soup."]',
        "number.jsonl": '{"text": 7}',
    }.items():
        Path(name).write_text(text, "utf8")
    Path("latin.txt").write_bytes("caf\u00e9".encode("latin1"))
    code, printed = run("bertsent", "annotate", model, *args, "--jsonl", "out.jsonl")
    assert code == 1 and message in printed and "Nothing was annotated" in printed
    assert "Traceback" not in printed and not Path("out.jsonl").exists()


def test_pipelines_that_do_not_fit(texts: Path, tmp_path: Path) -> None:
    code, printed = run("bertsent", "annotate", tmp_path / "nothing", texts)
    assert code == 1 and "[E050]" in printed
    spacy.blank("en").to_disk(tmp_path / "blank")
    code, printed = run("bertsent", "annotate", tmp_path / "blank", texts)
    assert code == 1 and "[BS044]" in printed and "It has: no component" in printed
