from pathlib import Path

import pytest

from spacy_bertsent.converters.semeval2018_ec import unescape_tweet
from spacy_bertsent.labels import EMOTION, get_group

from .util import DATA, get_chosen, read

TXT = DATA / "semeval2018_ec.txt"


def test_semeval2018_ec() -> None:
    docs, report = read("semeval2018_ec", TXT)
    assert [get_chosen(doc, EMOTION) for doc in docs] == [
        ["joy", "love"],
        [],
        ["anger", "disgust", "sadness"],
        ["anticipation", "optimism", "trust"],
        ["fear", "pessimism", "surprise"],
    ]
    assert all(len(doc.cats) == 11 for doc in docs)
    assert not report.faults


def test_no_emotion_is_an_annotation() -> None:
    doc = read("semeval2018_ec", TXT)[0][1]
    assert set(get_group(doc.cats, EMOTION).values()) == {0.0}


def test_texts_stay_as_they_are_unless_told() -> None:
    docs, _ = read("semeval2018_ec", TXT)
    assert docs[0].text == r'Rain &amp; wind,\nand I still "love this walk.'
    assert docs[2].text == "Who took my bike?! \u0085 #gone"
    docs, _ = read("semeval2018_ec", TXT, unescape=True)
    assert docs[0].text == 'Rain & wind,\nand I still "love this walk.'
    assert docs[3].text == "Hoping for <3 and sun tomorrow"


def test_unescape() -> None:
    assert unescape_tweet(r"&lt;3 &amp;amp; \r\n C:\temp &#39;") == "<3 &amp; \n\n C:\\temp '"


def test_emotions_are_those_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("ID\tTweet\tglee\n1\tFine.\t1\n")
    assert read("semeval2018_ec", path)[0][0].cats == {"emotion:glee": 1.0}
    path.write_text("2018-En-90001\tFine.\t0\t1\n")
    with pytest.raises(
        ValueError, match=r"\[BS050\].*rows.txt has no column 'ID'. Its first line: '2018-En-90001, Fine."
    ):
        read("semeval2018_ec", path)


def test_faulty_rows() -> None:
    docs, report = read("semeval2018_ec", DATA / "semeval2018_ec_faulty.txt", skip_errors=True)
    assert [doc.text for doc in docs] == ["Fine."]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (3, "unknown label 'NONE', expected one of: 0, 1"),
        (4, "3 columns, expected 4: ID, Tweet, anger, joy"),
        (5, "the text is empty"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*semeval2018_ec_faulty.txt, line 3: unknown label 'NONE'"):
        read("semeval2018_ec", DATA / "semeval2018_ec_faulty.txt")
