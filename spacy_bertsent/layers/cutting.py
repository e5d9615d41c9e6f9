"""Which pieces of a long text are kept, so that the aspect in it is."""

from typing import Optional, Sequence

from ..types import Offsets


def find_focus(spans: Sequence[Offsets], focus: Offsets) -> Offsets:
    """Find the pieces that stand for some characters of a text.

    spans (Sequence[Offsets]): Characters of each piece. focus (Offsets): The characters.
    RETURNS (Offsets): The first piece and the end. Where the tokenizer dropped the characters, an empty range at their
        place.
    """
    start, end = focus
    inside = [i for i, (s, e) in enumerate(spans) if s < end and e > start]
    if inside:
        return inside[0], inside[-1] + 1
    place = sum(e <= start for _, e in spans)
    return place, place


def choose_part(words: Sequence[Optional[int]], focus: Offsets, room: int) -> Offsets:
    """Choose the pieces that are kept of a text that is too long.

    All pieces of the focus are kept, with as much on its left as on its right where there is as much; of a focus that
    is longer than the room, the start is kept. Words are kept whole or not at all, unless the focus stands in them or
    they fill all the space beside it.

    words (Sequence[Optional[int]]): The word that each piece belongs to. focus (Offsets): Its pieces.
    room (int): Most pieces that may be kept, at least 1.
    RETURNS (Offsets): The first piece that is kept and the end.
    """
    first, end = focus
    if end - first >= room:
        return first, first + room
    start = max(0, min((first + end) // 2 - room // 2, len(words) - room))
    stop = min(start + room, len(words))
    whole_start = next((i for i in range(start, first) if _is_between_words(words, i)), start)
    whole_stop = next((i for i in range(stop, end, -1) if _is_between_words(words, i)), stop)
    return whole_start, whole_stop


def _is_between_words(words: Sequence[Optional[int]], place: int) -> bool:
    return place in (0, len(words)) or words[place] is None or words[place] != words[place - 1]
