import pytest

from spacy_bertsent.evaluation.alignment import check_alignment
from spacy_bertsent.evaluation.predictions import Found

from .util import find, hot, make_doc, predict

ASPECTS = [(0, 1, "positive", "A"), (0, 1, "negative", "B"), (2, 3, "", "")]


def test_the_same_texts_pass() -> None:
    gold = [make_doc("a b c", aspects=ASPECTS), make_doc("a b c"), make_doc("d")]
    given = [[find(gold[0], 0, 1, "neutral", "A"), find(gold[0], 0, 1, "neutral", "B")], None, []]
    masked = [[hot("neutral"), hot("neutral")], [], None]
    check_alignment(gold, predict(gold, given=given, masked=masked))
    check_alignment(gold, predict(gold))


def test_other_texts() -> None:
    gold = [make_doc("a"), make_doc("b"), make_doc("c")]
    with pytest.raises(ValueError, match="BS071.*they have 2 texts, the corpus has 3"):
        check_alignment(gold, predict(gold[:2]))
    with pytest.raises(ValueError, match="BS071.*another order, from text 2 on"):
        check_alignment(gold, predict([gold[0], gold[2], gold[1]]))
    with pytest.raises(ValueError, match="BS071.*1 texts differ, the first is text 2 of the corpus, 'b'"):
        check_alignment(gold, predict([gold[0], make_doc("x"), gold[2]]))
    with pytest.raises(ValueError, match="BS072.*no texts"):
        check_alignment([], predict([]))


@pytest.mark.parametrize(
    "given",
    [
        [],
        [Found(0, 1, "A", hot("neutral"))],
        [Found(0, 1, "B", hot("neutral")), Found(0, 1, "A", hot("neutral"))],
        [Found(0, 2, "A", hot("neutral")), Found(0, 1, "B", hot("neutral"))],
        [Found(0, 1, "", hot("neutral")), Found(0, 1, "", hot("neutral"))],
    ],
)
def test_other_aspects(given: list) -> None:
    gold = [make_doc("x"), make_doc("a b c", aspects=ASPECTS)]
    with pytest.raises(ValueError, match="BS071.*the given aspects of text 2 are"):
        check_alignment(gold, predict(gold, given=[None, given]))


def test_other_masked_aspects() -> None:
    gold = [make_doc("a b c", aspects=ASPECTS)]
    with pytest.raises(ValueError, match="BS071.*text 1 has 1 masked aspects, in the corpus it has 2"):
        check_alignment(gold, predict(gold, masked=[[hot("neutral")]]))
