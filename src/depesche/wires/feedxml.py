"""RSS in all its versions, and Atom, read from XML into entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Any

from depesche.lib import html, text
from depesche.model.errors import WireError
from depesche.model.take import Identifier, PictureRef, Subject
from depesche.wires import fields, markets, xml
from depesche.wires.entry import Entry, Feed, absolute, picture
from depesche.wires.xml import Element

_XML = "{http://www.w3.org/XML/1998/namespace}"
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_SIMPLE_TAG = re.compile(r"</?(?:b|i|em|strong|span|br|p|u|sub|sup)(?:\s[^<>]*)?/?>", re.IGNORECASE)


def feed(root: Element, repairs: str | None) -> tuple[Feed, list[Element]]:
    """Return what the feed at *root* says of itself, and its entries."""
    name = xml.local(root)
    if name == "feed":
        top, entries = root, list(xml.children(root, "entry"))
    elif name in {"rss", "RDF", "channel"}:
        top = root if name == "channel" else next(xml.children(root, "channel"), root)
        # Items stand beside the channel in RSS 0.90 and 1.0, inside it in all others.
        entries = [*xml.children(top, "item"), *(xml.children(root, "item") if top is not root else ())]
    else:
        raise WireError(f"{name}: is no feed")
    about = Feed(
        title=_title(xml.child(top, "title")),
        language=xml.words(xml.child(top, "language")) or top.get(f"{_XML}lang") or "",
        rights=xml.words(xml.child(top, "copyright")) or xml.words(xml.child(top, "rights")),
        repair=repairs,
    )
    about.base = absolute(top.get(f"{_XML}base") or "", _link(top, ""))
    return about, entries


def entry(one: Element, about: Feed) -> Entry:
    """Read an RSS item or an Atom entry."""
    parts: dict[str, Element] = {}
    for child in one:
        parts.setdefault(_qualified(child), child)

    def words(*names: str) -> str:
        return next((found for name in names if (found := xml.words(parts.get(name)))), "")

    is_atom = xml.local(one) == "entry"
    content, summary = _html_of(parts.get("encoded")), ""
    if is_atom:
        content, summary = _html_of(parts.get("content")), html.words(_html_of(parts.get("summary")))
    else:
        described = (
            _html_of(parts.get("description"))
            or _html_of(parts.get("body"))
            or _html_of(parts.get("summary"))
        )
        content, summary = (content, html.words(described)) if content else (described, "")
    found = Entry(
        id=words("guid", "id")
        or text.line(one.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""),
        link=_link(one, one.get(f"{_XML}base") or about.base),
        title=_title(parts.get("title")),
        body=content,
        summary=summary,
        published=words("pubDate", "published", "issued", "dc:date", "date", "created"),
        updated=words("updated", "modified", "dcterms:modified"),
        author=_author(one, words),
        language=words("dc:language", "language") or one.get(f"{_XML}lang") or "",
        rights=words("rights", "copyright", "dc:rights"),
        credit=words("source", "dc:publisher"),
    )
    found.subjects = list(_categories(one))
    found.pictures = list(_pictures(one, found.link or about.base))
    found.identifiers = list(_codes(one))
    return found


def _qualified(child: Element) -> str:
    """Return the name of *child*, with a prefix only where a bare name would mean something else."""
    tag = child.tag
    return _qualified_tag(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _qualified_tag(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    space = space.lower()
    if "purl.org/dc/terms" in space:
        return f"dcterms:{name}"
    if "purl.org/dc" in space:
        return f"dc:{name}"
    return f"media:{name}" if "mrss" in space or "itunes" in space or "slash" in space else name


def _link(one: Element, base: str) -> str:
    """Return the address readers are sent to, absolute where *base* allows."""
    found = ""
    for link in xml.children(one, "link"):
        href, told = link.get("href"), xml.words(link)
        if told and not href:
            found = told
            break
        if href and link.get("rel", "alternate") == "alternate":
            found = href
            break
    guid = xml.child(one, "guid")
    if (
        not found
        and guid is not None
        and guid.get("isPermaLink", "true") == "true"
        and xml.words(guid).startswith("http")
    ):
        found = xml.words(guid)
    return text.line(absolute(base, found)) if found else ""


def _html_of(element: Element | None) -> str:
    """Return what *element* holds as HTML, whether it is text, escaped HTML or XHTML."""
    if element is None:
        return ""
    kind = (element.get("type") or element.get("mode") or "").lower()
    if len(element):
        return xml.inner_html(xml.strip_namespaces(element)).strip()
    told = (element.text or "").strip()
    if kind in {"text", "text/plain"}:
        return html.paragraphs(told)
    return told if "<" in told or "&" in told else html.paragraphs(told)


def _title(element: Element | None) -> str:
    """Return a title as text; feeds escape it once too often as a rule."""
    if element is None:
        return ""
    told = xml.words(element)
    if (element.get("type") or "").lower() in {"html", "text/html"}:
        return html.words(told)
    return text.line(_SIMPLE_TAG.sub("", unescape(told)))


def _author(one: Element, words: Any) -> str:
    names = [
        xml.words(xml.child(author, "name")) or xml.words(author) for author in xml.children(one, "author")
    ]
    creators = [xml.words(child) for child in one if _qualified(child) == "dc:creator"]
    return ", ".join(dict.fromkeys(filter(None, creators or names))) or str(words("byline"))


def _categories(one: Element) -> Iterator[Subject]:
    for child in one:
        if _qualified(child) not in {"category", "dc:subject"}:
            continue
        code = text.line(child.get("term") or "") or xml.words(child)
        if code:
            yield Subject(
                child.get("scheme") or child.get("domain") or "category",
                code,
                text.line(child.get("label") or "") or None,
            )


def _pictures(one: Element, base: str) -> Iterator[PictureRef | None]:
    for file in one.iter("{*}enclosure", "{*}link"):
        is_enclosure = xml.local(file) == "enclosure" or file.get("rel") == "enclosure"
        if is_enclosure and (file.get("type") or "").startswith("image/"):
            yield picture(file.get("url") or file.get("href") or "", base, None, None)
    groups = [*xml.children(one, "group"), one]
    for group in groups:
        offered = [file for file in group if _qualified(file) == "media:content" and _is_picture(file)]
        offered = offered or [file for file in group if _qualified(file) == "media:thumbnail"]
        if group is one:
            for file in offered:
                yield _media([file], file, one, base)
        elif offered:
            yield _media(offered, group, one, base)


def _is_picture(file: Element) -> bool:
    return (
        file.get("medium") == "image"
        or (file.get("type") or "").startswith("image/")
        or not (file.get("medium") or file.get("type"))
    )


def _media(files: list[Element], inner: Element, outer: Element, base: str) -> PictureRef | None:
    """Return the best of *files* with the caption and credit that stand nearest."""
    offered = [
        fields.Rendition(
            absolute(base, file.get("url") or ""),
            "",
            "",
            int(width) if (width := file.get("width") or "").isdecimal() and len(width) < 7 else 0,
        )
        for file in files
    ]

    def near(name: str) -> str:
        return next(
            (
                found
                for place in (*files, inner, outer)
                for one in place
                if _qualified(one) == f"media:{name}" and (found := xml.words(one))
            ),
            "",
        )

    return fields.picture(
        fields.best(offered), html.words(near("description") or near("title")), near("credit")
    )


def _codes(one: Element) -> Iterator[Identifier | None]:
    """Yield codes from elements called isin, wkn or symbol in whatever namespace; empty ones are common."""
    for child in one:
        name = xml.local(child).lower()
        if name in {"isin", "wkn", "symbol", "ticker"} and (told := xml.words(child)):
            for code in re.split(r"[,;\s]+", told):
                yield markets.identifier(code, None if name in {"symbol", "ticker"} else name)
        elif name == "category" and (child.get("domain") or "").lower().endswith(
            ("isin", "stock-symbol", "ticker")
        ):
            told = xml.words(child)
            yield markets.identifier(told) if _CODE.fullmatch(told) else markets.listed(told)
