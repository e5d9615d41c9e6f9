from spacy_bertsent.labels import get_group, order_labels, readable_category


def test_known_labels_come_first_in_their_order() -> None:
    assert order_labels(["z", "b", "a", "c", "b"], ("c", "x", "b")) == ["c", "b", "a", "z"]
    assert order_labels([], ("a",)) == []


def test_group_takes_its_prefix_alone() -> None:
    cats = {"polarity:a": 1.0, "polarity": 0.5, "emotion:polarity:a": 0.1, "polarity:b:c": 0.2}
    assert get_group(cats, "polarity:") == {"a": 1.0, "b:c": 0.2}


def test_categories_are_spelled_as_words() -> None:
    assert readable_category("FOOD#STYLE_OPTIONS") == "food style options"
    assert readable_category("anecdotes/miscellaneous") == "anecdotes miscellaneous"
    assert readable_category("") == ""
