import json
import re
from pathlib import Path
from typing import List

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_bertsent.cli.debug_data import MAX_CATEGORIES, load_pipeline, make_facts, make_labels, read_docs
from spacy_bertsent.corpus_checks import Checks, check_corpora

from ..corpus_checks.util import NLP, make_doc
from ..util import LONGEST, make_nlp
from .util import make_corpus, run

TRAIN = [
    make_doc("The soup was hot.", polarity="positive", emotions={"joy": 1.0, "fear": 1.0}),
    make_doc("The soup was cold.", polarity="negative", emotions={"joy": 0.0, "fear": 0.0}),
    make_doc("The soup was old.", polarity="negative", aspects=[("soup", "FOOD", "negative")]),
    make_doc("A road.", aspects=[("A road.", "PLACE", ""), ("road", "", "neutral"), ("road", "PLACE", "neutral")]),
]
DEV = [
    make_doc("the SOUP was hot", polarity="positive"),
    make_doc("A garden.", aspects=[]),
]


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`train.spacy` and `dev.spacy` in the current directory."""
    monkeypatch.chdir(tmp_path)
    write("train.spacy", TRAIN)
    write("dev.spacy", DEV)


@pytest.fixture
def checks() -> Checks:
    return check_corpora({"train": TRAIN, "dev": DEV}, NLP)


def write(path: str, docs: List[Doc]) -> None:
    DocBin(docs=docs).to_disk(path)


def debug(*args: object) -> "tuple[int, str]":
    return run("bertsent", "debug-data", *args)


def test_clean(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", "The")
    code, printed = debug(corpus, "--rare", 0)
    assert code == 0, printed
    assert printed.endswith("error    -\nwarning  -\ninfo     -\n")
    assert re.search(r"^Texts +30$", printed, re.MULTILINE)
    assert re.search(r"^Polarity +positive +10 \(33.3%\)$", printed, re.MULTILINE)


def test_findings(corpora: None) -> None:
    code, printed = debug("train.spacy", "dev.spacy")
    assert code == 1
    assert "error    leaks  Texts of 'dev' that are in 'train', too: 1 of 2\n" in printed
    assert "\n    dev 0: 'the SOUP was hot'  [= train 0]\n" in printed
    assert "info     aspects-without-sentiment  Aspects of 'train' without a sentiment: 1 of 4\n" in printed
    assert "\n    train 3: 'A road.'  [PLACE (0 to 7)]\n" in printed
    assert printed.endswith(
        "error    leaks\nwarning  rare-labels\ninfo     aspects-without-sentiment, unmeasured-labels\n"
    )


def test_what_decides_the_exit_code(corpora: None) -> None:
    code, printed = debug("train.spacy", "dev.spacy", "--ignore", "leaks")
    assert code == 0
    assert "\nerror    leaks" not in printed and printed.endswith("ignored  leaks\n")
    assert debug("train.spacy", "dev.spacy", "--ignore", "leaks", "--strict")[0] == 1
    assert debug("train.spacy", "dev.spacy", "-i", "leaks", "-i", "rare-labels", "--strict")[0] == 0
    assert debug("train.spacy")[0] == 0
    assert debug("train.spacy", "--rare", 0, "--strict")[0] == 0


def test_json(corpora: None) -> None:
    code, printed = debug("train.spacy", "dev.spacy", "--json", "new/out.json", "--ignore", "rare-labels")
    data = json.loads(Path("new/out.json").read_text("utf8"))
    assert code == 1 and "new/out.json" in printed
    assert (data["passed"], data["strict"], data["ignored"]) == (False, False, ["rare-labels"])
    assert [data["splits"][name]["docs"] for name in ("train", "dev")] == [4, 2]
    (leaks,) = (finding for finding in data["findings"] if finding["name"] == "leaks")
    assert leaks["cases"] == [{"split": "dev", "number": 0, "text": "the SOUP was hot", "detail": "= train 0"}]
    assert "rare-labels" in {finding["name"] for finding in data["findings"]}, "ignored, but there"
    code, _ = debug("train.spacy", "--json", "out.json")
    assert json.loads(Path("out.json").read_text("utf8"))["passed"] and code == 0


def test_number_of_cases(corpora: None) -> None:
    write("many.spacy", [make_doc("The soup.", polarity="positive")] * 8)
    _, printed = debug("many.spacy", "--rare", 0)
    assert printed.count("[= many 0]") == 5 and "    and 2 more\n" in printed
    _, printed = debug("many.spacy", "--rare", 0, "--verbose")
    assert printed.count("[= many 0]") == 7 and "more" not in printed


def test_long_texts_are_shortened(corpora: None) -> None:
    text = "The soup was\n" + 50 * "very " + "hot."
    write("long.spacy", [make_doc(text)])
    _, printed = debug("long.spacy")
    assert "    long 0: 'The soup was very very" in printed
    assert max(map(len, printed.split("\n"))) <= 120 and "very...'" in printed


def test_near(corpora: None) -> None:
    write("test.spacy", [make_doc("Old was the soup.", polarity="negative")])
    _, printed = debug("train.spacy", "test.spacy")
    assert "near-leaks" in printed and "[1.00 like train 2: 'The soup was old.']" in printed
    _, printed = debug("train.spacy", "test.spacy", "--no-near")
    assert "near" not in printed


def test_model(corpora: None, weights: Path, tmp_path: Path) -> None:
    nlp = make_nlp(weights, "polarity", "emotions", config={"emotions": {"labels": ["joy"]}})
    nlp.to_disk("model")
    write("long.spacy", [make_doc("soup " * LONGEST, emotions={"joy": 1.0}), make_doc("a", emotions={"fear": 1.0})])
    code, printed = debug("long.spacy", "--model", "model")
    assert code == 1
    assert "unknown-labels  Labels of 'long' that the pipeline does not have: 1 of 2\n    'fear'" in printed
    assert re.search(rf"^Texts longer than a window of {LONGEST} +1 \(50.0%\)$", printed, re.MULTILINE)
    assert "long-texts" in printed
    _, printed = debug("long.spacy", "--model", "model", "--window", 20)
    assert f"[{LONGEST} wordpieces, 4 windows]" in printed


def test_config(corpora: None, weights: Path) -> None:
    nlp = make_nlp(weights, "polarity", initialize=False)
    nlp.config.to_disk("config.cfg")
    code, printed = debug("train.spacy", "--model", "config.cfg")
    assert code == 0, printed
    assert "Wordpieces of the longest text" in printed and "skipped" not in printed
    loaded = load_pipeline("config.cfg")
    assert loaded.pipe_names == ["sentencizer", "backbone", "polarity"]


def test_without_backbone(corpora: None) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk("model")
    code, printed = debug("train.spacy", "--model", "model")
    assert code == 0 and "skipped  Wordpieces were not counted: the pipeline has no backbone\n" in printed
    assert "Wordpieces of" not in printed


def test_language(corpora: None) -> None:
    doc = make_doc("We can't eat soup.", aspects=[("ca", "", "negative")])
    write("train.spacy", [doc])
    assert debug("train.spacy")[0] == 0
    code, printed = debug("train.spacy", "--lang", "de")
    assert code == 1 and "off-tokens" in printed and '["ca' not in printed
    assert "'ca' (3 to 5) in the tokens \"can't\"" in printed
    assert load_pipeline(None, "de").lang == "de"


def test_names_and_directories(corpora: None) -> None:
    for name in ("one", "two"):
        Path(name, "part").mkdir(parents=True)
        write(f"{name}/train.spacy", TRAIN[:1])
        write(f"{name}/part/more.spacy", TRAIN[1:])
    assert [doc.text for doc in read_docs(NLP, Path("one"))] == [doc.text for doc in [*TRAIN[1:], TRAIN[0]]]
    code, printed = debug("one", "two")
    assert code == 1 and "Texts of 'two' that are in 'one', too: 4 of 4" in printed
    _, printed = debug("one/train.spacy", "two/train.spacy")
    assert "Texts of 'two/train.spacy' that are in 'one/train.spacy', too: 1 of 1" in printed


def test_no_gold(corpora: None) -> None:
    write("plain.spacy", [make_doc("The soup.")])
    code, printed = debug("plain.spacy")
    assert code == 0 and "Label" not in printed
    assert "unannotated  Texts of 'plain' with neither polarity nor emotions nor aspects annotated: 1 of 1" in printed


def test_empty_documents_are_read(corpora: None) -> None:
    write("train.spacy", [make_doc("", polarity="positive"), TRAIN[0]])
    assert "Texts of 'train' without words: 1 of 2" in debug("train.spacy")[1]


def test_facts(checks: Checks) -> None:
    table = make_facts(checks)
    rows = {row[0].strip(): row[1:] for row in table.rows}
    assert table.header == ["", "train", "dev"]
    assert rows["Texts"] == ["4", "2"]
    assert rows["Polarity annotated"] == ["3 (75.0%)", "1 (50.0%)"]
    assert rows["none applies"] == rows["several apply"] == ["1 (50.0%)", "0"]
    assert rows["Aspects annotated"] == ["2 (50.0%)", "1 (50.0%)"]
    assert rows["none"] == ["0", "1 (100.0%)"]
    assert rows["most in a text"] == ["3", "0"]
    assert rows["without words (category only)"] == rows["without sentiment"] == ["1 (25.0%)", "0"]
    assert rows["Spans with several opinions"] == ["1", "0"]
    assert not [name for name in rows if name.startswith("Texts longer")], "zeros are left out"


def test_labels(checks: Checks) -> None:
    assert make_labels(checks, MAX_CATEGORIES).rows == [
        ["Polarity", "negative", "2 (66.7%)", "0"],
        ["Polarity", "positive", "1 (33.3%)", "1 (100.0%)"],
        ["Emotion", "fear", "1 (50.0%)", "0"],
        ["Emotion", "joy", "1 (50.0%)", "0"],
        ["Aspect sentiment", "neutral", "2 (66.7%)", "0"],
        ["Aspect sentiment", "negative", "1 (33.3%)", "0"],
        ["Aspect category", "PLACE", "2 (66.7%)", "0"],
        ["Aspect category", "FOOD", "1 (33.3%)", "0"],
    ]
    assert make_labels(checks, 1).rows[-2:] == [
        ["Aspect category", "PLACE", "2 (66.7%)", "0"],
        ["Aspect category", "and 1 more", "", ""],
    ]


@pytest.mark.parametrize(
    "args,message",
    [
        (["nowhere.spacy"], "[BS021] No file or directory at 'nowhere.spacy'"),
        (["train.spacy", "text.spacy"], "[BS049] 'text.spacy' is not in spaCy's binary format"),
        (["empty.spacy"], "[BS060] There are no documents in 'empty.spacy'"),
        (["folder"], "[BS060] There are no documents in 'folder'"),
        (["train.spacy", "--ignore", "leak"], "[BS061] No finding is called 'leak'. They are: leaks, "),
        (["train.spacy", "--window", "3"], "[BS062] A window of 3 wordpieces is too small. Expected 8 or more"),
        (["train.spacy", "--model", "no.cfg"], "[BS021] No file or directory at 'no.cfg'"),
        (["train.spacy", "--model", "no_such_model"], "[E050]"),
        (["train.spacy", "--lang", "qq"], "qq"),
    ],
)
def test_errors_are_readable(corpora: None, args: List[str], message: str) -> None:
    write("empty.spacy", [])
    Path("text.spacy").write_text("The soup.", "utf8")
    Path("folder").mkdir()
    code, printed = debug(*args, "--json", "out.json")
    assert code == 1 and message in printed and "The corpora were not checked" in printed
    assert "Traceback" not in printed and not Path("out.json").exists()
