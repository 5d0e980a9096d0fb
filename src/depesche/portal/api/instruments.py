"""Instruments of the register, by code and by name."""

from __future__ import annotations

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.instrument import Instrument
from depesche.portal.api import shapes
from depesche.portal.api.answers import answer, href
from depesche.portal.ask import Page
from depesche.portal.site import Site


def found(site: Site, query: str, limit: int) -> Page:
    """Return instruments whose name, ISIN, WKN or ticker begins with *query*, or has a word that does; the best first."""
    with site.newsroom.database.reading() as tx:
        begins = tx.instruments.suggest(query, limit)
        known = {one.isin for one in begins}
        others = tx.instruments.find(query, limit) if len(begins) < limit else []
        shown = [*begins, *(one for one in others if one.isin not in known)][:limit]
    return answer(shapes.Instruments([_instrument(site, one) for one in shown]))


def one(site: Site, code: str) -> Page:
    """Return the instrument whose ISIN, WKN or ticker is *code*.

    Raises:
        NotFound: none is, or more than one.
    """
    with site.newsroom.database.reading() as tx:
        instrument = tx.instruments.by_code(code)
    if instrument is None:
        raise NotFound(code)
    return answer(_instrument(site, instrument))


def _instrument(site: Site, one: Instrument) -> shapes.Instrument:
    return shapes.Instrument(
        isin=one.isin,
        wkn=one.wkn,
        name=one.name,
        kind=one.kind,
        country=one.country,
        issuer=one.issuer,
        lei=one.lei,
        share_class=one.share_class or None,
        is_primary=one.is_primary,
        listings=[
            shapes.Listing(each.mic, site.market(each.mic), each.ticker, each.currency)
            for each in one.listings
        ],
        href=href(site, f"/instruments/{one.isin}"),
        url=site.url(paths.share(one.isin)),
        stories=href(site, "/stories", isin=one.isin),
    )
