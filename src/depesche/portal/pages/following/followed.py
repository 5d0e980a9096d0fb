"""What is followed, as pages show it: what kind of thing it is, what it is called and where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from depesche.model import paths
from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, TOPIC, Subscription, Target
from depesche.portal.i18n import words
from depesche.portal.pages import search
from depesche.portal.site import Site, provider_slug
from depesche.store.database import Transaction

_KINDS = {
    INSTRUMENT: words("Share"),
    PROVIDER: words("Provider"),
    SEARCH: words("Saved search"),
    TOPIC: words("Topic"),
    LINEAGE: words("Running story"),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """Something that is followed: `path` is the page about it, empty where there is none any more."""

    target: Target
    kind: str
    path: str
    subscription: Subscription | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.target.known_as[1]


def of(tx: Transaction, target: Target, subscription: Subscription | None = None) -> Followed:
    """Return *target* as pages show it."""
    return Followed(target, _KINDS[target.known_as[0]], _path(tx, target), subscription)


def every(site: Site, subscriptions: Iterable[Subscription]) -> list[Followed]:
    """Return what *subscriptions* are about, in their order."""
    with site.newsroom.database.reading() as tx:
        return [of(tx, one.target, one) for one in subscriptions]


def _path(tx: Transaction, target: Target) -> str:
    if target.kind == INSTRUMENT:
        return paths.share(target.value)
    if target.kind == PROVIDER:
        return paths.provider(provider_slug(target.value))
    if target.topic:
        return paths.topic(target.topic[0])
    if target.kind == SEARCH:
        return search.address(target.name, by_time=True)
    stories = tx.newsstand.lineage_stories(int(target.value))
    cards = tx.newsstand.cards(stories[-1:])
    return paths.story(cards[0].story, cards[0].slug) if cards else ""
