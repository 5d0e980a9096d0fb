"""Text as XML holds it."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/xml; charset=utf-8"
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def text(said: str) -> str:
    """Return *said* as the text of an element, without the characters that XML cannot hold."""
    return escape(_clean(said))


def attribute(said: str) -> str:
    """Return *said* as the value of an attribute, quotation marks included."""
    return quoteattr(_clean(said))


def _clean(said: str) -> str:
    return "".join(char for char in said if (char >= " " or char in "\t\n\r") and char not in "\ufffe\uffff")
