import pytest

from spacy_bertsent.rollup import count_aspects, list_remarks, make_table
from spacy_bertsent.rollup import interval as interval_file
from spacy_bertsent.rollup.table import summarise
from spacy_bertsent.tables import to_text

from .test_counts import make_docs
from .util import make_doc


def test_table_with_scores() -> None:
    table = make_table(count_aspects(make_docs(), by="both"))
    assert table.header == [
        "Category", "Aspect", "Mentions", "Texts", "positive", "P(positive)", "neutral", "P(neutral)", "negative",
        "P(negative)", "Net", "95 %",
    ]  # fmt: skip
    assert table.n_words == 2
    assert table.rows[0] == [
        "FOOD", "soup", "3", "3", "1 (33%)", "0.33", "1 (33%)", "0.40", "1 (33%)", "0.27", "+0.00",
        "\u22120.64 to +0.64",
    ]  # fmt: skip
    assert [row[:3] for row in table.rows[1:]] == [
        ["(no category)", "soup", "1"],
        ["STAFF", "waiter", "1"],
        ["all", "", "5"],
    ]
    assert to_text(table).count("\n") == len(table.rows) + 3


def test_gold_table_is_cut_but_not_its_total() -> None:
    docs = [make_doc(f"A {'x' * 50}{i}.", [(f"{'x' * 50}{i}", "negative", "")]) for i in range(3)]
    docs.append(make_doc("A lamp.", [("lamp", "", "")]))
    table = make_table(count_aspects(docs), max_rows=2)
    assert table.header == ["Aspect", "Mentions", "Texts", "negative", "no sentiment", "Net", "95 %"]
    assert table.rows[0][:6] == ["lamp", "1", "1", "0", "1", "-"], "the same count: first in the alphabet"
    assert table.rows[1][0] == "x" * 37 + "..." and table.rows[1][5] == "\u22121.00"
    assert table.rows[2][:5] == ["all", "4", "4", "3 (100%)", "1"]


def test_remarks() -> None:
    rollup = count_aspects(make_docs(), min_count=2)
    assert summarise(rollup) == "5 texts, 3 of them with aspects: 5 mentions, 2 aspects"
    assert list_remarks(rollup) == [
        "Mentions are joined by their words in lower case: the texts have no lemmas.",
        "Shares and net (positive minus negative) are of the mentions that have a sentiment.",
        "P is the mean probability of that sentiment over all mentions of the row.",
        "Left out for too few mentions: 1 rows with 1 mentions together.",
    ]
    docs = [make_doc("The lamps.", [("lamps", "", "")]) for _ in range(2)]
    assert "No mention has a sentiment." in list_remarks(count_aspects(docs))
    docs[0][1].lemma_ = "lamp"
    assert list_remarks(count_aspects(docs))[0].startswith("Mentions are joined by lemmas in 1 of 2 texts, ")
    docs[1][1].lemma_ = "lamp"
    assert list_remarks(count_aspects(docs))[0] == "Mentions are joined by the lemmas of their words."
    assert list_remarks(count_aspects(docs, by="category")) == ["No mention has a sentiment."]


def test_it_says_why_there_are_no_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval_file, "get_wilson_interval", lambda count, total: None)
    rollup = count_aspects(make_docs())
    assert make_table(rollup).rows[0][-1] == "-"
    assert 'Without intervals of the net: pip install "spacy-bertsent[evaluation]"' in list_remarks(rollup)
