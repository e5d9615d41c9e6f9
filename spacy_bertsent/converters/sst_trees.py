import re
from pathlib import Path
from typing import Iterator, List, Set, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..labels import POLARITY
from .gold import make_doc, set_labels
from .rows import Report, RowFault, check_choice, read_lines, rows_to_docs

LABELS = {
    "binary": ("negative", "negative", None, "positive", "positive"),
    "three": ("negative", "negative", "neutral", "positive", "positive"),
    "five": ("very negative", "negative", "neutral", "positive", "very positive"),
}
# The treebank writes marks that its own format needs as the Penn Treebank does.
ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


def sst_trees_to_docs(
    path: Path,
    nlp: Language,
    report: Report,
    *,
    phrases: bool = True,
    classes: str = "binary",
    lower: bool = False,
) -> Iterator[Doc]:
    """Read the trees of the Stanford Sentiment Treebank: one a line, every phrase with a label from 0 to 4.

    Of phrases, each spelling is taken once, whatever its case; sentences may repeat. Each document gets its polarity.

        (3 (2 (2 A) (2 film)) (3 (2 worth) (2 (2 the) (2 ticket))))
        (1 (2 It) (1 (1 drags) (2 .)))

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    phrases (bool): Take all phrases of a tree, and not the sentence alone.
    classes (str): "binary" drops what is labelled 2, "three" calls it neutral; "five" keeps all labels apart, from
        "very negative" to "very positive".
    lower (bool): Write the texts in lower case.
    YIELDS (Doc): The documents, of each tree the longest phrase first.
    RAISES (ValueError): BS014 if rows are faulty; BS033 if `classes` is unknown.
    SOURCE: Socher et al. (2013), https://aclanthology.org/D13-1170
    """
    check_choice("--classes", classes, tuple(LABELS))
    names = [name for name in dict.fromkeys(reversed(LABELS[classes])) if name]
    seen: Set[str] = set()

    def make(line: str) -> Iterator[Doc]:
        tree = read_tree(line)
        for label, text in tree if phrases else tree[:1]:
            name = LABELS[classes][label]
            if name is None:
                report.dropped["labelled neutral"] += 1
            elif phrases and text.lower() in seen:
                report.dropped["repeated phrase"] += 1
            else:
                doc = make_doc(nlp, text.lower() if lower else text)
                seen.add(text.lower())
                set_labels(doc, POLARITY, names, [name])
                yield doc

    return rows_to_docs(path, read_lines(path), make, report)


def read_tree(line: str) -> List[Tuple[int, str]]:
    """Read one tree.

    line (str): The tree in brackets.
    RETURNS (List[Tuple[int, str]]): Label and text of each phrase; a phrase comes before those in it.
    RAISES (RowFault): If it is not one whole tree.
    """
    found: List[Tuple[int, str]] = []
    words: List[str] = []
    opened: List[Tuple[int, int]] = []  # place in `found`, number of the first word
    parts = iter(re.findall(r"[()]|[^\s()]+", line))
    for part in parts:
        if found and not opened:
            raise RowFault(f"{part!r} after the end of the tree")
        if part == "(":
            label = next(parts, "")
            if label not in {"0", "1", "2", "3", "4"}:
                raise RowFault(f"unknown label {label!r}, expected one of: 0, 1, 2, 3, 4")
            opened.append((len(found), len(words)))
            found.append((int(label), ""))
        elif not opened:
            raise RowFault(f"{part!r} outside of a tree")
        elif part == ")":
            place, first = opened.pop()
            if first == len(words):
                raise RowFault("a phrase without words")
            found[place] = (found[place][0], " ".join(words[first:]))
        else:
            words.append(ESCAPES.get(part, part).replace("\\/", "/").replace("\\*", "*"))
    if opened or not found:
        raise RowFault(f"{len(opened)} brackets are not closed" if opened else "no tree")
    return found
