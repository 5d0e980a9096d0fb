"""Imprint, privacy notice, and how we count."""

from __future__ import annotations

from depesche.lib.clock import epoch
from depesche.model import paths
from depesche.model.audience import DAY, REJECTIONS
from depesche.portal.ask import Ask, Page
from depesche.portal.site import Site

_DAYS = 7
_KEPT = frozenset({"legal"})


def imprint(site: Site, ask: Ask) -> Page:
    """Return the operator's imprint."""
    return _text(site, ask, "imprint.html", paths.IMPRINT, site.settings.imprint)


def privacy(site: Site, ask: Ask) -> Page:
    """Return the operator's privacy notice, under what the program itself does and does not keep."""
    return _text(site, ask, "privacy.html", paths.PRIVACY, site.settings.privacy)


def transparency(site: Site, ask: Ask) -> Page:
    """Return the rules by which views are counted, with what was counted and refused in the last days."""
    today = int(epoch(site.newsroom.clock.now()) // DAY)
    with site.newsroom.database.reading() as tx:
        refused = tx.views.rejections(today - _DAYS + 1, today)
        counted = tx.views.sum((today - _DAYS + 1) * 24)
        spikes = len(tx.views.spikes((today - _DAYS + 1) * 24))
        providers = tx.newsstand.providers()
    totals = {reason: sum(n for (_, why), n in refused.items() if why == reason) for reason in REJECTIONS}
    what = {
        "days": _DAYS,
        "counted": counted,
        "totals": totals,
        "spikes": spikes,
        "by_request": site.settings.count_by == "request",
        "rate_limit": site.settings.rate_limit,
        "providers": providers,
        "stories": sum(one.stories for one in providers),
    }
    body = site.print("transparency.html", ask.language, what, path=paths.TRANSPARENCY)
    return Page(body, tags=_KEPT)


def _text(site: Site, ask: Ask, template: str, path: str, text: str) -> Page:
    paragraphs = [
        part.strip().split("\n") for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()
    ]
    what = {
        "paragraphs": paragraphs,
        "version": site.settings.privacy_version,
        "pushes": site.settings.web_push,
        "webhooks": site.settings.reader_webhooks > 0,
    }
    return Page(site.print(template, ask.language, what, path=path), tags=_KEPT)
