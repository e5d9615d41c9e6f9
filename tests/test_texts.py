import gc

import spacy
from spacy.tokens import Doc

from spacy_bertsent import texts
from spacy_bertsent.texts import get_text


def test_text_is_kept_while_the_doc_lives() -> None:
    nlp = spacy.blank("en")
    doc = nlp("A soup, please.")
    assert get_text(doc) == doc.text
    assert get_text(doc) is get_text(doc), "joined once"
    assert get_text(doc[1:2]) == "soup"
    del doc
    gc.collect()
    assert len(texts._KNOWN) == 0


def test_a_doc_that_is_filled_later() -> None:
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab)
    assert get_text(doc) == ""
    doc.from_bytes(nlp("A soup.").to_bytes())
    assert get_text(doc) == "A soup."


def test_merged_tokens_keep_the_text() -> None:
    doc = spacy.blank("en")("A tomato soup.")
    before = get_text(doc)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[1:3])
    assert get_text(doc) == before == doc.text
