"""Walk a running portal as a robot would."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower case) and body of *url*; redirects are followed."""
    asked = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def post(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Return status and body of a POST."""
    asked = urllib.request.Request(url, data=body, headers=headers or {}, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def crawl(address: str, starts: list[str], most: int = 500) -> Iterator[tuple[str, int, str]]:
    """Yield (path, status, text) of every page reachable from *starts* on the same host."""
    waiting, seen = [urljoin(address, start) for start in starts], set()
    while waiting and len(seen) < most:
        url = waiting.pop(0).partition("#")[0]
        if url in seen:
            continue
        seen.add(url)
        status, headers, body = get(url)
        kind = headers.get("content-type", "")
        text = body.decode(errors="replace") if kind.startswith(("text/", "application/")) else ""
        yield url.removeprefix(address), status, text
        if "html" in kind or "xml" in kind:
            for found in re.findall(r"""(?:href|src)=["']([^"']+)|<loc>([^<]+)""", text):
                linked = urljoin(url, unescape(found[0] or found[1]))
                if urlsplit(linked)[:2] == urlsplit(address)[:2]:
                    waiting.append(linked)
