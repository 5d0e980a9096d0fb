"""The readership: what the newsroom asks of the audience, from the visit to the list beside a story."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from depesche.audience.alsoread import DAYS_REMEMBERED, AlsoRead
from depesche.audience.companions import companions
from depesche.audience.counter import Counter
from depesche.audience.tally import Tally
from depesche.audience.viewlog import write_log
from depesche.lib.clock import Clock, epoch
from depesche.model.audience import DAY, HOUR, Batch, Offer, Spike, is_spike
from depesche.model.story import AlsoRead as Beside
from depesche.store.audience.coreads import Rows
from depesche.store.audience.sums import AT_ONCE
from depesche.store.database import Database, Transaction

KNOWN = timedelta(seconds=5)
"""How long it is believed that a story is public, and how old a count of another process may be."""

_KNOWN_STORIES = 100_000
_HEARD = 200  # numbers of news that may still come late
_TOLD_FOR = timedelta(minutes=10)
_LOUD = 100  # views of an hour below which nothing is a spike
_WEEK = 7 * 24

_log = structlog.get_logger("audience")


@dataclass(slots=True)
class _Seen:
    at: datetime
    until: datetime
    is_public: bool
    views: int


class Readership:
    """Counts the visits of this process, writes them, and keeps the also-read lists.

    *wanted* is the length of a list; with *sponsored*, advertisements may stand in it. *log* is a file that also gets the counts.
    *name* tells the process from others that count for the same database.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        name: str,
        rate_limit: int = 300,
        wanted: int = 6,
        sponsored: bool = False,
        log: Path | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._wanted = wanted
        self._sponsored = sponsored
        self._view_log = log
        self._seen: dict[int, _Seen] = {}
        self._asked: set[int] = set()
        self._reads: AlsoRead | None = None
        self._loading = threading.Lock()
        self._telling = threading.Lock()
        self._untold: Rows = {}
        self._heard: set[int] = set()
        self._usual: tuple[int, float] | None = None
        self.tally = Tally()
        self.counter = Counter(clock, exists=self.is_public, rate_limit=rate_limit)

    # -- lists -----------------------------------------------------------------------------------

    @property
    def reads(self) -> AlsoRead:
        """What is read after what: from the store at first, then from this process's views and what others tell."""
        if self._reads is None:
            with self._loading:
                if self._reads is None:
                    made, now = AlsoRead(), epoch(self._clock.now())
                    with self._database.reading() as tx:
                        # What others count now and tell later may be in both: seconds of reads, once.
                        self._heard = tx.coreads.numbers_told()
                        for rows in tx.coreads.parts_since(int(now // DAY) - DAYS_REMEMBERED):
                            made.learn(rows, now)
                    self._reads = made
        return self._reads

    def beside(self, tx: Transaction, story: int, wanted: int | None = None) -> list[Beside]:
        """Return the stories to offer beside *story*, the best first, as *tx* sees them."""
        n = self._wanted if wanted is None else wanted
        now = epoch(self._clock.now())
        return companions(tx.newsstand, self.reads, story, n, now, with_sponsored=self._sponsored)

    def also_read(self, story: int, wanted: int | None = None) -> list[tuple[int, str]]:
        """Return the same by key, each with why: read, chain, popular, share or newest."""
        with self._database.reading() as tx:
            return [(one.story, one.kind) for one in self.beside(tx, story, wanted)]

    def offers(self, story: int, wanted: int | None = None) -> list[Offer]:
        """Return the list beside *story* with the weight of each, and how many readers went on to it since three days ago."""
        now = epoch(self._clock.now())
        with self._database.reading() as tx:
            readers = tx.coreads.went_on(story, int(now // DAY) - DAYS_REMEMBERED)
        return [
            Offer(one, kind, self.reads.together(story, one, now), readers.get(one, 0))
            for one, kind in self.also_read(story, wanted)
        ]

    def exchange(self) -> set[int]:
        """Tell other processes what this one learned, and learn what they told; returns the stories whose lists moved."""
        reads, now = self.reads, self._clock.now()
        with self._telling:
            untold, self._untold = self._untold, {}
        if untold:
            try:
                with self._database.transaction() as tx:
                    tx.coreads.tell(self._name, untold, now)
                    tx.coreads.forget_told(now - _TOLD_FOR)
            except Exception:
                with self._telling:
                    _add(self._untold, untold)
                raise
        since = max(self._heard, default=0) - _HEARD
        with self._database.reading() as tx:
            told = tx.coreads.told(since, self._name, self._heard)
        moved: set[int] = set()
        for key, rows in told:
            reads.learn(rows, epoch(now))
            self._heard.add(key)
            moved.update(i for _, i, j in rows if i != j)
        self._heard = {key for key in self._heard if key > since}
        return moved

    # -- counts ----------------------------------------------------------------------------------

    def flush(self) -> set[int]:
        """Write what was counted since the last time, in one transaction; returns the stories whose counts or lists moved."""
        batch = self.counter.drain()
        if not batch:
            return set()
        reads = self.reads  # read from the store before the batch is in it, or it would be learned twice
        began = time.perf_counter()
        try:
            with self._database.transaction() as tx:
                tx.views.add(batch.views)
                tx.views.reject(batch.rejected)
                tx.coreads.add(batch.coreads, batch.steps)
        except Exception:
            self.counter.give_back(batch)
            raise
        self.tally.add(batch, time.perf_counter() - began)
        reads.learn(batch.coreads, epoch(self._clock.now()))
        with self._telling:
            _add(self._untold, batch.coreads)
        self._show(batch)
        if self._view_log is not None:
            self._log(self._view_log, batch)
        return {story for story, _ in batch.views} | {i for _, i, j in batch.coreads if i != j}

    def _show(self, batch: Batch) -> None:
        """Let what is remembered of stories follow the batch."""
        for (story, _), n in batch.views.items():
            if seen := self._seen.get(story):
                seen.views += n

    def _log(self, path: Path, batch: Batch) -> None:
        try:
            write_log(path, batch, self._clock.now())
        except OSError as error:
            # The counts are safe in the database; a full disk elsewhere must not stop the counting.
            _log.error("view log cannot be written", file=str(path), reason=str(error))

    def is_public(self, story: int) -> bool:
        """Tell whether readers can see *story*, as known within the last seconds: it is asked at every view."""
        return self._look(story).is_public

    def views(self, story: int) -> int | None:
        """Return how often *story* was viewed, as known within the last seconds; None where it is not public."""
        seen = self._look(story)
        return seen.views if seen.is_public else None

    def knows(self, story: int) -> bool:
        """Tell whether the database need not be asked about *story* now."""
        seen = self._seen.get(story)
        return seen is not None and seen.at <= self._clock.now() < seen.until

    def _look(self, story: int) -> _Seen:
        now = self._clock.now()
        self._asked.add(story)
        seen = self._seen.get(story)
        if seen is not None and seen.at <= now < seen.until:
            return seen
        return self._look_up(story, now)

    def _look_up(self, story: int, now: datetime) -> _Seen:
        """Ask the database about *story*, and with it about others that were asked for and soon would be looked up one by one."""
        asked, self._asked = self._asked, set()
        soon = now + KNOWN / 2
        wanted = {story}
        for one in list(asked)[: 2 * AT_ONCE]:
            if (seen := self._seen.get(one)) is None or seen.until > soon:
                self._asked.add(one)
            elif len(wanted) < AT_ONCE:
                wanted.add(one)
        with self._database.reading() as tx:
            public = tx.views.of_public(wanted)
        if len(self._seen) >= _KNOWN_STORIES:
            self._seen.clear()
        for one in wanted:
            self._seen[one] = _Seen(now, now + KNOWN, one in public, public.get(one, 0))
        return self._seen[story]

    # -- what operators want to know -------------------------------------------------------------

    def watch(self) -> list[Spike]:
        """Keep the spikes of this hour and the last, and return those that are new.

        A spike is an hour with more than three times the usual views and a hundred on top. Usual is the story's
        mean of the 24 hours before; for a story first viewed within them at least what the most viewed story of an
        hour had on average in the last seven days.
        """
        hour = int(epoch(self._clock.now()) // HOUR)
        with self._database.reading() as tx:
            found = [*self._spikes(tx, hour - 1), *self._spikes(tx, hour)]
        if not found:
            return []
        with self._database.transaction() as tx:
            return tx.views.mark_spikes(found)

    def _spikes(self, tx: Transaction, hour: int) -> Iterator[Spike]:
        for story, views in tx.views.loud(hour, _LOUD).items():
            before, first = tx.views.before(story, hour, hour - 24)
            usual = before / 24
            if first is None or first >= hour - 24:
                usual = max(usual, self._busiest(tx, hour))
            if is_spike(views, usual):
                yield Spike(story, hour, views, usual)

    def _busiest(self, tx: Transaction, hour: int) -> float:
        if self._usual is None or self._usual[0] != hour:
            self._usual = hour, tx.views.busiest(hour - _WEEK, hour)
        return self._usual[1]

    def forget(self) -> int:
        """Delete co-reads that no list needs any more, and news that everybody has heard; returns how many co-reads."""
        with self._database.transaction() as tx:
            tx.coreads.forget_told(self._clock.now() - _TOLD_FOR)
            return tx.coreads.drop_before(int(epoch(self._clock.now()) // DAY) - DAYS_REMEMBERED)


def _add(to: Rows, rows: Mapping[tuple[int, int, int], float]) -> None:
    for key, weight in rows.items():
        to[key] = to.get(key, 0.0) + weight
