"""Views: the one thing that looking at a page may change, and it changes nothing but a number.

A page that is visible asks for its count with a POST. Where there is no script, a picture of one
pixel stands in: its GET counts too, for a view is what a GET is, and nothing about the reader is kept.
"""

from __future__ import annotations

import base64
import json

from depesche.model.audience import COUNTED, Visit
from depesche.model.errors import NotFound
from depesche.portal.ask import JSON, NOT_KEPT, Ask, Page
from depesche.portal.pages import follow, story
from depesche.portal.site import Site

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def beacon(site: Site, ask: Ask) -> Page:
    """Count a view and answer with the count of now.

    Raises:
        NotFound: the body names no story.
    """
    said = ask.form.get("story") or ask.form.get("path", "").rsplit("/", 1)[-1]
    key = story.key_of(said)
    if follow.is_foreign(site, ask.headers):
        return Page(b"", 403, JSON, cache=NOT_KEPT)
    counted = site.newsroom.counter.count(key, _visit(ask)) == COUNTED
    with site.newsroom.database.reading() as tx:
        standing = tx.newsstand.standing(key)
        views = tx.views.total(key) if standing and standing.state == "public" else None
    if views is None:
        raise NotFound(str(key))
    views += counted  # the counter writes once a second; the reader's own view is to be in the answer
    said = site.speech[ask.language].count("%(n)s view", "%(n)s views", views)
    return Page(json.dumps({"story": key, "views": views, "text": said}), 200, JSON, cache=NOT_KEPT)


def pixel(site: Site, ask: Ask) -> Page:
    """Count a view of a reader without script; the picture is the same whatever became of it."""
    site.newsroom.counter.count(int(ask.values["story"]), _visit(ask))
    return Page(_PIXEL, 200, "image/gif", cache=NOT_KEPT)


def _visit(ask: Ask) -> Visit:
    said = [ask.headers[name] for name in _PURPOSES if name in ask.headers]
    return Visit(ask.ip, ask.headers.get("user-agent", ""), ", ".join(said) or None)
