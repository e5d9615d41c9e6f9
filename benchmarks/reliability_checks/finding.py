"""What a check found."""

from typing import NamedTuple, Optional, Sequence


class Finding(NamedTuple):
    """test (str): Its number in the list of tests. name (str): What was done. figure (str): What came out.
    passed (Optional[bool]): Whether that is good enough; None where it is shown and not asked for."""

    test: str
    name: str
    figure: str
    passed: Optional[bool]


def count(test: str, name: str, good: Sequence[bool], note: str = "") -> Finding:
    """RETURNS (Finding): So many of so many, which passes if all are good."""
    figure = f"{sum(good):,} of {len(good):,}{f' ({note})' if note else ''}"
    return Finding(test, name, figure, bool(good) and all(good))
