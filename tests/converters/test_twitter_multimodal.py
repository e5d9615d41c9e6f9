from pathlib import Path

import pytest

from .util import DATA, get_aspects, read

TSV = DATA / "twitter_multimodal.tsv"


def test_tweets_are_merged() -> None:
    docs, report = read("twitter_multimodal", TSV)
    assert [doc.text for doc in docs] == [
        "So glad that The Tall Pines came to Leeds !",
        '# Bus12 is late , " as always ',
        "RT @ ana : Ana Petit ?",
    ]
    assert get_aspects(docs[0]) == [
        ("The Tall Pines", "", "positive"),
        ("Leeds", "", "neutral"),
        ("Leeds", "", "positive"),
    ]
    assert get_aspects(docs[1]) == [("# Bus12", "", "negative")]
    assert not report.faults and not report.dropped


def test_rows_as_documents() -> None:
    docs, _ = read("twitter_multimodal", TSV, merge=False)
    assert len(docs) == 5 and all(len(doc.spans["aspects"]) == 1 for doc in docs)


def test_faulty_rows() -> None:
    docs, report = read("twitter_multimodal", DATA / "twitter_multimodal_faulty.tsv", skip_errors=True)
    assert [doc.text for doc in docs] == ["Ana sings"]
    assert [(fault.line, fault.text) for fault in report.faults] == [
        (3, "unknown label '3', expected one of: 0, 1, 2"),
        (4, "the sentence has no $T$: 'nobody sings'"),
        (5, "4 columns, expected 5: index, label, image, tweet, target"),
        (6, "the target is empty"),
    ]
    with pytest.raises(ValueError, match=r"\[BS014\].*twitter_multimodal_faulty.tsv, line 3: unknown label '3'"):
        read("twitter_multimodal", DATA / "twitter_multimodal_faulty.tsv")


def test_header_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text("1\t2\t101.jpg\t$T$ sings\tAna\n")
    with pytest.raises(ValueError, match=r"\[BS050\].*rows.tsv has no column 'index'. Its first line: '1, 2, 101.jpg"):
        read("twitter_multimodal", path)
