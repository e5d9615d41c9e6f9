"""Convert the published data sets and compare the counts with the published ones.

    python benchmarks/counts.py --data /path/to/data

Exit status 1 if a count differs. Files that are not there are left out, and named.
"""

import argparse
import datetime
import platform
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

import spacy
from spacy.tokens import Doc

from spacy_bertsent.converters import get_converter
from spacy_bertsent.converters.rows import Report
from spacy_bertsent.labels import ASPECTS_KEY, EMOTION, POLARITY, get_group

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "counts.md"
PACKAGES = ("spacy", "spacy-bertsent")


class DataFile(NamedTuple):
    """A published file and what it holds.

    path (str): Below the data directory. converter (str), settings (Dict[str, Any]): How it is read.
    counts (Dict[str, int]): Published numbers: of documents, aspects and labels, and of what the report counts.
    lang (str): Of its texts.
    """

    path: str
    converter: str
    settings: Dict[str, Any]
    counts: Dict[str, int]
    lang: str = "en"


def get_opinions(positive: int, negative: int, neutral: int, **others: int) -> Dict[str, int]:
    """RETURNS (Dict[str, int]): The counts of aspects by sentiment, and of all of them."""
    counts = {"positive": positive, "negative": negative, "neutral": neutral, **others}
    return {"aspects": sum(counts.values()), **counts}


KEEP = {"conflict": "keep"}
ALL = {"out_of_scope": "keep"}
# Each item is a document, as it is counted in the papers.
ITEMS = {"merge": False}
CASE = "target in another case than in the text"

# fmt: off
FILES: List[DataFile] = [
    DataFile("sst2/train.tsv", "sst2", {}, {"documents": 6920, "positive": 3610, "negative": 3310}),
    DataFile("sst2/dev.tsv", "sst2", {}, {"documents": 872, "positive": 444, "negative": 428}),
    DataFile(
        "sst2/trees_train.txt",
        "sst_trees",
        {"phrases": False, "classes": "five"},
        {
            "documents": 8544,
            "very negative": 1092,
            "negative": 2218,
            "neutral": 1624,
            "positive": 2322,
            "very positive": 1288,
        },
    ),
    DataFile(
        "sst2/trees_train.txt",
        "sst_trees",
        {"phrases": False},
        {"documents": 6920, "positive": 3610, "negative": 3310, "labelled neutral": 1624},
    ),
    DataFile("sst2/trees_train.txt", "sst_trees", {}, {"documents": 77195}),
    DataFile("imdb/train.csv", "imdb", {}, {"documents": 4000, "positive": 2000, "negative": 2000}),
    DataFile("imdb/dev.csv", "imdb", {}, {"documents": 1000, "positive": 500, "negative": 500}),
    DataFile(
        "semeval2014/Restaurants_Train_v2.xml",
        "semeval2014",
        KEEP,
        {"documents": 3041, **get_opinions(2164, 805, 633, conflict=91)},
    ),
    DataFile(
        "semeval2014/Restaurants_Train_v2.xml",
        "semeval2014",
        {**KEEP, "aspects": "categories"},
        {"documents": 3041, **get_opinions(2179, 839, 500, conflict=195)},
    ),
    DataFile(
        "semeval2014/Laptop_Train_v2.xml",
        "semeval2014",
        KEEP,
        {"documents": 3045, **get_opinions(987, 866, 460, conflict=45)},
    ),
    DataFile(
        "semeval2015/ABSA-15_Restaurants_Train_Final.xml",
        "semeval2015",
        ALL,
        {"documents": 1315, **get_opinions(1198, 403, 53)},
    ),
    DataFile(
        "semeval2015/ABSA-15_Restaurants_Train_Final.xml",
        "semeval2015",
        {"aspects": "terms"},
        {"documents": 1275, "sentence out of scope": 40, "aspects": 1279, "opinion without a target": 375},
    ),
    DataFile(
        "semeval2016/ABSA16_Restaurants_Train_SB1_v2.xml",
        "semeval2016",
        ALL,
        {"documents": 2000, **get_opinions(1657, 749, 101)},
    ),
    DataFile(
        "semeval2016/ABSA16_Restaurants_Train_SB1_v2.xml",
        "semeval2016",
        {"aspects": "terms"},
        {"documents": 1937, "sentence out of scope": 63, "aspects": 1880, "opinion without a target": 627},
    ),
    DataFile(
        "semeval2016_multilingual/nl_restaurants_dutch_training.xml",
        "semeval2016",
        ALL,
        {"documents": 1722, **get_opinions(1062, 646, 152), CASE: 127},
        lang="nl",
    ),
    DataFile(
        "semeval2016_multilingual/nl_restaurants_dutch_training.xml",
        "semeval2016",
        {**ALL, "aspects": "terms"},
        {"documents": 1722, "aspects": 1283, "opinion without a target": 577},
        lang="nl",
    ),
    *[
        DataFile(
            f"semeval2016_multilingual/gold-{lang}-{part}.txt",
            "tagged",
            {},
            {"documents": documents, "aspects": aspects},
            lang,
        )
        for lang, part, documents, aspects in (
            ("es", "train", 1656, 1502),
            ("es", "dev", 414, 353),
            ("nl", "train", 1378, 956),
            ("nl", "dev", 344, 275),
            ("ru", "train", 2924, 2440),
            ("ru", "dev", 731, 629),
            ("tr", "train", 986, 1091),
            ("tr", "dev", 246, 271),
        )
    ],
    DataFile("mams/ATSA/train.xml", "mams", {}, {"documents": 4297, **get_opinions(3380, 2764, 5042)}),
    DataFile("mams/ATSA/val.xml", "mams", {}, {"documents": 500, **get_opinions(403, 325, 604)}),
    DataFile(
        "mams/ACSA/train.xml",
        "mams",
        {"aspects": "categories"},
        {"documents": 3149, **get_opinions(1929, 2084, 3077)},
    ),
    DataFile("mams/ACSA/val.xml", "mams", {"aspects": "categories"}, {"documents": 400, **get_opinions(241, 259, 388)}),
    DataFile("twitter_dong2014/train.raw", "twitter2014", {}, {"documents": 6248, **get_opinions(1561, 1560, 3127)}),
    *[
        DataFile(
            f"twitter_multimodal/twitter{name}.tsv",
            "twitter_multimodal",
            ITEMS,
            {"documents": positive + negative + neutral, **get_opinions(positive, negative, neutral)},
        )
        for name, positive, neutral, negative in (
            ("2015_train", 928, 1883, 368),
            ("2015_dev", 303, 670, 149),
            ("2017_train", 1508, 1638, 416),
            ("2017_dev", 515, 517, 144),
        )
    ],
    DataFile(
        "goemotions/train.tsv",
        "goemotions",
        {},
        {
            "documents": 43410, "several emotions": 7102, "neutral": 14219, "admiration": 4130, "approval": 2939,
            "relief": 153, "pride": 111, "grief": 77,
        },
    ),
    DataFile("goemotions/dev.tsv", "goemotions", {}, {"documents": 5426, "several emotions": 878}),
    DataFile(
        "semeval2018_ec/E-c-En-train.txt",
        "semeval2018_ec",
        {},
        {
            "documents": 6838, "no emotion": 204, "disgust": 2602, "anger": 2544, "joy": 2477, "sadness": 2008,
            "optimism": 1984, "fear": 1242, "anticipation": 978, "pessimism": 795, "love": 700, "surprise": 361,
            "trust": 357,
        },
    ),
    DataFile("semeval2018_ec/E-c-En-dev.txt", "semeval2018_ec", {}, {"documents": 886, "no emotion": 14}),
]
# fmt: on
NOTES = """\
`documents` are sentences, items or reviews; the labels count aspects where there are aspects, and documents elsewhere.
Settings that are not the default are named: without them, conflicting aspects and sentences out of scope are left out,
and tweets with several targets become one document. "subset" is a part of the published set.

- Phrases of the trees: distinct ones that are not neutral, upper and lower case being the same. This number was
  counted here; 86,995, which is also given for it, is not that of these 8,544 trees.
- SemEval-2016 in es, nl, ru and tr: numbers of the release with tags, where a target is a run of one tag and category.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "assets", help="directory of the public data sets")
    parser.add_argument("--output", type=Path, default=RESULTS, help="Markdown file")
    args = parser.parse_args()
    rows, missing, n_wrong = [], [], 0
    for file in FILES:
        path = find_file(args.data / file.path)
        if path is None:
            missing.append(file.path)
            continue
        found = count(path, file)
        wrong = {key: found[key] for key, expected in file.counts.items() if found[key] != expected}
        n_wrong += bool(wrong)
        rows.append(make_row(file, wrong))
    for name in missing:
        sys.stdout.write(f"Left out: there is no {name} in {args.data}\n")
    if not rows:
        sys.stdout.write("Nothing was counted. Type: python -m spacy project assets\n")
        return 0
    table = make_table(rows)
    sys.stdout.write(table)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(table, "utf8")
    return 1 if n_wrong else 0


def find_file(path: Path) -> Optional[Path]:
    """RETURNS (Optional[Path]): The file, or the gzipped one beside it."""
    packed = Path(f"{path}.gz")
    return next((each for each in (path, packed) if each.is_file()), None)


def count(path: Path, file: DataFile) -> "Counter[str]":
    """RETURNS (Counter[str]): What is in a file: documents, aspects, labels, and what the report counts."""
    report = Report()
    docs = list(get_converter(file.converter)(path, spacy.blank(file.lang), report, **file.settings))
    counts = Counter({"documents": len(docs)}) + report.dropped + report.changed
    for doc in docs:
        counts.update(count_labels(doc))
    return counts


def count_labels(doc: Doc) -> "Counter[str]":
    """RETURNS (Counter[str]): The labels of one document."""
    counts: Counter[str] = Counter()
    if ASPECTS_KEY in doc.spans:
        counts["aspects"] = len(doc.spans[ASPECTS_KEY])
        counts.update(span.label_ for span in doc.spans[ASPECTS_KEY])
    emotions = get_group(doc.cats, EMOTION)
    chosen = [label for label, value in {**emotions, **get_group(doc.cats, POLARITY)}.items() if value == 1.0]
    counts.update(chosen)
    counts["several emotions"] = int(bool(emotions) and len(chosen) > 1)
    counts["no emotion"] = int(bool(emotions) and not chosen)
    return counts


def make_row(file: DataFile, wrong: Dict[str, int]) -> str:
    """RETURNS (str): A row of the table. wrong (Dict[str, int]): Counts that differ from the expected ones."""
    settings = ", ".join(f"{key}={value}" for key, value in file.settings.items()) or "-"
    others = "; ".join(f"{key} {n:,}" for key, n in file.counts.items() if key not in ("documents", "aspects"))
    aspects = f"{file.counts['aspects']:,}" if "aspects" in file.counts else "-"
    result = "; ".join(f"**{key} {n:,}**" for key, n in wrong.items()) or "equal"
    name = f"{file.path} (subset)" if file.path.startswith("imdb/") else file.path
    cells = (name, file.converter, settings, f"{file.counts['documents']:,}", aspects, others or "-", result)
    return f"| {' | '.join(cells)} |"


def make_table(rows: List[str]) -> str:
    """RETURNS (str): The rows as a Markdown page."""
    versions = ", ".join([f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)])
    return "\n".join(
        [
            "# Counts",
            "",
            "Made by `python benchmarks/counts.py`: every published file is converted, and what comes out is counted.",
            "",
            "| file | converter | settings | documents | aspects | labels and others | found |",
            "| --- | --- | --- | ---: | ---: | --- | --- |",
            *rows,
            "",
            NOTES,
            f"{datetime.date.today().isoformat()}, {versions}.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
