"""The follower of the journal that keeps the index, and its counterpart that answers from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog

from depesche.lib.clock import Clock, SystemClock
from depesche.model.instrument import Instrument
from depesche.model.journal import Entry
from depesche.search.analysis import vocabulary
from depesche.search.analysis.vocabulary import Vocabulary
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
    that is missing, unreadable, of another version or by another vocabulary of compounds is rebuilt before the first entries are handled.
    """

    name = "search"

    def __init__(self, database: Database, path: Path | str, clock: Clock | None = None) -> None:
        self._database = database
        self._index = Index(path)
        self._clock = clock or SystemClock()
        self._vocabulary = Vocabulary()

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
        """Rebuild the index if it cannot be used, or the archive has outgrown its vocabulary; tells whether that was needed."""
        with self._database.reading() as tx:
            number, is_outgrown = tx.vocabularies.current(), vocabulary.is_due(tx)
        if self._index.is_usable(number) and not is_outgrown:
            return False
        reason = "the archive has grown" if is_outgrown else "missing, of another version or by other words"
        _log.info("search index is rebuilt", path=str(self._index.path), reason=reason)
        self.rebuild(progress, renewed=is_outgrown)
        return True

    def rebuild(
        self, progress: Callable[[int, int | None], None] | None = None, *, renewed: bool = True
    ) -> int:
        """Index every public story into a new generation and return their number; *renewed* by a new vocabulary of compounds.

        *progress* is called with the number done and the number of all, None while that is unknown. Readers
        keep the old generation until the new one is whole.

        Raises:
            StoreError: another process is writing this index.
        """
        self._index.hold()
        if renewed:
            with self._database.transaction() as tx:
                vocabulary.renew(tx, self._clock.now())
        with self._database.reading() as tx:
            generation = self._index.begin(tx.vocabularies.current())
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
        compounds = self._vocabulary.of(tx)

        def instrument(isin: str) -> Instrument | None:
            if isin not in shares:
                shares[isin] = tx.instruments.by_isin(isin)
            return shares[isin]

        for story in stories:
            page = tx.newsstand.page(story)
            self._index.replace(story, None if page is None else document(page, instrument, compounds))
