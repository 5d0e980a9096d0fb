"""NITF, the mark-up in which many wires send a body, written as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.take import Identifier, PictureRef
from depesche.wires.reading import fields, markets, xml
from depesche.wires.reading.xml import Element

# What HTML calls differently; names that neither knows are inline and leave their words behind.
_NAMES = {
    "hl1": "h2",
    "hl2": "h2",
    "bq": "blockquote",
    "block": "div",
    "credit": "p",
    "datasource": "p",
    "pre": "pre",
    "note": "div",
    "nitf-table": "div",
    "custom-table": "div",
    "content": "div",
    "body.content": "div",
    "body.end": "div",
    "tagline": "p",
    "bibliography": "p",
    "media-caption": "p",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """What an NITF document says; empty strings where it says nothing."""

    headline: str = ""
    subheads: tuple[str, ...] = ()
    byline: str = ""
    dateline: str = ""
    abstract: str = ""
    body: str = ""
    pictures: tuple[PictureRef, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


def read(root: Element) -> Copy:
    """Read the `nitf` element *root*, which is changed by it."""
    body = xml.child(xml.strip_namespaces(root), "body")
    head = xml.child(body, "body.head")
    hedline = xml.child(head, "hedline")
    content, end = xml.child(body, "body.content"), xml.child(body, "body.end")
    media = tuple(pictures(content)) if content is not None else ()
    return Copy(
        headline=xml.words(xml.child(hedline, "hl1")),
        subheads=tuple(filter(None, (xml.words(one) for one in xml.children(hedline, "hl2")))),
        byline=_byline(xml.child(head, "byline")),
        dateline=xml.words(xml.child(head, "dateline")),
        abstract=xml.words(xml.child(head, "abstract")),
        identifiers=markets.unique(list(_identifiers(root))),
        body="\n".join(filter(None, (to_html(part) for part in (content, end)))),
        pictures=media,
    )


def _byline(element: Element | None) -> str:
    """Return the byline, its names and titles parted though no space stands between their elements."""
    if element is None:
        return ""
    return text.line(" ".join(str(part) for part in element.itertext())).replace(" ,", ",")


def to_html(part: Element | None) -> str:
    """Return what is in *part* as HTML, without media; *part* is changed by it."""
    if part is None:
        return ""
    etree.strip_elements(part, "media", with_tail=False)
    for one in part.iter(etree.Element):
        one.tag = _NAMES.get(str(one.tag), str(one.tag))
    return xml.inner_html(part).strip()


def pictures(content: Element) -> Iterator[PictureRef]:
    """Yield the pictures among the media in *content*."""
    for media in content.iter("media"):
        if (media.get("media-type") or "image").lower() not in {"image", "photo", "picture"}:
            continue
        offered = []
        for one in xml.children(media, "media-reference"):
            width = one.get("width") or ""
            offered.append(
                fields.Rendition(
                    one.get("source") or "",
                    one.get("name") or "",
                    one.get("mime-type") or "",
                    int(width) if width.isascii() and width.isdigit() and len(width) < 7 else 0,
                )
            )
        caption = xml.words(xml.child(media, "media-caption"))
        credit = xml.words(xml.child(media, "media-producer"))
        if found := fields.picture(fields.best(offered), caption, credit):
            yield found


def _identifiers(root: Element) -> Iterator[Identifier | None]:
    """Yield the codes of organisations: `org value="..." idsrc="ISIN"`, and those in `alt-code`."""
    for org in root.iter("org"):
        # One that holds others has no name of its own, and a chain of them would have its words copied by each.
        name = xml.words(org) if next(org.iterdescendants("org"), None) is None else ""
        if org.get("value"):
            yield markets.identifier(org.get("value"), org.get("idsrc") or "symbol", None, name)
        for code in xml.children(org, "alt-code"):
            yield markets.identifier(code.get("value"), code.get("idsrc") or "symbol", None, name)


def abstract_of(copy: Copy) -> str | None:
    """Return the abstract as a teaser, unless the body is nothing else."""
    return text.line(copy.abstract) or None if copy.body and not html.is_blank(copy.body) else None
