"""What a story meets: the shares, the provider, the running story and the searches that somebody follows."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

from depesche.model.instrument import Mention
from depesche.model.story import StoryPage, Version
from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, Target
from depesche.store.database import Database, Transaction

_LOADED_AT_ONCE = 10_000
_LOOKED_THROUGH = 10_000  # at a time, for searches that nobody follows any more


class SearchMatcher(Protocol):
    """Knows saved searches by key and tells which of them a story meets; what it cannot read it passes over."""

    def load(self, searches: Iterable[tuple[int, str]]) -> object:
        """Know these searches from now on, each by key and query."""
        ...

    def forget(self, keys: Sequence[int]) -> object:
        """Know these searches no more."""
        ...

    def match(self, page: StoryPage, tx: Transaction) -> Iterable[int]:
        """Return the keys of the searches that the story on *page*, which *tx* sees, meets."""
        ...


class Meeting:
    """Finds the targets that a story meets; for use by several threads.

    Searches that somebody follows live in memory, in *searches*; those begun to be followed since the last look are
    loaded before each. A process with many of them lets `put_off` go first: until `load` has brought them all, stories meet
    no searches, and whoever decides remembers which stories those were.
    """

    def __init__(self, searches: SearchMatcher | None = None) -> None:
        self._searches = searches
        self._last = 0
        self._looked_through = 0
        self._loading = threading.Lock()
        self._is_ready = True

    @property
    def is_ready(self) -> bool:
        """Tell whether stories are held against searches; once they are, they always will be."""
        return self._is_ready

    def put_off(self) -> None:
        """Look for no searches until they are loaded."""
        self._is_ready = self._searches is None

    def load(self, database: Database) -> bool:
        """Load some of the searches that were put off; tells whether there are more."""
        if self._is_ready or self._searches is None:
            return False
        with self._loading:
            with database.reading() as tx:
                new = tx.targets.searches(self._last, _LOADED_AT_ONCE)
            self._take_in(new)
            # Those that come later are found by the look before each match.
            self._is_ready = len(new) < _LOADED_AT_ONCE
        return not self._is_ready

    def tidy(self, database: Database) -> int:
        """Forget the searches that nobody follows any more, among some; returns how many."""
        if self._searches is None or not self._is_ready:
            return 0
        with database.reading() as tx:
            idle, last = tx.targets.forsaken(self._looked_through, _LOOKED_THROUGH)
        self._looked_through = last or 0
        if not idle:
            return 0
        left: list[Target] = []
        try:
            with database.transaction() as tx:  # whoever wants to follow one of them waits
                left = tx.targets.lay_down(idle)
                self._searches.forget([one.key for one in left])
        except Exception:
            self._searches.load((one.key, one.value) for one in left)
            raise
        return len(left)

    def targets(self, version: Version, lineages: Sequence[int], tx: Transaction) -> list[int]:
        """Return the targets that *version*, on show, meets now; its *lineages* are its own and those that became parts of it."""
        found = tx.targets.met(version.key, version.provider, lineages)
        return sorted({*found, *self._met(version, tx)})

    def still(
        self,
        targets: Iterable[Target],
        version: Version,
        mentions: Sequence[Mention],
        tx: Transaction,
        *,
        is_same: bool,
    ) -> frozenset[int]:
        """Return those of *targets* that *version* meets; with *is_same*, its text is the one that met the searches among them.

        While searches are still being loaded, those that were met once count as met.
        """
        given = list(targets)
        shares = {one.isin for one in mentions}
        lineages = {str(one) for one in (version.lineage, *tx.kin.former(version.lineage))}
        values = {INSTRUMENT: shares, PROVIDER: {version.provider}, LINEAGE: lineages}
        met = {one.key for one in given if one.value in values.get(one.kind, ())}
        searches = {one.key for one in given if one.kind == SEARCH}
        if searches and self._is_ready and not is_same:
            searches &= set(self._met(version, tx))
        return frozenset(met | searches)

    def _met(self, version: Version, tx: Transaction) -> list[int]:
        if self._searches is None or not self._is_ready:
            return []
        self._load(tx)
        if not self._last:
            return []
        page = tx.newsstand.page(version.story)
        if page is None:
            return []
        return [int(key) for key in self._searches.match(page, tx)]

    def _load(self, tx: Transaction) -> None:
        """Load the searches followed since the last time."""
        with self._loading:
            while new := tx.targets.searches(self._last, _LOADED_AT_ONCE):
                self._take_in(new)

    def _take_in(self, new: Sequence[tuple[int, Target]]) -> None:
        if new and self._searches is not None:
            self._searches.load((one.key, one.value) for _, one in new)
            self._last = new[-1][0]
