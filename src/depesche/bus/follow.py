"""Let followers read the journal from the database, each from its own cursor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from depesche.lib.clock import Clock
from depesche.model.errors import StoreError
from depesche.model.journal import Follower
from depesche.store.database import Database

BATCH = 500
_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_STORE_PAUSE = 5.0  # a database that is away comes back, and then everything waits for us
_log = structlog.get_logger("bus")


class Bell:
    """Wakes every follower of this process when something was committed; nobody sleeps longer than 0.2 s."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._times = 0

    def ring(self) -> None:
        """Say that the journal has grown."""
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Sleep until the bell has rung more often than *heard*, or *seconds* are over; returns how often it has rung."""
        with self._rung:
            self._rung.wait_for(lambda: self._times > heard, seconds)
            return self._times


def advance(database: Database, follower: Follower, clock: Clock, batch: int = BATCH) -> int:
    """Hand *follower* its next entries and move its cursor; returns how many there were.

    The cursor moves only after the follower has dealt with them, so a crash in between repeats
    them: entries arrive at least once and in order.
    """
    with database.reading() as tx:
        entries = tx.journal.after(tx.cursors.read(follower.name), batch)
    if entries:
        follower.handle(entries)
        with database.transaction() as tx:
            tx.cursors.move(follower.name, entries[-1].seq, clock.now())
    return len(entries)


def catch_up(database: Database, followers: Sequence[Follower], clock: Clock) -> int:
    """Let every follower read to the end of the journal; returns how many entries were dealt with."""
    total = 0
    for follower in followers:
        while read := advance(database, follower, clock):
            total += read
    return total


def run(
    database: Database,
    follower: Follower,
    clock: Clock,
    bell: Bell,
    stop: threading.Event,
    then: Callable[[], None] | None = None,
    gather: float = 0.0,
) -> None:
    """Follow the journal until *stop* is set; an error is logged and the same entries are tried again, ever more slowly.

    *then* is called whenever *follower* has dealt with some entries. One that is in no hurry may *gather* so many seconds
    of entries, to deal with them at once.
    """
    pause, heard = _PAUSE, 0
    while not stop.is_set():
        try:
            if not advance(database, follower, clock):
                heard = bell.wait(heard, _PAUSE)
                stop.wait(gather)
            elif then is not None:
                then()
            pause = _PAUSE
        except StoreError as error:
            pause = min(pause * 2, _STORE_PAUSE)
            _log.warning(
                "follower waits for the database", follower=follower.name, reason=str(error), again_in=pause
            )
            stop.wait(pause)
        except Exception:
            _log.exception("follower failed", follower=follower.name, again_in=pause)
            stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
