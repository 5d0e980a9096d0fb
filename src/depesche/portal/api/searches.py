"""Searches in the query language of the page, with what the results have in common."""

from __future__ import annotations

from collections.abc import Sequence

from depesche.model.rights import shown_elsewhere
from depesche.model.story import Card
from depesche.portal.api import cursors, shapes
from depesche.portal.api.answers import answer, href
from depesche.portal.api.stories import line
from depesche.portal.ask import Page
from depesche.portal.site import Site
from depesche.search.facets import Facets
from depesche.search.query import parse
from depesche.search.snippet import Highlighter, Piece
from depesche.store.database import Transaction

NEWEST = "newest"
LONGEST = 200  # characters of a query
DEEPEST = 3_000  # results that can be paged through


def search(site: Site, query: str, sort: str, limit: int, cursor: str | None) -> Page:
    """Return what *query* found, each with the part of its text that may leave and has the words asked for.

    Raises:
        Unfit: the cursor is none of ours.
    """
    words = " ".join(query.split())[:LONGEST]
    offset = 0 if cursor is None else cursors.offset(cursor, DEEPEST)
    hits = site.newsroom.searcher.search(
        words, limit=limit, offset=offset, by_time=sort == NEWEST, with_facets=True
    )
    marker = Highlighter(parse(words))
    with site.newsroom.database.reading() as tx:
        found = [_found(site, tx, marker, one) for one in tx.newsstand.cards(hits.stories)]
        facets = _facets(tx, hits.facets)
    following = None
    if offset + limit < min(hits.total, DEEPEST):
        following = href(site, "/search", q=words, sort=sort if sort == NEWEST else None, limit=limit,
                         cursor=cursors.of_offset(offset + limit))  # fmt: skip
    shares = [
        shapes.Share(one.isin, one.name, one.listings[0].ticker if one.listings else None)
        for one in hits.shares
    ]
    return answer(shapes.Search(words, hits.total, hits.has_more, found, shares, facets, following))


def _found(site: Site, tx: Transaction, marker: Highlighter, card: Card) -> shapes.Found:
    version = tx.newsstand.version(card.story)
    text = ""
    if version is not None:
        seen = shown_elsewhere(version, site.newsroom.rights(card.wire))
        text = seen.body_text if seen.is_whole else seen.teaser or ""
    snippet = marker.cut(text, card.language) if text else ()
    return shapes.Found(line(site, card), _hits(marker.mark(card.headline, card.language)), _hits(snippet))


def _hits(pieces: Sequence[Piece]) -> list[shapes.Hit]:
    return [shapes.Hit(one.text, one.is_hit) for one in pieces]


def _facets(tx: Transaction, facets: Facets) -> shapes.Facets:
    names = {isin: found.name for isin, _ in facets.isins if (found := tx.instruments.by_isin(isin))}
    return shapes.Facets(
        [shapes.Count(one, one, n) for one, n in facets.providers],
        [shapes.Count(one, names.get(one, one), n) for one, n in facets.isins],
        [shapes.Count(one, one, n) for one, n in facets.languages],
        [shapes.Span(name, day.isoformat(), n) for name, day, n in facets.spans],
    )
