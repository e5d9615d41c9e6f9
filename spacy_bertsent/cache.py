"""Vectors of texts, kept while the weights that made them do not change."""

import hashlib
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Sequence, Tuple

from thinc.types import Floats1d, Floats2d

from .types import TextInput, Windows


class VectorCache:
    """The vectors of the last texts, by text: two heads that read a document, or a frozen backbone in its second epoch,
    cost one pass.

    size (int): Texts to keep between calls.
    """

    def __init__(self, size: int):
        self.size = size
        self._rows: OrderedDict[bytes, Tuple[Floats2d, Floats1d]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, texts: Sequence[TextInput], encode: Callable[[List[TextInput]], Windows], xp: Any) -> Windows:
        """Give the vectors of texts.

        texts (Sequence[TextInput]): At least one. encode (Callable): Called with those that are not here, each once.
        xp (module): numpy or cupy.
        RETURNS (Windows): In the order of the texts.
        """
        keys = [_hash(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts) if key not in self._rows}
        if new:
            self._put(list(new), encode(list(new.values())))
        found = [self._rows[key] for key in keys]
        for key in keys:
            self._rows.move_to_end(key)
        while len(self._rows) > self.size:
            self._rows.popitem(last=False)
        rows, weights = xp.concatenate([r for r, _ in found]), xp.concatenate([w for _, w in found])
        return Windows(rows, [len(w) for _, w in found], weights)

    def write(self, texts: Sequence[TextInput], windows: Windows) -> None:
        """Keep vectors that another reader needed. texts (Sequence[TextInput]), windows (Windows): Theirs."""
        self._put([_hash(text) for text in texts], windows)

    def clear(self) -> None:
        """Forget everything: call it when the weights change."""
        self._rows.clear()

    def _put(self, keys: Sequence[bytes], windows: Windows) -> None:
        start = 0
        for key, n in zip(keys, windows.lengths):
            self._rows[key] = (windows.rows[start : start + n], windows.weights[start : start + n])
            start += n

    def __getstate__(self) -> Dict[str, Any]:
        # Vectors are cheaper to compute again than to send to a worker.
        return {"size": self.size, "_rows": OrderedDict()}


def _hash(text: TextInput) -> bytes:
    # A digest, so that long texts are not kept alive as keys.
    return hashlib.blake2b(repr(tuple(text)).encode("utf8", "surrogatepass"), digest_size=16).digest()
