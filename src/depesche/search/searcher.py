"""Answer queries from the index; a story is returned only if the store says that it is public."""

from __future__ import annotations

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
_FEW = 200
_SLACK = 50


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: `stories` by key, in order; `total` counts all of them; `shares` the query names.

    `facets` count what the stories have in common, where that was asked for.
    """

    total: int
    stories: tuple[int, ...]
    shares: tuple[Instrument, ...]
    facets: Facets = NO_FACETS


@dataclass(frozen=True, slots=True)
class _Ranked:
    rank: float
    at: float
    story: int


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
        total = 0
        found: list[int] = []
        counted = NO_FACETS
        searcher = self._searcher()
        if searcher is not None and limit > 0 and 0 <= offset < DEEPEST:
            for every in (True, False):
                compiled = self._compiler.compile(asked, language, every=every)
                if compiled is None:
                    break
                total, found = self._stories(searcher, compiled, offset, limit, by_time)
                if with_facets and 0 < total <= facets.MOST_COUNTED:
                    counted = facets.count(searcher, compiled, self._clock.now().astimezone(self._zone))
                if total or len(asked.wanted) < 2:
                    break
        with self._database.reading() as tx:
            public = tx.newsstand.public_among(found)
            shares = _shares(tx.instruments, asked)
        return Hits(max(total - (len(found) - len(public)), 0), tuple(public), shares, counted)

    def _stories(
        self, searcher: tantivy.Searcher, query: tantivy.Query, offset: int, limit: int, by_time: bool
    ) -> tuple[int, list[int]]:
        if not by_time:
            total, ranked = self._rank(searcher, query, offset + limit)
            return total, [one.story for one in ranked[offset : offset + limit]]
        newest = searcher.search(query, limit=limit, offset=offset, count=True, order_by_field="at")
        # The type stubs do not know it.
        total = int(newest.count)  # type: ignore[attr-defined]
        places = [place for _, place in newest.hits]
        return total, [int(one or 0) for one in searcher.fast_field_values("story", places)]

    def _rank(self, searcher: tantivy.Searcher, query: tantivy.Query, need: int) -> tuple[int, list[_Ranked]]:
        """Return how many stories meet *query*, and the best *need* by BM25 times recency.

        The engine ranks by BM25 alone. Few hits are weighted here; of many, bands of age are asked for,
        the newest first, until no older story can be better than those found.
        """
        now = self._clock.now().timestamp()
        best = searcher.search(query, limit=_FEW, count=True)
        # The type stubs do not know it.
        total = int(best.count)  # type: ignore[attr-defined]
        if total <= _FEW:
            return total, _weighted(searcher, best.hits, now)[:need]
        highest = best.hits[0][0]
        ranked: list[_Ranked] = []
        for young, old in zip(_BANDS, (*_BANDS[1:], None), strict=True):
            newest = None if young == 0 else int(now - young)
            oldest = None if old is None else int(now - old) + 1
            band = self._compiler.within(query, oldest, newest)
            hits = searcher.search(band, limit=need + _SLACK, count=False).hits
            ranked = sorted(ranked + _weighted(searcher, hits, now), key=_best_first)[:need]
            if old is not None and len(ranked) == need and ranked[-1].rank >= highest * _recency(old):
                break
        return total, ranked

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
    searcher: tantivy.Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]], now: float
) -> list[_Ranked]:
    places = [place for _, place in hits]
    stories = [int(one or 0) for one in searcher.fast_field_values("story", places)]
    times = [float(one or 0) for one in searcher.fast_field_values("at", places)]
    ranked = [
        _Ranked(score * _recency(now - at), at, story)
        for (score, _), story, at in zip(hits, stories, times, strict=True)
    ]
    return sorted(ranked, key=_best_first)


def _shares(register: Instruments, asked: Query) -> tuple[Instrument, ...]:
    """Return the shares that the query names by a code in a filter, or by all of its words."""
    named = [register.by_code(one) for one in (*asked.isins, *asked.wkns)]
    found = {one.isin: one for one in named if one is not None}
    if not found and not asked.unwanted and _SHORTEST_NAME <= len(asked.words) <= _LONGEST_NAME:
        found = {one.isin: one for one in register.find(asked.words, MOST_SHARES)}
    return tuple(found.values())[:MOST_SHARES]
