"""Search: shares whose name or code was typed, then stories of every language."""

from __future__ import annotations

from urllib.parse import urlencode

from depesche.model import paths
from depesche.model.instrument import Instrument
from depesche.portal.ask import Ask, Page
from depesche.portal.pages import lines
from depesche.portal.site import Site

PER_PAGE = 30
_LONGEST = 200
_LAST_PAGE = 100


def show(site: Site, ask: Ask) -> Page:
    """Return what the query found; results pass the newsstand before they are shown."""
    query = " ".join(ask.query.get("q", "").split())[:_LONGEST]
    number = _page_number(ask.query.get("page", ""))
    total = 0
    found: list[lines.Line] = []
    shares: tuple[Instrument, ...] = ()
    if query:
        hits = site.newsroom.searcher.search(query, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        with site.newsroom.database.reading() as tx:
            cards = tx.newsstand.cards(hits.stories)
        total, found, shares = hits.total, lines.lines(site, cards), hits.shares
    what = {
        "query": query,
        "total": total,
        "lines": found,
        "shares": shares if number == 1 else (),
        "previous": _address(query, number - 1) if number > 1 else None,
        "next": _address(query, number + 1) if number * PER_PAGE < total and number < _LAST_PAGE else None,
        "page_number": number,
    }
    path = paths.SEARCH + (f"?{urlencode({'q': query})}" if query else "")
    return Page(site.print("search.html", ask.language, what, path=path))


def _page_number(asked: str) -> int:
    return (
        min(int(asked), _LAST_PAGE)
        if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 and int(asked)
        else 1
    )


def _address(query: str, number: int) -> str:
    return f"{paths.SEARCH}?{urlencode({'q': query, **({'page': str(number)} if number > 1 else {})})}"
