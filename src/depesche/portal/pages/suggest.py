"""Suggestions while a reader types into the search box: shares by name, ISIN, WKN or ticker, as JSON."""

from __future__ import annotations

import json

from depesche.model import paths
from depesche.model.instrument import Instrument
from depesche.portal.ask import JSON, Ask, Page
from depesche.portal.site import Site

MOST = 8
_LONGEST = 60
_CACHE = "public, max-age=60"


def show(site: Site, ask: Ask) -> Page:
    """Return the shares that begin with what was typed, best first; none for nothing."""
    typed = " ".join(ask.query.get("q", "").split())[:_LONGEST]
    with site.newsroom.database.reading() as tx:
        found = tx.instruments.suggest(typed, MOST)
    body = {"query": typed, "suggestions": [_suggestion(site, ask.language, one) for one in found]}
    return Page(json.dumps(body, ensure_ascii=False), media_type=JSON, cache=_CACHE)


def _suggestion(site: Site, language: str, one: Instrument) -> dict[str, str | None]:
    return {
        "name": one.name,
        "isin": one.isin,
        "wkn": one.wkn,
        "ticker": one.listings[0].ticker if one.listings else None,
        "href": site.href(paths.share(one.isin), language),
    }
