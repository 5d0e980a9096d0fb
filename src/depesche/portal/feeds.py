"""Atom (RFC 4287), JSON Feed 1.1, the sitemap and robots.txt; the text leaves only where a wire's rights let it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from depesche.lib.clock import rfc3339
from depesche.model import paths
from depesche.model.rights import shown_in_feed, shown_teaser
from depesche.model.story import Card
from depesche.model.wire import FULL
from depesche.portal.ask import TEXT, Ask, Page
from depesche.portal.pages import lines, share
from depesche.portal.site import Site
from depesche.store.database import Transaction

ATOM = "application/atom+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"
XML = "application/xml; charset=utf-8"
ENTRIES = 40
SITEMAP = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A story as an entry; `html` is None where its text may not leave."""

    card: Card
    url: str
    name: str
    title: str
    summary: str | None
    html: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its addresses."""

    name: str
    title: str
    page: str
    here: str
    language: str
    entries: tuple[Entry, ...]
    updated: datetime


def home_atom(site: Site, ask: Ask) -> Page:
    """Return the newest stories as Atom."""
    return _home(site, ask, paths.FEED_ATOM)


def home_json(site: Site, ask: Ask) -> Page:
    """Return the newest stories as JSON Feed."""
    return _home(site, ask, paths.FEED_JSON)


def share_atom(site: Site, ask: Ask) -> Page:
    """Return the newest stories about a share as Atom."""
    return _share(site, ask, "feed.atom")


def share_json(site: Site, ask: Ask) -> Page:
    """Return the newest stories about a share as JSON Feed."""
    return _share(site, ask, "feed.json")


def robots(site: Site, _ask: Ask) -> Page:
    """Return robots.txt: everything that is news may be read."""
    closed = "".join(f"Disallow: {path}\n" for path in (paths.FOLLOW, paths.VIEW, "/intake", paths.SEARCH))
    return Page(
        f"User-agent: *\n{closed}Sitemap: {site.url('/sitemap.xml')}\n",
        media_type=TEXT,
        tags=frozenset({"legal"}),
    )


def sitemap(site: Site, _ask: Ask) -> Page:
    """Return the newest stories as a sitemap."""
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.home(SITEMAP)
    rows = "".join(
        f"<url><loc>{escape(site.url(paths.story(one.story, one.slug)))}</loc><lastmod>{rfc3339(one.at)}</lastmod></url>\n"
        for one in cards
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"<url><loc>{escape(site.url(paths.HOME))}</loc></url>\n{rows}</urlset>\n"
    )
    return Page(body, media_type=XML, tags=lines.tags(cards, "home"))


def _home(site: Site, ask: Ask, path: str) -> Page:
    only = ask.query.get("lang", "")
    only = only if only in {"de", "en"} else ""
    with site.newsroom.database.reading() as tx:
        entries = _entries(site, tx, ask.language, tx.newsstand.home(ENTRIES, language=only or None))
    query = f"?lang={only}" if only else ""
    feed = _feed(site, ask.language, site.settings.title, paths.HOME + query, path + query, entries)
    return _page(feed, path, "home")


def _share(site: Site, ask: Ask, kind: str) -> Page:
    found = share.find(site, ask.values["code"])
    with site.newsroom.database.reading() as tx:
        entries = _entries(site, tx, ask.language, tx.newsstand.of_instrument(found.key, ENTRIES))
    page = paths.share(found.isin)
    title = f"{found.name} – {site.settings.title}"
    return _page(_feed(site, ask.language, title, page, f"{page}/{kind}", entries), kind, f"i{found.isin}")


def _page(feed: Feed, path: str, tag: str) -> Page:
    tags = lines.tags([one.card for one in feed.entries], tag)
    if path.endswith(".json"):
        return Page(json.dumps(_json(feed), ensure_ascii=False), media_type=JSON_FEED, tags=tags)
    return Page(_atom(feed), media_type=ATOM, tags=tags)


def _feed(site: Site, language: str, title: str, page: str, here: str, entries: Sequence[Entry]) -> Feed:
    updated = max(
        (one.updated for one in entries), default=datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    )
    return Feed(
        f"{site.address}{here}",
        title,
        site.url(page, language),
        site.url(here, language),
        language,
        tuple(entries),
        updated,
    )


def _entries(site: Site, tx: Transaction, language: str, cards: Sequence[Card]) -> list[Entry]:
    return [_entry(site, tx, language, card) for card in cards]


def _entry(site: Site, tx: Transaction, language: str, card: Card) -> Entry:
    rights = site.newsroom.rights(card.wire)
    html = None
    if rights.syndication and rights.display == FULL:
        version = tx.newsstand.version(card.story)
        html = shown_in_feed(version, rights).body_html or None if version else None
    mark = lines.label(card.series)
    if card.sponsored:
        advert = site.speech[language].say("Advertisement")
        mark = f"{advert}: {mark}" if mark else advert
    return Entry(
        card=card,
        url=site.url(paths.story(card.story, card.slug), language),
        name=f"{site.address}/news/{card.story}",
        title=f"{mark}: {card.headline}" if mark else card.headline,
        summary=shown_teaser(card, rights) if rights.syndication else None,
        html=html,
        updated=card.at,
    )


def _atom(feed: Feed) -> str:
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(feed.language)}>\n'
        f"<id>{escape(feed.name)}</id>\n<title>{_text(feed.title)}</title>\n<updated>{rfc3339(feed.updated)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.here)}/>\n'
        f'<link rel="alternate" type="text/html" href={quoteattr(feed.page)}/>\n'
    )
    return head + "".join(map(_atom_entry, feed.entries)) + "</feed>\n"


def _atom_entry(one: Entry) -> str:
    tongue = f" xml:lang={quoteattr(one.card.language)}" if one.card.language else ""
    parts = [
        f"<entry{tongue}>\n<id>{escape(one.name)}</id>\n<title>{_text(one.title)}</title>\n"
        f"<updated>{rfc3339(one.updated)}</updated>\n<published>{rfc3339(one.updated)}</published>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(one.url)}/>\n'
        f"<author><name>{_text(one.card.provider)}</name></author>\n"
    ]
    parts += [
        f'<category scheme="urn:isin" term={quoteattr(x.isin)} label={quoteattr(_text(x.name, quote=False))}/>\n'
        for x in one.card.shares
    ]
    if one.summary:
        parts.append(f"<summary>{_text(one.summary)}</summary>\n")
    if one.html:
        parts.append(f'<content type="html">{_text(one.html)}</content>\n')
    return "".join([*parts, "</entry>\n"])


def _json(feed: Feed) -> dict[str, object]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.here,
        "language": feed.language,
        "items": [_json_item(one) for one in feed.entries],
    }


def _json_item(one: Entry) -> dict[str, object]:
    item: dict[str, object] = {
        "id": one.name,
        "url": one.url,
        "title": one.title,
        "date_published": rfc3339(one.updated),
        "date_modified": rfc3339(one.updated),
        "authors": [{"name": one.card.provider}],
        "tags": [share.isin for share in one.card.shares],
    }
    if one.card.language:
        item["language"] = one.card.language
    if one.summary:
        item["summary"] = one.summary
    # The specification asks for one of the two; a headline alone is what a reader may then see.
    item["content_html" if one.html else "content_text"] = one.html or one.summary or one.title
    return item


def _text(text: str, *, quote: bool = True) -> str:
    """Return *text* fit for XML, without the characters that it cannot hold."""
    clean = "".join(char for char in text if char >= " " or char in "\t\n\r")
    clean = clean.replace("\ufffe", "").replace("\uffff", "")
    return escape(clean) if quote else clean
