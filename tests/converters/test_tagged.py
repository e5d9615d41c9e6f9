import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.converters.tagged import TaggedToken, find_aspects

from .util import DATA, get_aspects, read


def test_tagged() -> None:
    docs, report = read("tagged", DATA / "tagged.txt")
    assert [doc.text for doc in docs] == [
        "La sopa de ajo y el vino .",
        "Dos horas",
        "pan precio caro",
        "< café [ > mesa",
    ]
    assert get_aspects(docs[0]) == [("sopa de ajo", "FOOD#QUALITY", "positive"), ("vino", "DRINKS#QUALITY", "negative")]
    assert get_aspects(docs[1]) == []
    assert not report.faults and not report.moved


def test_a_target_is_a_run_of_one_tag_and_category() -> None:
    docs, _ = read("tagged", DATA / "tagged.txt")
    assert get_aspects(docs[2]) == [
        ("pan", "FOOD#QUALITY", "neutral"),
        ("precio", "FOOD#PRICES", "neutral"),
        ("caro", "FOOD#PRICES", "negative"),
    ]


def test_entities_do_not_move_aspects() -> None:
    docs, _ = read("tagged", DATA / "tagged.txt")
    assert get_aspects(docs[3]) == [("café [", "", "positive"), ("mesa", "AMBIENCE#GENERAL", "positive")]


@pytest.mark.parametrize(
    "tags,targets",
    [
        ("T-POS T-POS O T-POS", ["ab", "d"]),
        ("B-POS I-POS B-POS O", ["ab", "c"]),
        ("S-POS S-POS B-POS E-POS", ["a", "b", "cd"]),
        ("I-POS I-NEG I-POS I-POS", ["a", "b", "cd"]),
    ],
)
def test_tags_that_begin_a_target(tmp_path, tags: str, targets: "list[str]") -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "tags.txt"
    path.write_text("".join(f"{token}\t{tag}\tNIL\n" for token, tag in zip("abcd", tags.split())))
    docs, _ = read("tagged", path)
    assert [words.replace(" ", "") for words, _, _ in get_aspects(docs[0])] == targets


def test_faulty_rows() -> None:
    docs, report = read("tagged", DATA / "tagged_faulty.txt", skip_errors=True)
    assert [doc.text for doc in docs] == ["fine"]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (4, "unknown tag 'T-GOOD', expected O, or one of T, B, I, E, S with -POS, -NEG, -NEU"),
        (6, "2 columns, expected 3: token, tag, category"),
        (8, "category 'FOOD#QUALITY' outside of a target"),
        (10, "the token is empty"),
        (12, "unknown tag 'X-POS', expected O, or one of T, B, I, E, S with -POS, -NEG, -NEU"),
        (14, "the aspect at characters 0 to 1 is white space"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*tagged_faulty.txt, line 4: unknown tag 'T-GOOD'"):
        read("tagged", DATA / "tagged_faulty.txt")


token = st.builds(
    TaggedToken,
    text=st.sampled_from(["pan", "&amp;", "a", "vino tinto"]).map(html.unescape),
    begins=st.booleans(),
    sentiment=st.sampled_from(["", "positive", "negative"]),
    category=st.just(""),
)


@given(tokens=st.lists(token, max_size=8))
def test_aspects_cover_the_tagged_tokens_and_no_others(tokens: "list[TaggedToken]") -> None:
    text = " ".join(token.text for token in tokens)
    found = " ".join(text[aspect.start_char : aspect.end_char] for aspect in find_aspects(tokens))
    assert found == " ".join(token.text for token in tokens if token.sentiment)
