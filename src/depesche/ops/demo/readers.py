"""Simulated readers, who come, read on and go, so that counts and also-read lists live.

Nobody's address is used: readers come from the documentation's IPv6 prefix 2001:db8::/32, one network
each, so that the portal tells them apart as it would real ones.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from depesche.audience.counter import Counter
from depesche.lib.clock import epoch
from depesche.model.audience import COUNTED, Visit
from depesche.model.story import Card
from depesche.store.database import Database

_PEOPLE = 4_000
_HALF_LIFE = 5 * 3600.0  # seconds after which a story draws half as many
_FRESH = 600.0
_READS_ON = 0.58
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
)
_ROBOTS = (
    "Mozilla/5.0 (compatible; Examplebot/2.1; +https://robot.example/about)",
    "python-requests/2.32.5",
    "curl/8.15.0",
    "ExampleFeedFetcher/1.4 (+https://feeds.example)",
)

Click = tuple[int, Visit]


@dataclass(order=True, slots=True)
class _Session:
    """A reader's next click: when, who, and the story read last."""

    due: float
    reader: int
    last: int


class Crowd:
    """A population whose clicks depend on *seed*, the time and the stories alone.

    *arrivals* is how many people come in a second, *pause* how many seconds they mostly spend on a page.
    """

    def __init__(self, seed: int, arrivals: float, pause: float) -> None:
        self.arrivals = arrivals
        self._pause = pause
        self._rng = random.Random(seed)  # noqa: S311 (readers, not keys)
        self._seen: float | None = None
        self._sessions: list[_Session] = []

    def clicks(self, now: datetime, cards: Sequence[Card]) -> list[Click]:
        """Return what is clicked on since the last call, with robots, reloads and prefetches in between."""
        at = epoch(now)
        passed, self._seen = at - (self._seen if self._seen is not None else at), at
        if not cards:
            return []
        made: list[Click] = []
        for _ in range(self._poisson(self.arrivals * passed)):
            self._sessions_begin(at, passed)
        by_key = {card.story: card for card in cards}
        while self._sessions and self._sessions[0].due <= at:
            made += self._click(heapq.heappop(self._sessions), by_key, at)
        return made

    def _sessions_begin(self, at: float, passed: float) -> None:
        due = at - self._rng.random() * passed
        heapq.heappush(self._sessions, _Session(due, self._rng.randrange(_PEOPLE), 0))

    def _click(self, session: _Session, cards: dict[int, Card], at: float) -> list[Click]:
        rng, reader = self._rng, session.reader
        story = self._chosen(session.last, cards, at)
        visit = Visit(f"2001:db8:{reader:x}::{reader % 251:x}", _AGENTS[reader % len(_AGENTS)])
        made = [(story, visit)]
        kind = rng.random()
        if kind < 0.10:
            made.append((story, visit))  # a reload
        elif kind < 0.17:
            made.append((story, Visit(visit.address, rng.choice(_ROBOTS))))
        elif kind < 0.20:
            made.append((self._chosen(story, cards, at), Visit(visit.address, visit.agent, "prefetch")))
        elif kind < 0.21:
            made.append((max(cards) + 1_000, visit))  # an address that was never one
        if rng.random() < _READS_ON:
            due = session.due + self._pause * rng.lognormvariate(0, 0.7)
            heapq.heappush(self._sessions, _Session(due, reader, story))
        return made

    def _chosen(self, last: int, cards: dict[int, Card], at: float) -> int:
        """Choose a story: a few are read by many; after a story, those on the same share come first."""
        before = cards.get(last)
        weights = [_pull(card, at) * (_nearness(before, card) if before else 1.0) for card in cards.values()]
        return self._rng.choices(list(cards), weights)[0]

    def _poisson(self, mean: float) -> int:
        if mean > 50:
            return max(0, round(self._rng.gauss(mean, mean**0.5)))
        n, left = 0, self._rng.random()
        while left > 2.718281828459045**-mean:
            n, left = n + 1, left * self._rng.random()
        return n


def _pull(card: Card, at: float) -> float:
    rank = card.story * 7919 % 31  # some stories simply are more interesting
    age = max(0.0, at - epoch(card.at))
    weight: float = (rank + 2) ** -0.9 * 2.0 ** (-age / _HALF_LIFE) + 0.004
    fresh = 2.0 if age < _FRESH else 1.0  # what has just come stands on top of every list
    return weight * fresh * (2.2 if (card.urgency or 5) <= 3 else 1.0) * (1.4 if card.picture else 1.0)


def _nearness(before: Card, card: Card) -> float:
    if card.story == before.story:
        return 1e-9  # only where there is nothing else
    shares = {one.isin for one in before.shares} & {one.isin for one in card.shares}
    near = 9.0 if shares else 1.0
    if card.series and before.series and card.series.kind == before.series.kind:
        near += 1.5
    return near * (3.0 if card.language == before.language else 1.0)


class _Hand:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time it is set to, in UTC."""
        return self.at.astimezone(UTC)


def read_back(database: Database, now: datetime, *, hours: int = 47, seed: int = 20) -> Tally[str]:
    """Let readers read the stories of the past *hours* as they came, and store what was counted.

    Returns how many clicks had which fate.
    """
    with database.reading() as tx:
        cards = tx.newsstand.home(500)
    hand, step = _Hand(now - timedelta(hours=hours)), timedelta(minutes=2)
    keys = {card.story for card in cards}
    counter = Counter(hand, exists=keys.__contains__, rate_limit=0)
    crowd, fates = Crowd(seed, arrivals=0.012, pause=70), Tally[str]()
    while hand.at < now:
        there = [card for card in cards if card.at <= hand.at]
        for story, visit in crowd.clicks(hand.at, there):
            fates[counter.count(story, visit)] += 1
        hand.at = min(hand.at + step, now)
    batch = counter.drain()
    with database.transaction() as tx:
        tx.views.add(batch.views)
        tx.coreads.add(batch.coreads, batch.steps)
        tx.views.reject(batch.rejected)
    return fates


def read_now(counter: Counter, crowd: Crowd, now: datetime, cards: Sequence[Card]) -> int:
    """Let *crowd* click through *counter*, and return how many clicks were counted."""
    return sum(counter.count(story, visit) == COUNTED for story, visit in crowd.clicks(now, cards))
