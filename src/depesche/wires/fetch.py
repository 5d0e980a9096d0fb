"""Poll feeds and HTTP wires with good manners: conditional, never early, ever more slowly where it fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from depesche.lib.clock import Clock
from depesche.lib.http import HttpError, Response
from depesche.lib.text import line
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.polls import Poll

DAY = timedelta(days=1)
LONGEST_WAIT = timedelta(days=7)  # for a server that asks us to stay away
MOST_FRESH = timedelta(hours=1)  # what a cache header may add to a wire's own interval

_IN_FLIGHT = 8
_JITTER = 0.1
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/json, application/xml;q=0.9, */*;q=0.5"
_BUSY = (429, 503)

_random = random.SystemRandom().random
_log = structlog.get_logger("poll")


class Fetcher(Protocol):
    """What polling needs of an HTTP client: `lib.http.Client` is one."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Return what *url* answers, whatever its status.

        Raises:
            HttpError: nothing usable came back.
        """
        ...


class Poller:
    """Polls the wires of kind poll among *wires* when they are due.

    *private* is the client for wires that may fetch from private networks; without one, *client* serves
    them too and its guard decides. *rng* yields numbers from 0 to 1, for jitter.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wires: Mapping[str, Wire],
        client: Fetcher,
        *,
        private: Fetcher | None = None,
        rng: Callable[[], float] = _random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wires = [wire for wire in wires.values() if wire.kind == "poll" and wire.url]
        self._client = client
        self._private = private or client
        self._rng = rng
        self._moved: dict[
            str, str
        ] = {}  # where a site wants to be asked from now on, by the wire's own address

    def next_due(self) -> datetime | None:
        """Return when the next wire is due, None where nothing is polled."""
        return min((poll.next_at for _, poll in self._polls()), default=None)

    def run_due(self) -> int:
        """Poll every wire that is due and return how many new items were spooled.

        Different sites are asked at the same time, one site never twice at once. What goes wrong with a wire is
        logged and kept as its last error; the others go on.
        """
        now = self._clock.now()
        sites: dict[str, list[tuple[Wire, Poll]]] = {}
        for wire, poll in self._polls():
            if poll.next_at <= now:
                sites.setdefault(_site(wire), []).append((wire, poll))
        if not sites:
            return 0
        with ThreadPoolExecutor(min(_IN_FLIGHT, len(sites)), "poll") as pool:
            return sum(pool.map(self._poll_site, sites.values()))

    def _polls(self) -> list[tuple[Wire, Poll]]:
        """Return every polled wire with what is remembered of it; a new one is due at once."""
        first = datetime.fromtimestamp(0, UTC)
        with self._database.reading() as tx:
            return [(wire, tx.polls.get(wire.name) or Poll(wire.name, first)) for wire in self._wires]

    def _poll_site(self, due: Sequence[tuple[Wire, Poll]]) -> int:
        new = 0
        away: datetime | None = None
        for wire, poll in due:
            if away is not None:
                self._put(replace(poll, next_at=away))
                continue
            try:
                found, away = self._poll(wire, poll)
                new += found
            except Exception as error:
                _log.exception("poll failed", wire=wire.name)
                self._put(self._failed(wire, poll, f"{type(error).__name__}: {error}"))
        return new

    def _poll(self, wire: Wire, poll: Poll) -> tuple[int, datetime | None]:
        """Poll one wire; return the number of new items, and until when its site wants no requests at all."""
        client = self._private if wire.allow_private else self._client
        try:
            answer = client.fetch(self._moved.get(str(wire.url), str(wire.url)), _conditions(poll))
        except HttpError as error:
            self._moved.pop(str(wire.url), None)
            self._put(self._failed(wire, poll, error.reason))
            return 0, None
        self._note_move(wire, answer)
        if answer.status == 304:
            self._put(replace(poll, next_at=self._next(wire, answer), failures=0, last_error=None))
            return 0, None
        if answer.status == 200 and answer.body.strip():
            return self._keep(wire, poll, answer), None
        said = "the answer is empty" if answer.status == 200 else f"status {answer.status}"
        failed = self._failed(wire, poll, "gone (status 410)" if answer.status == 410 else said)
        if answer.status == 410:
            failed = replace(failed, next_at=self._clock.now() + DAY)
        asked = self._retry_after(answer) if answer.status in _BUSY else None
        if asked is not None:
            failed = replace(failed, next_at=max(failed.next_at, asked))
        self._put(failed)
        return 0, asked

    def _keep(self, wire: Wire, poll: Poll, answer: Response) -> int:
        now = self._clock.now()
        with self._database.transaction() as tx:
            _, new = tx.spool.add(
                answer.body, wire=wire.name, provider=wire.provider, name=_shown(str(wire.url)), at=now,
                format_name=wire.format, base=answer.url,
            )  # fmt: skip
            tx.polls.put(
                Poll(
                    wire.name,
                    self._next(wire, answer),
                    etag=answer.headers.get("etag"),
                    modified=answer.headers.get("last-modified"),
                    last_item_at=now if new else poll.last_item_at,
                )
            )
        _log.info("polled", wire=wire.name, bytes=len(answer.body), new=new)
        return int(new)

    def _put(self, poll: Poll) -> None:
        with self._database.transaction() as tx:
            tx.polls.put(poll)

    def _failed(self, wire: Wire, poll: Poll, reason: str) -> Poll:
        """Return *poll* after one more failure: twice the wait of the one before, up to a day."""
        failures = poll.failures + 1
        wait = min(timedelta(seconds=wire.interval) * 2 ** min(failures, 30), DAY)
        reason = line(reason)[:500]
        _log.warning("poll failed", wire=wire.name, reason=reason, failures=failures)
        return replace(
            poll, next_at=self._clock.now() + self._jittered(wait), failures=failures, last_error=reason
        )

    def _next(self, wire: Wire, answer: Response) -> datetime:
        own = timedelta(seconds=wire.interval)
        return self._clock.now() + self._jittered(max(own, min(_fresh_for(answer), MOST_FRESH)))

    def _jittered(self, wait: timedelta) -> timedelta:
        return wait * (1 + _JITTER * self._rng())

    def _retry_after(self, answer: Response) -> datetime | None:
        """Return the moment before which the server wants no request; never more than a week away."""
        now = self._clock.now()
        given = answer.headers.get("retry-after", "").strip()
        if given.isdecimal() and given.isascii():
            return now + min(timedelta(seconds=min(int(given[:12]), 10**9)), LONGEST_WAIT)
        at = _http_date(given)
        return None if at is None else min(max(at, now), now + LONGEST_WAIT)

    def _note_move(self, wire: Wire, answer: Response) -> None:
        """Ask the new address at once from now on, and tell the operator, whose setting it is."""
        url = str(wire.url)
        if answer.status in (200, 304) and answer.permanent_url not in {"", url, self._moved.get(url)}:
            self._moved[url] = answer.permanent_url
            _log.warning("moved permanently: change its url", wire=wire.name, to=_shown(answer.permanent_url))


def _conditions(poll: Poll) -> dict[str, str]:
    """Return the headers that make an unchanged answer short; validators are sent back exactly as they came."""
    headers = {"Accept": _ACCEPT}
    if poll.etag:
        headers["If-None-Match"] = poll.etag
    if poll.modified:
        headers["If-Modified-Since"] = poll.modified
    return headers


def _fresh_for(answer: Response) -> timedelta:
    """Return how long the server calls its answer fresh."""
    for part in answer.headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if name.lower() == "max-age" and value.isdecimal() and value.isascii():
            return timedelta(seconds=min(int(value[:12]), 10**9))
    expires, date = _http_date(answer.headers.get("expires", "")), _http_date(answer.headers.get("date", ""))
    return max(expires - date, timedelta(0)) if expires and date else timedelta(0)


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _site(wire: Wire) -> str:
    """Return the host to be spared, the last two labels of a name and the whole of an address."""
    try:
        host = urlsplit(str(wire.url)).hostname or ""
    except ValueError:
        return str(wire.url)  # the client will say what is wrong with it
    is_address = ":" in host or host.replace(".", "").isdigit()
    return host if is_address else ".".join(host.rsplit(".", 2)[-2:])


def _shown(url: str) -> str:
    """Return *url* as people and logs may see it: no password, and no query, which may hold a key."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return line(f"{parts.scheme}://{host}{parts.path}")
