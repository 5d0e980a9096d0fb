"""The gate of the API: who asks, and whether it may be once more this minute.

Nobody needs a key; those who have one have a limit of their own. A key is looked up for each request, so that one
that is revoked opens nothing any more. It comes in a header, never in an address, which others would log.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from depesche.model import paths
from depesche.portal.api.limiter import WINDOW, Limiter, network_of
from depesche.portal.api.problems import ELSEWHERE, problem
from depesche.portal.ask import JSON, Page, redirect
from depesche.portal.site import Site
from depesche.store.readers.api_keys import ApiKey

Headers = list[tuple[bytes, bytes]]

PREFIX = "dk_"
KEY = re.compile(r"dk_[A-Za-z0-9_-]{43}")
LONGEST_ACCEPT = 200  # characters of the header that are read: answers are kept by them
_LONGEST_PATH = 200
_LONGEST_QUERY = 8_000
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_EVERYBODY: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, RateLimit, RateLimit-Policy, Retry-After"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
_PREFLIGHT = {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True, slots=True)
class Admission:
    """What the gate says: headers for the answer, and the answer itself where it is the gate's."""

    headers: Headers
    page: Page | None = None


class Gate:
    """Admits requests to the API."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._anonymous = site.settings.api_per_minute
        self.limiter = Limiter()

    async def admit(self, scope: Scope) -> Admission:
        """Return what becomes of a request.

        Raises:
            StoreError: a key cannot be looked up because the database is away.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            return Admission(_EVERYBODY, _not_read(scope["method"]))
        key, said = None, _key_of(scope)
        client = scope.get("client")
        who, limit, name = f"n{network_of(client[0] if client else '')}", self._anonymous, "anonymous"
        if said is not None:
            key = await run_in_threadpool(self._known, said)
            if key is not None:
                who, limit, name = f"k{key.id}", key.per_minute, "key"
        turn = self.limiter.take(who, limit)
        headers = [
            *_EVERYBODY,
            (b"ratelimit-policy", f'"{name}";q={limit};w={WINDOW:.0f}'.encode()),
            (b"ratelimit", f'"{name}";r={turn.left};t={turn.seconds}'.encode()),
        ]
        if not turn.is_allowed:
            return Admission(headers, _too_many(limit, turn.seconds))
        if said is not None and key is None:
            page = problem(
                401, "This key opens nothing (any more).", {"WWW-Authenticate": 'Bearer realm="api"'}
            )
            return Admission(headers, page)
        return Admission(headers, _misshapen(scope))

    def _known(self, said: str) -> ApiKey | None:
        if KEY.fullmatch(said) is None:
            return None
        with self._site.newsroom.database.reading() as tx:
            return tx.api_keys.by_hash(digest(said))


def digest(key: str) -> str:
    """Return what is kept of *key*; it is random and long enough that nothing slower is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def _key_of(scope: Scope) -> str | None:
    """Return the key in the headers of a request; another scheme than Bearer is a proxy's business."""
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            return str(value.decode("latin-1")).strip()
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return str(value[7:].decode("latin-1")).strip()
    return None


def _not_read(method: str) -> Page:
    if method == "OPTIONS":
        return Page(b"", 204, JSON, cache="public, max-age=86400", headers=_PREFLIGHT)
    return problem(405, ELSEWHERE, {"Allow": _PREFLIGHT["Allow"]})


def _too_many(limit: int, seconds: int) -> Page:
    if limit == 0:
        return problem(
            401, "This interface is for those who have a key.", {"WWW-Authenticate": 'Bearer realm="api"'}
        )
    said = f"These were more than {limit} requests in a minute. A key may allow more."
    return problem(429, said, {"Retry-After": str(seconds)})


def _misshapen(scope: Scope) -> Page | None:
    """Refuse what no address of ours looks like, before anybody tries to read it; the root leads to the page for people."""
    if scope["path"].rstrip("/") == paths.API:
        return redirect(paths.API_PAGE)
    if len(scope["path"]) > _LONGEST_PATH or not scope["path"].isprintable():
        return problem(404, ELSEWHERE)
    query: bytes = scope["query_string"]
    if len(query) > _LONGEST_QUERY:
        return problem(414, f"The query is longer than {_LONGEST_QUERY} characters.")
    if _CONTROLS.search(unquote_to_bytes(query)):
        return problem(400, "The query holds characters that no text has.")
    return None


def is_ours(path: str) -> bool:
    """Tell whether *path* is an address of the API."""
    return path == paths.API or path.startswith(f"{paths.API}/")
