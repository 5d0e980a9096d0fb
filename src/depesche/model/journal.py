"""Entries of the journal, which every follower reads in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FILED = "filed"  # a version was appended and is public now, or waits for its embargo
RELEASED = "released"  # an embargo has lifted
KILLED = "killed"  # a kill was filed
WITHHELD = "withheld"  # a story was taken back for the time being
PICTURED = "pictured"  # pictures of a version have arrived
NEIGHBOURS = "neighbours"  # something a page shows about other stories has changed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `seq` orders them all. `action` is what the desk did: new, update, correction, kill ..."""

    seq: int
    at: datetime
    kind: str
    story: int
    lineage: int
    version: int
    action: str
