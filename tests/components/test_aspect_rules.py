import json
from pathlib import Path
from typing import Any, List

import pytest
import spacy

from spacy_bertsent.components.aspect_rules import Rules, check_patterns, read_patterns
from spacy_bertsent.components.overlaps import Find

NLP = spacy.blank("en")
ROWS: List[Any] = [
    {"label": "BATTERY", "pattern": "battery life"},
    {"label": "SCREEN", "pattern": [{"LOWER": {"IN": ["screen", "display"]}}], "id": "screen", "note": "left out"},
    {"label": "", "pattern": [{"LOWER": "very"}, {"IS_ALPHA": True, "OP": "+"}]},
]
CHECKED = [ROWS[0], {key: ROWS[1][key] for key in ("label", "pattern", "id")}, ROWS[2]]


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf8")
    return path


def test_patterns_are_read_as_spacy_writes_them(tmp_path: Path) -> None:
    ruler: Any = spacy.blank("en").add_pipe("span_ruler")
    ruler.add_patterns(ROWS)
    ruler.to_disk(tmp_path / "ruler")
    assert read_patterns(tmp_path / "ruler" / "patterns", NLP.vocab) == CHECKED
    lines = "\n\n".join(json.dumps(row) for row in ROWS)
    assert read_patterns(write(tmp_path / "p.jsonl", "\ufeff" + lines + "\n"), NLP.vocab) == CHECKED
    assert read_patterns(write(tmp_path / "none.jsonl", ""), NLP.vocab) == []
    assert check_patterns(iter(ROWS), NLP.vocab) == CHECKED


@pytest.mark.parametrize(
    "row, fault",
    [
        ('{"label": "A", "pattern": "b"', "no JSON"),
        ('["A", "b"]', "is no object"),
        ('{"pattern": "b"}', "'label' is not a text"),
        ('{"label": 1, "pattern": "b"}', "'label' is not a text"),
        ('{"label": "A", "pattern": "b", "id": 3}', "'id' is not a text"),
        ('{"label": "A"}', "neither a text nor a list of tokens"),
        ('{"label": "A", "pattern": " "}', "neither a text nor a list of tokens"),
        ('{"label": "A", "pattern": []}', "neither a text nor a list of tokens"),
        ('{"label": "A", "pattern": ["b"]}', "spaCy does not take this 'pattern'"),
        ('{"label": "A", "pattern": [{"LOWR": "b"}]}', "extra fields not permitted|Extra inputs|LOWR"),
        ('{"label": "A", "pattern": [{"LOWER": 3}]}', "spaCy does not take this 'pattern'"),
        ('{"label": "A", "pattern": [{"TEXT": {"REGEX": "("}}]}', "spaCy does not take this 'pattern'"),
    ],
)
def test_faulty_patterns_are_named_by_line(tmp_path: Path, row: str, fault: str) -> None:
    path = write(tmp_path / "p.jsonl", json.dumps(ROWS[0]) + "\n\n" + row + "\n")
    with pytest.raises(ValueError, match=rf"BS024.*p\.jsonl, line 3\): .*({fault})"):
        read_patterns(path, NLP.vocab)
    if not fault.startswith("no JSON"):
        with pytest.raises(ValueError, match=r"BS024.*\(pattern 2\)"):
            check_patterns([ROWS[0], json.loads(row)], NLP.vocab)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"BS021.*nothing\.jsonl"):
        read_patterns(tmp_path / "nothing.jsonl", NLP.vocab)


def test_matches() -> None:
    rules = Rules(NLP.vocab, {"POWER": ["charger"]}, CHECKED, attr="LOWER", read=NLP.make_doc)
    doc = NLP.make_doc("Battery life , a very good Display and charger")
    assert sorted(rules(doc)) == [
        Find(0, 2, "BATTERY", "pattern"),
        # All that a pattern with an operator may mean: overlaps are settled later.
        *(Find(4, end, "", "pattern") for end in range(6, 10)),
        Find(6, 7, "SCREEN", "pattern", "screen"),
        Find(8, 9, "POWER", "keyword"),
    ]
    exact = Rules(NLP.vocab, {"POWER": ["charger"]}, CHECKED[:1], attr="ORTH", read=NLP.make_doc)
    assert list(exact(doc)) == [Find(8, 9, "POWER", "keyword")]
    assert list(Rules(NLP.vocab, {}, [], attr="LOWER", read=NLP.make_doc)(doc)) == []
