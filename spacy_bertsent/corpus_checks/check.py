from dataclasses import dataclass
from typing import Any, Collection, Dict, List, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .counts import SplitCounts, count_split
from .findings import KINDS, LEVELS, Finding, check_names
from .labels import check_known, check_labels
from .near import check_near
from .repeats import check_repeats, group_texts
from .spans import check_spans
from .values import check_values
from .windows import Reader, check_windows, find_reader


@dataclass
class Checks:
    """The numbers of each split, and what was found.

    splits (Dict[str, SplitCounts]): Numbers by name, in the order given.
    findings (List[Finding]): The errors first, then warnings, then the others.
    skipped (List[str]): Checks that were not made, and why.
    window (int): Most wordpieces of a window, 0 where they were not counted.
    """

    splits: Dict[str, SplitCounts]
    findings: List[Finding]
    skipped: List[str]
    window: int = 0

    def get_failures(self, *, strict: bool = False, ignore: Collection[str] = ()) -> List[Finding]:
        """Choose the findings that should stop a training.

        strict (bool): Take warnings, too. ignore (Collection[str]): Names of findings that are known and accepted.
        RETURNS (List[Finding]): The errors. RAISES (ValueError): BS061 if a name is unknown.
        """
        check_names(ignore)
        levels = LEVELS[:2] if strict else LEVELS[:1]
        return [finding for finding in self.findings if finding.level in levels and finding.name not in ignore]

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): Plain data, ready for JSON."""
        return {
            "splits": {name: counts.to_dict() for name, counts in self.splits.items()},
            "window": self.window,
            "findings": [finding.to_dict() for finding in self.findings],
            "skipped": self.skipped,
        }


def check_corpora(
    splits: Mapping[str, Sequence[Doc]], nlp: Language, *, near: bool = True, window: int = 0, rare: int = 20
) -> Checks:
    """Check gold corpora before training.

    splits (Mapping[str, Sequence[Doc]]): Gold documents by name of the split, the training data first.
    nlp (Language): The pipeline to be trained, or a blank one of the language. Its tokenizer decides where tokens are;
        its backbone, or the default one if it has no components, how long a text is.
    near (bool): Look for near-duplicates. window (int): Most wordpieces of a window, 0 for the backbone's own.
    rare (int): Labels of the first split with fewer examples are rare.
    RETURNS (Checks): Numbers and findings.
    RAISES (ValueError): BS060 if a split has no documents, BS062 if the window is too small.
    """
    for split, docs in splits.items():
        if not docs:
            raise ValueError(Errors.BS060.format(path=split))
    reader = find_reader(nlp, window)
    counts = {split: count_split(docs) for split, docs in splits.items()}
    groups = group_texts(splits)
    findings = [*check_labels(counts, rare=rare), *check_known(counts, nlp), *check_repeats(splits, groups)]
    for split, docs in splits.items():
        findings += [*check_values(split, docs), *check_spans(split, docs, nlp)]
        if isinstance(reader, Reader):
            findings += check_windows(split, docs, reader, counts[split])
    skipped = []
    if near:
        findings += check_near(splits, groups)
    if not isinstance(reader, Reader):
        skipped.append(f"Wordpieces were not counted: {reader}")
    names = list(KINDS)
    findings.sort(key=lambda finding: (LEVELS.index(finding.level), names.index(finding.name)))
    return Checks(counts, findings, skipped, reader.tokenizer.sizes.window if isinstance(reader, Reader) else 0)
