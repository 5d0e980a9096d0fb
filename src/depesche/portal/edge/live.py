"""Live: tells open pages of new stories by server-sent events, fed by the tail of the journal.

One event is written once, whoever hears it. All connections share the last events, so that a slow one costs
no queue of its own, and none asks the database. A page says up to which number of the journal it was made, a
browser that comes back the number of the last event it had, and both get what they missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from depesche.model import journal, paths
from depesche.model.journal import Entry
from depesche.model.story import CORRECTION, NEW, UPDATE, Card
from depesche.portal.pages import lines
from depesche.portal.site import Site

KEPT = 300  # events that a page may have missed
HEARTBEAT = (
    25.0  # seconds after which a silent line is used, before something between us and the reader cuts it
)
PATIENCE = 30.0  # seconds that a connection may take to accept what was written
RETRY_AFTER = 120  # seconds, where there is no place
_RETRY = 2_000  # milliseconds, and as many at random, so that not all come back at once
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_TAKEN_BACK = frozenset({journal.KILLED, journal.WITHHELD, journal.EXPIRED})
_SHOWN = frozenset({journal.FILED, journal.RELEASED})
_CHANGED = frozenset({UPDATE, CORRECTION})

_log = structlog.get_logger("live")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a story, ready to be sent."""

    seq: int
    story: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """The events after number `floor` of the journal, up to `last`; replaced whole, so that readers need no lock."""

    events: tuple[Event, ...] = ()
    floor: int = 0
    last: int = 0


class Live:
    """The open pages of this process; an ASGI application for GET requests.

    *look* looks at the journal unless that was just done; *often* is how many seconds apart, while anyone listens.
    What it finds arrives by `hear`, from any thread.
    """

    def __init__(self, site: Site, look: Callable[[], Awaitable[None]], often: float) -> None:
        self._site = site
        self._look = look
        self._often = often
        self._most = site.settings.live_connections
        self._known = _Known()
        self._open: set[asyncio.Event] = set()
        self._watch: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beats = 0
        self._ended = False

    @property
    def connections(self) -> int:
        """How many pages are open."""
        return len(self._open)

    # -- what happened ---------------------------------------------------------------------------

    def begin(self, seq: int, before: Sequence[Entry]) -> None:
        """Start at number *seq* of the journal, with the entries *before* it."""
        floor = before[0].seq - 1 if before else seq
        self._known = _Known((), floor, floor)
        self.hear(before)

    def hear(self, entries: Sequence[Entry]) -> None:
        """Take in what the journal says, oldest first, and wake everyone who listens."""
        known = self._known
        entries = [one for one in entries if one.seq > known.last]
        if not entries:
            return
        events = self._written(entries[-KEPT:])
        # What was taken back is told without what was told of it before.
        gone = {one.story for one in entries if one.kind in _TAKEN_BACK}
        kept = [*(one for one in known.events if one.story not in gone), *events]
        floor = known.floor if len(kept) <= KEPT else kept[-KEPT - 1].seq
        if len(entries) > KEPT:
            floor = max(floor, entries[-KEPT - 1].seq)
        events_after = tuple(one for one in kept[-KEPT:] if one.seq > floor)
        self._known = _Known(events_after, floor, entries[-1].seq)
        if events and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended with the last reader
                self._loop.call_soon_threadsafe(self._wake)

    def _written(self, entries: Sequence[Entry]) -> list[Event]:
        shown = {one.story for one in entries if one.kind in _SHOWN}
        with self._site.newsroom.database.reading() as tx:
            cards = {card.story: card for card in tx.newsstand.cards(list(shown))}
        newest = {one.story: one.seq for one in entries if one.kind in _SHOWN | _TAKEN_BACK}
        events = []
        for one in entries:
            card = cards.get(one.story)
            if newest.get(one.story) != one.seq:
                continue
            if one.kind in _TAKEN_BACK:
                events.append(_event(one.seq, one.story, "killed", {"story": one.story}))
            elif card is not None and (one.action in _CHANGED or one.action == NEW):
                kind = "updated" if one.action in _CHANGED else "new"
                events.append(_event(one.seq, one.story, kind, _told(self._site, card)))
        return events

    # -- who listens -----------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell one page of everything from where it stands, until it goes away."""
        if self._ended or len(self._open) >= self._most:
            await _refuse(send)
            return
        bell = asyncio.Event()
        self._open.add(bell)
        gone = asyncio.ensure_future(_until_gone(receive, bell))
        try:
            await self._start()
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if scope["method"] != "HEAD":
                query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=None))
                await self._tell(_place(scope, query), _number(query.get("story", "")), bell, gone, send)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            _log.info("a page was too slow to be told")
        finally:
            self._open.discard(bell)
            gone.cancel()

    async def _tell(
        self,
        place: int | None,
        story: int | None,
        bell: asyncio.Event,
        gone: asyncio.Future[None],
        send: Send,
    ) -> None:
        """Tell of everything after *place*, or of *story* alone, whose page does not say where it stands."""
        said = b"retry: %d\n\n" % (_RETRY + secrets.randbelow(_RETRY))
        last = self._known.last
        if place is None and story is not None:
            said += b"event: here\nid: %d\ndata: {}\n\n" % last
        place = last if place is None else min(place, last)
        beats = self._beats
        while not (gone.done() or self._ended):
            bell.clear()
            found, place = self._since(place, story)
            said += found
            if not said and beats != self._beats:
                said = b":\n\n"
            beats = self._beats
            if said:
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": said, "more_body": True})
                said = b""
            await bell.wait()

    def _since(self, place: int, story: int | None) -> tuple[bytes, int]:
        """Return what happened after *place*, to *story* alone where one is given, and the place now.

        Where that is no longer known, the page is told so.
        """
        known = self._known
        if place >= known.last:
            return b"", place
        if place < known.floor:
            return b"event: missed\nid: %d\ndata: {}\n\n" % known.last, known.last
        told = (one for one in known.events if one.seq > place and story in (None, one.story))
        return b"".join(one.raw for one in told), known.last

    async def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._look()
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._keep_watch())

    async def _keep_watch(self) -> None:
        """Look at the journal and keep lines warm, as long as anyone listens."""
        clock = self._loop or asyncio.get_running_loop()
        next_beat = clock.time() + HEARTBEAT
        while self._open and not self._ended:
            await asyncio.sleep(self._often)
            try:
                await self._look()
            except Exception:
                _log.exception("the journal could not be read")
                await asyncio.sleep(1.0)
            if clock.time() >= next_beat:
                next_beat = clock.time() + HEARTBEAT
                self._beats += 1
                self._wake()

    def _wake(self) -> None:
        for bell in self._open:
            bell.set()

    def end(self) -> None:
        """Let every page go, from the thread of the server's loop; they come back to whoever listens next."""
        self._ended = True
        self._wake()


def _place(scope: Scope, query: Mapping[str, str]) -> int | None:
    """Return the number after which to tell: from the browser's own memory, or from the page's address."""
    headers = dict(scope["headers"])
    remembered = _number(headers.get(b"last-event-id", b"").decode("latin-1"))
    return _number(query.get("after", "")) if remembered is None else remembered


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None


async def _until_gone(receive: Receive, bell: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    bell.set()


async def _refuse(send: Send) -> None:
    body = b"no place left; the page works without\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"retry-after", b"%d" % RETRY_AFTER),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _told(site: Site, card: Card) -> dict[str, object]:
    line = lines.line(site, card)
    return {
        "story": card.story, "path": paths.story(card.story, card.slug), "headline": card.headline, "language": card.language[:2],
        "provider": line.provider_path, "shares": [one.isin for one in card.shares], "breaking": line.is_breaking,
        "corrected": line.is_corrected, "sponsored": card.sponsored,
    }  # fmt: skip


def _event(seq: int, story: int, kind: str, said: dict[str, object]) -> Event:
    data = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Event(seq, story, f"event: {kind}\nid: {seq}\ndata: {data}\n\n".encode())
