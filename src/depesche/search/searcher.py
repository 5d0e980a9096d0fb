"""Answer queries from the index; a story is returned only if the store says that it is public."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

import tantivy

from depesche.lib.clock import Clock, SystemClock
from depesche.model.errors import StoreError
from depesche.model.instrument import Instrument
from depesche.search import document, facets
from depesche.search.compiler import Compiler, Span
from depesche.search.facets import NO_FACETS, Facets
from depesche.search.generation import CURRENT, current
from depesche.search.query import Query, parse
from depesche.search.ranking import DEEPEST, NOTHING, Search, find
from depesche.store.database import Database
from depesche.store.instruments.instruments import Instruments

MOST_SHARES = 5
_SHORTEST_NAME = 2
_LONGEST_NAME = 100


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
        found = NOTHING
        counted = NO_FACETS
        searcher = self._searcher()
        if searcher is not None and limit > 0 and 0 <= offset < DEEPEST:
            for every in (True, False):
                wanted = self._wanted(searcher, asked, language, every=every, by_time=by_time)
                if wanted is None:
                    break
                found = find(searcher, wanted, offset, limit)
                if with_facets and 0 < found.total <= facets.MOST_COUNTED:
                    whole = wanted.made(Span(found.since))
                    counted = facets.count(searcher, whole, self._clock.now().astimezone(self._zone))
                if found.total or len(asked.wanted) < 2:
                    break
        with self._database.reading() as tx:
            public = tx.newsstand.public_among(found.stories)
            shares = _shares(tx.instruments, asked)
        total = max(found.total - (len(found.stories) - len(public)), 0)
        return Hits(total, tuple(public), shares, counted, found.since is not None)

    def _wanted(
        self, searcher: tantivy.Searcher, asked: Query, language: str | None, *, every: bool, by_time: bool
    ) -> Search | None:
        """Return what to look for: what has all words of *asked* if *every*, else any; None if nothing was asked for."""
        whole = self._compiler.compile(asked, language, every=every)
        if whole is None:
            return None

        def made(span: Span) -> tantivy.Query:
            within = self._compiler.compile(asked, language, every=every, span=span)
            assert within is not None
            return within

        at_most = self._compiler.at_most(searcher, asked, every=every)
        has_phrase = any(term.is_phrase for group in asked.wanted for term in group)
        return Search(made, at_most, has_phrase, self._clock.now().timestamp(), by_time)

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


def _shares(register: Instruments, asked: Query) -> tuple[Instrument, ...]:
    """Return the shares that the query names by a code in a filter, or by all of its words."""
    named = [register.by_code(one) for one in (*asked.isins, *asked.wkns)]
    found = {one.isin: one for one in named if one is not None}
    if not found and not asked.unwanted and _SHORTEST_NAME <= len(asked.words) <= _LONGEST_NAME:
        found = {one.isin: one for one in register.find(asked.words, MOST_SHARES)}
    return tuple(found.values())[:MOST_SHARES]
