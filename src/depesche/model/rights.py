"""The one place that decides how much of a story readers may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from depesche.model.story import Card, Picture, Version
from depesche.model.wire import FULL, HEADLINE, Rights


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a version: `body_html` and `body_text` are cut to the wire's display right.

    `is_whole` tells whether the text is complete; if not, `canonical_url` leads to the provider's.
    `copyright` is the item's line with the wire's. `teaser` is None where not even that may be shown.
    """

    body_html: str
    body_text: str
    teaser: str | None
    is_whole: bool
    notice: str | None
    canonical_url: str | None
    copyright: str | None = None

    @property
    def tail(self) -> tuple[str, ...]:
        """What must stand under the text wherever it stands: the provider's notice and the copyright line."""
        return tuple(line for line in (self.notice, self.copyright) if line)


def shown(version: Version, rights: Rights) -> Shown:
    """Return what readers of pages, search and letters may see of *version* under *rights*."""
    whole = rights.display == FULL
    if whole:
        html, text, teaser = version.body_html, version.body_text, version.teaser
    elif rights.display == HEADLINE:
        html, text, teaser = "", "", None
    else:
        text = cut(version.teaser or version.body_text, rights.teaser_length)
        html, teaser = f"<p>{escape(text, quote=False)}</p>" if text else "", text
    return Shown(
        html,
        text,
        teaser,
        whole,
        rights.notice,
        version.canonical_url,
        _copyright(version.copyright, rights.copyright),
    )


def shown_elsewhere(version: Version, rights: Rights) -> Shown:
    """Return what may leave as data: the text only whole and only where the wire may be syndicated; its tail stands apart."""
    seen = shown(version, rights)
    if rights.syndication and seen.is_whole:
        return seen
    teaser = seen.teaser if rights.syndication else None
    return replace(seen, body_html="", body_text="", teaser=teaser, is_whole=False)


def shown_in_feed(version: Version, rights: Rights) -> Shown:
    """Return what may leave in a feed: the text only whole and only where the wire may be syndicated, its tail with it."""
    seen = shown_elsewhere(version, rights)
    if not seen.body_html:
        return replace(seen, is_whole=False)
    tail = "".join(f"<p><small>{escape(line, quote=False)}</small></p>" for line in seen.tail)
    return replace(seen, body_html=seen.body_html + tail)


def shown_pictures(pictures: tuple[Picture, ...], rights: Rights) -> tuple[Picture, ...]:
    """Return the pictures that may stand beside a story."""
    return pictures if shows_pictures(rights) else ()


def shows_pictures(rights: Rights) -> bool:
    """Tell whether pictures may be shown at all, on a page or by an address of their own."""
    return rights.pictures and rights.display != HEADLINE


def _copyright(told: str | None, tail: str | None) -> str | None:
    if told and tail and tail not in told:
        return f"{told} {tail}"
    return told or tail


def quotes_evidence(field: str, seen: Shown) -> bool:
    """Tell whether the words of evidence in *field* may be quoted beside *seen*: those of a text that is not shown may not."""
    return seen.is_whole or field != "body_text"


def shown_teaser(card: Card, rights: Rights, length: int = 220) -> str | None:
    """Return the teaser that may stand beside a headline in a list or search result."""
    if rights.display == HEADLINE or not card.teaser:
        return None
    return cut(card.teaser, length if rights.display == FULL else min(length, rights.teaser_length))


def cut(text: str, length: int) -> str:
    """Shorten *text* to at most *length* characters at the end of a word, with an ellipsis where something is missing."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    if text[len(head)] != " " and " " in head:
        head = head.rsplit(" ", 1)[0]
    return f"{head.rstrip(' ,;:-–')}…"
