"""What caches shared by readers are told of a page: how long to keep it, and by which keys to forget it.

Browsers go on asking each time (`Cache-Control`); only caches that know one of the headers below, and are told
when something changes, may answer without asking.
"""

from __future__ import annotations

from collections.abc import Iterable

STALE = 30  # seconds after its time for which a page may be sent while a new one is fetched
PICTURES = "pictures"  # the key of all pictures: which of them went with a story, nobody can say afterwards

Headers = list[tuple[bytes, bytes]]


class Terms:
    """What a cache is told that may keep a page *seconds*; nothing for 0, where there is no such cache."""

    def __init__(self, seconds: int) -> None:
        self.is_on = seconds > 0
        said = f"max-age={seconds}, stale-while-revalidate={min(seconds, STALE)}".encode()
        # RFC 9213 names the first; Fastly and Varnish read the second.
        self._times: Headers = [(b"cdn-cache-control", said), (b"surrogate-control", said)]

    def of(self, tags: Iterable[str]) -> Headers:
        """Return the headers of a page that is made from *tags*, each a key by which it is forgotten."""
        keys = sorted(tags)
        spaced, listed = " ".join(keys).encode(), ",".join(keys).encode()
        return [*self._times, (b"surrogate-key", spaced), (b"cache-tag", listed)]
