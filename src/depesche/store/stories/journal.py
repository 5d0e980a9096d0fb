"""The journal and its followers' cursors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from depesche.lib.clock import epoch, from_epoch
from depesche.model.journal import Entry
from depesche.store import schema
from depesche.store.changes import announce
from depesche.store.prepared import Prepared

_JOURNAL_LOCK = 0x0DE9E5C5


class Journal:
    """The append-only table that every follower reads in order of `seq`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self,
        kind: str,
        *,
        story: int,
        lineage: int,
        version: int,
        action: str,
        at: datetime,
        withdrawn: Iterable[str] = (),
    ) -> int:
        """Append an entry and return its number.

        On PostgreSQL writers of the journal take turns until their commit: a number handed out
        earlier but committed later would be passed over by a follower.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_lock, {"k": _JOURNAL_LOCK})
        announce(self._connection)
        row = {
            "at": epoch(at),
            "kind": kind,
            "story_id": story,
            "lineage_id": lineage,
            "version_id": version,
            "action": action,
            "withdrawn": " ".join(withdrawn),
        }
        return _new.insert(self._connection, row)

    def after(self, seq: int, limit: int = 500) -> list[Entry]:
        """Return the entries that follow *seq*, in order."""
        return [_entry(r) for r in _after.all(self._connection, {"seq": seq, "limit": limit})]

    def last(self) -> int:
        """Return the number of the newest entry, 0 in an empty journal."""
        return int(self._connection.execute(select(func.max(_t.c.seq))).scalar() or 0)

    def of_story(self, story: int) -> list[Entry]:
        """Return a story's entries, in order."""
        rows = self._connection.execute(select(_t).where(_t.c.story_id == story).order_by(_t.c.seq))
        return [_entry(r) for r in rows]


class Cursors:
    """How far each follower has read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, follower: str) -> int:
        """Return the number of the last entry *follower* has dealt with, 0 at first."""
        return int(_cursor.scalar(self._connection, {"follower": follower}) or 0)

    def move(self, follower: str, seq: int, at: datetime) -> None:
        """Remember that *follower* has dealt with everything up to *seq*; setting it back replays."""
        _move.run(self._connection, {"follower": follower, "seq": seq, "moved_at": epoch(at)})

    def reach(self, follower: str, seq: int, at: datetime) -> None:
        """Remember that *follower* has dealt with everything up to *seq*, unless it has come further."""
        _reach.run(self._connection, {"follower": follower, "seq": seq, "moved_at": epoch(at)})

    def all(self) -> dict[str, int]:
        """Return every follower's cursor."""
        return {r.follower: int(r.seq) for r in self._connection.execute(select(_c))}


def _entry(r: Row[Any]) -> Entry:
    at, withdrawn = from_epoch(r.at), tuple(r.withdrawn.split())
    return Entry(r.seq, at, r.kind, r.story_id, r.lineage_id, r.version_id, r.action, withdrawn)


_t = schema.journal
_c = schema.cursors


def _moving(dialect: str, *, is_back_too: bool) -> Executable:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_c)
    return statement.on_conflict_do_update(
        index_elements=["follower"],
        set_={"seq": statement.excluded.seq, "moved_at": statement.excluded.moved_at},
        where=None if is_back_too else _c.c.seq < statement.excluded.seq,
    )


_move, _reach = (Prepared(partial(_moving, is_back_too=one)) for one in (True, False))
_new = Prepared(_t.insert())
_lock = text("SELECT pg_advisory_xact_lock(:k)")
_after = Prepared(select(_t).where(_t.c.seq > bindparam("seq")).order_by(_t.c.seq).limit(bindparam("limit")))
_cursor = Prepared(select(_c.c.seq).where(_c.c.follower == bindparam("follower")))
