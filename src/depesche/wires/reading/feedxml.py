"""RSS in all its versions, and Atom, read from XML into entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from itertools import islice

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import WireError
from depesche.model.take import Identifier, PictureRef, Subject
from depesche.wires.reading import fields, markets, xml
from depesche.wires.reading.entry import Entry, Feed, absolute, picture
from depesche.wires.reading.nodes import Intricate, Node

Element = xml.Element | Node

_XML = "{http://www.w3.org/XML/1998/namespace}"
_LANG, _BASE = f"{_XML}lang", f"{_XML}base"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_CODES = frozenset({"isin", "wkn", "symbol", "ticker"})
_CODE_DOMAINS = ("isin", "stock-symbol", "ticker")
# An entry without one of these names no picture but those in its copy.
_MAY_SHOW = frozenset({"enclosure", "media:group", "group", "media:content", "media:thumbnail"})
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_SIMPLE_TAG = re.compile(r"</?(?:b|i|em|strong|span|br|p|u|sub|sup)(?:\s[^<>]*)?/?>", re.IGNORECASE)

_ABOUT_PICTURES = frozenset({"media:description", "media:title", "media:credit"})
_MOST_CODES = 1_000  # of one element
_MOST_PICTURES = 200  # of one entry


def feed(root: Element, repairs: str | None) -> tuple[Feed, list[Element]]:
    """Return what the feed at *root* says of itself, and its entries."""
    name = xml.local(root)
    if name == "feed":
        top, entries = root, _children(root, "entry")
    elif name in {"rss", "RDF", "channel"}:
        top = root if name == "channel" else next(iter(_children(root, "channel")), root)
        # Items stand beside the channel in RSS 0.90 and 1.0, inside it in all others.
        entries = [*_children(top, "item"), *(_children(root, "item") if top is not root else ())]
    else:
        raise WireError(f"{name}: is no feed")
    parts = {name: _children(top, name) for name in ("title", "language", "copyright", "rights", "link")}
    about = Feed(
        title=_title(_first(parts, "title")),
        language=xml.words(_first(parts, "language")) or top.get(f"{_XML}lang") or "",
        rights=xml.words(_first(parts, "copyright")) or xml.words(_first(parts, "rights")),
        repair=repairs,
    )
    about.base = absolute(top.get(_BASE) or "", _link({"link": parts["link"]}, ""))
    return about, entries


def _children(element: Element, name: str) -> list[Element]:
    return [one for one in element if xml.local(one) == name]


def entry(one: Element, about: Feed) -> Entry:
    """Read an RSS item or an Atom entry."""
    parts: dict[str, list[Element]] = {}
    topics: list[Element] = []
    codes: list[Element] = []
    for child in one:
        name, is_topic, is_code = _named(child.tag)
        parts.setdefault(name, []).append(child)
        if is_topic:
            topics.append(child)
        if is_code:
            codes.append(child)

    def words(*names: str) -> str:
        for name in names:
            if name in parts and (found := xml.words(parts[name][0])):
                return found
        return ""

    content, summary = _copy(parts, is_atom=xml.local(one) == "entry")
    link = _link(parts, one.get(_BASE) or about.base)
    return Entry(
        id=words("guid", "id") or text.line(one.get(_RDF_ABOUT) or ""),
        link=link,
        title=_title(_first(parts, "title")),
        body=content,
        summary=summary,
        published=words("pubDate", "published", "issued", "dc:date", "date", "created"),
        updated=words("updated", "modified", "dcterms:modified"),
        author=_author(parts) or words("byline"),
        language=words("dc:language", "language") or one.get(_LANG) or "",
        rights=words("rights", "copyright", "dc:rights"),
        credit=words("source", "dc:publisher"),
        subjects=list(_categories(topics)) if topics else [],
        pictures=list(islice(_pictures(one, parts, link or about.base), _MOST_PICTURES))
        if _may_show(parts)
        else [],
        identifiers=list(_codes(codes)) if codes else [],
    )


@lru_cache(maxsize=1024)  # the parser bounds the length of names
def _named(tag: object) -> tuple[str, bool, bool]:
    """Return what *tag* is called, and whether it tells a topic or the code of a security.

    The name has a prefix only where a bare name would mean something else.
    """
    if not isinstance(tag, str):  # a comment
        return "", False, False
    space, _, name = tag.rpartition("}")
    space, bare = space.lower(), name.lower()
    if "purl.org/dc/terms" in space:
        name = f"dcterms:{name}"
    elif "purl.org/dc" in space:
        name = f"dc:{name}"
    elif "mrss" in space or "itunes" in space or "slash" in space:
        name = f"media:{name}"
    return name, name in {"category", "dc:subject"}, bare in _CODES or bare == "category"


def _may_show(parts: dict[str, list[Element]]) -> bool:
    if not _MAY_SHOW.isdisjoint(parts):
        return True
    return any(link.get("rel") == "enclosure" for link in parts.get("link", ()))


def _first(parts: dict[str, list[Element]], name: str) -> Element | None:
    found = parts.get(name)
    return found[0] if found else None


def _copy(parts: dict[str, list[Element]], *, is_atom: bool) -> tuple[str, str]:
    """Return the body of an entry as HTML, and as text what it has beside it to sum it up."""
    if is_atom:
        return _html_of(_first(parts, "content")), _words_of(_first(parts, "summary"))
    described = ("description", "body", "summary")
    if content := _html_of(_first(parts, "encoded")):
        return content, next(
            (told for name in described if name in parts and (told := _words_of(parts[name][0]))), ""
        )
    return next((told for name in described if name in parts and (told := _html_of(parts[name][0]))), ""), ""


def _link(parts: dict[str, list[Element]], base: str) -> str:
    """Return the address readers are sent to, absolute where *base* allows."""
    found = ""
    for name in ("link", "media:link", "dc:link"):
        for link in parts.get(name, ()):
            href = link.get("href")
            if not href and (told := xml.words(link)):
                return text.line(absolute(base, told))
            if href and link.get("rel", "alternate") == "alternate":
                return text.line(absolute(base, href))
    guid = _first(parts, "guid")
    if (
        guid is not None
        and guid.get("isPermaLink", "true") == "true"
        and (told := xml.words(guid)).startswith("http")
    ):
        found = told
    return text.line(absolute(base, found)) if found else ""


def _html_of(element: Element | None) -> str:
    """Return what *element* holds as HTML, whether it is text, escaped HTML or XHTML."""
    if element is None:
        return ""
    kind = (element.get("type") or element.get("mode") or "").lower()
    if len(element):
        if isinstance(element, Node):
            raise Intricate
        return xml.inner_html(xml.strip_namespaces(element)).strip()
    told = (element.text or "").strip()
    if kind in {"text", "text/plain"}:
        return html.paragraphs(told)
    return told if "<" in told or "&" in told else html.paragraphs(told)


def _words_of(element: Element | None) -> str:
    """Return what *element* holds as words, whether it is text, escaped HTML or XHTML."""
    if element is None:
        return ""
    if not len(element) and (told := element.text or "") and "<" not in told and "&" not in told:
        return text.line(told)
    return html.words(_html_of(element))


def _title(element: Element | None) -> str:
    """Return a title as text; feeds escape it once too often as a rule."""
    if element is None:
        return ""
    told = xml.words(element)
    if "<" not in told and "&" not in told:
        return told
    if (element.get("type") or "").lower() in {"html", "text/html"}:
        return html.words(told)
    return text.line(_SIMPLE_TAG.sub("", unescape(told)))


def _author(parts: dict[str, list[Element]]) -> str:
    names = [xml.words(one) for one in parts.get("dc:creator", ())]
    if not names:
        names = [
            next(map(xml.words, _children(one, "name")), "") or xml.words(one)
            for name in ("author", "media:author")
            for one in parts.get(name, ())
        ]
    return ", ".join(dict.fromkeys(filter(None, names))) if names else ""


def _categories(topics: list[Element]) -> Iterator[Subject]:
    for one in topics:
        code = text.line(one.get("term") or "") or xml.words(one)
        if code:
            yield Subject(
                one.get("scheme") or one.get("domain") or "category",
                code,
                text.line(one.get("label") or "") or None,
            )


def _pictures(one: Element, parts: dict[str, list[Element]], base: str) -> Iterator[PictureRef | None]:
    links = [one for one in parts.get("link", ()) if one.get("rel") == "enclosure"]
    for file in (*parts.get("enclosure", ()), *links):
        if (file.get("type") or "").startswith("image/"):
            yield picture(file.get("url") or file.get("href") or "", base, None, None)
    groups = [*parts.get("media:group", ()), *parts.get("group", ()), one]
    offers = [(group, offered) for group in groups if (offered := _offered(group))]
    beside = _said(one) if offers else {}
    for group, offered in offers:
        if group is one:
            for file in offered:
                yield _media([file], {**beside, **_said(file)}, base)
        else:
            yield _media(offered, {**beside, **_said(*offered, group)}, base)


def _offered(group: Element) -> list[Element]:
    """Return the pictures in *group*, or else its thumbnails."""
    named = [(_qualified(file), file) for file in group]
    offered = [file for name, file in named if name == "media:content" and _is_picture(file)]
    return offered or [file for name, file in named if name == "media:thumbnail"]


def _qualified(child: Element) -> str:
    return _named(child.tag)[0]


def _is_picture(file: Element) -> bool:
    return (
        file.get("medium") == "image"
        or (file.get("type") or "").startswith("image/")
        or not (file.get("medium") or file.get("type"))
    )


def _said(*places: Element) -> dict[str, str]:
    """Return what *places* say of pictures, the first words under each name."""
    said: dict[str, str] = {}
    for place in places:
        for one in place:
            name = _qualified(one)
            if name in _ABOUT_PICTURES and name not in said and (words := xml.words(one)):
                said[name] = words if name == "media:credit" else html.words(words)
    return said


def _media(files: list[Element], said: dict[str, str], base: str) -> PictureRef | None:
    """Return the best of *files* with the caption and credit that are *said* of it."""
    offered = [
        fields.Rendition(
            absolute(base, file.get("url") or ""),
            "",
            "",
            int(width) if (width := file.get("width") or "").isdecimal() and len(width) < 7 else 0,
        )
        for file in files
    ]
    caption = said.get("media:description") or said.get("media:title") or ""
    return fields.picture(fields.best(offered), caption, said.get("media:credit", ""))


def _codes(codes: list[Element]) -> Iterator[Identifier | None]:
    """Yield codes from elements called isin, wkn or symbol in whatever namespace; empty ones are common."""
    for one in codes:
        name = xml.local(one).lower()
        if name in _CODES and (told := xml.words(one)):
            for code in re.split(r"[,;\s]+", told, maxsplit=_MOST_CODES)[:_MOST_CODES]:
                yield markets.identifier(code, None if name in {"symbol", "ticker"} else name)
        elif name == "category" and (one.get("domain") or "").lower().endswith(_CODE_DOMAINS):
            told = xml.words(one)
            yield markets.identifier(told) if _CODE.fullmatch(told) else markets.listed(told)
