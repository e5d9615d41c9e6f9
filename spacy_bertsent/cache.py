"""Vectors of texts, kept while the weights that made them do not change."""

import hashlib
from collections import OrderedDict
from typing import Any, Callable, Dict, Hashable, List, Optional, Sequence, Tuple

from .types import Encoded, TextInput, TokenRows, Windows

# Characters of a text that is its own key.
LONGEST_KEY = 512


class VectorCache:
    """The vectors of the last texts, by text: two heads that read a document, or a frozen backbone in its second epoch,
    cost one pass. The whole last layer is large: of documents whose pieces are read, that of the last batch is kept.

    size (int): Texts to keep between calls.
    """

    def __init__(self, size: int):
        self.size = size
        # Where the vectors of a text are: in which windows, from which row on, how many.
        self._rows: OrderedDict[Hashable, Tuple[Windows, int, int]] = OrderedDict()
        # What was read last: the next head asks for the same.
        self._last: Tuple[Sequence[TextInput], Optional[Windows]] = ((), None)
        self._tokens: Dict[str, TokenRows] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, texts: Sequence[TextInput], encode: Callable[[List[TextInput]], Windows], xp: Any) -> Windows:
        """Give the vectors of texts.

        texts (Sequence[TextInput]): At least one. encode (Callable): Called with those that are not here, each once.
        xp (module): numpy or cupy.
        RETURNS (Windows): In the order of the texts.
        """
        last, windows = self._last
        if windows is not None and texts == last:
            return windows
        keys = [_make_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts) if key not in self._rows}
        encoded = self._put(list(new), encode(list(new.values()))) if new else None
        if encoded is not None and len(new) == len(texts):
            windows = encoded
        else:
            for key in keys:
                self._rows.move_to_end(key)
            windows = _join([self._rows[key] for key in keys], xp)
        self._shrink()
        self._last = (list(texts), windows) if self.size else ((), None)
        return windows

    def write(self, texts: Sequence[TextInput], windows: Windows) -> None:
        """Keep vectors that another reader needed. texts (Sequence[TextInput]), windows (Windows): Theirs."""
        # Before, so that what is written now is there for the next reader, whatever the size.
        self._shrink()
        self._put([_make_key(text) for text in texts], windows)

    def read_tokens(self, texts: Sequence[TextInput], encode: Callable[[List[TextInput]], Encoded]) -> List[TokenRows]:
        """Give the last layer of documents. Their vectors are kept as well.

        texts (Sequence[TextInput]): The documents. encode (Callable): Called with those that are not here, each once;
        gives tokens.
        RETURNS (List[TokenRows]): In the order of the texts.
        """
        new = [text for text in dict.fromkeys(texts) if text.first not in self._tokens]
        known = {text.first: self._tokens[text.first] for text in texts if text.first in self._tokens}
        if new:
            encoded = encode(new)
            self.write(new, encoded.windows)
            self.write_tokens(new, encoded.tokens or [])
            self._tokens.update(known)
        return [self._tokens[text.first] for text in texts]

    def write_tokens(self, texts: Sequence[TextInput], rows: Sequence[TokenRows]) -> None:
        """Keep the last layer of a batch of documents, and no other. rows (Sequence[TokenRows]): One for each."""
        self._tokens = {text.first: row for text, row in zip(texts, rows)}

    def clear(self) -> None:
        """Forget everything: call it when the weights change."""
        self._rows.clear()
        self._last = ((), None)
        self._tokens = {}

    def _shrink(self) -> None:
        while len(self._rows) > self.size:
            self._rows.popitem(last=False)

    def _put(self, keys: Sequence[Hashable], windows: Windows) -> Windows:
        start = 0
        for key, n in zip(keys, windows.lengths):
            self._rows[key] = (windows, start, n)
            start += n
        return windows

    def __getstate__(self) -> Dict[str, Any]:
        # Vectors are cheaper to compute again than to send to a worker.
        return {"size": self.size, "_rows": OrderedDict(), "_last": ((), None), "_tokens": {}}


def _join(found: Sequence[Tuple[Windows, int, int]], xp: Any) -> Windows:
    """RETURNS (Windows): The parts of other windows, in a block of their own."""
    rows = xp.concatenate([windows.rows[start : start + n] for windows, start, n in found])
    weights = xp.concatenate([windows.weights[start : start + n] for windows, start, n in found])
    return Windows(rows, [n for _, _, n in found], weights)


def _make_key(text: TextInput) -> Hashable:
    """RETURNS (Hashable): The text itself, or of a long one a digest, so that it is not kept alive."""
    if len(text.first) + len(text.second or "") <= LONGEST_KEY:
        return text
    return hashlib.blake2b(repr(tuple(text)).encode("utf8", "surrogatepass"), digest_size=16).digest()
