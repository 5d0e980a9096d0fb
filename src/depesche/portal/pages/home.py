"""The front page: the newest stories of every wire, one line each."""

from __future__ import annotations

from datetime import timedelta

from depesche.lib.clock import epoch
from depesche.model import paths
from depesche.model.story import Card, ShareRef
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.pages import lines
from depesche.portal.site import Site
from depesche.store.database import Transaction

MOST_READ = 5
BUSY_SHARES = 8
_LEAD_WIDTH = 480  # a picture narrower than this leads nothing
_LEAD_AGE = timedelta(hours=36)
_LEAD_WITHIN = 12
_HOUR = 3600


def show(site: Site, ask: Ask) -> Page:
    """Return the newest stories, or those before a place, of one language if asked."""
    only = ask.query.get("lang", "")
    only = only if only in {"de", "en"} else ""
    place = lines.before(ask)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.home(lines.PER_PAGE + 1, place, only or None)
        read = [] if place else _most_read(site, tx)
        seq = tx.journal.last()
        empty = not cards and not place and not only
    full, cards = len(cards) > lines.PER_PAGE, cards[: lines.PER_PAGE]
    found = lines.lines(site, cards)
    lead = None if place else _lead(site, found)
    what = {
        "lead": lead,
        "days": lines.by_day(site, ask.language, [one for one in found if one is not lead]),
        "older": lines.older(paths.HOME, cards, full, **({"lang": only} if only else {})),
        "only": only,
        "seq": seq,
        "is_first": place is None,
        "most_read": [(lines.line(site, card), n) for card, n in read],
        "shares": _busy_shares(cards),
    }
    body = site.print("welcome.html" if empty else "home.html", ask.language, what, path=paths.HOME)
    return Page(body, tags=lines.tags([*cards, *(card for card, _ in read)], *(() if place else ("home",))))


def find(site: Site, ask: Ask) -> Page:
    """Send whoever left the last slash out to the front page of the language."""
    return redirect(site.href(paths.HOME, ask.language))


def _lead(site: Site, found: list[lines.Line]) -> lines.Line | None:
    """Return the newest story with a picture worth its place, if there is one among the first."""
    since = site.newsroom.clock.now() - _LEAD_AGE
    for one in found[:_LEAD_WITHIN]:
        wide = (
            one.picture is not None
            and one.picture.width >= _LEAD_WIDTH
            and one.picture.width > one.picture.height
        )
        if wide and one.at > since and not one.is_sponsored:
            return one
    return None


def _most_read(site: Site, tx: Transaction) -> list[tuple[Card, int]]:
    """Return the stories most viewed within a day, with their views in that time."""
    since = int(epoch(site.newsroom.clock.now()) // _HOUR) - 24
    sponsored = site.settings.also_read_sponsored
    most = dict(tx.newsstand.most_read(since, MOST_READ, with_sponsored=sponsored))
    return [(card, most[card.story]) for card in tx.newsstand.cards(list(most))]


def _busy_shares(cards: list[Card]) -> list[tuple[ShareRef, int]]:
    """Return the shares most stories of the page are about, with their number."""
    counted: dict[str, tuple[ShareRef, int]] = {}
    for card in cards:
        for share in card.shares:
            counted[share.isin] = share, counted.get(share.isin, (share, 0))[1] + 1
    return sorted(counted.values(), key=lambda one: (-one[1], one[0].name))[:BUSY_SHARES]
