import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any, Dict, Iterable, List, Set, Tuple

import pytest

from spacy_bertsent.labels import PLUTCHIK, SENTIMENTS

CORPUS = Path(__file__).parent.parent / "corpus"
SPLITS = ("train", "dev", "test")
HELD_OUT = (
    "Great, another boring superhero movie",
    "This is not a bad film",
    "The phone camera is excellent but battery life is terrible.",
    "I'm excited about the trip but worried about the cost.",
)
Row = Dict[str, Any]


def read_split(split: str) -> List[Row]:
    lines = (CORPUS / f"{split}.jsonl").read_text("utf8").split("\n")
    return [json.loads(line) for line in lines if line]


ROWS = {split: read_split(split) for split in SPLITS}
ALL = [row for rows in ROWS.values() for row in rows]


def get_words(text: str) -> List[str]:
    return re.findall(r"\w+", text.lower())


def get_shingles(text: str) -> Set[Tuple[str, ...]]:
    words = get_words(text)
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def jaccard(a: Set[Any], b: Set[Any]) -> float:
    return len(a & b) / len(a | b)


def get_sentiments(row: Row) -> List[str]:
    return [aspect["sentiment"] for aspect in row["aspects"]]


def make_table(header: str, rows: Iterable[Tuple[str, Iterable[Any]]]) -> str:
    """Write the table of the corpus's README: a name and a number for each split and for all."""
    lines = [f"| {header} | train | dev | test | all |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [f"| {name} | {' | '.join(map(str, numbers))} |" for name, numbers in rows]
    return "\n".join(lines)


def count_by_split(rows_to_items: Any, names: Iterable[str]) -> List[Tuple[str, List[int]]]:
    counts = [Counter(rows_to_items(ROWS[split])) for split in SPLITS]
    counts.append(sum(counts, Counter()))
    return [(name, [count[name] for count in counts]) for name in names]


def make_tables() -> List[str]:
    """Make all tables of the corpus's README out of the files."""
    parts = [*ROWS.values(), ALL]
    domains = sorted({row["domain"] for row in ALL})
    sizes = [[len(get_words(row["text"])) for row in rows] for rows in parts]
    texts = count_by_split(lambda rows: [row["domain"] for row in rows], domains)
    polarities = count_by_split(lambda rows: [row["polarity"] for row in rows], SENTIMENTS)
    aspects = count_by_split(lambda rows: [x for row in rows for x in get_sentiments(row)], SENTIMENTS)
    emotions = count_by_split(lambda rows: [x for row in rows for x in row["emotions"]], PLUTCHIK)
    features = [
        ("a weak judgement", [sum("intensity" in row for row in rows) for rows in parts]),
        ("no aspect", [sum(not row["aspects"] for row in rows) for rows in parts]),
        ("two or more aspects", [sum(len(row["aspects"]) > 1 for row in rows) for rows in parts]),
        ("opposite aspects", [sum(has_opposites(row) for row in rows) for rows in parts]),
        ("the same words as two aspects", [sum(has_twins(row) for row in rows) for rows in parts]),
        ("no emotion", [sum(not row["emotions"] for row in rows) for rows in parts]),
        ("two or more emotions", [sum(len(row["emotions"]) > 1 for row in rows) for rows in parts]),
    ]
    lengths = [
        ("shortest", [min(size) for size in sizes]),
        ("median", [round(median(size)) for size in sizes]),
        ("longest", [max(size) for size in sizes]),
    ]
    return [
        make_table("texts", [*texts, ("all", map(len, parts))]),
        make_table("polarity", polarities),
        make_table("aspect sentiment", aspects),
        make_table("emotion", emotions),
        make_table("texts with", features),
        make_table("words in a text", lengths),
    ]


def has_opposites(row: Row) -> bool:
    return {"positive", "negative"} <= set(get_sentiments(row))


def has_twins(row: Row) -> bool:
    texts = [aspect["text"].lower() for aspect in row["aspects"]]
    return len(set(texts)) < len(texts)


def test_size() -> None:
    domains = Counter(row["domain"] for row in ALL)
    assert len(ALL) >= 800
    assert len(domains) >= 8
    assert min(domains.values()) >= 100
    shares = {split: len(rows) / len(ALL) for split, rows in ROWS.items()}
    assert shares == pytest.approx({"train": 0.7, "dev": 0.1, "test": 0.2}, abs=0.01)


def test_splits_are_stratified() -> None:
    whole = Counter((row["domain"], row["polarity"]) for row in ALL)
    for split, share in (("dev", 0.1), ("test", 0.2)):
        part = Counter((row["domain"], row["polarity"]) for row in ROWS[split])
        for key, count in whole.items():
            assert abs(part[key] - share * count) <= 0.5, (split, key)


@pytest.mark.parametrize("split", SPLITS)
def test_rows(split: str) -> None:
    domains = [row["domain"] for row in ROWS[split]]
    assert domains == sorted(domains)
    for row in ROWS[split]:
        text = row["text"]
        assert [key for key in row if key != "intensity"] == ["text", "domain", "polarity", "aspects", "emotions"]
        assert "intensity" not in row or (row["intensity"] == "weak" and row["polarity"] != "neutral"), text
        assert text and text == text.strip()
        assert row["polarity"] in SENTIMENTS
        assert row["emotions"] == [label for label in PLUTCHIK if label in row["emotions"]]
        end = 0
        for aspect in row["aspects"]:
            assert list(aspect) == ["start", "end", "text", "category", "sentiment"]
            assert end <= aspect["start"] < aspect["end"], text
            end = aspect["end"]
            assert text[aspect["start"] : end] == aspect["text"]
            assert not re.search(r"\w$", text[: aspect["start"]]) and not re.match(r"\w", text[end:]), text
            assert aspect["sentiment"] in SENTIMENTS
            assert re.fullmatch(r"[A-Z]+", aspect["category"])


@pytest.mark.parametrize("split", SPLITS)
def test_labels_are_balanced(split: str) -> None:
    rows = ROWS[split]
    polarities = Counter(row["polarity"] for row in rows)
    assert all(0.22 <= polarities[label] / len(rows) <= 0.4 for label in SENTIMENTS), polarities
    sentiments = Counter(x for row in rows for x in get_sentiments(row))
    assert all(0.1 <= sentiments[label] / sum(sentiments.values()) <= 0.5 for label in SENTIMENTS), sentiments
    emotions = Counter(x for row in rows for x in row["emotions"])
    assert all(0.04 <= emotions[label] / len(rows) <= 0.25 for label in PLUTCHIK), emotions


def test_no_near_duplicates() -> None:
    shingles = [get_shingles(row["text"]) for row in ALL]
    # Only texts that share a shingle can be alike: far fewer pairs than all.
    places: Dict[Tuple[str, ...], List[int]] = {}
    for i, found in enumerate(shingles):
        for shingle in found:
            places.setdefault(shingle, []).append(i)
    pairs = {pair for group in places.values() for pair in combinations(group, 2)}
    alike = [(i, j) for i, j in pairs if jaccard(shingles[i], shingles[j]) > 0.3]
    assert not alike, [(ALL[i]["text"], ALL[j]["text"]) for i, j in alike]


@pytest.mark.parametrize("sentence", HELD_OUT)
def test_held_out_sentences_are_absent(sentence: str) -> None:
    words, shingles = set(get_words(sentence)), get_shingles(sentence)
    for row in ALL:
        assert jaccard(words, set(get_words(row["text"]))) < 0.4, row["text"]
        assert jaccard(shingles, get_shingles(row["text"])) < 0.2, row["text"]


@pytest.mark.parametrize(
    "words",
    [
        "superhero",
        "boring movie",
        "boring film",
        "bad film",
        "bad movie",
        "camera battery",
        "trip cost",
        "excited cost",
    ],
)
def test_rewordings_of_held_out_sentences_are_absent(words: str) -> None:
    for row in ALL:
        assert not set(words.split()) <= set(get_words(row["text"])), row["text"]


@pytest.mark.parametrize("split", SPLITS)
def test_phenomena_are_present(split: str) -> None:
    rows = ROWS[split]
    twins = [row for row in rows if has_twins(row)]
    assert len(twins) >= 3
    assert any(has_opposites(row) for row in twins)
    assert sum(has_opposites(row) for row in rows) >= 15
    assert sum(not row["aspects"] for row in rows) >= 15
    assert sum(not row["emotions"] for row in rows) >= 30
    assert sum(len(row["emotions"]) > 1 for row in rows) >= 10
    assert any("fear" in row["emotions"] and "joy" in row["emotions"] for row in rows)
    assert any(row["emotions"] == ["fear"] for row in rows)
    negated = [row for row in rows if re.search(r"\b(not|never|nothing|no)\b|n't\b", row["text"].lower())]
    assert {row["polarity"] for row in negated} == set(SENTIMENTS)


@pytest.mark.parametrize("table", make_tables(), ids=lambda table: table.split(" | ")[0].strip("| "))
def test_readme_has_the_counts_of_the_files(table: str) -> None:
    assert table in (CORPUS / "README.md").read_text("utf8")


def test_readme_names_the_size() -> None:
    assert f"\n{len(ALL)} short English texts from ten domains" in (CORPUS / "README.md").read_text("utf8")
    assert len({row["domain"] for row in ALL}) == 10
