"""XML from strangers: no document type, no entities, no network, and bounds on size, depth and attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

from ahocorasick_rs import BytesAhoCorasick, MatchKind
from lxml import etree

from depesche.lib import text
from depesche.model.errors import WireError
from depesche.wires.reading import encoding
from depesche.wires.reading.nodes import Node

MAX_BYTES = 20_000_000
MAX_DEPTH = 200
MAX_ATTRIBUTES = 100
MAX_ELEMENTS = 250_000
_LEAST = 4  # bytes that an element takes

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_DOCTYPE_BYTES = re.compile(rb"!\x00*[dD]\x00*[oO]\x00*[cC]\x00*[tT]\x00*[yY]\x00*[pP]\x00*[eE]")
_MAY_BE_DOCTYPE = BytesAhoCorasick([b"<!D", b"<!d"], matchkind=MatchKind.LeftmostFirst)
_LOOKED_AT = 400_000  # bytes in which a document type is looked for
_OWN_TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>')
_ANY_TAG = re.compile(r"<[^<>]*>")
_PREFIXED = re.compile(r"</?[^\W\d][\w.-]*:")
_EMPTY_TAG = re.compile(r"<([^\W\d][\w.-]*)([^<>]*)/>")
_DEFAULT_SPACE = re.compile(r'(<[^<>]*) xmlns="[^"<>]*"')
_VOID = frozenset(
    {
        "br",
        "hr",
        "img",
        "col",
        "wbr",
        "input",
        "area",
        "embed",
        "source",
        "track",
        "link",
        "meta",
        "base",
        "param",
    }
)
_NAME = re.compile(r"<([A-Za-z_][\w.:-]*)")
_TOO_WIDE = etree.XPath(f"boolean(//*/@*[{MAX_ATTRIBUTES + 1}])")
_DEEPER = etree.XPath("boolean(" + "/*" * 25 + ")")  # most documents end before, and this is asked faster
_TOO_MANY = etree.XPath(f"count(//*) > {MAX_ELEMENTS}")
_TOO_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")

Element = etree._Element


@lru_cache(maxsize=2)
def parser(*, recover: bool = False) -> etree.XMLParser:
    """Return a parser that fetches nothing and expands nothing; threads that share it wait for each other."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def parse(raw: bytes) -> Element:
    """Return the root element of *raw*.

    Raises:
        WireError: it is not well-formed, declares entities of its own, or exceeds a bound.
    """
    if len(raw) > MAX_BYTES:
        raise WireError(f"xml: {len(raw)} bytes are more than {MAX_BYTES}")
    refuse_declarations(raw)
    wide = encoding.wide(raw)
    try:
        # A parser believes the declaration before the bytes, so wide encodings are decoded without it.
        whole = _DECLARED.sub("", raw.decode(wide).lstrip("\ufeff")).strip() if wide else raw.strip()
        root = etree.fromstring(whole, parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise WireError(fault(error)) from error
    return bounded(root, len(raw))


def fault(error: Exception) -> str:
    """Return what is told of XML that the parser does not take."""
    said = text.line(str(getattr(error, "msg", None) or error))
    if "Excessive depth" in said:
        return f"xml: elements nest deeper than {MAX_DEPTH}"
    return f"xml: not well-formed: {said}"


def bounded(root: Element | None, length: int) -> Element:
    """Return *root*, read from *length* bytes, if it keeps the bounds of depth, elements and attributes.

    Raises:
        WireError: there is no root, or it does not.
    """
    if root is None:
        raise WireError("xml: no element in it")
    if length > MAX_ELEMENTS * _LEAST and _TOO_MANY(root):
        raise WireError(f"xml: more than {MAX_ELEMENTS} elements")
    if _DEEPER(root.getroottree()) and _TOO_DEEP(root.getroottree()):
        raise WireError(f"xml: elements nest deeper than {MAX_DEPTH}")
    if _TOO_WIDE(root):
        raise WireError(f"xml: an element has more than {MAX_ATTRIBUTES} attributes")
    return root


def refuse_declarations(raw: bytes) -> None:
    """Look at the document type without parsing it; a bare one, as old feeds have, is harmless.

    Raises:
        WireError: it has declarations of its own, with which an item can grow without bound.
    """
    is_narrow = b"\x00" not in raw[:64]  # one byte a letter
    head = raw[:_LOOKED_AT]
    if is_narrow and not _MAY_BE_DOCTYPE.find_matches_as_indexes(head):  # asked in a tenth of the time
        return
    if not _DOCTYPE_BYTES.search(head):
        return
    words = head.decode(encoding.wide(raw) or "latin-1", "replace").lstrip("\ufeff")
    at = 0
    while found := _PROLOG.match(words, at):
        at = found.end()
    if words[at : at + 9].upper() != "<!DOCTYPE":
        return
    end = re.compile(r"[\[>]").search(words, at)
    if end is None or end[0] == "[":
        raise WireError("xml: declares entities of its own; refused, as it could be a bomb")


def root_name(words_: str) -> str:
    """Return the name of the first element in the beginning of a document, with its prefix; empty when there is none."""
    at = 0
    while found := _PROLOG.match(words_, at) or _DOCTYPE.match(words_, at):
        at = found.end()
    named = _NAME.match(words_, at)
    return named[1] if named else ""


def local(element: Element | Node) -> str:
    """Return the name of *element* without its namespace; empty for what is no element."""
    return _local(element.tag)


@lru_cache(maxsize=1024)  # the parser bounds the length of names
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Yield the children of *element* called *name* in whatever namespace."""
    if element is not None:
        for child in element:
            if _local(child.tag) == name:
                yield child


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child called *name*, or None."""
    if element is not None:
        for child in element:
            if _local(child.tag) == name:
                return child
    return None


def words(element: Element | Node | None) -> str:
    """Return all the text in *element* as one line, empty for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return text.line(element.text or "")
    return text.line(all_text(element))


def all_text(element: Element | Node) -> str:
    """Return all the text in *element* as it stands, in one go; its parts one by one take ten times as long."""
    if isinstance(element, Node):
        return element.words()
    return etree.tostring(element, encoding="unicode", method="text", with_tail=False)


def spaced(element: Element) -> str:
    """Return all the text in *element* as one line, with a space wherever a tag parts two words."""
    if len(element) == 0:
        return text.line(element.text or "")
    whole = _ANY_TAG.sub(" ", etree.tostring(element, encoding="unicode", with_tail=False))
    return text.line(unescape(whole) if "&" in whole else whole)


def parts(element: Element | None) -> dict[str, list[Element]]:
    """Return the children of *element* by their names without namespace, each in its order."""
    found: dict[str, list[Element]] = {}
    if element is not None:
        for one in element:
            found.setdefault(_local(one.tag), []).append(one)
    return found


def strip_namespaces(element: Element) -> Element:
    """Take the namespaces off *element* and all in it, in place, so that it can be written as HTML."""
    for one in element.iter(etree.Element):
        tag = one.tag
        if "}" in tag:
            try:
                one.tag = tag.rpartition("}")[2]
            except ValueError:  # a forgiving parser lets names through that nobody may write
                one.tag = "span"
    return element


def inner_html(element: Element) -> str:
    """Return what is in *element* as HTML, without its own tag."""
    if len(element) == 0:
        return escaped(element.text or "")
    etree.cleanup_namespaces(element)
    whole = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    start = whole.find(">") + 1
    if '"' in whole[:start]:  # what its attributes hold may look like its end
        own = _OWN_TAG.match(whole)
        start = own.end() if own else 0
    return whole[start : max(whole.rfind("</"), 0)]


def inner_xhtml(element: Element) -> str:
    """Return what is in *element*, whose namespace is that of XHTML or whose names mean the same, as HTML without its own tag.

    Faster than taking off all namespaces, which is done only where there are prefixes.
    """
    whole = etree.tostring(element, encoding="unicode", with_tail=False)
    if _PREFIXED.search(whole):
        return inner_html(strip_namespaces(element))
    start = whole.find(">") + 1
    if whole[start - 2 : start] == "/>":
        return ""
    inner = whole[start : whole.rfind("</")]
    if "/>" in inner:
        inner = _EMPTY_TAG.sub(_emptied, inner)
    while ' xmlns="' in inner and (bare := _DEFAULT_SPACE.sub(r"\1", inner)) != inner:
        inner = bare
    return inner


def _emptied(found: re.Match[str]) -> str:
    """Return an empty element as HTML writes it."""
    return f"<{found[1]}{found[2]}>" if found[1] in _VOID else f"<{found[1]}{found[2]}></{found[1]}>"


def escaped(words_: str) -> str:
    """Escape *words_* for HTML."""
    return words_.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
