import re
import shutil
from pathlib import Path

import pytest

from spacy_bertsent.converters.goemotions import LABELS
from spacy_bertsent.labels import EMOTION

from .util import DATA, get_chosen, read


def test_goemotions() -> None:
    docs, report = read("goemotions", DATA / "goemotions.tsv")
    assert len(LABELS) == 28
    assert [get_chosen(doc, EMOTION) for doc in docs] == [
        ["admiration", "excitement"],
        ["neutral"],
        ["anger", "curiosity"],
        ["gratitude"],
        ["disappointment", "sadness", "surprise"],
    ]
    assert all(list(doc.cats) == [f"emotion:{label}" for label in LABELS] for doc in docs)
    assert docs[2].text == "Why would [NAME] say that\u0085to a child?"
    assert not report.faults


def test_labels_beside_the_file(tmp_path: Path) -> None:
    shutil.copy(DATA / "goemotions.tsv", tmp_path)
    (tmp_path / "emotions.txt").write_text("".join(f"label {i}\n" for i in range(30)))
    docs, _ = read("goemotions", tmp_path / "goemotions.tsv")
    assert get_chosen(docs[0], EMOTION) == ["label 0", "label 13"]
    assert len(docs[0].cats) == 30


def test_mapping() -> None:
    docs, _ = read("goemotions", DATA / "goemotions.tsv", mapping=DATA / "goemotions_mapping.json")
    assert [get_chosen(doc, EMOTION) for doc in docs] == [
        ["good"],
        ["neutral"],
        # Curiosity and surprise are in no group.
        ["bad", "curiosity"],
        ["good"],
        ["bad", "surprise"],
    ]
    # 28 labels, of which 7 are in the two groups.
    assert len(docs[0].cats) == 28 - 7 + 2


@pytest.mark.parametrize(
    "mapping,fault",
    [
        ("{", "not JSON: "),
        ('["joy"]', "expected a JSON object, not list"),
        ('{"good": ["joy", "glee"]}', "'glee' in 'good' is no label; they are: admiration, "),
        ('{"good": "joy"}', "'joy' in 'good' is no label"),
        ('{"good": [["joy"]]}', "['joy'] in 'good' is no label"),
    ],
)
def test_faulty_mapping(tmp_path: Path, mapping: str, fault: str) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(mapping)
    with pytest.raises(ValueError, match=r"\[BS052\] The mapping '.*mapping.json' is faulty: " + re.escape(fault)):
        read("goemotions", DATA / "goemotions.tsv", mapping=path)


def test_no_mapping_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\[BS021\].*\n +Name a JSON file: --mapping"):
        read("goemotions", DATA / "goemotions.tsv", mapping=tmp_path / "mapping.json")


def test_faulty_rows() -> None:
    docs, report = read("goemotions", DATA / "goemotions_faulty.tsv", skip_errors=True)
    assert len(docs) == 1
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (2, "unknown label '28', expected a number from 0 to 27"),
        (3, "unknown label 'joy', expected a number from 0 to 27"),
        (4, "unknown label '', expected a number from 0 to 27"),
        (5, "2 columns, expected 3: text, label numbers, id"),
        (6, "unknown label '-1', expected a number from 0 to 27"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*goemotions_faulty.tsv, line 2: unknown label '28'"):
        read("goemotions", DATA / "goemotions_faulty.tsv")
