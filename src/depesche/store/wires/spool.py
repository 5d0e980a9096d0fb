"""The spool: every item's bytes, kept before anyone parses them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, text, update

from depesche.lib.clock import epoch, from_epoch
from depesche.store import schema
from depesche.store.changes import announce
from depesche.store.prepared import Prepared, new_rows
from depesche.store.sql import among, to_json

WAITING = "waiting"
FILED = "filed"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item in the spool; `state` is waiting, filed, refused or purged, and `reason` says why it was refused."""

    id: int
    wire: str
    provider: str
    format: str | None
    name: str
    base: str | None
    sha256: str
    raw: bytes
    received_at: datetime
    state: str
    reason: str | None
    tries: int


class Spool:
    """The table of raw items; the same bytes on the same wire are one item."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        raw: bytes,
        *,
        wire: str,
        provider: str,
        name: str,
        at: datetime,
        format_name: str | None = None,
        base: str | None = None,
    ) -> tuple[int, bool]:
        """Keep *raw* and return its key, and whether it is new."""
        digest = hashlib.sha256(raw).hexdigest()
        row = {
            "wire": wire, "provider": provider, "format": format_name, "name": name, "base": base, "sha256": digest,
            "raw": raw, "received_at": epoch(at), "state": WAITING, "tries": 0,
        }  # fmt: skip
        key = _new.scalar(self._connection, row)
        if key is not None:
            announce(self._connection)
            return int(key), True
        known = self._connection.execute(_known, {"wire": wire, "digest": digest})
        return int(known.scalar_one()), False

    def waiting(self, limit: int = 100, after: int = 0) -> list[Spooled]:
        """Return items that nobody has parsed yet, oldest first."""
        return [_item(row) for row in _waiting.all(self._connection, {"limit": limit, "after": after})]

    def claim(self, keys: Sequence[int]) -> set[int]:
        """Return those of *keys* that still wait, so that no two processes file the same item.

        SQLite lets one writer in at a time; on PostgreSQL whoever files holds a lock until it commits.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_lock, {"k": _DESK_LOCK})
        return {int(r.id) for r in _still.all(self._connection, {"keys": to_json(list(keys))})}

    def get(self, key: int) -> Spooled | None:
        """Return the item with *key*."""
        row = self._connection.execute(select(_t).where(_t.c.id == key)).first()
        return None if row is None else _item(row)

    def some(self, keys: Sequence[int]) -> list[Spooled]:
        """Return those items with *keys* that there are, oldest first."""
        if not keys:
            return []
        return [_item(row) for row in self._connection.execute(_some, {"keys": list(keys)})]

    def filed(
        self, after: int = 0, limit: int = 50, *, wire: str | None = None, since: datetime | None = None
    ) -> list[Spooled]:
        """Return filed items above the key *after*, oldest first, of one wire or received since then."""
        statement = _of_history(select(_t), wire, since).where(_t.c.id > after)
        return [_item(row) for row in self._connection.execute(statement.order_by(_t.c.id).limit(limit))]

    def count_filed(self, after: int = 0, *, wire: str | None = None, since: datetime | None = None) -> int:
        """Return how many items `filed` has in all."""
        statement = _of_history(select(func.count()).select_from(_t), wire, since).where(_t.c.id > after)
        return int(self._connection.execute(statement).scalar_one())

    def mark(self, keys: Sequence[int], state: str, reason: str | None = None) -> None:
        """Set what became of items."""
        rows = [{"key": key, "new_state": state, "new_reason": reason} for key in keys]
        _mark.run_all(self._connection, rows)

    def retry(self, keys: Sequence[int] | None = None) -> int:
        """Let refused items (all, or those with *keys*) be parsed again; returns how many."""
        statement = update(_t).where(_t.c.state == REFUSED).values(state=WAITING, reason=None)
        if keys is not None:
            statement = statement.where(_t.c.id.in_(keys))
        return self._connection.execute(statement).rowcount

    def drop(self, key: int) -> bool:
        """Forget a refused item; tells whether there was one."""
        statement = _t.delete().where(_t.c.id == key, _t.c.state == REFUSED)
        return bool(self._connection.execute(statement).rowcount)

    def listed(self, state: str | None = None, limit: int = 100) -> list[Spooled]:
        """Return items for people, newest first; without *state*, what waits or was refused."""
        statement = select(_t).order_by(_t.c.id.desc()).limit(limit)
        statement = (
            statement.where(_t.c.state == state)
            if state
            else statement.where(_t.c.state.in_((WAITING, REFUSED)))
        )
        return [_item(row) for row in self._connection.execute(statement)]

    def counts(self) -> dict[str, int]:
        """Return how many items are in each state."""
        rows = self._connection.execute(select(_t.c.state, func.count()).group_by(_t.c.state))
        return {str(state): int(n) for state, n in rows}


_t = schema.spool
_DESK_LOCK = 0x0DE9E5C7
_lock = text("SELECT pg_advisory_xact_lock(:k)")
_new = new_rows(_t, _t.c.id)
_known = select(_t.c.id).where(_t.c.wire == bindparam("wire"), _t.c.sha256 == bindparam("digest"))
_waiting = Prepared(
    select(_t)
    .where(_t.c.state == WAITING, _t.c.id > bindparam("after"))
    .order_by(_t.c.id)
    .limit(bindparam("limit"))
)
_still = Prepared(select(_t.c.id).where(among(_t.c.id, bindparam("keys")), _t.c.state == WAITING))
_some = select(_t).where(_t.c.id.in_(bindparam("keys", expanding=True))).order_by(_t.c.id)
_mark = Prepared(
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"), tries=_t.c.tries + 1)
)


def _of_history(statement: Select[Any], wire: str | None, since: datetime | None) -> Select[Any]:
    statement = statement.where(_t.c.state == FILED)
    if wire is not None:
        statement = statement.where(_t.c.wire == wire)
    return statement if since is None else statement.where(_t.c.received_at >= epoch(since))


def _item(r: Any) -> Spooled:
    return Spooled(
        id=r.id, wire=r.wire, provider=r.provider, format=r.format, name=r.name, base=r.base,
        sha256=r.sha256, raw=r.raw, received_at=from_epoch(r.received_at), state=r.state,
        reason=r.reason, tries=r.tries,
    )  # fmt: skip
