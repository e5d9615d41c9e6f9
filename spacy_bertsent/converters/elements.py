"""A small XML reader that keeps line numbers, for messages, and refuses what an attack could be made of."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple
from xml.parsers import expat

from ..errors import Errors
from .rows import RowFault, open_data


@dataclass
class Element:
    """An element of an XML file.

    tag (str), attrs (Dict[str, str]): Its name and attributes. line (int): Where it starts, from 1.
    text (str): Its own text, without that of its children. children (List[Element]): The elements in it.
    """

    tag: str
    attrs: Dict[str, str]
    line: int
    text: str = ""
    children: "List[Element]" = field(default_factory=list)

    def find(self, *tags: str) -> "Iterator[Element]":
        """YIELDS (Element): All elements at a path of tags, in the order of the file."""
        for child in self.children:
            if child.tag == tags[0]:
                if len(tags) == 1:
                    yield child
                else:
                    yield from child.find(*tags[1:])

    def get(self, name: str) -> str:
        """RETURNS (str): An attribute. RAISES (RowFault): If the element does not have it."""
        if name not in self.attrs:
            raise RowFault(f"<{self.tag}> has no attribute {name!r}", self.line)
        return self.attrs[name]

    def get_offsets(self) -> Tuple[int, int]:
        """RETURNS (Tuple[int, int]): The attributes from and to. RAISES (RowFault): If they are not numbers."""
        try:
            return int(self.get("from")), int(self.get("to"))
        except RowFault:
            raise
        except ValueError as e:
            raise RowFault(f"<{self.tag}>: from and to must be numbers, not {self.attrs}", self.line) from e


def read_xml(path: Path) -> Element:
    """Read an XML file.

    path (Path): The file, also gzipped.
    RETURNS (Element): Its root element.
    RAISES (ValueError): BS030 if it is not well-formed or declares a DOCTYPE (its entities can fill the memory).
    """
    root = Element("", {}, 0)
    stack = [root]
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attrs: Dict[str, str]) -> None:
        element = Element(tag, attrs, parser.CurrentLineNumber)
        stack[-1].children.append(element)
        stack.append(element)

    def end(tag: str) -> None:
        stack.pop()

    def add_text(text: str) -> None:
        stack[-1].text += text

    def refuse(*args: Any) -> None:
        fault = "a DOCTYPE is not allowed"
        raise ValueError(Errors.BS030.format(path=path, line=parser.CurrentLineNumber, fault=fault))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = add_text
    parser.StartDoctypeDeclHandler = refuse
    with open_data(path) as file:
        try:
            parser.Parse(file.read(), True)
        except expat.ExpatError as e:
            raise ValueError(Errors.BS030.format(path=path, line=e.lineno, fault=str(e))) from e
    return root.children[0]
