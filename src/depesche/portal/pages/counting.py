"""The pixel: counts the views of readers without script."""

from __future__ import annotations

import base64

from depesche.model.audience import Visit
from depesche.portal.ask import NOT_KEPT, Ask, Page
from depesche.portal.beacon import is_embedded
from depesche.portal.site import Site

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def pixel(site: Site, ask: Ask) -> Page:
    """Count a view of a reader without script; the picture is the same whatever became of it.

    Its GET counts, for a view is what a GET is, and nothing about the reader is kept. A HEAD, or a request made
    where views are counted by page request, or by a page of another site, does not.
    """
    if ask.method == "GET" and site.settings.count_by == "beacon" and not is_embedded(site, ask.headers):
        site.newsroom.counter.count(int(ask.values["story"]), _visit(ask))
    return Page(_PIXEL, 200, "image/gif", cache=NOT_KEPT)


def _visit(ask: Ask) -> Visit:
    said = [ask.headers[name] for name in _PURPOSES if name in ask.headers]
    return Visit(ask.ip, ask.headers.get("user-agent", ""), ", ".join(said) or None)
