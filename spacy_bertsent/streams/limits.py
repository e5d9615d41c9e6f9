"""What a stream accepts, and how long it waits."""

from dataclasses import dataclass
from typing import Optional

from ..errors import Errors

TOO_LONG = ("refuse", "truncate")
SURROGATES = ("replace", "refuse")


@dataclass(frozen=True)
class Limits:
    """The limits of `pipe`; each is a setting.

    max_characters (int): Longest text. `nlp.max_length` holds as well.
    too_long (str): "refuse" a longer text (BS064), or "truncate" it and say so on the Doc (`get_repairs`).
    max_run (int): Longest run of punctuation or symbols that spaCy's tokenizer reads in one go; see `split_runs`. 0 for
        no limit.
    surrogates (str): "replace" lone surrogates, which no UTF-8 library takes, by U+FFFD and say so on the Doc, or
        "refuse" the text (BS063).
    read_ahead (int): Batches that are read and not given back yet; at least `n_process`.
    timeout (Optional[float]): Seconds that a worker may take for a batch. None for no limit. One process has none.
    max_restarts (int): Dead workers that are replaced before the stream ends with BS066.
    RAISES (ValueError): BS069 for a value that makes no sense.
    """

    max_characters: int = 100_000
    too_long: str = "refuse"
    max_run: int = 50
    surrogates: str = "replace"
    read_ahead: int = 2
    timeout: Optional[float] = 300.0
    max_restarts: int = 10

    def __post_init__(self) -> None:
        _check_choice("too_long", self.too_long, TOO_LONG)
        _check_choice("surrogates", self.surrogates, SURROGATES)
        check_number("max_characters", self.max_characters, 1)
        check_number("max_run", self.max_run, 0)
        check_number("read_ahead", self.read_ahead, 1)
        check_number("max_restarts", self.max_restarts, 0)
        if self.timeout is not None and not self.timeout > 0:
            raise ValueError(Errors.BS069.format(name="timeout", value=self.timeout, expected="more than 0, or None"))


def check_number(name: str, value: int, least: int) -> None:
    """Refuse what is not a whole number of at least `least`. RAISES (ValueError): BS069."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(Errors.BS069.format(name=name, value=value, expected=f"a whole number, at least {least}"))


def _check_choice(name: str, value: str, choices: tuple) -> None:
    if value not in choices:
        raise ValueError(Errors.BS069.format(name=name, value=value, expected=" or ".join(map(repr, choices))))
