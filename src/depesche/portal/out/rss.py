"""RSS 2.0, with Dublin Core and the content and Atom modules."""

from __future__ import annotations

from email.utils import format_datetime

from depesche.portal.out.entries import Entry, Feed
from depesche.portal.out.xml import DECLARATION, attribute, text

MEDIA_TYPE = "application/rss+xml; charset=utf-8"


def write(feed: Feed) -> str:
    """Return *feed* as RSS."""
    head = (
        f'{DECLARATION}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"<channel>\n<title>{text(feed.title)}</title>\n<link>{text(feed.page)}</link>\n"
        f"<description>{text(feed.title)}</description>\n<language>{text(feed.language)}</language>\n"
        f"<lastBuildDate>{format_datetime(feed.updated)}</lastBuildDate>\n"
        f'<atom:link rel="self" type="application/rss+xml" href={attribute(feed.here)}/>\n'
    )
    for relation, address in (("first", feed.first), ("next", feed.next), ("hub", feed.hub)):
        if address:
            head += f'<atom:link rel="{relation}" href={attribute(address)}/>\n'
    return head + "".join(map(_item, feed.entries)) + "</channel>\n</rss>\n"


def _item(one: Entry) -> str:
    parts = [
        f"<item>\n<title>{text(one.title)}</title>\n<link>{text(one.url)}</link>\n"
        f'<guid isPermaLink="false">{text(one.name)}</guid>\n<pubDate>{format_datetime(one.updated)}</pubDate>\n'
        f"<dc:creator>{text(one.card.provider)}</dc:creator>\n"
    ]
    parts += [f'<category domain="urn:isin">{text(x.isin)}</category>\n' for x in one.card.shares]
    if one.summary:
        parts.append(f"<description>{text(one.summary)}</description>\n")
    if one.html:
        parts.append(f"<content:encoded>{text(one.html)}</content:encoded>\n")
    return "".join([*parts, "</item>\n"])
