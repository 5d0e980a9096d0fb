"""Which site sent a request: ours, or another one that would borrow a reader's click."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from depesche.portal.site import Site

_SAME_ORIGIN = "same-origin"


def is_foreign(site: Site, headers: Mapping[str, str]) -> bool:
    """Tell whether a form was sent from another site's page: by Sec-Fetch-Site, in older browsers by Origin.

    No page holds a token for this, so that all readers get the same page; and there is no cookie
    whose power another site could borrow.
    """
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched != _SAME_ORIGIN
    origin = headers.get("origin")
    return origin is not None and not is_ours(site, headers, origin)


def is_ours(site: Site, headers: Mapping[str, str], address: str) -> bool:
    """Tell whether an address that was sent to us is on this portal, as it is set or as it was asked for."""
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return False
    return host in {headers.get("host", ""), urlsplit(site.address).netloc}
