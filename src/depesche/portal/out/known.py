"""What programs look for at places that everyone knows: robots.txt, security.txt, the manifest of a web app."""

from __future__ import annotations

import json
from datetime import timedelta

from depesche.lib.clock import rfc3339
from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.portal.ask import TEXT, Ask, Page
from depesche.portal.site import Site

_CLOSED = (paths.FOLLOW, paths.VIEW, "/intake", "/websub", paths.SEARCH, "/live")
_VALID = timedelta(days=180)  # RFC 9116 wants less than a year
_LIGHT = "#fdfcf9"
_TAGS = frozenset({"legal"})


def robots(site: Site, _ask: Ask) -> Page:
    """Return robots.txt: everything that is news may be read."""
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED)
    return Page(f"User-agent: *\n{closed}Sitemap: {site.url('/sitemap.xml')}\n", media_type=TEXT, tags=_TAGS)


def security(site: Site, _ask: Ask) -> Page:
    """Return security.txt (RFC 9116): whom to tell of a security hole.

    Raises:
        NotFound: the settings name nobody.
    """
    contact = site.settings.security_contact
    if not contact:
        raise NotFound("security.txt")
    today = site.newsroom.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    where = contact if ":" in contact else f"mailto:{contact}"
    said = (
        f"Contact: {where}\nExpires: {rfc3339(today + _VALID)}\nPreferred-Languages: {', '.join(site.languages)}\n"
        f"Canonical: {site.url('/.well-known/security.txt')}\n"
    )
    return Page(said, media_type=TEXT)


def manifest(site: Site, _ask: Ask) -> Page:
    """Return the manifest by which a phone keeps the portal like an app of its own."""
    name = site.settings.title
    icons = [
        {"src": site.assets("icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": site.assets("icon-192.png"), "type": "image/png", "sizes": "192x192"},
        {"src": site.assets("icon-512.png"), "type": "image/png", "sizes": "512x512"},
        {"src": site.assets("icon-512.png"), "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
    ]
    said = {
        "name": name, "short_name": name[:12].strip(), "lang": site.main, "id": paths.HOME, "start_url": paths.HOME, "scope": paths.HOME,
        "display": "minimal-ui", "background_color": _LIGHT, "theme_color": _LIGHT, "icons": icons,
    }  # fmt: skip
    return Page(json.dumps(said, ensure_ascii=False), media_type="application/manifest+json", tags=_TAGS)
