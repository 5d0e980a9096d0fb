"""What a story meets: the shares, the provider, the running story and the searches that somebody follows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from depesche.model.instrument import Instrument, Mention
from depesche.model.story import StoryPage, Version
from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, Target
from depesche.store.database import Transaction

_LOADED_AT_ONCE = 10_000


class SearchMatcher(Protocol):
    """Knows saved searches by key and tells which of them a story meets; what it cannot read it passes over."""

    def load(self, searches: Iterable[tuple[int, str]]) -> object:
        """Know these searches from now on, each by key and query."""
        ...

    def match(self, page: StoryPage, instrument: Callable[[str], Instrument | None]) -> Iterable[int]:
        """Return the keys of the searches that the story on *page* meets; *instrument* finds a share by its ISIN."""
        ...


class Meeting:
    """Finds the targets that a story meets; for use by several threads.

    Searches live in memory, in *searches*; those entered since the last look are loaded before each.
    """

    def __init__(self, searches: SearchMatcher | None = None) -> None:
        self._searches = searches
        self._last = 0
        self._loading = threading.Lock()

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
        """Return those of *targets* that *version* meets; with *is_same*, its text is the one that met the searches among them."""
        given = list(targets)
        shares = {one.isin for one in mentions}
        lineages = {str(one) for one in (version.lineage, *tx.kin.former(version.lineage))}
        values = {INSTRUMENT: shares, PROVIDER: {version.provider}, LINEAGE: lineages}
        met = {one.key for one in given if one.value in values.get(one.kind, ())}
        searches = {one.key for one in given if one.kind == SEARCH}
        return frozenset(
            met | (searches if is_same or not searches else searches & set(self._met(version, tx)))
        )

    def _met(self, version: Version, tx: Transaction) -> list[int]:
        if self._searches is None:
            return []
        self._load(tx)
        if not self._last:
            return []
        page = tx.newsstand.page(version.story)
        if page is None:
            return []
        return [int(key) for key in self._searches.match(page, tx.instruments.by_isin)]

    def _load(self, tx: Transaction) -> None:
        """Load the searches entered since the last time."""
        if self._searches is None:
            return
        with self._loading:
            while new := tx.targets.searches(self._last, _LOADED_AT_ONCE):
                self._searches.load((one.key, one.value) for one in new)
                self._last = new[-1].key
