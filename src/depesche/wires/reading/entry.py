"""An entry of a feed, in the words all kinds of feed share."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin

from depesche.model.take import Identifier, PictureRef, Subject
from depesche.wires.reading import fields


@dataclass(slots=True)
class Entry:
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
class Feed:
    """What a feed says of itself, for entries that do not."""

    title: str = ""
    language: str = ""
    rights: str = ""
    base: str = ""
    repair: str | None = None


def absolute(base: str, address: str) -> str:
    """Return *address* made absolute by *base*; as it is when it is no address at all."""
    address = address.strip()
    if address.startswith(("https://", "http://")):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def picture(href: str, base: str, caption: str | None, credit: str | None) -> PictureRef | None:
    """Return the picture at *href*, None when it cannot be fetched."""
    return fields.picture(fields.best([fields.Rendition(absolute(base, href))]), caption, credit)
