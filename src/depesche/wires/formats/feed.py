"""RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed, with the extensions that news feeds use.

Identity is the entry's own id, else its link, else a fingerprint of title and date; where a feed
repeats its ids, the link goes first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from depesche.lib import html, text
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, Identifier, Note, PictureRef, Subject, Take
from depesche.wires import encoding, fields, json, markets, repair, times, xml
from depesche.wires.format import WireFormat
from depesche.wires.xml import Element

_XML = "{http://www.w3.org/XML/1998/namespace}"
_ROOTS = frozenset({"rss", "RDF", "feed", "channel"})
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version')
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_ADDRESS = re.compile(r"\(?\S+@\S+\)?")
_IN_BRACKETS = re.compile(r"\S+@\S+\s*\((.+)\)")
_REFERENCE = re.compile(
    r"""(<(?:a|img)\b[^<>]*?\s(?:href|src)\s*=\s*)(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE
)
_SIMPLE_TAG = re.compile(r"</?(?:b|i|em|strong|span|br|p|u|sub|sup)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SENTENCE = re.compile(r"(.{20,160}?[.!?])(?:\s|$)")
_REPEATED = 0.05  # share of repeated ids from which a feed's ids are not trusted


@dataclass(slots=True)
class _Entry:
    """An entry in the words all kinds of feed share; `title`, `body` and `summary` are text, HTML and text."""

    id: str = ""
    link: str = ""
    title: str = ""
    body: str = ""
    summary: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    language: str = ""
    rights: str = ""
    credit: str = ""
    subjects: list[Subject] = field(default_factory=list)
    pictures: list[PictureRef | None] = field(default_factory=list)
    identifiers: list[Identifier | None] = field(default_factory=list)


@dataclass(slots=True)
class _Feed:
    """What a feed says of itself, for entries that do not."""

    title: str = ""
    language: str = ""
    rights: str = ""
    base: str = ""
    repair: str | None = None


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a feed."""
    words = encoding.glance(head)
    if words[:1] == "{":
        return _JSON_FEED.search(words) is not None
    start = max(words.find("<"), 0)  # some feeds begin with what a broken script has printed
    return xml.root_name(words[start:]).rpartition(":")[2] in _ROOTS


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield a take for each entry in *raw*, in its order, and an error for each that is none.

    A tombstone (RFC 6721) is a kill. Times without a zone are taken for UTC.

    Raises:
        WireError: it is no feed, or beyond repair.
    """
    if encoding.glance(raw[:64])[:1] == "{":
        about, entries = _json_feed(json.parse(raw))
        killed: list[Element] = []
    else:
        root, repairs = repair.parse(raw)
        about, elements = _xml_feed(root, repairs)
        entries = [_xml_entry(one, about) for one in elements]
        killed = list(xml.children(root, "deleted-entry"))
    provider = provider or about.title or fields.UNKNOWN
    ids = _identities(entries)
    for place, (entry, guid) in enumerate(zip(entries, ids, strict=True), 1):
        if not guid or not (entry.title or entry.body):
            yield NotAStory(f"entry {place}: has neither title nor text")
        else:
            yield _take(entry, guid, about, provider)
    for one in killed:
        if guid := text.line(one.get("ref") or ""):
            yield Take(
                FORMAT.name,
                provider,
                guid,
                guid,
                guid,
                version_created=times.iso(one.get("when")),
                status=CANCELED,
            )


def _identities(entries: list[_Entry]) -> list[str]:
    """Return the identity of each of *entries*; empty for one that has none."""
    told = Counter(entry.id for entry in entries if entry.id)
    repeated = sum(count for count in told.values() if count > 1)
    trust = repeated <= _REPEATED * len(entries)
    return [
        (entry.id if trust and entry.id else "") or entry.link or entry.id or _fingerprint(entry)
        for entry in entries
    ]


def _fingerprint(entry: _Entry) -> str:
    if not (entry.title or entry.body):
        return ""
    told = f"{entry.title or entry.body}\n{entry.published or entry.updated}"
    return f"urn:sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def _take(entry: _Entry, guid: str, about: _Feed, provider: str) -> Take:
    published, updated = times.either(entry.published), times.either(entry.updated)
    title = entry.title or _first_sentence(entry.body)
    body = _resolved(entry.body or html.paragraphs(entry.summary), entry.link or about.base)
    return Take(
        format=FORMAT.name,
        provider=provider,
        guid=guid,
        headline=title,
        headline_raw=title,
        version_created=updated or published,
        first_created=published,
        language=entry.language or about.language or None,
        byline=_without_address(entry.author),
        teaser=entry.summary
        if entry.body and entry.summary and entry.summary != html.words(entry.body)
        else None,
        body_html=body,
        credit=entry.credit or None,
        copyright=entry.rights or about.rights or None,
        pictures=tuple(dict.fromkeys(one for one in entry.pictures if one)),
        subjects=tuple(dict.fromkeys(entry.subjects)),
        notes=(Note("repair", about.repair),) if about.repair else (),
        identifiers=markets.unique(entry.identifiers),
        canonical_url=entry.link if urlsplit(entry.link).scheme in {"http", "https"} else None,
    )


def _first_sentence(body: str) -> str:
    words = html.words(body)
    found = _SENTENCE.match(words)
    return found[1] if found else words[:120]


def _without_address(author: str) -> str | None:
    """Return *author* without mail addresses, which are not for readers."""
    author = author[:300]
    inside = _IN_BRACKETS.fullmatch(author)
    return text.line(_ADDRESS.sub("", inside[1] if inside else author)).strip(" ,;<>()") or None


def _resolved(body: str, base: str) -> str:
    """Return *body* with its relative addresses made absolute."""
    if not base or ("href" not in body.lower() and "src" not in body.lower()):
        return body
    return _REFERENCE.sub(
        lambda one: f'{one[1]}"{_absolute(base, one[2] if one[2] is not None else one[3])}"', body
    )


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address


def _xml_feed(root: Element, repairs: str | None) -> tuple[_Feed, list[Element]]:
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
    about = _Feed(
        title=_title(xml.child(top, "title")),
        language=xml.words(xml.child(top, "language")) or top.get(f"{_XML}lang") or "",
        rights=xml.words(xml.child(top, "copyright")) or xml.words(xml.child(top, "rights")),
        repair=repairs,
    )
    about.base = _absolute(top.get(f"{_XML}base") or "", _link(top, ""))
    return about, entries


def _xml_entry(one: Element, about: _Feed) -> _Entry:
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
    entry = _Entry(
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
    entry.subjects = list(_categories(one))
    entry.pictures = list(_pictures(one, entry.link or about.base))
    entry.identifiers = list(_codes(one))
    return entry


def _qualified(child: Element) -> str:
    """Return the name of *child*, with a prefix only where a bare name would mean something else."""
    name = xml.local(child)
    space = child.tag.rpartition("}")[0].lower() if isinstance(child.tag, str) else ""
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
    return text.line(_absolute(base, found)) if found else ""


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
            yield _picture(file.get("url") or file.get("href") or "", base, None, None)
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
            _absolute(base, file.get("url") or ""),
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


def _picture(href: str, base: str, caption: str | None, credit: str | None) -> PictureRef | None:
    return fields.picture(fields.best([fields.Rendition(_absolute(base, href))]), caption, credit)


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


def _json_feed(found: Any) -> tuple[_Feed, list[_Entry]]:
    """Return what a JSON Feed says of itself, and its entries."""
    if not isinstance(found, dict):
        raise WireError("json: no object")
    about = _Feed(
        title=json.string(found, "title") or "",
        language=json.string(found, "language") or "",
        base=json.string(found, "home_page_url", "feed_url") or "",
    )
    return about, [_json_entry(one, about) for one in json.objects(found, "items")]


def _json_entry(one: dict[str, Any], about: _Feed) -> _Entry:
    marked, plain = one.get("content_html"), one.get("content_text")
    body = (
        marked.strip()
        if isinstance(marked, str)
        else html.paragraphs(plain)
        if isinstance(plain, str)
        else ""
    )
    summary = json.string(one, "summary") or ""
    base = about.base
    link = json.string(one, "url", "external_url") or ""
    authors = json.objects(one, "authors") or json.objects({"authors": [one.get("author")]}, "authors")
    entry = _Entry(
        id=json.string(one, "id") or "",
        link=_absolute(base, link) if link else "",
        title=json.string(one, "title") or "",
        body=body or html.paragraphs(summary),
        summary=summary if body else "",
        published=json.string(one, "date_published") or "",
        updated=json.string(one, "date_modified") or "",
        author=", ".join(filter(None, (json.string(author, "name") for author in authors))),
        language=json.string(one, "language") or "",
    )
    tags = one.get("tags")
    entry.subjects = [
        Subject("category", text.line(tag))
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, str) and text.line(tag)
    ]
    images = [json.string(one, "image"), json.string(one, "banner_image")]
    images += [
        json.string(file, "url")
        for file in json.objects(one, "attachments")
        if (json.string(file, "mime_type") or "").startswith("image/")
    ]
    entry.pictures = [_picture(href, base, None, None) for href in dict.fromkeys(filter(None, images))]
    return entry


FORMAT = WireFormat("feed", sniff, read, "RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed")
