"""Pages that say what is not there, and what to do next."""

from __future__ import annotations

from dataclasses import replace

from depesche.model.errors import NotFound
from depesche.model.story import EXPIRED, KILLED
from depesche.portal.ask import NOT_KEPT, Ask, Page
from depesche.portal.site import Site

_BUSY = 60  # seconds


def not_found(site: Site, ask: Ask) -> Page:
    """Return the page for an address at which there is nothing, with a search."""
    return _say(site, ask, 404, "404.html")


def missing(site: Site, ask: Ask, story: int) -> Page:
    """Return the notice of a story that was killed, taken back or deleted after readers had seen it.

    Raises:
        NotFound: readers never saw such a story.
    """
    with site.newsroom.database.reading() as tx:
        standing = tx.newsstand.standing(story)
    if standing is None or not standing.was_public:
        raise NotFound(str(story))
    killed, expired = standing.state == KILLED, standing.state == EXPIRED
    what = {
        "provider": standing.provider,
        "at": standing.at,
        "notice": standing.notice,
        "is_killed": killed,
        "is_expired": expired,
        "is_gone": True,
    }
    # A story withheld for the time being may come back, so its address is not given up for good.
    return _say(site, ask, 410 if killed or expired else 404, "gone.html", **what)


def refused(site: Site, ask: Ask, status: int, reason: str) -> Page:
    """Return a page that says why a request was declined; *reason* is fit for its sender."""
    return _say(site, ask, status, "refused.html", reason=reason)


def too_many(site: Site, ask: Ask, reason: str, seconds: int) -> Page:
    """Return the page for one request too many; *seconds* from now it may be made again."""
    page = _say(site, ask, 429, "429.html", reason=reason, minutes=max(1, round(seconds / 60)))
    return replace(page, headers={"Retry-After": str(seconds)})


def busy(site: Site, ask: Ask) -> Page:
    """Return the page for a database that does not answer for the time being."""
    return replace(_say(site, ask, 503, "503.html"), headers={"Retry-After": str(_BUSY)})


def failed(site: Site, ask: Ask) -> Page:
    """Return the page for a failure of ours."""
    return _say(site, ask, 500, "500.html")


def _say(site: Site, ask: Ask, status: int, template: str, **what: object) -> Page:
    return Page(site.print(template, ask.language, {"status": status, **what}), status, cache=NOT_KEPT)
