"""What a picture says of itself: caption and credit in its IPTC-IIM or XMP fields, and nothing else of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree
from PIL import IptcImagePlugin
from PIL.ImageFile import ImageFile

from depesche.lib.text import line

_LONGEST = 2_000
_MOST_XMP = 1_000_000
_CAPTION = (2, 120)
_CREDITS = ((2, 110), (2, 80), (2, 115), (2, 116))  # credit, by-line, source, copyright notice
_CHARSET = (1, 90)
_UTF8 = b"\x1b%G"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Words:
    """The caption and credit of a picture, None where it tells none."""

    caption: str | None = None
    credit: str | None = None


def words_in(source: ImageFile) -> Words:
    """Return what *source*, opened and not yet loaded, says of itself; XMP first, for its characters are certain."""
    by_xmp, by_iptc = _xmp(source.info.get("xmp")), _iptc(source)
    return Words(by_xmp.caption or by_iptc.caption, by_xmp.credit or by_iptc.credit)


def _iptc(source: ImageFile) -> Words:
    try:
        found: Any = IptcImagePlugin.getiptcinfo(source) or {}
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError):
        return Words()  # an unreadable block says nothing; the picture may still be sound
    is_utf8 = _first(found.get(_CHARSET)) == _UTF8
    credit = next((text for key in _CREDITS if (text := _text(found.get(key), is_utf8))), None)
    return Words(_text(found.get(_CAPTION), is_utf8), credit)


def _first(value: object) -> bytes:
    if isinstance(value, list):
        value = value[0] if value else b""
    return value if isinstance(value, bytes) else b""


def _text(value: object, is_utf8: bool) -> str | None:
    raw = _first(value)[: _LONGEST * 4]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8" if is_utf8 else "cp1252", "replace")
    return line(text)[:_LONGEST] or None


def _xmp(raw: object) -> Words:
    if isinstance(raw, str):
        raw = raw.encode()
    if not isinstance(raw, bytes) or len(raw) > _MOST_XMP:
        return Words()
    start, end = raw.find(b"<"), raw.rfind(b">")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw[start : end + 1], parser)
    except (etree.XMLSyntaxError, ValueError):
        return Words()
    credit = (
        _property(root, f"{_PHOTOSHOP}Credit")
        or _listed(root, f"{_DC}creator")
        or _listed(root, f"{_DC}rights")
    )
    return Words(_listed(root, f"{_DC}description"), credit)


def _property(root: Any, name: str) -> str | None:
    """Return a plain property, written as an element or as an attribute of its description."""
    for found in root.iter(f"{_RDF}Description"):
        told = found.get(name) or found.findtext(name)
        if told and line(told):
            return line(told)[:_LONGEST]
    return None


def _listed(root: Any, name: str) -> str | None:
    """Return the first of a list's entries, the one in the default language where there is one."""
    for found in root.iter(name):
        entries = list(found.iter(f"{_RDF}li"))
        entries.sort(key=lambda one: one.get(_LANG) != "x-default")
        for one in entries:
            if one.text and line(one.text):
                return line(one.text)[:_LONGEST]
    return None
