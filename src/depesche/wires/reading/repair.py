"""The repair ladder: reads XML that is not quite XML, as one feed in twenty is, and says what it did.

Each rung is tried only when the one before has failed: as it is; re-decoded, trimmed, with entities of
HTML and bare ampersands mended; and at last whatever a forgiving parser can save. A bomb is refused on every rung.
"""

from __future__ import annotations

import html.entities
import re

from lxml import etree

from depesche.model.errors import WireError
from depesche.wires.reading import encoding, xml
from depesche.wires.reading.xml import Element

_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]*\?>""")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,40});|&")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_LATIN = frozenset(
    {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252", "iso-8859-15"}
)
_MOST_MENDED = 500_000  # ampersands, each of which is looked at by itself
_LATIN_CONTROLS = re.compile(rb"[\x80-\x9f]")


def parse(raw: bytes, *, recover: bool = True) -> tuple[Element, str | None]:
    """Return the root element of *raw* and the repairs that were needed, None for none.

    Without *recover* the ladder ends before the rung on which words can be lost.

    Raises:
        WireError: nothing helps, or it exceeds a bound or declares entities of its own.
    """
    if len(raw) > xml.MAX_BYTES:
        raise WireError(f"xml: {len(raw)} bytes are more than {xml.MAX_BYTES}")
    xml.refuse_declarations(raw)
    name = _misdeclared(raw)
    if name is None:
        try:
            root = etree.fromstring(raw.strip(), xml.parser())
            if not any(True for _ in root.iter(etree.Entity)):
                return xml.bounded(root, len(raw)), None
        except (etree.XMLSyntaxError, ValueError, LookupError):
            pass
    if (count := raw.count(b"&")) > _MOST_MENDED:
        raise WireError(f"xml: not well-formed, and {count} ampersands are too many to be mended")
    mended, done = _mend(raw, name)
    xml.refuse_declarations(mended.encode())
    try:
        return xml.bounded(etree.fromstring(mended, xml.parser()), len(raw)), "; ".join(done) or "trimmed"
    except (etree.XMLSyntaxError, ValueError) as error:
        if not recover:
            raise WireError(xml.fault(error)) from error
    try:
        root = etree.fromstring(mended, xml.parser(recover=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WireError(f"xml: beyond repair: {error}") from error
    return xml.bounded(root, len(raw)), "; ".join([*done, "recovered"])


def _misdeclared(raw: bytes) -> str | None:
    """Return the encoding *raw* really has, when its declaration names another with which it would parse to garbage."""
    declared = _DECLARATION.match(raw)
    if declared is None or raw.isascii() or declared[1].decode().lower() not in _LATIN:
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252" if _LATIN_CONTROLS.search(raw) else None
    return "utf-8"


def _mend(raw: bytes, name: str | None) -> tuple[str, list[str]]:
    """Return *raw* as text with the usual faults mended, and what they were."""
    done = []
    words, used = _decode(raw, name)
    done.append(f"decoded as {used}")
    start = words.find("<")
    if words[:start].strip("\ufeff \t\r\n\x00"):
        done.append("trimmed")
    words = _DOCTYPE.sub("", _DECLARED.sub("", words[max(start, 0) :]), count=1)
    if _ILLEGAL.search(words):
        words = _ILLEGAL.sub("", words)
        done.append("illegal characters stripped")
    mended = _unguarded(words)
    if mended != words:
        done.append("entities mended")
    return mended.strip(), done


def _unguarded(words: str) -> str:
    """Mend the entities of *words* outside CDATA sections, where they are none."""
    done, at = [], 0
    while (start := words.find("<![CDATA[", at)) >= 0 and (end := words.find("]]>", start)) >= 0:
        done += [_ENTITY.sub(_entity, words[at:start]), words[start : end + 3]]
        at = end + 3
    return "".join([*done, _ENTITY.sub(_entity, words[at:])])


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return found[0]
    if name.startswith("#"):
        number = int(f"0{name[1:]}", 16) if name[1] in "xX" else int(name[1:])
        legal = (
            number in {9, 10, 13}
            or 32 <= number <= 0xD7FF
            or 0xE000 <= number <= 0xFFFD
            or 0x10000 <= number <= 0x10FFFF
        )
        return found[0] if legal else ""
    known = html.entities.html5.get(f"{name};")
    return known.replace("&", "&amp;").replace("<", "&lt;") if known else f"&amp;{name};"


def _decode(raw: bytes, name: str | None) -> tuple[str, str]:
    """Return *raw* as text and the encoding that fitted; the last one fits everything."""
    declared = _DECLARATION.match(raw)
    tried = [name, encoding.wide(raw), "utf-8", declared[1].decode() if declared else None, "windows-1252"]
    for one in filter(None, tried):
        try:
            return raw.decode(one), one
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1"), "latin-1"
