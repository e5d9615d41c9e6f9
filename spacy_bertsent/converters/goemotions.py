import json
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..labels import EMOTION
from .gold import make_doc, set_labels
from .rows import Report, RowFault, read_lines, rows_to_docs, split_columns

COLUMNS = ("text", "label numbers", "id")
LABELS_FILE = "emotions.txt"
# fmt: off
LABELS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief",
    "joy", "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise",
    "neutral",
)
# fmt: on


def goemotions_to_docs(path: Path, nlp: Language, report: Report, *, mapping: Optional[Path] = None) -> Iterator[Doc]:
    """Read GoEmotions: comments with one or more of 27 emotions or "neutral", as tab-separated columns.

    Labels are numbers of lines, from 0, of `emotions.txt` beside the file; without one, of the published list. Each
    document gets its emotions, "neutral" as one of them.

        Congratulations, that cake is a work of art!	0,13	ab12cde
        The shop opens at nine.	27	ab12cdf

    path (Path): The file, also gzipped. nlp (Language): Tokenises. report (Report): Keeps account.
    mapping (Optional[Path]): A JSON file of groups, such as the published `ekman_mapping.json`:
        {"joy": ["joy", "love"]}. Labels become their groups; one that is in no group, as "neutral", stays.
    YIELDS (Doc): The documents.
    RAISES (ValueError): BS014 if rows are faulty; BS021 if there is no mapping file, BS052 if it is faulty.
    SOURCE: Demszky et al. (2020), https://aclanthology.org/2020.acl-main.372
    """
    names = _read_labels(path.parent / LABELS_FILE)
    groups = {name: name for name in names} if mapping is None else _read_groups(mapping, names)
    labels = list(dict.fromkeys(groups.values()))

    def make(line: str) -> Iterator[Doc]:
        text, numbers, _ = split_columns(line, COLUMNS)
        chosen = {groups[_get_label(number, names)] for number in numbers.split(",")}
        doc = make_doc(nlp, text)
        set_labels(doc, EMOTION, labels, chosen)
        yield doc

    return rows_to_docs(path, read_lines(path), make, report)


def _read_labels(path: Path) -> List[str]:
    if not path.is_file():
        return list(LABELS)
    return [line.strip() for _, line in read_lines(path)]


def _read_groups(path: Path, names: Sequence[str]) -> Dict[str, str]:
    if not path.is_file():
        raise ValueError(Errors.BS021.format(path=path, advice="Name a JSON file: --mapping ekman_mapping.json"))
    try:
        mapping = json.loads(path.read_text("utf8"))
    except ValueError as e:
        raise ValueError(Errors.BS052.format(path=path, fault=f"not JSON: {e}")) from e
    if not isinstance(mapping, dict):
        raise ValueError(Errors.BS052.format(path=path, fault=f"expected a JSON object, not {type(mapping).__name__}"))
    groups = {name: name for name in names}
    for group, members in mapping.items():
        unknown = [x for x in members if x not in names] if isinstance(members, list) else [members]
        if unknown:
            fault = f"{unknown[0]!r} in {group!r} is no label; they are: {', '.join(names)}"
            raise ValueError(Errors.BS052.format(path=path, fault=fault))
        groups.update(dict.fromkeys(members, group))
    return groups


def _get_label(number: str, names: Sequence[str]) -> str:
    # Neither int() nor isdigit() alone: they take " 1", "+1", "1_0" and digits of other scripts.
    if not (number.isascii() and number.isdigit() and int(number) < len(names)):
        raise RowFault(f"unknown label {number!r}, expected a number from 0 to {len(names) - 1}")
    return names[int(number)]
