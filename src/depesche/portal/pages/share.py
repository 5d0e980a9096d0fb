"""A share's page: what it is, its news, and how to follow it."""

from __future__ import annotations

from dataclasses import replace

from depesche.instruments.linking.linker import main_listing
from depesche.lib.clock import epoch
from depesche.model import paths
from depesche.model.audience import DAY
from depesche.model.errors import NotFound
from depesche.model.instrument import ORDINARY, PREFERENCE, RECEIPT, Instrument
from depesche.model.subscription import Target
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.i18n import words
from depesche.portal.out.frame import frame
from depesche.portal.pages import chart, lines
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site

_LONGEST_CODE = 40
_CHARTED = 29  # days before today on the chart
_TICKER = words("Ticker")
_CLASSES = {
    ORDINARY: words("Ordinary share"),
    PREFERENCE: words("Preference share"),
    RECEIPT: words("Depositary receipt"),
}


def find(site: Site, code: str) -> Instrument:
    """Return the instrument that *code*, an ISIN, WKN or ticker, names.

    Raises:
        NotFound: none, or more than one.
    """
    with site.newsroom.database.reading() as tx:
        found = tx.instruments.by_code(code) if len(code) <= _LONGEST_CODE else None
    if found is None:
        raise NotFound(code)
    return found


def show(site: Site, ask: Ask) -> Page:
    """Return the page of the share; another of its codes leads to its ISIN.

    Raises:
        NotFound: there is no such share.
    """
    share = find(site, ask.values["code"])
    path = paths.share(share.isin)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    place, now = lines.before(ask), site.newsroom.clock.now()
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_instrument(share.key, lines.PER_PAGE + 1, place)
        seq = tx.journal.last()
        issuer = tx.register.issuer(share.key)
        ad_hoc = tx.newsstand.ad_hoc_of(share.key) if place is None else []
        related = tx.newsstand.related(share.key) if place is None else []
        days = (
            tx.views.days_of_instrument(share.key, int(epoch(now) // DAY) - _CHARTED) if place is None else []
        )
    full, cards = len(cards) > lines.PER_PAGE, cards[: lines.PER_PAGE]
    what = {
        "share": share,
        "seq": seq,
        "frame": frame(site, ask.language, share.isin, share.name),
        "codes": _codes(share),
        "listings": [(one, site.market(one.mic)) for one in share.listings],
        "family": [one for one in issuer.instruments if one.isin != share.isin] if issuer else [],
        "share_class": _CLASSES.get(share.share_class),
        "classes": _CLASSES,
        "ad_hoc": [_others(one, share) for one in lines.lines(site, ad_hoc)],
        "related": related,
        "consent": Consent.of(site, ask.language, Target.share(share.isin, share.name)),
        "days": lines.by_day(site, ask.language, [_others(one, share) for one in lines.lines(site, cards)]),
        "older": lines.older(path, cards, full),
        "is_first": place is None,
        "most_read_path": f"{paths.MOST_READ}?period=week&share={share.isin}",
        "chart": chart.of_days(days, site.speech[ask.language], now) if days else None,
    }
    body = site.print("share.html", ask.language, what, path=path)
    return Page(body, tags=lines.tags(cards, *(() if place else (f"i{share.isin}",))))


def _codes(share: Instrument) -> list[tuple[str, str]]:
    """Return the codes of *share* worth copying, each with what it is called."""
    codes = [("ISIN", share.isin), ("WKN", share.wkn), ("LEI", share.lei)]
    main = main_listing(share)
    if main is not None:
        codes.insert(2, (_TICKER, main.ticker))
    return [(name, code) for name, code in codes if code]


def _others(line: lines.Line, share: Instrument) -> lines.Line:
    """Return *line* without the share whose page it stands on."""
    return replace(line, shares=tuple(one for one in line.shares if one.isin != share.isin))
