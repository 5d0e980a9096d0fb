"""Atom (RFC 4287), in pages (RFC 5005)."""

from __future__ import annotations

from depesche.lib.clock import rfc3339
from depesche.portal.out.entries import Entry, Feed
from depesche.portal.out.xml import DECLARATION, attribute, text

MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def write(feed: Feed) -> str:
    """Return *feed* as Atom."""
    head = (
        f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={attribute(feed.language)}>\n'
        f"<id>{text(feed.name)}</id>\n<title>{text(feed.title)}</title>\n<updated>{rfc3339(feed.updated)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href={attribute(feed.here)}/>\n'
        f'<link rel="alternate" type="text/html" href={attribute(feed.page)}/>\n'
    )
    for relation, address in (("first", feed.first), ("next", feed.next), ("hub", feed.hub)):
        if address:
            head += f'<link rel="{relation}" href={attribute(address)}/>\n'
    return head + "".join(map(_entry, feed.entries)) + "</feed>\n"


def _entry(one: Entry) -> str:
    tongue = f" xml:lang={attribute(one.card.language)}" if one.card.language else ""
    parts = [
        f"<entry{tongue}>\n<id>{text(one.name)}</id>\n<title>{text(one.title)}</title>\n"
        f"<updated>{rfc3339(one.updated)}</updated>\n<published>{rfc3339(one.updated)}</published>\n"
        f'<link rel="alternate" type="text/html" href={attribute(one.url)}/>\n'
        f"<author><name>{text(one.card.provider)}</name></author>\n"
    ]
    parts += [
        f'<category scheme="urn:isin" term={attribute(x.isin)} label={attribute(x.name)}/>\n'
        for x in one.card.shares
    ]
    if one.summary:
        parts.append(f"<summary>{text(one.summary)}</summary>\n")
    if one.html:
        parts.append(f'<content type="html">{text(one.html)}</content>\n')
    return "".join([*parts, "</entry>\n"])
