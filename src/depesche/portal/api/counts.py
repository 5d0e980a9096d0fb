"""How often stories were read, what is read most, and what next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date

import msgspec

from depesche.lib.clock import from_epoch, rfc3339
from depesche.model import paths
from depesche.model.audience import HOUR
from depesche.model.errors import NotFound
from depesche.model.story import PUBLIC, Card
from depesche.portal.api.problems import Unfit
from depesche.portal.ask import JSON, Ask, Page
from depesche.portal.pages import lines
from depesche.portal.ranking import LANGUAGES, PERIODS, Wish, ranked
from depesche.portal.site import Site

_CACHE = "public, no-cache"
_MOST = 100
_LISTED = 20
_FIRST = date(1970, 1, 1)


def views(site: Site, ask: Ask) -> Page:
    """Return a story's views in all, and by day or hour; days and hours are UTC, both ends included.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    key = _key(ask)
    first, last = _day(ask, "from"), _day(ask, "to")
    by = _one_of(ask, "by", ("day", "hour"))
    since = (first - _FIRST).days * 24 if first else 0
    until = (last - _FIRST).days * 24 + 24 if last else 1 << 40
    with site.newsroom.database.reading() as tx:
        standing = tx.newsstand.standing(key)
        if standing is None or standing.state != PUBLIC:
            raise NotFound(str(key))
        total = tx.views.total(key)
        hours = [one for one in tx.views.series(key, since) if one[0] < until]
    counted: dict[str, int] = {}
    for hour, n in hours:
        at = from_epoch(hour * HOUR)
        name = at.date().isoformat() if by == "day" else rfc3339(at)
        counted[name] = counted.get(name, 0) + n
    series = [{by: name, "views": n} for name, n in counted.items() if n]
    what = {"story": key, "url": site.url(paths.story(key, standing.slug)), "views": total, "series": series}
    return _page(what, frozenset({f"s{key}"}))


def also_read(site: Site, ask: Ask) -> Page:
    """Return what readers of a story went on to: why each is there, its weight, and how many readers went on to it.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    key = _key(ask)
    with site.newsroom.database.reading() as tx:  # not what the counter remembers: a kill is seen at once
        if tx.newsstand.version(key) is None:
            raise NotFound(str(key))
    offers = site.newsroom.readership.offers(key, _number(ask, "limit", site.settings.also_read, _LISTED))
    with site.newsroom.database.reading() as tx:
        cards = {card.story: card for card in tx.newsstand.cards([one.story for one in offers])}
    entries = [
        {
            **_card(site, cards[one.story]),
            "kind": one.kind,
            "weight": round(one.weight, 6),
            "readers": one.readers,
        }
        for one in offers
        if one.story in cards
    ]
    return _page({"story": key, "entries": entries}, lines.tags(list(cards.values()), f"s{key}"))


def most_read(site: Site, ask: Ask) -> Page:
    """Return what was read most.

    Raises:
        NotFound: there is no such share.
    """
    _one_of(ask, "period", ("day", *PERIODS))
    if "lang" in ask.query:
        _one_of(ask, "lang", LANGUAGES)
    wish = Wish.of(site, ask.query)
    with site.newsroom.database.reading() as tx:
        found = ranked(site, tx, wish, _number(ask, "limit", _LISTED, _MOST))
    entries = [{**_card(site, card), "views": n} for card, n in found]
    return _page({"period": wish.period, "entries": entries}, lines.tags([card for card, _ in found], "most"))


def _page(what: Mapping[str, object], tags: frozenset[str]) -> Page:
    return Page(msgspec.json.encode(what), 200, JSON, tags=tags, cache=_CACHE)


def _card(site: Site, card: Card) -> dict[str, object]:
    return {
        "story": card.story,
        "url": site.url(paths.story(card.story, card.slug)),
        "headline": card.headline,
        "language": card.language,
        "provider": card.provider,
        "at": rfc3339(card.at.astimezone(UTC)),
        "sponsored": card.sponsored,
        "shares": [share.isin for share in card.shares],
    }


def _key(ask: Ask) -> int:
    key = int(ask.values["story"])
    if not 0 < key < 2**63:
        raise NotFound(str(key))
    return key


def _one_of(ask: Ask, name: str, allowed: tuple[str, ...]) -> str:
    value = ask.query.get(name, allowed[0])
    if value not in allowed:
        raise Unfit(f"{name} is one of {', '.join(dict.fromkeys(allowed))}")
    return value


def _number(ask: Ask, name: str, default: int, most: int) -> int:
    value = ask.query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value) <= most):
        raise Unfit(f"{name} is a number from 0 to {most}")
    return int(value)


def _day(ask: Ask, name: str) -> date | None:
    value = ask.query.get(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Unfit(f"{name} is a day such as 2026-03-02") from error
