"""What polling remembers of each wire between two polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from depesche.lib.clock import epoch, from_epoch
from depesche.store import schema
from depesche.store.sql import insert, when


@dataclass(frozen=True, slots=True)
class Poll:
    """The last answer of a polled address: validators verbatim, when to ask again, and how it went."""

    wire: str
    next_at: datetime
    etag: str | None = None
    modified: str | None = None
    last_item_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None


class Polls:
    """The table of polls, one row a wire."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wire: str) -> Poll | None:
        """Return what is remembered of *wire*."""
        row = self._connection.execute(select(_t).where(_t.c.wire == wire)).first()
        if row is None:
            return None
        return Poll(
            row.wire,
            from_epoch(row.next_at),
            row.etag,
            row.modified,
            when(row.last_item_at),
            row.failures,
            row.last_error,
        )

    def put(self, poll: Poll) -> None:
        """Remember *poll*."""
        row = {
            "wire": poll.wire, "etag": poll.etag, "modified": poll.modified, "next_at": epoch(poll.next_at),
            "last_item_at": None if poll.last_item_at is None else epoch(poll.last_item_at),
            "failures": poll.failures, "last_error": poll.last_error,
        }  # fmt: skip
        statement = insert(self._connection, _t).values(row)
        again = {name: statement.excluded[name] for name in row if name != "wire"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["wire"], set_=again))


_t = schema.polls
