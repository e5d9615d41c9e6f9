from spacy_bertsent.tables import Table, to_markdown, to_text

TABLE = Table(["Word", "Number"], [["a|b", "1.5"], ["a long cell", "10.25"]], n_words=1)


def test_text() -> None:
    assert [line.rstrip() for line in to_text(TABLE).strip("\n").split("\n")] == [
        "Word          Number",
        "-----------   ------",
        "a|b              1.5",
        "a long cell    10.25",
    ]


def test_text_does_not_wrap() -> None:
    lines = to_text(Table(["x" * 300], [["y" * 200]], n_words=1)).strip("\n").split("\n")
    assert len(lines) == 3 and lines[0] == "x" * 300


def test_markdown() -> None:
    expected = "| Word | Number |\n| --- | ---: |\n| a\\|b | 1.5 |\n| a long cell | 10.25 |\n"
    assert to_markdown(TABLE) == expected


def test_no_rows() -> None:
    assert to_markdown(Table(["a"], [], n_words=1)) == "| a |\n| --- |\n"
    assert "a" in to_text(Table(["a"], [], n_words=1))
