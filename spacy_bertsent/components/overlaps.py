"""Which of overlapping finds become aspects."""

from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

# Who finds aspects, in the order in which they are preferred unless the settings say otherwise.
KINDS = ("keyword", "pattern", "finder", "entity", "noun_chunk")
OVERLAPS = ("longest", "shortest", "source")


class Find(NamedTuple):
    """Words that a source takes for an aspect.

    start (int), end (int): Tokens, end exclusive. category (str): The category, or "".
    source (str): One of `KINDS`, for finders with the key of their spans: "finder:sc".
    id (str): Of the pattern, or "".
    """

    start: int
    end: int
    category: str
    source: str
    id: str = ""


def resolve(
    finds: Iterable[Find], *, order: Sequence[str] = KINDS, overlap: str = "longest", given: Sequence[Find] = ()
) -> List[Find]:
    """Choose among finds that overlap.

    1. Aspects that were given stand; nothing is found on their words.
    2. Of overlapping finds the longest stands, then the one of the best source, then the first in the text. Where
       `overlap` is "shortest", the shortest does; where it is "source", the best source comes before length.
    3. The same words under two categories are two aspects. The same words without a category, or under one that they
       have already, are none more.

    finds (Iterable[Find]): Of all sources, best first among those of one kind.
    order (Sequence[str]): Kinds of sources, best first. overlap (str): One of `OVERLAPS`.
    given (Sequence[Find]): Aspects that are there already.
    RETURNS (List[Find]): Those that stand, without the given ones, in the order of the text.
    """
    ranks: Dict[str, int] = {}

    def rank(find: Find) -> Tuple[int, ...]:
        length, source = find.end - find.start, ranks[find.source]
        first = {"longest": (-length, source), "shortest": (length, source), "source": (source, -length)}
        return (*first[overlap], find.start)

    finds = list(finds)
    for find in sorted(finds, key=lambda find: order.index(find.source.partition(":")[0])):
        ranks.setdefault(find.source, len(ranks))
    kept = list(given)
    for find in sorted(finds, key=lambda find: (rank(find), find.category)):
        same = [x.category for x in kept if (x.start, x.end) == (find.start, find.end)]
        is_free = all(find.end <= x.start or find.start >= x.end for x in kept)
        if is_free or (same and find.category and find.category not in same and "" not in same):
            kept.append(find)
    return sorted(kept[len(given) :])
