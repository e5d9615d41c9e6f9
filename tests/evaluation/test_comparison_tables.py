from spacy_bertsent.evaluation.comparison import compare_predictions
from spacy_bertsent.evaluation.comparison_tables import list_comparison_remarks, make_comparison_tables

from .util import find, hot, make_doc, make_random_corpus, predict, predict_gold


def test_tables() -> None:
    gold = make_random_corpus(120)
    systems = predict_gold(gold, gold), predict_gold(gold, gold[1:] + gold[:1])
    comparison = compare_predictions(gold, *systems, n_resamples=2000)
    measures, items = make_comparison_tables(comparison, ["first", "second"])
    assert measures.header == ["Score (%)", "Measure", "first", "second", "Difference", "95 % interval", "p"]
    rows = {(row[0], row[1]): row[2:] for row in measures.rows}
    first, second, difference, interval, p = rows[("Polarity", "accuracy")]
    assert first == "100.0" and difference == f"{100 - float(second):+.1f}" and p == "< 0.001"
    low, high = (float(x) for x in interval[1:-1].split(","))
    assert low < float(difference) < high and "+" in interval
    assert rows[("Polarity", "log loss (nats)")][3:] == rows[("Polarity", "ROC-AUC")][3:] == ["-", "-"]
    assert rows[("Aspect sentiment, aspect masked", "accuracy")][2:] == ["+0.0", "[+0.0, +0.0]", "1.000"]
    assert items.header == ["McNemar's exact test", "n", "only first right", "only second right", "p"]
    tests = {row[0]: row[1:] for row in items.rows}
    assert list(tests) == ["Polarity", "Emotions", "Aspect sentiment", "Aspect sentiment, aspect masked"]
    assert tests["Polarity"][2:] == ["0", "< 0.001"]
    assert list_comparison_remarks(comparison) == [
        "Intervals and p of differences: paired bootstrap, 2000 resamples of the texts."
    ]


def test_spans_alone_have_no_items() -> None:
    gold = [make_doc("a", "positive", aspects=[(0, 1, "positive", "")])]
    first = predict(gold, found=[[find(gold[0], 0, 1, "positive")]], polarity=[hot("positive")])
    second = predict(gold, found=[[]])
    second.about["choice_among"] = ["positive"]
    comparison = compare_predictions(gold, first, second, n_resamples=10)
    tables = make_comparison_tables(comparison, ["x", "y"])
    assert len(tables) == 1 and {row[0] for row in tables[0].rows} == {"Aspects found", "Aspects found, with sentiment"}
    assert list_comparison_remarks(comparison)[1:] == [
        "B chooses among: positive.",
        "Not compared: polarity (predicted by A only).",
    ]
