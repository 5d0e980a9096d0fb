"""Whom the alerts on a story have reached, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from depesche.model.subscription import ALERT, INTENT, SENT, UNCERTAIN, UPDATE_LETTER
from depesche.store.database import Transaction
from depesche.store.letters.chunks import Chunk

_RANK = (SENT, UNCERTAIN, INTENT)  # whoever has had one letter has been told, whatever became of another
_State = tuple[str, datetime | None]


class Reach:
    """Looks up what became of the alerts and updates that some readers were to get; reads each story once."""

    def __init__(self, tx: Transaction, readers: Sequence[int]) -> None:
        self._tx = tx
        self._readers = readers
        self._stories: dict[int, tuple[list[Chunk], dict[int, list[_State]]]] = {}

    def of(self, story: int, reader: int) -> _State:
        """Return the state of the letter that told *reader* of *story*, and when it was sent; empty where there was none."""
        chunks, rows = self._look(story)
        found: list[_State] = [(one.state, one.done_at) for one in chunks if reader in one.recipients]
        found += rows.get(reader, [])
        for state in _RANK:
            for one in found:
                if one[0] == state:
                    return one
        return found[0] if found else ("", None)

    def _look(self, story: int) -> tuple[list[Chunk], dict[int, list[_State]]]:
        if story not in self._stories:
            told = [
                one.key for one in self._tx.dispatches.of_story(story) if one.kind in (ALERT, UPDATE_LETTER)
            ]
            first, last = min(self._readers), max(self._readers)
            self._stories[story] = (
                self._tx.chunks.between(told, first, last),
                self._tx.outbox.of_dispatches(told, first, last),
            )
        return self._stories[story]
