import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from spacy_bertsent.rollup.mentions import MAX_CONTEXT, get_name, iter_mentions, make_example

from .util import NLP, make_doc


def test_name_without_lemmas_is_lower_case() -> None:
    doc = NLP("The Wi-Fi and the  BATTERY\nLIFE of both phones.")
    assert [get_name(doc.char_span(*x)) for x in ((4, 9), (19, 31), (40, 46))] == ["wi-fi", "battery life", "phones"]


def test_name_is_the_lemma() -> None:
    words, lemmas = ["Two", "Batteries", "'", "lives", "and", "Phones"], ["two", "battery", "'", "life", "and", ""]
    doc = Doc(NLP.vocab, words=words, lemmas=lemmas, spaces=[True, False, True, True, True, False])
    assert get_name(doc[1:4]) == "battery' life"
    assert get_name(doc[5:6]) == "phones", "a word without lemma is itself"


def test_name_does_not_depend_on_how_accents_are_encoded() -> None:
    one, two = make_doc("A caf\u00e9"), make_doc("A cafe\u0301")
    assert get_name(one[1:2]) == get_name(two[1:2]) == "caf\u00e9"


def test_mentions_of_a_document() -> None:
    doc = make_doc("Fine Soup. A lot of money.", [("Soup", "positive", "FOOD")])
    # Without words of its own: a category over its sentence.
    doc.spans["aspects"].append(Span(doc, 3, 8, label="negative", kb_id="PRICE#MEAL_OPTIONS"))
    first, second = iter_mentions(doc)
    assert (first.name, first.form, first.aspect.category) == ("soup", "Soup", "FOOD")
    assert (second.name, second.form, second.aspect.sentiment) == ("price meal options", "", "negative")
    assert make_example(first, "7") == ("7", "Fine Soup.", 5, 9, 0.0)
    assert make_example(second, "7") == ("7", "A lot of money.", 0, 0, 0.0)
    assert not list(iter_mentions(make_doc("No group.", None)))


def test_context_is_the_sentence_in_one_line() -> None:
    doc = make_doc("Hello. A  rude\n(waiter),\tagain! Bye.", [("waiter", "negative", "")], [[0.1, 0.2, 0.7]])
    example = make_example(next(iter_mentions(doc)), "a")
    assert example.text == "A rude (waiter), again!" and example.text[example.start : example.end] == "waiter"
    assert example.score == 0.7


def test_long_context_is_cut_around_the_mention() -> None:
    doc = make_doc("word " * 200 + "soup " + "more " * 200, [("soup", "positive", "")])
    example = make_example(next(iter_mentions(doc)), "a")
    assert example.text.startswith("\u2026") and example.text.endswith("\u2026")
    assert MAX_CONTEXT - 20 < len(example.text) <= MAX_CONTEXT + 4
    assert example.text[example.start : example.end] == "soup"


@given(st.text(max_size=60), st.integers(0, 5), st.integers(1, 4))
def test_example_shows_the_words_of_the_mention(text: str, start: int, length: int) -> None:
    doc = NLP(text)
    span = doc[start : start + length]
    if not span.text.strip():
        return
    doc.spans["aspects"] = [Span(doc, span.start, span.end)]
    (mention,) = iter_mentions(doc)
    example = make_example(mention, "1")
    assert "".join(mention.form.split()) in "".join(example.text.split())
    assert example.text[example.start : example.end] == mention.form
    assert mention.name == " ".join(mention.name.split())


@pytest.mark.parametrize("n_words", [90, 200])
def test_mention_that_is_longer_than_a_context(n_words: int) -> None:
    text = "soup " * n_words
    doc = make_doc(text.strip(), [(text.strip(), "positive", "")])
    example = make_example(next(iter_mentions(doc)), "a")
    assert len(example.text) <= MAX_CONTEXT and example.text.endswith("\u2026")
    assert (example.start, example.end) == (0, len(example.text))
