"""The character encoding of items whose sender got it right, and the beginning of those that are only looked at."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def wide(raw: bytes) -> str | None:
    """Return the encoding of *raw* when a byte order mark or its zero bytes give it away, otherwise None."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    head = raw[:4]
    if len(head) == 4 and head[0] and not head[1] and head[2] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and not head[0] and head[1] and not head[2] and head[3]:
        return "utf-16-be"
    return None


def glance(head: bytes) -> str:
    """Return the beginning of an item as text, good enough to recognise its format by."""
    return head.decode(wide(head) or "latin-1", "replace").lstrip("\ufeff\ufffd \t\r\n\x00")
