"""Link the archive anew after the register has changed; only differences are written, and told in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from depesche.instruments.linking.linker import Linker
from depesche.lib.clock import Clock
from depesche.model import journal
from depesche.store.database import Database, Transaction
from depesche.store.instruments.mentions import Linked, Row, rows_of

BATCH = 100

# Chores: what the archive is linked by, what it is being linked by, and the story before which to go on.
_DONE, _TARGET, _PLACE = "relinked", "relink target", "relink place"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: `left` stories at most are still to be looked at, `changed` of this step's have other shares."""

    looked_at: int
    changed: int
    left: int


class Relinker:
    """Works through the archive from the newest story to the oldest, as far as it is linked by another register than today's.

    *linker* returns the revision of the register and the linker made of it. How far a run has come is kept in
    the database, so that it can be stopped at any moment; a change of the register meanwhile begins it anew.
    """

    def __init__(self, database: Database, clock: Clock, linker: Callable[[], tuple[int, Linker]]) -> None:
        self._database = database
        self._clock = clock
        self._linker = linker

    def left(self) -> int:
        """Return how many stories at most are still to be looked at; 0 when the archive is linked by today's register."""
        with self._database.reading() as tx:
            revision = tx.instruments.revision()
            if tx.chores.position(_DONE) == revision:
                return 0
            if tx.chores.position(_TARGET) != revision:
                return tx.mentions.last_story()
            return max(tx.chores.position(_PLACE) - 1, 0)

    def begin(self) -> None:
        """Begin a run over the whole archive, whatever it was linked by."""
        with self._database.transaction() as tx:
            tx.chores.finish(_DONE)
            tx.chores.finish(_TARGET)

    def step(self, batch: int = BATCH) -> Progress | None:
        """Look at the next *batch* stories; returns None where there is nothing to do."""
        with self._database.reading() as tx:
            if tx.chores.position(_DONE) == tx.instruments.revision():
                return None
        revision, linker = self._linker()
        with self._database.reading() as tx:
            place = self._place(revision, tx)
            linked = tx.mentions.before_story(place, batch)
        if not linked.stories:
            with self._database.transaction() as tx:
                tx.chores.reach(_DONE, revision)
                tx.chores.finish(_TARGET)
                tx.chores.finish(_PLACE)
            return Progress(0, 0, 0)
        changed = []
        for one in linked.versions:
            found = rows_of(linker.link(one.take))
            if found != one.rows:
                changed.append((one, found))
        with self._database.transaction() as tx:
            for one, found in changed:
                self._write(one, found, tx)
            tx.chores.reach(_TARGET, revision)
            tx.chores.reach(_PLACE, linked.stories[-1])
        return Progress(len(linked.stories), len(changed), linked.stories[-1] - 1)

    def _place(self, revision: int, tx: Transaction) -> int:
        """Return the story before which to go on."""
        if tx.chores.position(_TARGET) == revision:
            return tx.chores.position(_PLACE)
        return tx.mentions.last_story() + 1

    def _write(self, one: Linked, found: dict[int, Row], tx: Transaction) -> None:
        if not tx.mentions.rewrite(one, found):
            return  # the text has expired meanwhile
        before, now = _shown(one.rows), _shown(found)
        if one.is_on_show and before != now:
            gone = [tx.instruments.by_key(key) for key in sorted(before.keys() - now.keys())]
            tx.journal.append(
                journal.RELINKED,
                story=one.story,
                lineage=one.lineage,
                version=one.version,
                action=one.action,
                at=self._clock.now(),
                withdrawn=[share.isin for share in gone if share],
            )


def _shown(rows: dict[int, Row]) -> dict[int, Row]:
    """Return what readers see of mentions: those that are published, with all that is said of them."""
    return {key: row for key, row in rows.items() if row[2]}
