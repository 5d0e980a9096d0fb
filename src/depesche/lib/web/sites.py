"""Sites: what one owner answers for, and taking turns at it."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

# Second-level labels under which registries of countries sell names: bbc.co.uk and itv.co.uk are two sites.
_SECOND = frozenset(
    {"ac", "asn", "biz", "co", "com", "edu", "gen", "go", "gob", "gov", "gv", "id", "info", "ltd", "me", "mil", "ne", "net"}
    | {"nhs", "nom", "or", "org", "plc", "sch"}
)  # fmt: skip


def site_of(url: str) -> str:
    """Return the registrable domain of *url*, the whole of an address, or *url* itself where it has no host."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return url  # whoever fetches it will say what is wrong with it
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        labels = host.split(".")
    if labels[-1].isdigit():
        return host
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND
    return ".".join(labels[-3 if deep else -2 :]) or url


class Turns:
    """Lets one request at a time to each site, whichever threads ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sites: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def at(self, url: str) -> Iterator[None]:
        """Wait for the turn at the site of *url*, and hold it."""
        site = site_of(url)
        with self._lock:
            turn, waiting = self._sites.get(site, (threading.Lock(), 0))
            self._sites[site] = turn, waiting + 1
        try:
            with turn:
                yield
        finally:
            with self._lock:
                turn, waiting = self._sites[site]
                if waiting == 1:
                    del self._sites[site]
                else:
                    self._sites[site] = turn, waiting - 1
