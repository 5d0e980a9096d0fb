"""What was read most, as page and API ask for it: a time to look back to, and what to keep to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from depesche.lib.clock import epoch
from depesche.model.audience import HOUR
from depesche.model.instrument import Instrument
from depesche.model.story import Card
from depesche.portal.pages.share import find
from depesche.portal.site import Site
from depesche.store.database import Transaction

PERIODS: Mapping[str, int] = {"hour": 1, "day": 24, "week": 7 * 24}
"""Hours to look back from the running one, by the name of a period."""

LANGUAGES = ("de", "en")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Wish:
    """What a list of the most read is to keep to; `provider` is the slug of one."""

    period: str = "day"
    language: str | None = None
    share: Instrument | None = None
    provider: str | None = None
    topic: str | None = None

    @classmethod
    def of(cls, site: Site, query: Mapping[str, str]) -> Wish:
        """Read a wish from the query of an address; what makes no sense in it is left out.

        Raises:
            NotFound: there is no such share.
        """
        period, language = query.get("period", ""), query.get("lang", "")
        share = query.get("share")
        return cls(
            period if period in PERIODS else "day",
            language if language in LANGUAGES else None,
            find(site, share) if share else None,
            query.get("provider", "")[:_LONGEST] or None,
            query.get("topic", "")[:_LONGEST] or None,
        )


def ranked(site: Site, tx: Transaction, wish: Wish, limit: int) -> list[tuple[Card, int]]:
    """Return the stories most viewed in the running hour and the whole ones of the period before it, with their views in that time."""
    provider = site.provider(wish.provider) if wish.provider else None
    if wish.provider and provider is None:
        return []
    since = int(epoch(site.newsroom.clock.now()) // HOUR) - PERIODS[wish.period]
    most = dict(
        tx.newsstand.most_read(
            since,
            limit,
            language=wish.language,
            instrument=wish.share.key if wish.share else None,
            provider=provider,
            topic=wish.topic,
            with_sponsored=site.settings.also_read_sponsored,
        )
    )
    return [(card, most[card.story]) for card in tx.newsstand.cards(list(most))]
