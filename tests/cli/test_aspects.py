import csv
import json
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from spacy_bertsent.cli.aspects import iter_docs
from spacy_bertsent.cli.convert import convert
from spacy_bertsent.rollup import count_aspects

from ..util import KEYWORDS, make_nlp, set_heads
from .util import make_corpus, run

ROOT = Path(__file__).parent.parent.parent
TEXTS = ["A dark road.", "The soup was rude, the Soup was happy.", "Nothing.", "What a garden and a soup."]


@pytest.fixture(scope="module")
def model(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    config: Dict[str, Dict[str, Any]] = {"aspects": {"keywords": KEYWORDS}}
    nlp = make_nlp(weights, "aspects", "backbone", "aspect_sentiment", config=config)
    set_heads(nlp)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    rows = [{"text": text, "id": i, "meta": {"key": f"k{i}"}} for i, text in enumerate(TEXTS)]
    path.write_text("\n".join(map(json.dumps, rows)), "utf8")
    return path


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf8"))


def test_gold_without_a_pipeline(corpus: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "new" / f"table.{suffix}" for suffix in ("csv", "json", "html")]
    options = [x for path in outputs for x in ("--output", path)]
    code, printed = run("bertsent", "aspects", corpus, *options, "--by", "category", "--per-doc", "-e", 1)
    assert code == 0, printed
    assert "30 texts, 30 of them with aspects: 30 mentions, 4 categories" in printed
    # Two things are of this category; each is twice positive, neutral and negative.
    assert re.search(r"PLACE +12 +12 +4 \(33%\) +4 \(33%\) +4 \(33%\) +\+0\.00", printed)
    data = read_json(outputs[1])
    assert [(row["category"], row["count"]) for row in data["rows"]] == [
        ("PLACE", 12),
        ("FOOD", 6),
        ("PRICE", 6),
        ("STAFF", 6),
    ]
    positive = data["rows"][0]["sentiments"]["positive"]
    assert (positive["count"], positive["mean_score"]) == (4, None)
    assert [x["text"] for x in positive["examples"]] == ["The garden was happy."]
    assert len(data["documents"]) == 30 and data["documents"][29]["id"] == "30"
    assert outputs[2].read_text("utf8").count("<table>") == 31
    beside = tmp_path / "new" / "table.documents.csv"
    for path in (*outputs, beside):
        assert path.exists() and f"Saved: {path}" in " ".join(printed.split())
    with beside.open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == 90


def test_pipeline_on_texts(model: Path, texts: Path, tmp_path: Path) -> None:
    output = tmp_path / "table.json"
    code, printed = run("bertsent", "aspects", model, texts, "-o", output, "--sort", "name", "--per-doc")
    assert code == 0, printed
    data = read_json(output)
    nlp = spacy.load(model)
    found = [aspect for doc in nlp.pipe(TEXTS) for aspect in doc._.aspects]
    assert [(row["aspect"], row["count"], row["documents"]) for row in data["rows"]] == [
        ("garden", 1, 1),
        ("road", 1, 1),
        ("soup", 3, 2),
    ]
    soups = [aspect for aspect in found if aspect.text.lower() == "soup"]
    for label, cell in data["rows"][2]["sentiments"].items():
        assert cell["mean_score"] == pytest.approx(sum(x.scores[label] for x in soups) / 3, abs=1e-5)
        assert cell["count"] == sum(x.sentiment == label for x in soups)
    assert [document["id"] for document in data["documents"]] == ["0", "1", "3"]
    assert "P(positive)" in printed and "Mentions are joined by their words in lower case" in printed


def test_ids(model: Path, texts: Path, tmp_path: Path) -> None:
    nlp = spacy.load(model)

    def get_ids(path: Path, **settings: str) -> List[str]:
        return [name for _, name in iter_docs(nlp, path, **settings)]

    assert get_ids(texts) == ["0", "1", "2", "3"]
    assert get_ids(texts, id_field="meta.key") == ["k0", "k1", "k2", "k3"]
    plain = tmp_path / "texts.txt"
    plain.write_text("\nThe soup.\n\nA road.", "utf8")
    assert get_ids(plain) == ["2", "4"]
    with pytest.raises(ValueError, match=r"BS112.*texts.jsonl, line 1: .* 'meta', .* keys: id, meta"):
        get_ids(texts, id_field="meta")
    stored = tmp_path / "stored.spacy"
    doc = nlp("The soup.")
    doc.user_data["name"] = "first"
    DocBin(docs=[doc], store_user_data=True).to_disk(stored)
    assert [name for _, name in iter_docs(None, stored, id_field="name")] == ["first"]
    assert [name for _, name in iter_docs(None, stored)] == ["1"]


def test_stored_texts_are_annotated_anew(model: Path, corpus: Path) -> None:
    nlp = spacy.load(model)
    predicted, gold = (count_aspects(iter_docs(x, corpus)) for x in (nlp, None))
    assert [(row.aspect, row.count) for row in predicted.rows] == [(row.aspect, row.count) for row in gold.rows]
    assert predicted.total.scored["positive"] == 30 and not gold.total.scored
    # A directory is read file by file.
    assert count_aspects(iter_docs(None, corpus.parent)) == gold


def test_standard_input_and_few_rows(model: Path) -> None:
    code, printed = run("bertsent", "aspects", model, "-", "--min-count", 2, stdin="The soup.\nA road and soup.\n")
    assert code == 0, printed
    assert "2 texts, 2 of them with aspects: 3 mentions, 2 aspects" in printed
    assert "Left out for too few mentions: 1 rows with 1 mentions together." in printed
    assert "road " not in printed


def test_long_tables_are_cut_on_the_screen_only(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(f"thing{i:02}") for i in range(25)]
    for doc in docs:
        doc.spans["aspects"] = [doc[:]]
    DocBin(docs=docs).to_disk(tmp_path / "c.spacy")
    code, printed = run("bertsent", "aspects", tmp_path / "c.spacy", "-o", tmp_path / "c.json")
    assert code == 0, printed
    assert "thing19" in printed and "thing20" not in printed and "And 5 more rows." in printed
    assert "No aspect has a sentiment" in printed and len(read_json(tmp_path / "c.json")["rows"]) == 25


def save(nlp: Language, path: Path) -> Path:
    nlp.to_disk(path)
    return path


def test_no_aspects(model: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.txt"
    nothing.write_text("Hello.\nBye.", "utf8")
    soup = tmp_path / "soup.txt"
    soup.write_text("The soup.", "utf8")
    blank = spacy.blank("en")
    stored = {"bare": [blank("A soup.")], "empty": [blank("A soup."), blank("A road.")]}
    stored["empty"][0].spans["aspects"] = []
    stored["plain"] = [blank("A soup.")]
    stored["plain"][0].spans["aspects"] = [stored["plain"][0][1:2]]
    for name, docs in stored.items():
        DocBin(docs=docs).to_disk(tmp_path / f"{name}.spacy")
    empty = save(blank, tmp_path / "blank")
    blank.add_pipe("bertsent_aspects", name="aspects", config={"keywords": {"FOOD": ["soup"]}})
    unrated = save(blank, tmp_path / "unrated")
    for args, message in (
        ([tmp_path / "bare.spacy"], "of 1 texts, 0 have aspects annotated, and none has one"),
        ([tmp_path / "empty.spacy"], "of 2 texts, 1 have aspects annotated, and none has one"),
        ([empty, soup], "the pipeline has no component that finds aspects (it has: no component)"),
        ([model, nothing], ") found none in 2 texts"),
        ([tmp_path / "plain.spacy", "--by", "category"], "no aspect has a category.\n        Type: --by aspect"),
        ([model, soup, "-m", 2], "the most frequent one 1 times.\n        Type: --min-count 1"),
    ):
        code, printed = run("bertsent", "aspects", *args, "-o", tmp_path / "out.json")
        assert code == 1 and "[BS078] There are no aspects to count in" in printed and message in printed, printed
        assert "Traceback" not in printed and not (tmp_path / "out.json").exists()
    code, printed = run("bertsent", "aspects", unrated, soup)
    assert code == 0 and 'No aspect has a sentiment: the pipeline has no "bertsent_aspect_sentiment"' in " ".join(
        printed.split()
    )


@pytest.mark.parametrize(
    "args,message",
    [
        (["c.spacy", "-o", "table.xlsx"], "[BS079] Cannot tell from the name 'table.xlsx' what to write"),
        (["c.spacy", "-o", "folder.csv"], "[BS036]"),
        (["c.spacy", "--by", "word"], "[BS033] Unknown value 'word' of --by"),
        (["c.spacy", "--sort", "net"], "[BS033] Unknown value 'net' of --sort"),
        (["c.spacy", "texts.txt"], "[BS110] Expected a pipeline and texts, or annotated texts alone"),
        (["MODEL"], "[BS110]"),
        (["MODEL", "texts.csv"], "[BS041]"),
        (["MODEL", "latin.txt"], "[BS111] latin.txt, line 2 is not in UTF-8"),
        (["MODEL", "broken.jsonl"], "[BS040] broken.jsonl, line 2: no JSON"),
        (["MODEL", "half.jsonl"], "[BS113] half.jsonl, line 2: the pipeline cannot read this text: "),
        (["MODEL", "long.txt"], "[BS113] long.txt, line 1: the pipeline cannot read this text: [E088]"),
        (["MODEL", "texts.txt", "--id-field", "id"], "[BS112] texts.txt, line 1: "),
        (["nowhere.spacy"], "[BS021]"),
        (["faulty.spacy"], "[BS049] 'faulty.spacy' is not in spaCy's binary format"),
        (["nowhere", "texts.txt"], "[E050]"),
    ],
)
def test_errors_are_readable(
    model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: List[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.spacy").write_bytes(corpus.read_bytes())
    Path("faulty.spacy").write_bytes(corpus.read_bytes()[:100])
    Path("folder.csv").mkdir()
    for name, text in {
        "texts.txt": "The soup.",
        "texts.csv": "text\nThe soup.",
        "broken.jsonl": '{"text": "The soup."}\n{"text": ',
        "half.jsonl": '{"text": "The soup."}\n{"text": "\\ud83d soup"}',
        "long.txt": "a " * 500_001,
    }.items():
        Path(name).write_text(text, "utf8")
    Path("latin.txt").write_bytes("soup\ncaf\u00e9".encode("latin1"))
    code, printed = run("bertsent", "aspects", *[model if x == "MODEL" else x for x in args])
    assert code == 1 and message in printed and "No aspects were counted" in printed, printed
    assert "Traceback" not in printed


def test_page_of_docs_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The examples of docs/rollup.md print what they show."""
    page = (ROOT / "docs" / "rollup.md").read_text("utf8")
    monkeypatch.chdir(tmp_path)
    convert("bertsent", [ROOT / "corpus" / "dev.jsonl"], Path("corpus/dev.spacy"))
    for options in ("--by category --min-count 8 --sort negative", "--by both --min-count 3"):
        command = f"aspects corpus/dev.spacy {options}"
        code, printed = run("bertsent", *command.split())
        assert code == 0 and f"python -m spacy bertsent {command}" in page
        table = printed[printed.index("244 texts") :].strip()
        assert "\n".join(line.rstrip() for line in table.split("\n")) in page
    capsys.readouterr()
    example, printed = page.split("```python\n")[1].split("```\n\n```\n")[:2]
    exec(example, {})
    assert printed.startswith(capsys.readouterr().out + "```")


def test_lemmas_of_the_pipeline(tmp_path: Path) -> None:
    class Lemmas:
        def __call__(self, doc: Doc) -> Doc:
            for token in doc:
                token.lemma_ = token.lower_.rstrip("s")
            return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("bertsent_aspects", name="aspects", config={"keywords": {"": ["soup", "soups"]}})
    Language.component("test_lemmas", func=Lemmas())
    nlp.add_pipe("test_lemmas")
    path = tmp_path / "texts.txt"
    path.write_text("Two soups.\nA soup.", "utf8")
    rollup = count_aspects(iter_docs(nlp, path))
    assert [(row.aspect, row.count, dict(row.forms)) for row in rollup.rows] == [("soup", 2, {"soups": 1, "soup": 1})]
