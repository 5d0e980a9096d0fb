"""The rounds of those who ask: every wire that is due, different sites at a time, one site never twice at once."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from depesche.lib.clock import Clock, from_epoch
from depesche.lib.web.http import Client, HttpError, Response
from depesche.lib.web.sites import site_of
from depesche.model.errors import StoreError, WireError
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.wires.polls import Poll
from depesche.wires.doors import manners

_IN_FLIGHT = 8
random_number = random.SystemRandom().random
_log = structlog.get_logger("rounds")


class Rounds(ABC):
    """Asks the wires of one *kind* among *wires* when they are due.

    *private* is the client for wires that may fetch from private networks; without one, *client* serves
    them too and its guard decides. *rng* yields numbers from 0 to 1, for jitter. Subclasses say how to ask.
    """

    kind = ""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wires: Mapping[str, Wire],
        client: Client,
        *,
        private: Client | None = None,
        rng: Callable[[], float] = random_number,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wires = [wire for wire in wires.values() if wire.kind == self.kind and wire.url]
        self._client = client
        self._private = private or client
        self._rng = rng

    def next_due(self) -> datetime | None:
        """Return when the next wire is due, None where nothing is asked."""
        return min((poll.next_at for _, poll in self._polls()), default=None)

    def run_due(self) -> int:
        """Ask every wire that is due and return how many new items were spooled.

        What goes wrong with a wire is logged and kept as its last error; the others go on.

        Raises:
            StoreError: the database is away; what was not kept stays due.
        """
        now = self._clock.now()
        sites: dict[str, list[tuple[Wire, Poll]]] = {}
        for wire, poll in self._polls():
            if poll.next_at <= now:
                sites.setdefault(site_of(str(wire.url)), []).append((wire, poll))
        if not sites:
            return 0
        with ThreadPoolExecutor(min(_IN_FLIGHT, len(sites)), self.kind) as pool:
            return sum(pool.map(self._ask_site, sites.values()))

    @abstractmethod
    def ask(self, wire: Wire, poll: Poll) -> tuple[int, datetime | None]:
        """Ask one wire and remember how it went; return the number of new items, and until when its site wants no requests.

        Raises:
            HttpError: nothing usable came back.
            WireError: what came back is not what the settings say.
        """

    def _polls(self) -> list[tuple[Wire, Poll]]:
        """Return every wire that is still asked, with what is remembered of it; a new one is due at once."""
        with self._database.reading() as tx:
            known = tx.polls.all()
        found = []
        for wire in self._wires:
            poll = known.get(wire.name)
            if poll is None or (poll.asked_url is not None and poll.asked_url != wire.url):
                poll = Poll(wire.name, from_epoch(0), last_item_at=poll.last_item_at if poll else None)
            if not poll.gone:
                found.append((wire, replace(poll, asked_url=wire.url)))
        return found

    def _ask_site(self, due: Sequence[tuple[Wire, Poll]]) -> int:
        new = 0
        away: datetime | None = None
        for wire, poll in due:
            if away is not None:
                break  # they were all told
            try:
                found, away = self.ask(wire, poll)
                new += found
            except (HttpError, WireError) as error:
                self._put(
                    self.failed(wire, poll, error.reason if isinstance(error, HttpError) else str(error))
                )
            except StoreError:
                raise  # our own trouble is no fault of the wire's: it is asked again when that is over
            except Exception as error:
                _log.exception("asking failed", wire=wire.name)
                self._put(self.failed(wire, poll, f"{type(error).__name__}: {error}"))
            if away is not None:
                self._spare(site_of(str(wire.url)), away)
        return new

    def _spare(self, site: str, until: datetime) -> None:
        """Ask no wire of *site* before *until*."""
        waiting = [(wire, poll) for wire, poll in self._polls() if site_of(str(wire.url)) == site]
        with self._database.transaction() as tx:
            for _, poll in waiting:
                if poll.next_at < until:
                    tx.polls.put(replace(poll, next_at=until))

    def client_of(self, wire: Wire) -> Client:
        """Return the client that may ask for *wire*."""
        return self._private if wire.allow_private else self._client

    def failed(self, wire: Wire, poll: Poll, reason: str) -> Poll:
        """Return *poll* after one more failure, and log it."""
        found = manners.failed(wire, poll, reason, self._clock.now(), self._rng())
        _log.warning("asking failed", wire=wire.name, reason=found.last_error, failures=found.failures)
        return found

    def refused(self, wire: Wire, poll: Poll, answer: Response) -> tuple[int, datetime | None]:
        """Remember an *answer* that is no good; return what `ask` returns."""
        if answer.status == 410:
            _log.warning("gone: not asked any more until its url changes", wire=wire.name)
            self._put(replace(self.failed(wire, poll, "gone (status 410)"), gone=True))
            return 0, None
        said = "the answer is empty" if answer.status == 200 else f"status {answer.status}"
        found = self.failed(wire, poll, said)
        asked = manners.retry_after(answer, self._clock.now()) if answer.status in manners.BUSY else None
        if asked is not None:
            found = replace(found, next_at=max(found.next_at, asked))
        self._put(found)
        return 0, asked

    def later(self, wait: timedelta) -> datetime:
        """Return the time after *wait* and its jitter."""
        return self._clock.now() + manners.jittered(wait, self._rng())

    def _put(self, poll: Poll) -> None:
        with self._database.transaction() as tx:
            tx.polls.put(poll)
