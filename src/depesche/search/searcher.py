"""Answer queries from the index; a story is returned only if the store says that it is public."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

import tantivy

from depesche.lib.clock import Clock, SystemClock
from depesche.model.errors import StoreError
from depesche.model.instrument import Instrument
from depesche.search import document, facets
from depesche.search.compiler import Compiler
from depesche.search.facets import NO_FACETS, Facets
from depesche.search.generation import CURRENT, current
from depesche.search.query import Query, parse
from depesche.store.database import Database
from depesche.store.instruments import Instruments

MOST_SHARES = 5
DEEPEST = 10_000
_SHORTEST_NAME = 2
_LONGEST_NAME = 100

_DAY = 86_400.0
# A story loses half its weight in the first 30 days, and then ever more slowly: 1/3 at 60, 1/13 after a year.
_HALVED_AFTER = 30 * _DAY
# From the newest on; the weight changes by at most a factor of two within a band.
_BANDS = tuple(days * _DAY for days in (0, 1, 7, 30, 90, 210, 450, 930))
_FEW = 500
_SLACK = 50
# A query met by so many stories of the last week is answered from the newest on, and not counted to its end.
_COMMON, _COMMON_WITHIN = 2_000, 7 * _DAY


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: `stories` by key, in order; `total` counts all of them; `shares` the query names.

    `facets` count what the stories have in common, where that was asked for. `has_more` tells that there are older ones
    that neither `total` nor `facets` count: only what can be paged through is.
    """

    total: int
    stories: tuple[int, ...]
    shares: tuple[Instrument, ...]
    facets: Facets = NO_FACETS
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class _Ranked:
    rank: float
    at: float
    story: int


@dataclass(frozen=True, slots=True)
class _Found:
    """The stories of a page of results; `total` counts all that are not before `since`, in seconds since 1970."""

    total: int
    stories: list[int]
    since: int | None = None


_NOTHING = _Found(0, [])


class Searcher:
    """The reading side of the index in the folder *path*; safe to share between threads.

    It follows the commits and rebuilds of a writer in this process or another. *zone* is where the
    days of `seit:` begin.
    """

    def __init__(
        self, path: Path | str, database: Database, *, clock: Clock | None = None, zone: tzinfo = UTC
    ) -> None:
        self._path = Path(path)
        self._database = database
        self._clock = clock or SystemClock()
        self._zone = zone
        self._compiler = Compiler(document.schema())
        self._turn = threading.Lock()
        self._seen: tuple[object, ...] | None = None
        self._generation: Path | None = None
        self._index: tantivy.Index | None = None

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        limit: int = 20,
        offset: int = 0,
        by_time: bool = False,
        with_facets: bool = False,
    ) -> Hits:
        """Answer *query*, read as `parse` reads it; never an error, whatever it is.

        The best come first, or *by_time* the newest. Without an index, and before the first story, the answer is empty.

        Raises:
            StoreError: the index is damaged; delete its folder and it is rebuilt.
        """
        asked = parse(query, self._zone)
        found = _NOTHING
        counted = NO_FACETS
        searcher = self._searcher()
        if searcher is not None and limit > 0 and 0 <= offset < DEEPEST:
            for every in (True, False):
                compiled = self._compiler.compile(asked, language, every=every)
                if compiled is None:
                    break
                found = self._stories(searcher, compiled, offset, limit, by_time)
                if with_facets and 0 < found.total <= facets.MOST_COUNTED:
                    whole = (
                        compiled
                        if found.since is None
                        else self._compiler.within(compiled, found.since, None)
                    )
                    counted = facets.count(searcher, whole, self._clock.now().astimezone(self._zone))
                if found.total or len(asked.wanted) < 2:
                    break
        with self._database.reading() as tx:
            public = tx.newsstand.public_among(found.stories)
            shares = _shares(tx.instruments, asked)
        total = max(found.total - (len(found.stories) - len(public)), 0)
        return Hits(total, tuple(public), shares, counted, found.since is not None)

    def _stories(
        self, searcher: tantivy.Searcher, query: tantivy.Query, offset: int, limit: int, by_time: bool
    ) -> _Found:
        """Return a page of what meets *query*.

        Of what many stories meet, the bands of age are asked one after the other, the newest first, until as many are counted as can be
        paged through: to count and weigh half an archive takes longer than anybody waits.
        """
        need = offset + limit
        recent = _Bands(self._compiler, searcher, query, self._clock.now().timestamp(), need, by_time)
        while recent.young < _COMMON_WITHIN:
            recent.step()
        if recent.total >= _COMMON:
            while recent.is_left and not (recent.total >= DEEPEST and recent.is_settled(recent.highest)):
                recent.step()
            return _Found(recent.total, recent.page(offset, limit), recent.since)
        if by_time:
            newest = searcher.search(query, limit=limit, offset=offset, count=True, order_by_field="at")
            # The type stubs do not know it.
            total = int(newest.count)  # type: ignore[attr-defined]
            places = [place for _, place in newest.hits]
            return _Found(total, [int(one or 0) for one in searcher.fast_field_values("story", places)])
        best = searcher.search(query, limit=_FEW, count=True)
        # The type stubs do not know it.
        total = int(best.count)  # type: ignore[attr-defined]
        recent.add(best.hits)
        # What is not among the best by words alone is at most as good as the last of them.
        while total > _FEW and recent.is_left and not recent.is_settled(best.hits[-1][0]):
            recent.step()
        return _Found(total, recent.page(offset, limit))

    def _searcher(self) -> tantivy.Searcher | None:
        """Return a searcher over the newest commit, None where there is no index."""
        with self._turn:
            for attempt in (1, 2):
                try:
                    return self._opened()
                except (FileNotFoundError, ValueError) as error:
                    # A rebuild may have put another generation in the place of the one just named.
                    self._index, self._generation, self._seen = None, None, None
                    if attempt == 2:
                        raise StoreError(
                            f"search index: {error}; delete {self._path} to rebuild it"
                        ) from error
            return None

    def _opened(self) -> tantivy.Searcher | None:
        named = _mark(self._path / CURRENT)
        if named is None:
            self._index, self._generation, self._seen = None, None, None
            return None
        if self._index is None or self._generation is None or self._seen is None or self._seen[0] != named:
            self._generation = current(self._path)
            if self._generation is None:
                self._index, self._seen = None, None
                return None
            self._index = document.register(tantivy.Index.open(str(self._generation)))
            self._index.config_reader("manual")
            self._seen = None
        state = (named, _mark(self._generation / "meta.json"))
        if state != self._seen:
            self._index.reload()
            self._seen = state
        return self._index.searcher()


class _Bands:
    """The stories that meet *query* by bands of age, the newest first, and the best *need* of those looked at, or *by_time* the newest.

    The engine ranks by BM25 alone; here that is multiplied by recency. `total` counts the stories looked at, `highest` is their
    highest BM25.
    """

    def __init__(
        self,
        compiler: Compiler,
        searcher: tantivy.Searcher,
        query: tantivy.Query,
        now: float,
        need: int,
        by_time: bool,
    ) -> None:
        self._compiler, self._searcher, self._query = compiler, searcher, query
        self._now, self._need, self._by_time = now, need, by_time
        self._place = 0
        self._best: dict[int, _Ranked] = {}
        self.total = 0
        self.highest = 0.0

    @property
    def is_left(self) -> bool:
        """Tell whether there may be older stories."""
        return self._place < len(_BANDS)

    @property
    def young(self) -> float:
        """The age in seconds of the youngest story that was not looked at."""
        return _BANDS[self._place] if self.is_left else math.inf

    @property
    def since(self) -> int | None:
        """The time of the oldest story that could have been looked at, None where all were."""
        return int(self._now - self.young) + 1 if self.is_left else None

    def step(self) -> None:
        """Look at the next band."""
        newest = None if self._place == 0 else int(self._now - self.young)
        self._place += 1
        band = self._compiler.within(self._query, self.since, newest)
        limit = self._need + _SLACK
        if self._by_time:
            found = self._searcher.search(band, limit=limit, count=True, order_by_field="at")
        else:
            found = self._searcher.search(band, limit=limit, count=True)
        # The type stubs do not know it.
        self.total += int(found.count)  # type: ignore[attr-defined]
        self.add(found.hits)

    def add(self, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> None:
        """Weigh what was found, and keep the best."""
        if self._by_time:
            weighed = _weighted(self._searcher, [(1.0, place) for _, place in hits], self._now, halved=False)
        else:
            weighed = _weighted(self._searcher, hits, self._now)
            self.highest = max(self.highest, *(score for score, _ in hits)) if hits else self.highest
        every = {one.story: one for one in (*self._best.values(), *weighed)}
        self._best = {
            one.story: one for one in sorted(every.values(), key=_best_first)[: max(self._need, _FEW)]
        }

    def is_settled(self, bound: float) -> bool:
        """Tell whether no older story of a BM25 of at most *bound* can be better than the best that are needed."""
        if len(self._best) < self._need:
            return False
        last = list(self._best.values())[self._need - 1]
        return self._by_time or last.rank >= bound * _recency(self.young)

    def page(self, offset: int, limit: int) -> list[int]:
        """Return the stories of a page of the best."""
        return list(self._best)[offset : offset + limit]


def _mark(path: Path) -> tuple[int, int] | None:
    """Return what changes when *path* is written anew, for both files are renamed into their place."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _recency(age: float) -> float:
    return _HALVED_AFTER / (_HALVED_AFTER + max(age, 0.0))


def _best_first(one: _Ranked) -> tuple[float, float, int]:
    return -one.rank, -one.at, -one.story


def _weighted(
    searcher: tantivy.Searcher,
    hits: Sequence[tuple[float, tantivy.DocAddress]],
    now: float,
    *,
    halved: bool = True,
) -> list[_Ranked]:
    """Return *hits* with their rank: the score, *halved* as they age."""
    places = [place for _, place in hits]
    stories = [int(one or 0) for one in searcher.fast_field_values("story", places)]
    times = [float(one or 0) for one in searcher.fast_field_values("at", places)]
    return [
        _Ranked(score * _recency(now - at) if halved else score, at, story)
        for (score, _), story, at in zip(hits, stories, times, strict=True)
    ]


def _shares(register: Instruments, asked: Query) -> tuple[Instrument, ...]:
    """Return the shares that the query names by a code in a filter, or by all of its words."""
    named = [register.by_code(one) for one in (*asked.isins, *asked.wkns)]
    found = {one.isin: one for one in named if one is not None}
    if not found and not asked.unwanted and _SHORTEST_NAME <= len(asked.words) <= _LONGEST_NAME:
        found = {one.isin: one for one in register.find(asked.words, MOST_SHARES)}
    return tuple(found.values())[:MOST_SHARES]
