"""What a worker reads, and how it sets up torch."""

import json
from functools import lru_cache
from typing import Any, Dict, List, NamedTuple, Tuple


class Work(NamedTuple):
    """What `texts.write_work` wrote.

    texts (List[str]): The texts. marked (List[list]): Text, offsets of its aspects, their labels.
    labels (List[str]): Of the texts.
    """

    texts: List[str]
    marked: List[Any]
    labels: List[str]

    @property
    def pairs(self) -> List[Tuple[str, str]]:
        """The words of each aspect and its text."""
        return [(text[start:end], text) for text, aspects, _ in self.marked for start, end in aspects]


@lru_cache(maxsize=4)
def read_work(path: str) -> Work:
    """RETURNS (Work): What `texts.write_work` wrote."""
    with open(path, encoding="utf8") as file:
        return Work(**json.load(file))


def set_up(settings: Dict[str, Any]) -> str:
    """Fix the threads of torch. RETURNS (str): The device."""
    import torch

    torch.set_num_threads(settings["threads"])
    return f"cuda:{settings['gpu_id']}" if settings["gpu_id"] >= 0 else "cpu"
