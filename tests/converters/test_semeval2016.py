from pathlib import Path

import pytest

from spacy_bertsent.labels import ASPECTS_KEY

from .util import DATA, get_aspects, read

XML = DATA / "semeval2016.xml"
TARTS = "Pies & tarts were cheap, tasty and burnt."


def test_all_opinions() -> None:
    docs, report = read("semeval2016", XML)
    assert len(docs) == 4 and not docs[0].cats
    assert get_aspects(docs[0]) == [
        ("soup", "FOOD#QUALITY", "positive"),
        ("Fine soup, but we paid too much.", "RESTAURANT#PRICES", "negative"),
    ]
    assert [(s.start_char, s.end_char) for s in docs[0].spans[ASPECTS_KEY]] == [(5, 9), (0, 32)]
    assert get_aspects(docs[1]) == []
    assert not report.faults and not report.moved


def test_opinions_on_the_same_words_are_all_kept() -> None:
    docs, _ = read("semeval2016", XML)
    assert docs[2].text == f"  {TARTS} "
    assert get_aspects(docs[2]) == [
        ("Pies & tarts", "FOOD#PRICES", "positive"),
        ("Pies & tarts", "FOOD#QUALITY", "positive"),
        ("Pies & tarts", "FOOD#QUALITY", "negative"),
    ]


def test_the_text_decides_on_upper_and_lower_case() -> None:
    _, report = read("semeval2016", XML)
    assert report.changed == {"target in another case than in the text": 2}


def test_a_target_of_null_has_no_offsets() -> None:
    docs, _ = read("semeval2016", XML)
    assert get_aspects(docs[3])[2] == ("Clean tables, clean floor.", "RESTAURANT#GENERAL", "neutral")


def test_terms() -> None:
    docs, report = read("semeval2016", XML, aspects="terms")
    assert [len(doc.spans[ASPECTS_KEY]) for doc in docs] == [1, 0, 3, 2]
    assert get_aspects(docs[3])[1] == ("floor", "AMBIENCE#GENERAL", "positive")
    assert report.dropped == {"opinion without a target": 2, "sentence out of scope": 1}


def test_categories() -> None:
    docs, report = read("semeval2016", XML, aspects="categories")
    assert get_aspects(docs[0]) == [
        (docs[0].text, "FOOD#QUALITY", "positive"),
        (docs[0].text, "RESTAURANT#PRICES", "negative"),
    ]
    # Outer white space does not belong to an aspect.
    assert get_aspects(docs[2]) == [
        (TARTS, "FOOD#PRICES", "positive"),
        (TARTS, "FOOD#QUALITY", "positive"),
        (TARTS, "FOOD#QUALITY", "negative"),
    ]
    assert [row[1:] for row in get_aspects(docs[3])] == [
        ("AMBIENCE#GENERAL", "positive"),
        ("RESTAURANT#GENERAL", "neutral"),
    ]
    assert report.dropped == {"repeated category": 1, "sentence out of scope": 1}
    assert not report.moved


def test_sentences_out_of_scope() -> None:
    dropped, report = read("semeval2016", XML)
    assert report.dropped == {"sentence out of scope": 1}
    kept, report = read("semeval2016", XML, out_of_scope="keep")
    assert [doc.text for doc in kept][1] == "The bakery next door is better."
    assert ASPECTS_KEY not in kept[1].spans and ASPECTS_KEY in kept[2].spans
    assert len(kept) == len(dropped) + 1 and not report.dropped


def test_crlf(tmp_path: Path) -> None:
    path = tmp_path / "crlf.xml"
    path.write_bytes(XML.read_bytes().replace(b"\n", b"\r\n"))
    assert [doc.to_json() for doc in read("semeval2016", path)[0]] == [
        doc.to_json() for doc in read("semeval2016", XML)[0]
    ]


def test_semeval2015_has_the_same_form() -> None:
    docs, _ = read("semeval2015", DATA / "semeval2015.xml")
    assert get_aspects(docs[0]) == [
        ("view", "LOCATION#GENERAL", "positive"),
        ("The view is all they have.", "RESTAURANT#GENERAL", "negative"),
    ]


def test_faulty_rows() -> None:
    path = DATA / "semeval2016_faulty.xml"
    docs, report = read("semeval2016", path, skip_errors=True)
    assert len(docs) == 1
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (13, "aspect 'tea': characters 5 to 8 are 'ea '"),
        (20, "unknown label 'conflict', expected one of: positive, neutral, negative"),
        (26, "<Opinion> has no attribute 'category'"),
        (32, "aspect 'cold': characters 12 to 99 are not in the text of 17 characters"),
        (35, "the text is empty"),
        (
            44,
            "<Opinion>: from and to must be numbers, not "
            "{'target': 'tea', 'category': 'DRINKS#QUALITY', 'polarity': 'negative', 'from': 'four', 'to': '7'}",
        ),
    ]
    # What is left out is not counted as changed.
    assert not report.changed
    with pytest.raises(ValueError, match=r"\[BS014\].*semeval2016_faulty.xml, line 13: aspect 'tea'"):
        read("semeval2016", path)


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text("<sentences><sentence><text>Fine.</text></sentence></sentences>")
    with pytest.raises(ValueError, match=r"\[BS031\].*has no <sentence>"):
        read("semeval2016", path, skip_errors=True)
    # Subtask 2 has its opinions on whole reviews.
    sentence = "<sentences><sentence><text>Fine.</text></sentence></sentences>"
    opinions = '<Opinions><Opinion category="RESTAURANT#GENERAL" polarity="positive"/></Opinions>'
    path.write_text(f"<Reviews><Review>{sentence}{opinions}</Review></Reviews>")
    with pytest.raises(ValueError, match=r"\[BS031\].*has no <Opinion>.\n +Take the file .*SB1"):
        read("semeval2016", path, skip_errors=True)


def test_unknown_settings() -> None:
    with pytest.raises(
        ValueError, match=r"\[BS033\] Unknown value 'words' of --aspects. Expected one of: both, terms, cat"
    ):
        read("semeval2016", XML, aspects="words")
    with pytest.raises(
        ValueError, match=r"\[BS033\] Unknown value 'no' of --out-of-scope. Expected one of: drop, keep"
    ):
        read("semeval2016", XML, out_of_scope="no")
