import gzip
import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.tokens import Doc, SpanGroup

from spacy_bertsent.benchmark.corpora import (
    Corpus,
    find_missing,
    hash_docs,
    make_corpora,
    merge_corpora,
    read_account,
    read_docs,
    split_corpus,
    write_docs,
)
from spacy_bertsent.benchmark.suite import DataSet, Split
from spacy_bertsent.converters.split import hash_text

from .util import ToyRunner, make_data, make_suite, read_toy

NLP = spacy.blank("en")


def make_docs(*texts: str) -> List[Doc]:
    return [NLP.make_doc(text) for text in texts]


def get_dataset(folder: Path, **changes: Any) -> DataSet:
    data: Dict[str, Any] = make_suite(folder)
    data["datasets"]["foods"].update(changes)
    return read_toy(data).datasets["foods"]


def test_splits_are_made_once(tmp_path: Path) -> None:
    data, dataset, runner = make_data(tmp_path / "data"), get_dataset(tmp_path), ToyRunner()
    folder = tmp_path / "corpora"
    assert find_missing(dataset, data) == [] and read_account(dataset, data, folder) is None
    corpora = make_corpora(dataset, data, folder, runner)
    # 40 texts: 8 reported, a quarter of the others to select on.
    assert {part: corpus.texts for part, corpus in corpora.items()} == {"train": 24, "select": 8, "report": 8}
    texts = {part: [doc.text for doc in read_docs(corpus.path)] for part, corpus in corpora.items()}
    assert sorted(sum(texts.values(), [])) == sorted(f"foods number {i}" for i in range(40))
    # The lowest hashes are reported, the next ones are selected on.
    hashes = {part: [hash_text(text) for text in found] for part, found in texts.items()}
    assert max(hashes["report"]) < min(hashes["select"]) and max(hashes["select"]) < min(hashes["train"])
    assert read_account(dataset, data, folder) == corpora
    # Again, elsewhere: the same.
    again = make_corpora(dataset, data, tmp_path / "again", runner)
    assert [corpus[1:] for corpus in again.values()] == [corpus[1:] for corpus in corpora.values()]


def test_account_is_of_these_data_and_steps(tmp_path: Path) -> None:
    data, dataset = make_data(tmp_path / "data"), get_dataset(tmp_path)
    folder = tmp_path / "corpora"
    make_corpora(dataset, data, folder, ToyRunner())
    other = get_dataset(
        tmp_path, make=[*dataset.model_dump()["make"][:-1], {**dataset.model_dump()["make"][1], "share": 0.5}]
    )
    assert read_account(other, data, folder) is None
    (folder / "report.spacy").rename(folder / "x.spacy")
    assert read_account(dataset, data, folder) is None
    (folder / "x.spacy").rename(folder / "report.spacy")
    assert read_account(dataset, data, folder) is not None
    with (data / "foods.jsonl").open("a") as file:
        file.write(json.dumps({"text": "one more", "polarity": "positive"}) + "\n")
    assert read_account(dataset, data, folder) is None


def test_raw_data_may_be_packed_or_missing(tmp_path: Path) -> None:
    data, dataset = make_data(tmp_path / "data"), get_dataset(tmp_path)
    raw = data / "foods.jsonl"
    packed = Path(f"{raw}.gz")
    packed.write_bytes(gzip.compress(raw.read_bytes()))
    raw.unlink()
    assert find_missing(dataset, data) == []
    assert make_corpora(dataset, data, tmp_path / "corpora", ToyRunner())["train"].texts == 24
    packed.unlink()
    assert find_missing(dataset, data) == [raw]


def test_failing_steps(tmp_path: Path) -> None:
    data, dataset = make_data(tmp_path / "data"), get_dataset(tmp_path)
    with pytest.raises(ValueError, match="BS094.*'foods'.*failed"):
        make_corpora(dataset, data, tmp_path / "corpora", ToyRunner(broken="convert"))
    assert read_account(dataset, data, tmp_path / "corpora") is None
    short = get_dataset(tmp_path, make=dataset.model_dump()["make"][:1])
    with pytest.raises(ValueError, match="BS094.*there is no train.spacy"):
        make_corpora(short, data, tmp_path / "corpora", ToyRunner())


def test_first_texts_alone_are_split(tmp_path: Path) -> None:
    write_docs(make_docs(*(f"text {i}" for i in range(20))), tmp_path / "all.spacy")
    split_corpus(Split(split="all.spacy", rest="rest.spacy", aside="aside.spacy", share=0.25, first=8), tmp_path)
    rest, aside = ([doc.text for doc in read_docs(tmp_path / f"{x}.spacy")] for x in ("rest", "aside"))
    assert len(rest) == 6 and len(aside) == 2 and sorted(rest + aside) == [f"text {i}" for i in range(8)]


def test_corpora_are_merged(tmp_path: Path) -> None:
    corpora = []
    for name in ("a", "b"):
        write_docs(make_docs(f"{name} one", f"{name} two"), tmp_path / f"{name}.spacy")
        corpora.append(Corpus(tmp_path / f"{name}.spacy", 2, name))
    assert merge_corpora(corpora[:1], tmp_path / "x.spacy") == corpora[0] and not (tmp_path / "x.spacy").exists()
    merged = merge_corpora(corpora, tmp_path / "both" / "x.spacy")
    assert merged.texts == 4 and merged.digest not in ("a", "b")
    assert [doc.text for doc in read_docs(merged.path)] == ["a one", "a two", "b one", "b two"]


def test_digest_is_of_texts_and_annotation() -> None:
    def digest(text: str = "The soup.", cats: Any = None, label: str = "positive", category: str = "FOOD") -> str:
        doc = NLP.make_doc(text)
        doc.cats = cats or {"polarity:positive": 1.0, "polarity:negative": 0.0}
        span = doc.char_span(4, 8, label=label, kb_id=category)
        doc.spans["aspects"] = SpanGroup(doc, spans=[span])
        return hash_docs([doc])

    assert digest() == digest() == digest(cats={"polarity:negative": 0.0, "polarity:positive": 1.0})
    others = [digest("The soap."), digest(cats={"polarity:positive": 1.0}), digest(label="x"), digest(category="x")]
    assert len({digest(), *others}) == 5
    assert hash_docs(make_docs("a", "b")) != hash_docs(make_docs("b", "a"))
