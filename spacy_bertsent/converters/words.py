"""What of a text counts where two are compared."""

import string
import sys
import unicodedata
from functools import cache
from typing import Dict, List


def split_words(text: str) -> List[str]:
    """Take the words of a text, whatever its case, punctuation and Unicode form. Emoji are words.

    text (str): The text.
    RETURNS (List[str]): The words; empty where there are none, as in "...".
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_get_marks()).split()


def make_key(text: str) -> str:
    """RETURNS (str): Equal for texts that differ in case, punctuation and white space only; "" for an empty text.

    Where words are parted does not matter, so that a tokenised text ("do n't") is found again.
    """
    # Texts of punctuation alone are the same only if it is.
    return "".join(split_words(text)) or "".join(text.casefold().split())


@cache
def _get_marks() -> Dict[int, None]:
    """RETURNS (Dict[int, None]): For `str.translate`: punctuation, accents that stand alone, invisible characters."""
    marks = {ord(char): None for char in string.punctuation}
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category.startswith("P") or category in ("Sk", "Cf"):
            marks[code] = None
    return marks
