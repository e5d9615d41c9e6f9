from pathlib import Path

import pytest

from .util import DATA, get_aspects, read

XML = DATA / "semeval2014.xml"


def test_terms() -> None:
    docs, report = read("semeval2014", XML)
    assert [doc.text for doc in docs][:2] == [
        "The soup was cold, the waiter was not.",
        " Fish & chips-twice in a week\u0085on a Tuesday!",
    ]
    assert get_aspects(docs[0]) == [("soup", "", "negative"), ("waiter", "", "positive")]
    assert get_aspects(docs[2]) == []
    assert not docs[0].cats
    assert not report.faults


def test_offsets_count_outer_white_space() -> None:
    docs, _ = read("semeval2014", XML)
    span = docs[1].spans["aspects"][0]
    assert docs[1].text[span.start_char :].startswith("Fish & chips")


@pytest.mark.parametrize(
    "text,term,tokens",
    [
        ("A free superbattery inside.", "battery", "superbattery"),
        ("Good screen .", "screen ", "screen"),
        ("Good screen .", " screen", "screen"),
    ],
)
def test_aspects_are_moved_to_token_boundaries(tmp_path: Path, text: str, term: str, tokens: str) -> None:
    start = text.index(term)
    term_xml = f'<aspectTerm term="{term}" polarity="positive" from="{start}" to="{start + len(term)}"/>'
    path = tmp_path / "moved.xml"
    path.write_text(
        f"<sentences><sentence><text>{text}</text><aspectTerms>{term_xml}</aspectTerms></sentence></sentences>"
    )
    docs, report = read("semeval2014", path)
    assert get_aspects(docs[0]) == [(tokens, "", "positive")]
    assert report.moved == [(term, tokens)]


def test_categories_are_spans_over_the_whole_text() -> None:
    docs, _ = read("semeval2014", XML, aspects="categories")
    assert get_aspects(docs[0]) == [(docs[0].text, "food", "negative"), (docs[0].text, "service", "positive")]
    assert get_aspects(docs[2]) == [("We sat down at eight.", "anecdotes/miscellaneous", "neutral")]


def test_both() -> None:
    docs, _ = read("semeval2014", XML, aspects="both")
    assert [row[:2] for row in get_aspects(docs[4])] == [
        ("Prices", ""),
        ("portions", ""),
        ("Prices fair, portions not.", "price"),
    ]


def test_mams_has_no_ids_and_no_terms() -> None:
    docs, _ = read("semeval2014", DATA / "mams.xml", aspects="categories")
    assert [row[1:] for row in get_aspects(docs[0])] == [("ambience", "negative"), ("staff", "positive")]
    assert read("semeval2014", DATA / "mams.xml", aspects="both")[0]
    with pytest.raises(ValueError, match=r"\[BS031\].*mams.xml has no <aspectTerm>"):
        read("semeval2014", DATA / "mams.xml")


def test_mams_is_a_name_of_its_own() -> None:
    docs, _ = read("mams", DATA / "mams.xml", aspects="categories")
    assert get_aspects(docs[0]) == [(docs[0].text, "ambience", "negative"), (docs[0].text, "staff", "positive")]
    assert [row[0] for row in get_aspects(read("mams", XML)[0][0])] == ["soup", "waiter"]


def test_outer_white_space_is_no_part_of_a_category() -> None:
    docs, report = read("semeval2014", XML, aspects="categories")
    assert docs[1].text.startswith(" ") and not docs[1].spans["aspects"][0].text.startswith(" ")
    assert not report.moved


def test_conflict() -> None:
    dropped, report = read("semeval2014", XML)
    assert len(dropped) == 5 and get_aspects(dropped[3]) == []
    assert report.dropped == {"aspect with conflict": 1}
    assert get_aspects(read("semeval2014", XML, conflict="keep")[0][3]) == [("bread", "", "conflict")]
    neutral, report = read("semeval2014", XML, conflict="neutral")
    assert get_aspects(neutral[3]) == [("bread", "", "neutral")]
    assert not report.dropped
    with pytest.raises(ValueError, match=r"\[BS033\] Unknown value 'maybe' of --conflict"):
        read("semeval2014", XML, conflict="maybe")
    with pytest.raises(ValueError, match=r"\[BS033\] Unknown value 'words' of --aspects"):
        read("semeval2014", XML, aspects="words")


def test_faulty_rows() -> None:
    path = DATA / "semeval2014_faulty.xml"
    docs, report = read("semeval2014", path, skip_errors=True)
    assert len(docs) == 1
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (8, "aspect 'tea': characters 5 to 8 are 'ea '"),
        (11, "unknown label 'good', expected one of: positive, neutral, negative, conflict"),
        (13, "<aspectTerm> has no attribute 'polarity'"),
        (
            15,
            "<aspectTerm>: from and to must be numbers, not "
            "{'from': 'four', 'polarity': 'positive', 'term': 'tea', 'to': '7'}",
        ),
        (17, "aspect 'tea': characters 4 to 99 are not in the text of 17 characters"),
        (18, "the text is empty"),
        (19, "the text is empty"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*semeval2014_faulty.xml, line 8: aspect 'tea'"):
        read("semeval2014", path)


@pytest.mark.parametrize(
    "xml,message",
    [
        ("<sentences>\n<sentence>\n</sentences>", r"\[BS030\].*line 3: mismatched tag"),
        ('<!DOCTYPE s [<!ENTITY a "aaaa">]>\n<sentences>&a;</sentences>', r"\[BS030\].*line 1: a DOCTYPE"),
        ("<reviews><review/></reviews>", r"\[BS031\].*has no <sentence>"),
        ("", r"\[BS030\].*no element found"),
    ],
)
def test_other_files(tmp_path: Path, xml: str, message: str) -> None:
    path = tmp_path / "other.xml"
    path.write_text(xml)
    # Such a file is no data at all: skipping rows does not help.
    with pytest.raises(ValueError, match=message):
        read("semeval2014", path, skip_errors=True)
