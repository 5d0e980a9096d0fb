"""XML from strangers: no document type, no entities, no network, and bounds on size, depth and attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from depesche.lib import text
from depesche.model.errors import WireError
from depesche.wires import encoding

MAX_BYTES = 20_000_000
MAX_DEPTH = 200
MAX_ATTRIBUTES = 100

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_NAME = re.compile(r"<([A-Za-z_][\w.:-]*)")
_TOO_WIDE = etree.XPath(f"boolean(//*[count(@*) > {MAX_ATTRIBUTES}])")
_TOO_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")

Element = etree._Element


def parser(*, recover: bool = False) -> etree.XMLParser:
    """Return a parser that fetches nothing and expands nothing."""
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
        raise WireError(f"xml: not well-formed: {text.line(str(error))}") from error
    return bounded(root)


def bounded(root: Element | None) -> Element:
    """Return *root* if it keeps the bounds of depth and attributes.

    Raises:
        WireError: there is no root, or it does not.
    """
    if root is None:
        raise WireError("xml: no element in it")
    if _TOO_DEEP(root.getroottree()):
        raise WireError(f"xml: elements nest deeper than {MAX_DEPTH}")
    if _TOO_WIDE(root):
        raise WireError(f"xml: an element has more than {MAX_ATTRIBUTES} attributes")
    return root


def refuse_declarations(raw: bytes) -> None:
    """Look at the document type without parsing it; a bare one, as old feeds have, is harmless.

    Raises:
        WireError: it has declarations of its own, with which an item can grow without bound.
    """
    if b"!DOCTYPE" not in raw[:200_000].replace(b"\x00", b"").upper():
        return
    words = raw[:400_000].decode(encoding.wide(raw) or "latin-1", "replace").lstrip("\ufeff")
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


def local(element: Element) -> str:
    """Return the name of *element* without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Yield the children of *element* called *name* in whatever namespace."""
    if element is not None:
        for child in element:
            if local(child) == name:
                yield child


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child called *name*, or None."""
    return next(children(element, name), None)


def words(element: Element | None) -> str:
    """Return all the text in *element* as one line, empty for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return text.line(element.text or "")
    return text.line("".join(str(part) for part in element.itertext()))


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
    """Return what is in *element* as HTML, without its own tag; takes it out of its tree, whose namespaces it would carry."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    etree.cleanup_namespaces(element)
    parts = [escaped(element.text or "")]
    parts += [etree.tostring(one, encoding="unicode", method="html", with_tail=True) for one in element]
    return "".join(parts)


def escaped(words_: str) -> str:
    """Escape *words_* for HTML."""
    return words_.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
