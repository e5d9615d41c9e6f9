"""Rows of wordpieces that training will meet again in its next epoch."""

from typing import Dict, List, Sequence

from ..types import TextInput
from .pieces import PieceTokenizer, Row

# About 50 bytes each.
MOST_PIECES = 1_000_000


class RowCache:
    """The rows of the first texts that were asked for. Nothing is dropped: epochs go round, and what was used last is
    what will be needed last.

    tokenizer (PieceTokenizer): Makes rows. size (int): Most pieces to keep.
    """

    def __init__(self, tokenizer: PieceTokenizer, size: int = MOST_PIECES):
        self.tokenizer = tokenizer
        self.size = size
        self._rows: Dict[TextInput, List[Row]] = {}
        self._n_pieces = 0

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, texts: Sequence[TextInput]) -> List[List[Row]]:
        """RETURNS (List[List[Row]]): What the tokenizer gives, without offsets. texts (Sequence[TextInput]): Any."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        made = dict(zip(new, self.tokenizer(new))) if new else {}
        for text, rows in made.items():
            n = sum(len(row.ids) for row in rows)
            if self._n_pieces + n <= self.size:
                self._rows[text] = rows
                self._n_pieces += n
        return [self._rows[text] if text in self._rows else made[text] for text in texts]
