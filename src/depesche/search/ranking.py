"""Put stories in order, the best or the newest first, without looking at more of them than a page of results needs.

The engine ranks by BM25 alone; here that is multiplied by recency, by bands of age.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import tantivy

from depesche.search.compiler import Span

DEEPEST = 3_000  # stories that can be paged through; what more may meet is not counted to its end
_DAY = 86_400.0
# A story loses half its weight in the first 30 days, and then ever more slowly: 1/3 at 60, 1/13 after a year.
_HALVED_AFTER = 30 * _DAY
# Ages at which bands end; the weight changes by at most a factor of two within each.
_BANDS = (*(days * _DAY for days in (30, 90, 210, 450, 930)), math.inf)
_FEW = 500
_SLACK = 50
# Each story with the words of a phrase must be read: of these, fewer are enough.
_ENOUGH_WITH_PHRASE = 500
_GLANCE = _DAY / 4
_AMPLE = 1.25


@dataclass(frozen=True, slots=True)
class Found:
    """The stories of a page of results; `total` counts all that are not before `since`, in seconds since 1970."""

    total: int
    stories: list[int]
    since: int | None = None


NOTHING = Found(0, [])


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: *made* returns the engine's query within a span, at most `at_most` stories meet it."""

    made: Callable[[Span], tantivy.Query]
    at_most: int
    has_phrase: bool
    now: float
    by_time: bool = False


def find(searcher: tantivy.Searcher, wanted: Search, offset: int, limit: int) -> Found:
    """Return a page of what was wanted.

    What many stories meet is looked for from the newest on until there are enough; to count and weigh half an
    archive takes longer than anybody waits.
    """
    need = offset + limit
    if wanted.at_most > DEEPEST and (found := _newest(searcher, wanted, need)):
        return found.found(offset, limit)
    whole = wanted.made(Span())
    if wanted.by_time:
        newest = searcher.search(whole, limit=limit, offset=offset, count=True, order_by_field="at")
        places = [place for _, place in newest.hits]
        return Found(_count(newest), [int(one or 0) for one in searcher.fast_field_values("story", places)])
    best = searcher.search(whole, limit=_FEW, count=True)
    bands = _Bands(searcher, wanted, need)
    bands.add(best.hits)
    total = _count(best)
    # What is not among the best by words alone is at most as good as the last of them.
    while total > _FEW and bands.is_left and not bands.is_settled(best.hits[-1][0]):
        bands.step(bands.end)
    return Found(total, bands.page(offset, limit))


def _newest(searcher: tantivy.Searcher, wanted: Search, need: int) -> _Bands | None:
    """Return the newest stories as far as there are enough of them, None where the first 30 days have few."""
    is_brief = wanted.has_phrase and need <= _ENOUGH_WITH_PHRASE
    enough = _ENOUGH_WITH_PHRASE if is_brief else max(DEEPEST, need)
    bands = _Bands(searcher, wanted, need)
    while bands.is_left and bands.total < enough:
        if bands.young >= _BANDS[0] and bands.total < _FEW:
            return None
        bands.step(bands.ahead(enough))
    return bands


@dataclass(slots=True)
class _Bands:
    """The stories wanted by bands of age, the newest first, and the best `need` of those looked at, or the newest.

    Those older than `young`, in seconds, have not been looked at; `total` counts the others.
    """

    searcher: tantivy.Searcher
    wanted: Search
    need: int
    young: float = 0.0
    total: int = 0
    best: dict[int, _Ranked] = field(default_factory=dict)

    @property
    def is_left(self) -> bool:
        """Tell whether there may be older stories."""
        return self.young < math.inf

    @property
    def end(self) -> float:
        """The age at which the next band ends."""
        return next(one for one in _BANDS if one > self.young)

    @property
    def since(self) -> int | None:
        """The time of the oldest story that could have been looked at, None where all were."""
        return int(self.wanted.now - self.young) + 1 if self.is_left else None

    def ahead(self, enough: int) -> float:
        """Return the age up to which there may be enough stories, if there were always as many as until now."""
        if not self.young:
            return _GLANCE
        if not self.total or self.young >= _BANDS[0]:
            return self.end
        return min(max(_AMPLE * self.young * enough / self.total, 2 * self.young), self.end)

    def step(self, until: float) -> None:
        """Look at the stories younger than *until*."""
        newest = None if not self.young else int(self.wanted.now - self.young)
        self.young = until
        band = self.wanted.made(Span(self.since, newest))
        limit = self.need + _SLACK
        if self.wanted.by_time:
            found = self.searcher.search(band, limit=limit, count=True, order_by_field="at")
        else:
            found = self.searcher.search(band, limit=limit, count=True)
        self.total += _count(found)
        self.add(found.hits)

    def add(self, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> None:
        """Weigh what was found, and keep the best."""
        places = [place for _, place in hits]
        stories = self.searcher.fast_field_values("story", places)
        times = self.searcher.fast_field_values("at", places)
        every = list(self.best.values())
        for (score, _), story, at in zip(hits, stories, times, strict=True):
            age = self.wanted.now - float(at or 0)
            rank = 1.0 if self.wanted.by_time else score * _recency(age)
            every.append(_Ranked(-rank, age, -int(story or 0)))
        self.best = {one.key: one for one in sorted(every)[: max(self.need, _FEW)]}

    def is_settled(self, bound: float) -> bool:
        """Tell whether no older story of a BM25 of at most *bound* can be better than the best that are needed."""
        if len(self.best) < self.need:
            return False
        return -list(self.best.values())[self.need - 1].minus_rank >= bound * _recency(self.young)

    def page(self, offset: int, limit: int) -> list[int]:
        """Return the stories of a page of the best."""
        return [-key for key in list(self.best)[offset : offset + limit]]

    def found(self, offset: int, limit: int) -> Found:
        """Return that page, as an answer."""
        return Found(self.total, self.page(offset, limit), self.since)


@dataclass(frozen=True, slots=True, order=True)
class _Ranked:
    """A story in its order: the best, then the newest, then the one that came last."""

    minus_rank: float
    age: float
    key: int


def _recency(age: float) -> float:
    return _HALVED_AFTER / (_HALVED_AFTER + max(age, 0.0))


def _count(found: tantivy.SearchResult) -> int:
    # The type stubs do not know it.
    return int(found.count)  # type: ignore[attr-defined]
