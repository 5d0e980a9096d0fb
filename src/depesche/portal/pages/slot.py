"""The inside of an advertising slot's frame, and the pictures in it."""

from __future__ import annotations

from urllib.parse import urlsplit

from depesche.portal.ask import Ask, Page
from depesche.portal.site import Site, trusted
from depesche.portal.slots import FOLDER, TURN_SECONDS
from depesche.settings import AdvertSettings

_A_DAY = "public, max-age=86400"


def show(site: Site, ask: Ask) -> Page:
    """Return what stands in a slot now, labelled; nothing between two flights.

    Raises:
        NotFound: there is no such slot.
    """
    advert = site.slots.choose(ask.values["place"], site.newsroom.clock.now())
    what = {
        "advert": advert,
        "html": trusted(site.slots.html(advert) if advert else ""),
        "picture": f"{FOLDER}/pictures/{advert.name}" if advert and advert.picture else None,
    }
    headers = {"Content-Security-Policy": _policy(advert), "X-Robots-Tag": "noindex"}
    body = site.print("slot.html", ask.language, what)
    return Page(body, cache=f"public, max-age={TURN_SECONDS}", headers=headers)


def picture(site: Site, ask: Ask) -> Page:
    """Return the picture of an advertisement.

    Raises:
        NotFound: it has none.
    """
    media_type, body = site.slots.picture(ask.values["name"])
    return Page(body, 200, media_type, cache=_A_DAY)


def _policy(advert: AdvertSettings | None) -> str:
    """Return what the frame may load: a page of ours may hold it, and it the one host that the settings name."""
    host = "'none'"
    if advert is not None and advert.frame is not None:
        parts = urlsplit(advert.frame)
        host = f"{parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; frame-src {host}; form-action 'none'; "
        "frame-ancestors 'self'; base-uri 'none'"
    )
