"""Invented readers, seeded, with the habits of real ones; for benches and tests."""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from depesche.model.audience import DAY, HOUR, Visit

Click = tuple[int, str, int]
"""Time in milliseconds since 1970, reader, story."""

_SLOT = 10 * 60
_STORIES_A_DAY = 2_000
_STAYS = 2.5  # days after which a story is no longer offered
_SHIFT, _SLOPE = 24, 4.3  # stories draw by rank like (rank + shift) to the power of -slope
_HALF_LIFE = 4 * HOUR  # after which a story draws half as many
_LEADS_TO = 6  # stories that a story points its readers to
_STEER = 1.2  # how much more the first of them is followed than the next
_FOLLOWS = 0.22  # share of the clicks that go where the page points
_FOUND = 0.19  # share of the others that a search or a link from elsewhere leads to any story, mostly to an older one


@dataclass(slots=True)
class _Story:
    story: int
    born: float
    pull: float
    half_life: float
    leads_to: list[int] = field(default_factory=list)

    def pull_at(self, now: float) -> float:
        age = now - self.born
        return 0.0 if age < 0 or age > _STAYS * DAY else self.pull * 2.0 ** (-age / self.half_life)


def clicks(seed: int, days: int, clicks_a_day: int = 180_000, start: int = 20_000 * DAY) -> Iterator[Click]:
    """Yield the clicks of *days* days in order of time, from *start* (seconds since 1970) on.

    Sessions have 2 clicks in 60 of 100 cases and 2.85 on average; gaps are lognormal with a median of 164 s and
    a tenth above 1,306 s, cut at half an hour. About 6,000 stories are read on a full day, the ten strongest by two
    fifths of the clicks, the hundred strongest by three quarters; half of a story's clicks come within seven hours.
    A page points to a few stories of about its own age.
    """
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    newsroom = _Newsroom(rng, start, days)
    waiting: list[Click] = []
    sessions = clicks_a_day / 2.85 / (DAY / _SLOT)
    readers = 0
    for slot in range(start, start + days * DAY, _SLOT):
        newsroom.turn(slot)
        for _ in range(_poisson(rng, sessions * _daylight(slot))):
            readers += 1
            for click in _session(rng, newsroom, slot + rng.random() * _SLOT, f"r{readers}"):
                heapq.heappush(waiting, click)
        while waiting and waiting[0][0] < (slot + _SLOT) * 1000:
            yield heapq.heappop(waiting)
    while waiting:
        yield heapq.heappop(waiting)


def visits(
    seed: int, n: int, stories: int = 200, start: float = 20_000.5 * DAY, rate: float = 20.0
) -> Iterator[tuple[float, int, Visit]]:
    """Yield *n* requests (seconds since 1970, story, visit) in order of time, *rate* a second, some of each kind.

    Of 100 about 20 are reloads, 8 robots, 4 prefetches and 2 of a story that does not exist: an id above *stories*.
    """
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    weights = list(accumulate((rank + 6) ** -1.5 for rank in range(stories)))
    at, recent = start, [(1, Visit("192.0.2.1", _agent(rng)))]
    for _ in range(n):
        at = round(at + rng.expovariate(rate), 6)
        kind = rng.random()
        if kind < 0.20:
            yield at, *rng.choice(recent)
            continue
        story = 1 + bisect(weights, rng.random() * weights[-1])
        visit = Visit(_address(rng), _agent(rng))
        if kind < 0.28:
            visit = Visit(visit.address, rng.choice(_ROBOTS))
        elif kind < 0.32:
            visit = Visit(visit.address, visit.agent, rng.choice(_AHEAD))
        elif kind < 0.34:
            story += stories
        else:
            recent = [*recent[-300:], (story, visit)]
        yield at, story, visit


class _Newsroom:
    """All stories of the days, and which of them draw readers now."""

    def __init__(self, rng: random.Random, start: int, days: int) -> None:
        self._rng = rng
        self._stories: dict[int, _Story] = {}
        ranks = list(range(_STORIES_A_DAY))
        for day in range(-3, days):
            rng.shuffle(ranks)
            born = sorted(start + day * DAY + rng.triangular(0, DAY, DAY * 0.6) for _ in ranks)
            for at, rank in zip(born, ranks, strict=True):
                self._publish(at, rank)
        self._live: list[_Story] = []
        self._cumulated: list[float] = []

    def turn(self, now: float) -> None:
        self._live = [story for story in self._stories.values() if story.pull_at(now) > 0]
        self._cumulated = list(accumulate(story.pull_at(now) for story in self._live))

    def any_story(self) -> int:
        if self._rng.random() < _FOUND:
            return self._live[int(self._rng.random() ** 3 * len(self._live))].story
        return self._live[bisect(self._cumulated, self._rng.random() * self._cumulated[-1])].story

    def next_after(self, page: int, now: float) -> int:
        ahead = self._stories[page].leads_to
        if ahead and self._rng.random() < _FOLLOWS:
            place = min(int(self._rng.expovariate(_STEER)), len(ahead) - 1)
            if self._stories[ahead[place]].born <= now:
                return ahead[place]
        return self.any_story()

    def _publish(self, at: float, rank: int) -> None:
        key = len(self._stories) + 1
        half_life = _HALF_LIFE * self._rng.uniform(0.6, 1.4)
        story = _Story(key, at, (rank + _SHIFT) ** -_SLOPE, half_life)
        self._stories[key] = story
        near = range(max(1, key - 400), key)
        if near:
            pulls = [self._stories[other].pull ** 0.9 for other in near]
            for other in dict.fromkeys(self._rng.choices(near, pulls, k=_LEADS_TO)):
                story.leads_to.append(other)
                if len(self._stories[other].leads_to) < 2 * _LEADS_TO:
                    self._stories[other].leads_to.insert(self._rng.randrange(3), key)


def _session(rng: random.Random, newsroom: _Newsroom, at: float, reader: str) -> Iterator[Click]:
    length = 2
    if rng.random() > 0.6:
        length = 3
        while rng.random() > 0.471:
            length += 1
    page = newsroom.any_story()
    yield round(at * 1000), reader, page
    for _ in range(length - 1):
        gap = rng.lognormvariate(math.log(164), 1.61)
        at += gap if gap < HOUR / 2 else rng.uniform(600, 1_800)
        following = newsroom.next_after(page, at)
        if following != page:
            page = following
            yield round(at * 1000), reader, page


def _daylight(at: float) -> float:
    """Return how busy the hour is, 1 on average: little at four at night, most in the afternoon."""
    return 1 + 0.75 * math.cos((at % DAY - 16 * HOUR) / DAY * 2 * math.pi)


def _poisson(rng: random.Random, mean: float) -> int:
    return max(0, round(rng.gauss(mean, math.sqrt(mean)))) if mean > 30 else _small_poisson(rng, mean)


def _small_poisson(rng: random.Random, mean: float) -> int:
    n, left = 0, rng.random()
    while left > math.exp(-mean):
        left *= rng.random()
        n += 1
    return n


def _address(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return f"2001:db8:{rng.randrange(40):x}:{rng.randrange(4):x}::{rng.randrange(1, 9999):x}"
    return f"198.51.{rng.randrange(100)}.{rng.randrange(1, 255)}"


def _agent(rng: random.Random) -> str:
    system = rng.choice(
        ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7")
    )
    release = rng.randrange(120, 145)
    return (
        f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{release}.0.0.0 Safari/537.36"
    )


_AHEAD = ("prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", "preview")
_ROBOTS = (
    "",
    "Mozilla/5.0 (compatible; Examplebot/2.0; +https://robot.example/about)",
    "python-requests/2.32.0",
    "curl/8.11.0",
    "ExampleFeedFetcher/1.3 (news reader)",
)
