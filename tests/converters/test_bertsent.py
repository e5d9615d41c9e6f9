from pathlib import Path

import pytest

from spacy_bertsent.labels import EMOTION, PLUTCHIK, POLARITY, get_group

from .util import DATA, get_aspects, get_chosen, read


def test_bertsent() -> None:
    docs, report = read("bertsent", DATA / "bertsent.jsonl")
    assert len(docs) == 7
    assert get_group(docs[0].cats, POLARITY) == {"positive": 1.0, "neutral": 0.0, "negative": 0.0}
    assert list(get_group(docs[0].cats, EMOTION)) == list(PLUTCHIK)
    assert get_chosen(docs[0], EMOTION) == ["joy"]
    assert get_aspects(docs[0]) == [("lens", "CAMERA", "negative"), ("lens", "CAMERA", "positive")]
    assert [span.start_char for span in docs[0].spans["aspects"]] == [8, 31]
    assert not report.faults


def test_empty_lists_are_annotations() -> None:
    doc = read("bertsent", DATA / "bertsent.jsonl")[0][1]
    assert get_aspects(doc) == []
    assert get_group(doc.cats, EMOTION) == dict.fromkeys(PLUTCHIK, 0.0)


def test_absent_keys_are_not_annotated() -> None:
    docs, _ = read("bertsent", DATA / "bertsent.jsonl")
    assert docs[2].text == "I dread Monday\u0085and I can't wait for it."
    assert not get_group(docs[2].cats, POLARITY) and get_chosen(docs[2], EMOTION) == ["joy", "fear", "anticipation"]
    assert list(docs[3].cats) == ["polarity:positive", "polarity:neutral", "polarity:negative"]
    assert "aspects" not in docs[3].spans
    assert get_aspects(docs[4]) == [("staff", "", "positive"), ("stairs", "STORE", "")]
    assert not docs[4].cats
    assert not docs[5].cats and not docs[5].spans


def test_nothing_is_lost_in_silence() -> None:
    docs, report = read("bertsent", DATA / "bertsent.jsonl")
    assert report.moved == [("battery", "Superbattery")]
    assert get_aspects(docs[6]) == [("Superbattery", "BATTERY", "positive")]
    assert report.dropped == {"unknown key 'emotion'": 1}


def test_weak_judgements_are_partly_neutral(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        '{"text": "Quite nice.", "polarity": "positive", "intensity": "weak"}',
        '{"text": "A bit slow.", "polarity": "negative", "intensity": "weak"}',
        '{"text": "It is red.", "polarity": "neutral", "intensity": "weak"}',
        '{"text": "Great.", "polarity": "positive", "intensity": "strong"}',
        '{"text": "Quite nice.", "intensity": "weak"}',
    ]
    path.write_text("\n".join(rows), "utf8")
    docs, report = read("bertsent", path, skip_errors=True)
    groups = [get_group(doc.cats, POLARITY) for doc in docs]
    assert groups[0] == pytest.approx({"positive": 0.7, "neutral": 0.3, "negative": 0.0})
    assert groups[1] == pytest.approx({"positive": 0.0, "neutral": 0.3, "negative": 0.7})
    assert [fault.line for fault in report.faults] == [3, 4, 5]
    assert report.faults[1].text == "unknown intensity 'strong', expected: weak"


def test_faulty_rows() -> None:
    docs, report = read("bertsent", DATA / "bertsent_faulty.jsonl", skip_errors=True)
    assert [doc.text for doc in docs] == ["Fine."]
    faults = [(fault.line, fault.text) for fault in report.faults]
    assert faults[0] == (2, "unknown label 'good', expected one of: positive, neutral, negative")
    assert faults[1][0] == 3 and faults[1][1].startswith("not JSON: ")
    assert faults[2:] == [
        (4, "expected a JSON object, not list"),
        (5, "the key 'text' is missing"),
        (6, f"unknown label 'glee', expected one of: {', '.join(PLUTCHIK)}"),
        (7, "the value of 'emotions' is None, expected list"),
        (8, "aspect 'Fine': characters 0 to 9 are not in the text of 5 characters"),
        (9, "aspect 'Fine': characters 1 to 5 are 'ine.'"),
        (10, "the value of 'start' is True, expected int"),
        (11, "unknown label 'mixed', expected one of: positive, neutral, negative"),
        (12, "the text is not valid UTF-8 at character 5"),
        (13, "the text is empty"),
        (14, "the text is not valid UTF-8 at character 5"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*bertsent_faulty.jsonl, line 2: unknown label 'good'"):
        read("bertsent", DATA / "bertsent_faulty.jsonl")
