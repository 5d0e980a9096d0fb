"""Sitemaps: an index, one for each month, one of shares, and one of the last two days for news searches.

Stories of which readers see only a part belong to their provider's site, which their pages name as
canonical; they stand in no sitemap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from depesche.lib.clock import rfc3339
from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.wire import FULL
from depesche.portal.ask import Ask, Page
from depesche.portal.out.xml import DECLARATION, MEDIA_TYPE, text
from depesche.portal.site import Site, is_web
from depesche.store.stories.archive import Place

MOST = 20_000  # addresses in one file; the format allows 50,000
MOST_NEWS = 1_000  # what news searches read
_NEWS_HOURS = 48
_XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-([2-9]|[1-9]\d{1,2}))?", re.ASCII)


def index(site: Site, _ask: Ask) -> Page:
    """Return the index of all sitemaps."""
    names = ["news", "shares"]
    with site.newsroom.database.reading() as tx:
        span = tx.archive.span()
        for since, until in _months(*span) if span else ():
            files = -(-tx.archive.count(since, until) // MOST)
            names += [f"{since:%Y-%m}" + (f"-{n}" if n > 1 else "") for n in range(1, files + 1)]
    rows = "".join(
        f"<sitemap><loc>{text(site.url(f'/sitemaps/{name}.xml'))}</loc></sitemap>\n" for name in names
    )
    return _page(f"<sitemapindex {_XMLNS}>\n{rows}</sitemapindex>\n", "home")


def show(site: Site, ask: Ask) -> Page:
    """Return one sitemap.

    Raises:
        NotFound: there is none of that name.
    """
    name = ask.values["name"]
    if name == "news":
        return _news(site)
    if name == "shares":
        return _shares(site)
    found = _MONTH.fullmatch(name)
    if found is None:
        raise NotFound(name)
    since, until = _month(int(found[1]), int(found[2]))
    with site.newsroom.database.reading() as tx:
        places = tx.archive.between(since, until, MOST, (int(found[3] or 1) - 1) * MOST)
    if not places:
        raise NotFound(name)
    rows = "".join(
        f"<url><loc>{text(_address(site, one))}</loc><lastmod>{rfc3339(one.at)}</lastmod></url>\n"
        for one in places
        if is_ours(site, one.wire, one.canonical_url)
    )
    return _page(
        f"<urlset {_XMLNS}>\n{rows}</urlset>\n", "home", *(f"s{one.story}" for one in places[:MOST_NEWS])
    )


def is_ours(site: Site, wire: str, canonical_url: str | None) -> bool:
    """Tell whether our page of a story is the one to be found, and not its provider's."""
    return site.newsroom.rights(wire).display == FULL or not is_web(canonical_url)


def _news(site: Site) -> Page:
    now = site.newsroom.clock.now()
    with site.newsroom.database.reading() as tx:
        places = tx.archive.between(now - timedelta(hours=_NEWS_HOURS), now + timedelta(days=1), MOST_NEWS)
    rows = "".join(
        f"<url><loc>{text(_address(site, one))}</loc><news:news><news:publication><news:name>{text(site.settings.title)}</news:name>"
        f"<news:language>{text(one.language[:2] or site.main)}</news:language></news:publication>"
        f"<news:publication_date>{rfc3339(one.at)}</news:publication_date><news:title>{text(one.headline)}</news:title></news:news></url>\n"
        for one in places
        if not one.sponsored and is_ours(site, one.wire, one.canonical_url)
    )
    space = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    tags = (f"s{one.story}" for one in places)
    return _page(f"<urlset {_XMLNS} {space}>\n{rows}</urlset>\n", "home", *tags)


def _shares(site: Site) -> Page:
    with site.newsroom.database.reading() as tx:
        isins = tx.archive.shares(MOST)
    addresses = [paths.HOME, paths.ARCHIVE, *(paths.share(isin) for isin in isins)]
    rows = "".join(f"<url><loc>{text(site.url(one))}</loc></url>\n" for one in addresses)
    return _page(f"<urlset {_XMLNS}>\n{rows}</urlset>\n", "home")


def _address(site: Site, one: Place) -> str:
    return site.url(paths.story(one.story, one.slug))


def _page(body: str, *tags: str) -> Page:
    return Page(DECLARATION + body, media_type=MEDIA_TYPE, tags=frozenset(tags))


def _months(oldest: datetime, newest: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the months of UTC from *newest* back to *oldest*."""
    since, until = _month(newest.year, newest.month)
    while until > oldest:
        yield since, until
        until = since
        since = _month((since - timedelta(days=1)).year, (since - timedelta(days=1)).month)[0]


def _month(year: int, month: int) -> tuple[datetime, datetime]:
    try:
        since = datetime(year, month, 1, tzinfo=UTC)
        return since, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    except ValueError as error:
        raise NotFound(f"{year}-{month}") from error
