"""The follower of the journal that keeps the index, and its counterpart that answers from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog

from depesche.model.instrument import Instrument
from depesche.model.journal import Entry
from depesche.search.document import document
from depesche.search.generation import Index
from depesche.search.searcher import Hits, Searcher
from depesche.store.database import Database, Transaction

__all__ = ["Hits", "IndexFollower", "Searcher"]

_REBUILD_BATCH = 500
_REBUILD_COMMIT = 20_000

_log = structlog.get_logger("search")


class IndexFollower:
    """Keeps the index in step with the journal.

    Stories are indexed as the store shows them now, so that entries handled twice do no harm. An index
    that is missing, unreadable or of another version is rebuilt before the first entries are handled.
    """

    name = "search"

    def __init__(self, database: Database, path: Path | str) -> None:
        self._database = database
        self._index = Index(path)

    def handle(self, entries: Sequence[Entry]) -> None:
        """Index anew the stories of *entries*, with one commit."""
        self.ensure()
        stories = dict.fromkeys(entry.story for entry in entries)
        if not stories:
            return
        with self._database.reading() as tx:
            self._write(tx, stories)
        self._index.commit()

    def ensure(self, progress: Callable[[int, int | None], None] | None = None) -> bool:
        """Rebuild the index if it cannot be used; tells whether that was needed."""
        if self._index.is_usable:
            return False
        _log.info(
            "search index is rebuilt", path=str(self._index.path), reason="missing or of another version"
        )
        self.rebuild(progress)
        return True

    def rebuild(self, progress: Callable[[int, int | None], None] | None = None) -> int:
        """Index every public story into a new generation and return their number.

        *progress* is called with the number done and the number of all, None while that is unknown. Readers
        keep the old generation until the new one is whole.

        Raises:
            StoreError: another process is writing this index.
        """
        generation = self._index.begin()
        done, after = 0, 0
        while True:
            with self._database.reading() as tx:
                stories = tx.newsstand.public_ids(after, _REBUILD_BATCH)
                self._write(tx, stories)
            if not stories:
                break
            done, after = done + len(stories), stories[-1]
            if done % _REBUILD_COMMIT < _REBUILD_BATCH:
                self._index.commit()
            if progress is not None:
                progress(done, None)
        self._index.commit()
        self._index.publish(generation)
        if progress is not None:
            progress(done, done)
        return done

    def close(self) -> None:
        """Give the index free for another process."""
        self._index.close()

    def _write(self, tx: Transaction, stories: Iterable[int]) -> None:
        shares: dict[str, Instrument | None] = {}

        def instrument(isin: str) -> Instrument | None:
            if isin not in shares:
                shares[isin] = tx.instruments.by_isin(isin)
            return shares[isin]

        for story in stories:
            page = tx.newsstand.page(story)
            self._index.replace(story, None if page is None else document(page, instrument))
