import pytest

from spacy_bertsent.corpus_checks import KINDS, LEVELS, Case, Finding
from spacy_bertsent.corpus_checks.findings import check_names, make_findings


def test_finding() -> None:
    finding = Finding("leaks", ["train", "dev"], 9, [Case("dev", 3, "The soup.", "= train 0")])
    assert (finding.level, finding.count) == ("error", 1)
    assert finding.text == "Texts of 'dev' that are in 'train', too: 1 of 9"
    assert finding.to_dict() == {
        "name": "leaks",
        "level": "error",
        "splits": ["train", "dev"],
        "count": 1,
        "total": 9,
        "text": "Texts of 'dev' that are in 'train', too: 1 of 9",
        "cases": [{"split": "dev", "number": 3, "text": "The soup.", "detail": "= train 0"}],
    }


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str) -> None:
    assert KINDS[name].level in LEVELS
    text = Finding(name, ["first", "second"], 2).text
    assert text.endswith(": 0 of 2") and "{" not in text
    assert name == name.lower() and " " not in name and "_" not in name


def test_make_findings_leaves_out_what_was_not_found() -> None:
    found = make_findings("dev", {"leaks": [], "duplicates": [Case("dev", 1, "a")]}, 5)
    assert found == [Finding("duplicates", ["dev"], 5, [Case("dev", 1, "a")])]


def test_check_names() -> None:
    check_names(["leaks", "off-tokens"])
    with pytest.raises(ValueError, match=r"BS061.*'leak'.* leaks, off-tokens"):
        check_names(["leaks", "leak"])
