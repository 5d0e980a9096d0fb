"""The edge: what is printed or kept is answered here, before routing.

Story pages come from the page store, lists from a memory bounded in bytes. Both are emptied by the
journal, which is looked at before anything is served when that was last done longer ago than `CHECK`.
A page that many ask for at once is made once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from depesche.model import paths
from depesche.model.errors import NotFound, StoreError
from depesche.portal import away
from depesche.portal.api.gate import LONGEST_ACCEPT, Gate, is_ours
from depesche.portal.ask import HTML, REVALIDATE, Page
from depesche.portal.beacon import Beacon, is_page_view, visit_of
from depesche.portal.edge.encoding import ZSTD, Body, accepted
from depesche.portal.edge.express import Hatch, matches
from depesche.portal.edge.live import Live
from depesche.portal.edge.memory import Memory
from depesche.portal.edge.press import Press
from depesche.portal.edge.sending import Headers, Kept, Sender, header, security
from depesche.portal.edge.shared import Terms
from depesche.portal.edge.tail import Tail
from depesche.portal.pages.story import key_of
from depesche.portal.site import Site
from depesche.store.pages import PageStore

PAGE = "depesche.page"
METHOD = "depesche.method"  # what was asked, where a page is made for a HEAD as for a GET
CHECK = 0.25  # seconds for which what is kept may be served without looking at the journal
STALE = 60.0  # seconds for which counts inside a kept list may be old
MEMORY = 32_000_000  # bytes of lists
ENCODED = 8_000_000  # bytes of printed pages in encodings other than the store's

_KEPT = frozenset({"", "shares", "providers", "feed.atom", "feed.json", "news", "sitemap.xml", "robots.txt",
                   "imprint", "privacy", "transparency", "most-read", "api",
                   "feed.rss", "feeds", "topics", "archive", "feeds.opml", "sitemaps", "embed", "manifest.webmanifest"})  # fmt: skip
_QUERY = ("before", "lang")  # what lists vary by; anything else in a query changes nothing
_MORE = {"most-read": ("period", "lang", "share", "provider", "topic")}
_NEWS = "news"
_STATIC = "/static/"
T = TypeVar("T")


class Edge:
    """The portal with its page store and its memory before it; an ASGI application."""

    def __init__(self, app: ASGIApp, site: Site, pages: PageStore) -> None:
        self.pages = pages
        self.memory: Memory[Kept] = Memory(MEMORY)
        self._app = app
        self._site = site
        self._press = Press(site, pages)
        self.live = Live(site, self._look_at_journal, CHECK)
        self._tail = Tail(site, pages, self.memory, self.live)
        self._encoded: Memory[Body] = Memory(ENCODED)
        self._static = {one.path: Kept.of_asset(one) for one in site.assets.all.values()}
        self._places = {language: place for place, language in enumerate(site.languages) if place}
        is_secure = site.address.startswith("https://")
        self._sender = Sender(security(site.assets, is_secure=is_secure, frames=bool(site.settings.adverts)))
        self._beacon = Beacon(site)
        self.gate = Gate(site)
        self._by_request = site.settings.count_by == "request"
        self._terms = Terms(site.settings.cdn_seconds if site.settings.cdn_purge_url else 0)
        self._looked = float("-inf")
        self.hatch = Hatch(
            {language if place else "": place for place, language in enumerate(site.languages)},
            pages, self._encoded, self._is_fresh, self._sender.always,
        )  # fmt: skip
        self._making: dict[str, asyncio.Future[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, from what is kept where possible; 503 while the database is away."""
        try:
            await self._serve(scope, receive, send)
        except StoreError as error:
            await self._sender.answer(Kept.of(away.answer(self._site, scope["path"], error)), scope, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if is_ours(path):
            await self._speak(scope, receive, send)
        elif scope["method"] == "POST" and path in self._beacon.at and not self._by_request:
            await self._beacon(scope, receive, self._sender.secured(send, bare=True))
        elif scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, self._sender.secured(send))
        elif path == paths.LIVE:
            await self.live(scope, receive, self._sender.secured(send))
        else:
            try:
                await self._read(path, scope, receive, send)
            except _Failed as failure:
                await self._sender.answer(failure.kept, scope, send)
                raise

    async def _read(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path.startswith(_STATIC) and path in self._static:
            await self._sender.answer(self._static[path], scope, send)
            return
        place, parts = self._place(path)
        if parts[0] not in _KEPT:
            made = await self._ask(scope, receive)
            await self._sender.answer(made, scope, send, self._shared(made.page))
            return
        await self._look_at_journal()
        if (
            parts[0] == _NEWS
            and len(parts) == 2
            and await self._send_printed(parts[1], place, path, scope, send)
        ):
            return
        key = _key(path, scope["query_string"], _MORE.get(parts[0], _QUERY))
        kept = self.memory.get(key, time.monotonic())
        if kept is None:
            kept = await self._once(key, lambda: self._make(key, scope, receive))
        await self._sender.answer(kept, scope, send, self._shared(kept.page))

    def _shared(self, page: Page) -> Headers:
        """Return what shared caches are told of *page*: nothing, where it may not be kept or they are not told of changes."""
        may = self._terms.is_on and page.tags is not None and page.status == 200
        return self._terms.of(page.tags or ()) if may else []

    async def _speak(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to the API, if the gate admits it."""
        admitted = await self.gate.admit(scope)
        if admitted.page is not None:
            await self._sender.answer(Kept.of(admitted.page), scope, send, admitted.headers)
            return
        await self._look_at_journal()
        query, accept = (
            scope["query_string"].decode("latin-1"),
            header(scope, b"accept")[:LONGEST_ACCEPT].decode("latin-1"),
        )
        key = f"{scope['path']}?{query} {accept}"
        kept = self.memory.get(key, time.monotonic())
        try:
            if kept is None:
                kept = await self._once(key, lambda: self._make(key, scope, receive))
        except _Failed as failure:
            await self._sender.answer(failure.kept, scope, send, admitted.headers)
            raise
        await self._sender.answer(kept, scope, send, admitted.headers)

    def _place(self, path: str) -> tuple[int, list[str]]:
        """Return the place of an address's language among ours, and the parts of the address after it."""
        parts = path[1:].split("/")
        place = self._places.get(parts[0], 0)
        return place, (parts[1:] or [""]) if place else parts

    # -- printed pages ---------------------------------------------------------------------------

    async def _send_printed(self, name: str, place: int, path: str, scope: Scope, send: Send) -> bool:
        """Send a story's page from the store, printing it if it is missing; tells whether there is one at *path*."""
        try:
            key = key_of(name)
        except NotFound:
            return False
        found = self.pages.get(key, place, path)
        if found is None:
            printed = await self._once(f"print {key}", lambda: run_in_threadpool(self._press.fill, key))
            found = next(((one.etag, one.body) for one in printed if one.path == path), None)
            if found is None:
                return False
        if self._by_request and is_page_view(scope):
            await self._beacon.count(key, visit_of(scope))
        etag, frame = found
        more = (
            self._terms.of(f"s{one}" for one in self.pages.shows(key, place)) if self._terms.is_on else None
        )
        if matches(header(scope, b"if-none-match"), etag):
            await self._sender.unchanged(send, etag, REVALIDATE, more)
            return True
        encodings = accepted(header(scope, b"accept-encoding"))
        if encodings[:1] == (ZSTD,):
            await self._sender.send(scope, send, 200, HTML, REVALIDATE, etag, ZSTD, frame, more)
            return True
        body = self._encoded.get(etag, 0.0)
        if body is None:
            body = Body.of_zstd(frame)
            self._encoded.put(etag, body, size=body.size * 6, until=1.0)
        await self._sender.send(scope, send, 200, HTML, REVALIDATE, etag, *body.get(encodings), more)
        return True

    # -- lists -----------------------------------------------------------------------------------

    async def _make(self, key: str, scope: Scope, receive: Receive) -> Kept:
        """Let the application make a page, and keep it if it may be kept."""
        generation = self.memory.generation
        kept = await self._ask(scope, receive)
        tags = kept.page.tags
        if tags is not None and kept.page.status == 200:
            until = time.monotonic() + STALE
            size = kept.body.size + len(key)
            self.memory.put(key, kept, size=size, until=until, tags=tags, generation=generation)
        return kept

    async def _ask(self, scope: Scope, receive: Receive) -> Kept:
        """Let the application make a page, whole; an error of its own has become a page and is raised after that was sent."""
        inner = {**scope, "method": "GET", METHOD: scope["method"]}
        failure: Exception | None = None

        async def hear(_message: Message) -> None:
            """Drop what the page says as well."""

        try:
            await self._app(inner, receive, hear)
        except Exception as error:
            failure = error
        page = inner.get(PAGE)
        if not isinstance(page, Page):
            raise failure or RuntimeError(f"no page was made for {scope['path']}")
        if failure is not None:
            raise _Failed(Kept.of(page)) from failure
        return Kept.of(page)

    async def _once(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """Return what *make* makes; those who ask for the same meanwhile get the same."""
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.ensure_future(make())
            making.add_done_callback(lambda _done: self._making.pop(key, None))
        made: T = await asyncio.shield(making)
        return made

    def _is_fresh(self) -> bool:
        """Tell whether the store may be trusted now, and what it holds is all that there is to a request."""
        return time.monotonic() - self._looked < CHECK and not self._by_request and not self._terms.is_on

    async def _look_at_journal(self) -> None:
        if time.monotonic() - self._looked >= CHECK:
            await self._once("journal", self._look)

    async def _look(self) -> None:
        began = time.monotonic()
        await run_in_threadpool(self._tail.look)
        self.hatch.forget()
        self._looked = began


class _Failed(Exception):
    """A failure whose page is still to be sent."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("a page could not be made")
        self.kept = kept


def _key(path: str, query: bytes, names: Sequence[str] = _QUERY) -> str:
    if not query:
        return path
    asked = dict(parse_qsl(query.decode("latin-1"), max_num_fields=None))
    return f"{path}?{urlencode([(name, asked[name][:60]) for name in names if name in asked])}"
