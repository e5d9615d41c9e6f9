"""What the checks look for, how bad each is, and what one finding holds."""

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

from ..errors import Errors

# error: training or scores would be wrong. warning: worth a look. info: good to know.
LEVELS = ("error", "warning", "info")


class Kind(NamedTuple):
    """One thing that is looked for. level (str): One of `LEVELS`. text (str): What is counted.

    In the text, `{first}` and `{last}` are the first and the last split of the finding.
    """

    level: str
    text: str


# By their short names, which users type: never rename one.
KINDS: Dict[str, Kind] = {
    "leaks": Kind("error", "Texts of {last} that are in {first}, too"),
    "off-tokens": Kind("error", "Aspects of {last} that do not stand on the pipeline's tokens, so it cannot find them"),
    "empty-aspects": Kind("error", "Aspects of {last} that cover no words"),
    "invalid-values": Kind("error", "Values in doc.cats of {last} that are no numbers from 0 to 1"),
    "several-polarities": Kind("error", "Texts of {last} with more than one polarity (the values sum to more than 1)"),
    "no-polarity": Kind("error", "Texts of {last} whose polarity is annotated, but none applies"),
    "unknown-labels": Kind("error", "Labels of {last} that the pipeline does not have"),
    "near-leaks": Kind("warning", "Texts of {last} that are nearly the same as one of {first}"),
    "contradictory-polarity": Kind("warning", "Texts that are there several times, with different polarity"),
    "contradictory-emotions": Kind("warning", "Texts that are there several times, with different emotions"),
    "contradictory-aspects": Kind("warning", "Texts that are there several times, with different aspect sentiment"),
    "opposed-opinions": Kind("warning", "Aspects of {last} with different sentiments on the same words and category"),
    "unseen-labels": Kind("warning", "Labels of {last} that {first} has no example of"),
    "rare-labels": Kind("warning", "Labels of {last} with few examples"),
    "unknown-keys": Kind("warning", "Keys in doc.cats of {last} that are neither 'polarity:*' nor 'emotion:*'"),
    "empty-texts": Kind("warning", "Texts of {last} without words"),
    "unannotated": Kind("warning", "Texts of {last} with neither polarity nor emotions nor aspects annotated"),
    "cut-texts": Kind("warning", "Texts of {last} with more windows than the backbone reads: their ends are lost"),
    "duplicates": Kind("info", "Texts of {last} that repeat an earlier one"),
    "near-duplicates": Kind("info", "Texts of {last} that are nearly the same as an earlier one"),
    "repeated-aspects": Kind("info", "Aspects of {last} that are there twice: words, category and sentiment"),
    "aspects-without-sentiment": Kind("info", "Aspects of {last} without a sentiment"),
    "unmeasured-labels": Kind("info", "Labels of {first} that {last} has no example of"),
    "long-texts": Kind("info", "Texts of {last} that are longer than the backbone's window"),
}


class Case(NamedTuple):
    """One example of a finding.

    split (str): Where it is. number (Optional[int]): Of the document there, from 0; None for a label.
    text (str): The whole text, or the label. detail (str): What is wrong with it.
    """

    split: str
    number: Optional[int]
    text: str
    detail: str = ""


@dataclass
class Finding:
    """All cases of one kind in one split, or between two.

    name (str): A key of `KINDS`. splits (List[str]): Where, in the order in which they were given.
    total (int): How many texts, aspects or labels there are to compare the number of cases with.
    cases (List[Case]): Each of them, at least one.
    """

    name: str
    splits: List[str]
    total: int
    cases: List[Case] = field(default_factory=list)

    @property
    def level(self) -> str:
        """RETURNS (str): One of `LEVELS`."""
        return KINDS[self.name].level

    @property
    def count(self) -> int:
        """RETURNS (int): Number of cases."""
        return len(self.cases)

    @property
    def text(self) -> str:
        """RETURNS (str): What was found, with its number."""
        words = KINDS[self.name].text.format(first=f"'{self.splits[0]}'", last=f"'{self.splits[-1]}'")
        return f"{words}: {self.count} of {self.total}"

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): Plain data, ready for JSON."""
        return {
            "name": self.name,
            "level": self.level,
            "splits": self.splits,
            "count": self.count,
            "total": self.total,
            "text": self.text,
            "cases": [case._asdict() for case in self.cases],
        }


def check_names(names: Iterable[str]) -> None:
    """RAISES (ValueError): BS061 if there is no finding of that name."""
    for name in names:
        if name not in KINDS:
            raise ValueError(Errors.BS061.format(name=name, names=", ".join(KINDS)))


def make_findings(split: str, cases: Dict[str, List[Case]], total: int) -> List[Finding]:
    """RETURNS (List[Finding]): One for each name of a split that has cases."""
    return [Finding(name, [split], total, found) for name, found in cases.items() if found]
