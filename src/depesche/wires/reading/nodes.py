"""A light tree of XML for feeds, which come all day: built in half the time of a full one, and read in half.

It takes only what is plain: UTF-8 without a document type, within the bounds of `depesche.wires.reading.xml`, and no markup as
content. All else is left to the full tree, which repairs, or refuses by name.
"""

from __future__ import annotations

import re
from xml.parsers import expat

MAX_BYTES = 1_000_000  # so few that the elements cannot be too many
MAX_DEPTH = 200
MAX_ATTRIBUTES = 100
_LONGEST_NAME = 1000
_NONE: dict[str, str] = {}
_PLAIN = re.compile(  # as the declaration is written, or without one
    rb"(?:\xef\xbb\xbf)?"
    rb"""(?:<\?xml\s+version=["']1\.0["'](?:\s+encoding=["'](?i:utf-8)["'])?(?:\s+standalone=["'](?:yes|no)["'])?\s*\?>)?"""
    rb"\s*<(?!\?xml\s)"
)


class Node(list["Node"]):
    """An element, and the list of those in it; what reading a feed needs of it is called as in the full tree."""

    __slots__ = ("attributes", "tag", "tail", "text")
    tag: str
    attributes: dict[str, str]
    text: str
    tail: str  # the text behind the element

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the attribute called *name*."""
        return self.attributes.get(name, default)

    def words(self) -> str:
        """Return all the text in the element as it stands."""
        return "".join([self.text, *[part for one in self for part in (one.words(), one.tail)]])


class Intricate(Exception):
    """Says that XML is not for the light tree."""


def parse(raw: bytes) -> Node:
    """Return the root element of *raw*; names have no brace in front of their namespace, those of attributes have.

    Raises:
        Intricate: only the full tree can tell what it is.
    """
    if len(raw) > MAX_BYTES or not _PLAIN.match(raw):
        raise Intricate
    top = Node()
    open_ = [top]
    pieces: list[str] = []  # of text, since the last tag
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.buffer_size = 65_536
    parser.ordered_attributes = True  # most elements have none, and a list of none costs nothing

    def keep(node: Node) -> None:
        if node:
            node[-1].tail = "".join(pieces)
        else:
            node.text = "".join(pieces)
        pieces.clear()

    def start(tag: str, attributes: list[str]) -> None:
        above = open_[-1]
        if pieces:
            keep(above)
        node = Node()  # without a constructor of its own, which would take as long again
        node.tag = tag
        node.text = node.tail = ""
        node.attributes = _named(attributes) if attributes else _NONE
        above.append(node)
        open_.append(node)
        if len(open_) > MAX_DEPTH:
            raise Intricate

    def end(_: str) -> None:
        node = open_.pop()
        if pieces:
            keep(node)

    def refuse(*_: object) -> None:
        raise Intricate

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pieces.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Intricate from error
    if max(map(len, parser.intern)) > _LONGEST_NAME:
        raise Intricate
    return top[0]


def _named(pairs: list[str]) -> dict[str, str]:
    """Return attributes by the names that the full tree gives them, if they are not too many and announce no markup."""
    names, told = pairs[::2], pairs[1::2]
    if len(names) > MAX_ATTRIBUTES or "xhtml" in told:
        raise Intricate
    return {f"{{{name}" if "}" in name else name: words for name, words in zip(names, told, strict=True)}
