"""Tags of HTML, each read once however often it comes, and markup cut at its tags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NO_HINTS: frozenset[str] = frozenset()
_NO_ATTRIBUTES: dict[str, str] = {}
_LONGEST = 200  # characters of a tag that is remembered
_OVERLONG = 10_000  # characters of one whose attributes nobody reads
_NAME = re.compile(r"(/?)([a-z][a-z0-9]*)")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')

_INERT = "class|colspan|rowspan|scope|start|alt|width|height|style|id|title|align|valign|lang|dir|target|rel|role|border|data-[a-z]+"
_VALUE = '"(?:[^"<>&]|&amp;)*"'
# Host names in small letters with a top-level domain of letters: those alone every parser reads alike.
_HOST = r'="https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!xn--)[a-z]{2,24}'
_PATH = r'(?:[/?#](?:[\w./?#=%+,;:@!~*()-]|&amp;)*)?"'
_PLAIN = re.compile(
    rf"/[a-z][a-z0-9]*|[a-z][a-z0-9]*(?: (?:{_INERT})={_VALUE}| (?:href|src){_HOST}{_PATH})* ?/?",
    re.ASCII,
)


class Tag(NamedTuple):
    """A tag: `attributes` without the class names, which are `hints`.

    `is_plain` tells that every parser reads it alike: small letters, known attributes once each, in double quotes.
    """

    name: str
    is_closing: bool
    attributes: dict[str, str]
    hints: frozenset[str]
    is_plain: bool
    is_ended: bool  # written with a slash at its end


def tag(head: str) -> Tag | None:
    """Return the tag whose words between its brackets are *head*, None where it is none."""
    return _remembered(head) if len(head) < _LONGEST else _read(head)


def _read(head: str) -> Tag | None:
    named = _NAME.match(head)
    if named is None:
        return None
    if len(head) > _OVERLONG:
        return Tag(named[2], bool(named[1]), _NO_ATTRIBUTES, _NO_HINTS, False, False)
    is_plain = _PLAIN.fullmatch(head) is not None
    hints, attributes = _NO_HINTS, _NO_ATTRIBUTES
    if "=" in head:
        pairs = _ATTRIBUTE.findall(head)
        attributes = dict(pairs)
        is_plain = is_plain and len(pairs) == len(attributes)
        if classes := attributes.pop("class", ""):
            hints = frozenset(classes.split())
    closing, name = named.groups()
    return Tag(name, closing == "/", attributes, hints, is_plain, is_plain and head[-1] == "/")


_remembered = lru_cache(maxsize=4096)(_read)


def cut(source: str) -> tuple[str, list[tuple[Tag, str]]] | None:
    """Cut *source* at its tags: the words before the first, and every tag with the words behind it; None where a tag is broken."""
    first, *pieces = source.split("<")
    found = []
    for piece in pieces:
        head, end, words = piece.partition(">")
        one = _remembered(head) if len(head) < _LONGEST else _read(head)
        if one is None or not end:
            return None
        found.append((one, words))
    return first, found
