import zlib
from pathlib import Path

import pytest
import srsly
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from spacy_bertsent.evaluation.corpus import read_gold

from .util import make_doc


def test_a_file_and_a_directory(tmp_path: Path) -> None:
    first = make_doc("a b", "positive", {"joy": 1.0}, [(0, 1, "negative", "FOOD")])
    DocBin(docs=[first, make_doc("")]).to_disk(tmp_path / "b.spacy")
    (tmp_path / "deep").mkdir()
    DocBin(docs=[make_doc("c")]).to_disk(tmp_path / "deep" / "a.spacy")
    (tmp_path / "notes.txt").write_text("x", "utf8")
    docs = read_gold(tmp_path / "b.spacy", Vocab())
    assert [doc.text for doc in docs] == ["a b", ""]
    assert docs[0].cats == first.cats
    assert [(s.text, s.label_, s.kb_id_) for s in docs[0].spans["aspects"]] == [("a", "negative", "FOOD")]
    assert sorted(doc.text for doc in read_gold(tmp_path, Vocab())) == ["", "a b", "c"]


def test_errors_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="BS021"):
        read_gold(tmp_path / "nowhere.spacy", Vocab())
    with pytest.raises(ValueError, match="BS049.*without a .spacy file"):
        read_gold(tmp_path, Vocab())
    (tmp_path / "x.jsonl").write_text("{}", "utf8")
    with pytest.raises(ValueError, match="BS049.*does not end in .spacy"):
        read_gold(tmp_path / "x.jsonl", Vocab())
    (tmp_path / "x.spacy").write_text("{}", "utf8")
    with pytest.raises(ValueError, match="BS049"):
        read_gold(tmp_path / "x.spacy", Vocab())
    whole = DocBin(docs=[make_doc("a b c")]).to_bytes()
    for data in (whole[:-5], zlib.compress(srsly.msgpack_dumps({"version": 1})), zlib.compress(b"text")):
        (tmp_path / "x.spacy").write_bytes(data)
        with pytest.raises(ValueError, match="BS049"):
            read_gold(tmp_path / "x.spacy", Vocab())
    DocBin().to_disk(tmp_path / "x.spacy")
    with pytest.raises(ValueError, match="BS072.*x.spacy has no texts"):
        read_gold(tmp_path / "x.spacy", Vocab())
