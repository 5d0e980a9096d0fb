"""What a page is asked and what it answers, apart from the web server's ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

NOT_KEPT = "no-store"
REVALIDATE = "public, no-cache"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `path` is without the language's prefix, `values` are the parts of the path that vary.

    `method` is GET, HEAD or POST. `form` holds the fields of a POST; `ip` is the sender's address, believed only as far as the
    server's trusted proxies go; `headers` have names in lower case.
    """

    language: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""
    body: bytes = b""
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. A page with `tags` may be kept until one of them is dropped; without, it is made each time.

    `cache` is what browsers and proxies are told.
    """

    body: str | bytes
    status: int = 200
    media_type: str = HTML
    tags: frozenset[str] | None = None
    cache: str = REVALIDATE
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body in bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


def redirect(to: str, status: int = 301) -> Page:
    """Return an answer that sends the reader to the address *to*; 301 for good, 303 after a form."""
    return Page(b"", status, TEXT, headers={"Location": to}, cache=REVALIDATE if status == 301 else NOT_KEPT)
