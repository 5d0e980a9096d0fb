"""A light tree of XML for feeds, which come all day: built in half the time of a full one, and read in half.

It takes only what is plain: UTF-8 without a document type, within the bounds of `depesche.wires.xml`, and no markup as
content. All else is left to the full tree, which repairs, or refuses by name.
"""

from __future__ import annotations

import re
from xml.parsers import expat

MAX_BYTES = 1_000_000  # so few that the elements cannot be too many
MAX_DEPTH = 200
MAX_ATTRIBUTES = 100
_LONGEST_NAME = 1000
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
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.buffer_size = 65_536

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = Node()  # without a constructor of its own, which would take as long again
        node.tag, node.text, node.tail = tag, "", ""
        node.attributes = _checked(attributes) if attributes else attributes
        open_[-1].append(node)
        open_.append(node)
        if len(open_) > MAX_DEPTH or len(tag) > _LONGEST_NAME:
            raise Intricate

    def words(told: str) -> None:
        node = open_[-1]
        if node:
            node[-1].tail += told
        else:
            node.text += told

    def refuse(*_: object) -> None:
        raise Intricate

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_.pop()
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Intricate from error
    return top[0]


def _checked(attributes: dict[str, str]) -> dict[str, str]:
    """Return *attributes* as the full tree names them, if they are not too many and announce no markup."""
    if len(attributes) > MAX_ATTRIBUTES or attributes.get("type") == "xhtml":
        raise Intricate
    return {f"{{{name}" if "}" in name else name: told for name, told in attributes.items()}
