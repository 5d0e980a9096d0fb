"""JSON Feed 1.1."""

from __future__ import annotations

import json

from depesche.lib.clock import rfc3339
from depesche.portal.out.entries import Entry, Feed

MEDIA_TYPE = "application/feed+json; charset=utf-8"


def write(feed: Feed) -> str:
    """Return *feed* as JSON Feed."""
    said: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.here,
        "language": feed.language,
    }
    if feed.next:
        said["next_url"] = feed.next
    if feed.hub:
        said["hubs"] = [{"type": "WebSub", "url": feed.hub}]
    said["items"] = [_item(one) for one in feed.entries]
    return json.dumps(said, ensure_ascii=False)


def _item(one: Entry) -> dict[str, object]:
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
