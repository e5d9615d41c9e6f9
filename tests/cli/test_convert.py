import gzip
import re
from pathlib import Path
from typing import List, Tuple

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

import spacy_bertsent.cli  # noqa: F401
from spacy_bertsent.cli.convert import convert

DATA = Path(__file__).parent.parent / "data"
CORPUS = DATA.parent.parent / "corpus"


def run(*args: object) -> Tuple[int, str]:
    result = CliRunner().invoke(app, ["bertsent", "convert", *map(str, args)])
    return result.exit_code, re.sub(r"\x1b\[[\d;]*m", "", result.output)


def count(path: Path) -> int:
    return len(DocBin().from_disk(path))


def read_texts(path: Path) -> List[str]:
    return [doc.text for doc in DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)]


def test_convert(tmp_path: Path) -> None:
    output = tmp_path / "new" / "out.spacy"
    code, printed = run("bertsent", DATA / "bertsent.jsonl", output)
    assert code == 0, printed
    assert count(output) == 7
    for pattern in (r"polarity:positive +1\n", r"emotion:joy +2\n", r"positive +3\n", r"\(no sentiment\) +1\n"):
        assert re.search(pattern, printed), printed
    assert f"7 docs: {output}".replace(" ", "") in re.sub(r"\s", "", printed)
    assert "Left out: 1 x unknown key 'emotion'" in printed
    assert "Moved to token boundaries: 1 aspects\n    'battery' -> 'Superbattery'" in printed


def test_several_inputs(tmp_path: Path) -> None:
    output = tmp_path / "out.spacy"
    code, printed = run("sst2", DATA / "sst2.tsv", DATA / "sst2.tsv", output)
    assert code == 0, printed
    assert count(output) == 10


def test_language(tmp_path: Path) -> None:
    output = tmp_path / "out.spacy"
    assert run("sst2", DATA / "sst2.tsv", output, "--lang", "de")[0] == 0
    code, printed = run("sst2", DATA / "sst2.tsv", output, "--lang", "qq")
    assert code == 1 and "qq" in printed


def test_settings(tmp_path: Path) -> None:
    output = tmp_path / "out.spacy"
    assert run("sst_trees", DATA / "sst_trees.txt", output, "--sentences", "--classes", "three", "--lower")[0] == 0
    docs = list(DocBin().from_disk(output).get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs][:2] == ["a film worth the ticket", "it drags ."]
    assert len(docs) == 5 and len(docs[0].cats) == 3
    code, printed = run(
        "semeval2014", DATA / "semeval2014.xml", output, "--aspects", "categories", "--conflict", "keep"
    )
    assert code == 0 and re.search(r"conflict +1\n", printed)


def test_split(tmp_path: Path) -> None:
    train, dev = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    code, printed = run("bertsent", CORPUS / "dev.jsonl", train, "--dev", dev, "--dev-share", 0.25)
    assert code == 0, printed
    n_texts = len((CORPUS / "dev.jsonl").read_text("utf8").strip().split("\n"))
    assert count(train) + count(dev) == n_texts
    assert count(dev) == int(0.25 * n_texts)


def test_skip_errors(tmp_path: Path) -> None:
    output = tmp_path / "out.spacy"
    code, printed = run("sst2", DATA / "sst2_faulty.tsv", output)
    assert code == 1 and not output.exists()
    assert f"[BS014] {DATA / 'sst2_faulty.tsv'}, line 2: 1 columns" in printed
    assert "Traceback" not in printed
    code, printed = run("sst2", DATA / "sst2_faulty.tsv", output, "-s")
    assert code == 0 and count(output) == 2
    assert f"Skipped: 5 faulty rows\n    {DATA / 'sst2_faulty.tsv'}, line 2: 1 columns" in printed


@pytest.mark.parametrize(
    "args,message",
    [
        (["sst5", "sst2.tsv", "out.spacy"], "[BS015] Unknown converter 'sst5'"),
        (["sst2", "nowhere.tsv", "out.spacy"], "[BS021] No file or directory at"),
        (["sst2", ".", "out.spacy"], "[BS036]"),
        (["sst2", "sst2.tsv", "sst2.tsv"], "[BS034] The output"),
        (["sst2", "sst2.tsv", "out.spacy", "--dev", "out.spacy"], "[BS038] Both parts"),
        (["sst2", "sst2.tsv", "out.spacy", "--dev", "dev.spacy", "--dev-share", "7"], "[BS035] Cannot put 7.0 of 5"),
        (["sst2", "sst2.tsv", "out.spacy", "--aspects", "terms"], "[BS032] The converter 'sst2' takes no --aspects"),
        (["semeval2014", "mams.xml", "out.spacy", "--phrases"], "takes no --phrases/--sentences. Its options: --asp"),
        (["semeval2014", "mams.xml", "out.spacy", "--conflict", "x"], "[BS033] Unknown value 'x' of --conflict"),
        (["semeval2014", "sst2.tsv", "out.spacy"], "[BS030]"),
        (["goemotions", "sst2.tsv", "out.spacy", "--skip-errors"], "[BS037] Nothing to write"),
    ],
)
def test_errors_are_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: "list[str]", message: str) -> None:
    for path in DATA.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    code, printed = run(*args)
    assert code == 1
    assert message in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "out.spacy").exists()


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_corpus_stands_on_token_boundaries(tmp_path: Path, split: str) -> None:
    path = CORPUS / f"{split}.jsonl"
    summary = convert("bertsent", [path], tmp_path / "out.spacy")
    assert not summary.report.moved and not summary.report.dropped and not summary.report.faults
    assert sum(summary.docs.values()) == len(path.read_text("utf8").strip("\n").split("\n"))


def test_packed_file_is_found(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "rows.tsv.gz", "wt", encoding="utf8") as f:
        f.write("a fine film\t1\n")
    summary = convert("sst2", [tmp_path / "rows.tsv"], tmp_path / "rows.spacy")
    assert summary.docs == {tmp_path / "rows.spacy": 1}


def test_settings_of_other_converters(tmp_path: Path) -> None:
    output = tmp_path / "out.spacy"
    code, printed = run("semeval2016", DATA / "semeval2016.xml", output, "--aspects", "terms", "--out-of-scope", "keep")
    assert code == 0 and count(output) == 5
    assert "Left out: 2 x opinion without a target" in printed
    assert "Changed: 2 x target in another case than in the text" in printed
    for switch, n_docs in (("--merge", 2), ("--no-merge", 5)):
        assert run("pyabsa", DATA / "pyabsa.raw", output, switch)[0] == 0
        assert count(output) == n_docs
    mapping = DATA / "goemotions_mapping.json"
    code, printed = run("goemotions", DATA / "goemotions.tsv", output, "--mapping", mapping)
    assert code == 0 and re.search(r"emotion:good +2\n", printed)
    assert run("semeval2018_ec", DATA / "semeval2018_ec.txt", output, "--unescape")[0] == 0
    assert read_texts(output)[3] == "Hoping for <3 and sun tomorrow"
    assert run("imdb", DATA / "imdb.csv", output, "--breaks", "keep")[0] == 0
    assert "<br /><br />" in read_texts(output)[0]
    code, printed = run("tagged", DATA / "tagged.txt", output, "--lang", "es", "--merge")
    assert code == 1 and "[BS032] The converter 'tagged' takes no --merge/--no-merge. Its options: none" in printed
