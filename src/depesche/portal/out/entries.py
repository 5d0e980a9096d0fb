"""Stories as entries of a feed, in no format yet; the text leaves only where a wire's rights let it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from depesche.model import paths
from depesche.model.rights import shown_in_feed, shown_teaser
from depesche.model.story import Card
from depesche.model.wire import FULL
from depesche.portal.pages import lines
from depesche.portal.site import Site
from depesche.store.database import Transaction

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A story as an entry; `html` is None where its text may not leave."""

    card: Card
    url: str
    name: str
    title: str
    summary: str | None
    html: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its addresses; `first` and `next` are those of a feed in several pages (RFC 5005), `hub` pushes it (WebSub)."""

    name: str
    title: str
    page: str
    here: str
    language: str
    entries: tuple[Entry, ...]
    first: str | None = None
    next: str | None = None
    hub: str | None = None

    @property
    def updated(self) -> datetime:
        """The time of the newest entry."""
        return max((one.updated for one in self.entries), default=_NEVER)


def entries(site: Site, tx: Transaction, language: str, cards: Sequence[Card]) -> tuple[Entry, ...]:
    """Return *cards* as entries with addresses in an interface *language*."""
    return tuple(_entry(site, tx, language, card) for card in cards)


def _entry(site: Site, tx: Transaction, language: str, card: Card) -> Entry:
    rights = site.newsroom.rights(card.wire)
    html = None
    if rights.syndication and rights.display == FULL:
        version = tx.newsstand.version(card.story)
        html = shown_in_feed(version, rights).body_html or None if version else None
    return Entry(
        card=card,
        url=site.url(paths.story(card.story, card.slug), language),
        name=f"{site.address}/news/{card.story}",
        title=title(site, language, card),
        summary=shown_teaser(card, rights) if rights.syndication else None,
        html=html,
        updated=card.at,
    )


def title(site: Site, language: str, card: Card) -> str:
    """Return the headline with its label, and the word that marks advertising."""
    mark = lines.label(card.series)
    if card.sponsored:
        advert = site.speech[language].say("Advertisement")
        mark = f"{advert}: {mark}" if mark else advert
    return f"{mark}: {card.headline}" if mark else card.headline
