import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.converters.words import make_key, split_words


@pytest.mark.parametrize(
    "text,words",
    [
        ("The soup, at last!", ["the", "soup", "at", "last"]),
        ("do n't", ["do", "nt"]),
        ("Don\u2019t", ["dont"]),
        ("`` good '' + <b>", ["good", "b"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("cafe\u0301 caf\u00e9 \ufb01ne", ["caf\u00e9", "caf\u00e9", "fine"]),
        ("zero\u200bwidth", ["zerowidth"]),
        ("so good \U0001f600", ["so", "good", "\U0001f600"]),
        ("5\u20ac", ["5\u20ac"]),
        ("...", []),
        (" \n\u00a0", []),
    ],
)
def test_split_words(text: str, words: "list[str]") -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    "text,other,same",
    [
        ("I don't know.", "i do n't know", True),
        ("What a place!!!", "what a\nplace", True),
        ("Nice \U0001f600", "Nice \U0001f621", False),
        ("Nice \U0001f44d\U0001f3fb", "nice \U0001f44d", True),  # a skin tone
        ("...", "?", False),
        ("? ? ?", "???", True),
        ("good", "goods", False),
    ],
)
def test_make_key(text: str, other: str, same: bool) -> None:
    assert (make_key(text) == make_key(other)) is same


def test_only_empty_texts_have_no_key() -> None:
    assert make_key("") == make_key(" \n\t") == ""
    assert make_key("!") and make_key("\U0001f600")


@given(st.text(max_size=30))
def test_spacing_case_and_marks_do_not_matter(text: str) -> None:
    key = make_key(text)
    if split_words(text):
        assert make_key(f"  ({text})!\n") == key
        assert make_key(text.replace(" ", "  ")) == key
    assert bool(key) == bool(text.strip())
