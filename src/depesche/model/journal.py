"""Entries of the journal, which every follower reads in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FILED = "filed"  # a version was appended and is public now, or waits for its embargo
RELEASED = "released"  # an embargo has lifted
KILLED = "killed"  # a kill was filed
WITHHELD = "withheld"  # a story was taken back for the time being
EXPIRED = "expired"  # the text of a story was deleted because its licence ended
REREAD = "reread"  # a version was read anew by a better parser: nobody is told
PICTURED = "pictured"  # pictures of a version have arrived
RELINKED = "relinked"  # the shares of a version are others than they were; those alerted for a withdrawn one are told
REGROUPED = "regrouped"  # a story's lineage was joined with another or parted, or its duplicates are others
NEIGHBOURS = "neighbours"  # something a page shows about other stories has changed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `seq` orders them all.

    `action` is what the desk did: new, update, correction, kill ...; `withdrawn` are the ISINs of the shares
    under which a relinked version does not stand any more.
    """

    seq: int
    at: datetime
    kind: str
    story: int
    lineage: int
    version: int
    action: str
    withdrawn: tuple[str, ...] = ()


class Follower(Protocol):
    """Whatever reacts to the journal; each has its own stored cursor.

    `handle` gets entries in order and may get the same ones again after a crash, so it derives its
    state from what the store says now, or guards its writes with a unique key.
    """

    @property
    def name(self) -> str:
        """The name under which the cursor is kept."""
        ...

    def handle(self, entries: Sequence[Entry]) -> None:
        """React to *entries*; an exception leaves the cursor where it was."""
        ...
