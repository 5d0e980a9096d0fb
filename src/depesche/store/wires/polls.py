"""What asking remembers of each wire between two polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from depesche.lib.clock import epoch, from_epoch
from depesche.store import schema
from depesche.store.sql import insert, when


@dataclass(frozen=True, slots=True)
class Poll:
    """The last answer of an address: validators verbatim, when to ask again, and how it went.

    `asked_url` is the setting that all of this belongs to, `moved_to` the address the site wants to be asked
    at instead; a site that is `gone` is not asked any more.
    """

    wire: str
    next_at: datetime
    etag: str | None = None
    modified: str | None = None
    last_item_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    asked_url: str | None = None
    moved_to: str | None = None
    gone: bool = False


class Polls:
    """The table of polls, one row a wire."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wire: str) -> Poll | None:
        """Return what is remembered of *wire*."""
        row = self._connection.execute(select(_t).where(_t.c.wire == wire)).first()
        return None if row is None else _poll(row)

    def all(self) -> dict[str, Poll]:
        """Return what is remembered, by wire."""
        return {row.wire: _poll(row) for row in self._connection.execute(select(_t))}

    def put(self, poll: Poll) -> None:
        """Remember *poll*."""
        row = {
            "wire": poll.wire, "etag": poll.etag, "modified": poll.modified, "next_at": epoch(poll.next_at),
            "last_item_at": None if poll.last_item_at is None else epoch(poll.last_item_at),
            "failures": poll.failures, "last_error": poll.last_error, "asked_url": poll.asked_url,
            "moved_to": poll.moved_to, "gone": poll.gone,
        }  # fmt: skip
        statement = insert(self._connection, _t).values(row)
        again = {name: statement.excluded[name] for name in row if name != "wire"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["wire"], set_=again))

    def forget(self, wire: str) -> None:
        """Forget everything about *wire*: it is new, and due at once."""
        self._connection.execute(_t.delete().where(_t.c.wire == wire))


_t = schema.polls


def _poll(row: Any) -> Poll:
    return Poll(
        row.wire, from_epoch(row.next_at), row.etag, row.modified, when(row.last_item_at), row.failures,
        row.last_error, row.asked_url, row.moved_to, bool(row.gone),
    )  # fmt: skip
