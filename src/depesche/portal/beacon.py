"""Views: the one thing that looking at a page may change, and it changes nothing but a number.

A page that is seen says so with a POST. That is the busiest request of all after the pages themselves, so
it is answered before routing, and without a thread where nothing has to be looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from depesche.model import paths
from depesche.model.audience import COUNTED, RATE, Visit
from depesche.model.errors import NotFound
from depesche.portal.edge.origin import is_foreign, is_ours
from depesche.portal.pages.story import key_of
from depesche.portal.site import Site

_MOST = 512  # bytes of a body that names a story
_FIELDS = 5
_DIGITS = 19
_PURPOSES = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def visit_of(scope: Scope) -> Visit:
    """Return what a request says of its sender."""
    agent, said = "", []
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent = value.decode("latin-1")
        elif name in _PURPOSES:
            said.append(value.decode("latin-1"))
    client = scope.get("client")
    return Visit(client[0] if client else "", agent, ", ".join(said) or None)


def is_embedded(site: Site, headers: Mapping[str, str]) -> bool:
    """Tell whether another site's page asks for our picture, to have its readers counted as ours.

    Browsers say so in Sec-Fetch-Site, older ones and those on plain HTTP in the Referer.
    """
    if is_foreign(site, headers):
        return True
    came_from = headers.get("referer")
    if "sec-fetch-site" in headers or came_from is None:
        return False
    return not is_ours(site, headers, came_from)


def is_page_view(scope: Scope) -> bool:
    """Tell whether the request for a page is a visit: a GET that shows it in a window, not in a picture, frame or script."""
    return scope["method"] == "GET" and all(
        value == b"document" for name, value in scope["headers"] if name == b"sec-fetch-dest"
    )


class Beacon:
    """Counts what pages report; an ASGI application for the POSTs at `at`, by language."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.at = {site.href(paths.VIEW, language): language for language in site.languages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a view and answer with the count of now; whatever else comes is refused in one line."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if is_foreign(self._site, headers):
            await _say(send, 403, {"title": "This view was reported by another site."})
            return
        body = await _body(headers.get("content-length", ""), receive)
        if body is None:
            await _say(send, 413, {"title": "The report is too large."})
            return
        story = _story(body)
        views = None if story is None else await self.count(story, visit_of(scope))
        if views is None:
            await _say(send, 404, {"title": "There is no such story."})
            return
        said = self._site.speech[self.at[scope["path"]]].count("%(n)s view", "%(n)s views", views)
        await _say(send, 200, {"story": story, "views": views, "text": said})

    async def count(self, story: int, visit: Visit) -> int | None:
        """Count a visit and return the views of now, None where there is no such story, or where a flood asks for one not at hand."""
        if self._site.newsroom.readership.knows(story):
            return self._count(story, visit)
        return await run_in_threadpool(self._count, story, visit)

    def _count(self, story: int, visit: Visit) -> int | None:
        readership = self._site.newsroom.readership
        fate = readership.counter.count(story, visit)
        if not 0 < story < 2**63 or (fate == RATE and not readership.knows(story)):
            return None  # a flood of forged numbers is not to reach the database
        views = readership.views(story)
        # Counts are written once a second; the reader's own view is to be in the answer.
        return None if views is None else views + (fate == COUNTED)


async def _body(length: str, receive: Receive) -> bytes | None:
    """Return the body, or None as soon as it is known to be too long."""
    if length.isascii() and length.isdigit() and int(length) > _MOST:
        return None
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > _MOST:
            return None
        if not message.get("more_body", False):
            return body


def _story(body: bytes) -> int | None:
    """Return the story that a report names, by number or by the address of its page."""
    try:
        said = dict(parse_qsl(body.decode(), max_num_fields=_FIELDS))
        if (number := said.get("story")) is not None:
            return int(number) if number.isascii() and number.isdigit() and len(number) < _DIGITS else None
        return key_of(said.get("path", "").rsplit("/", 1)[-1])
    except (ValueError, NotFound):
        return None


async def _say(send: Send, status: int, what: dict[str, object]) -> None:
    body = json.dumps(what).encode()
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
