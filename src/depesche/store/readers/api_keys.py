"""Keys of partners who use the API: only what a key hashes to is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from depesche.lib.clock import epoch, from_epoch
from depesche.model.errors import StoreError
from depesche.store import schema
from depesche.store.sql import first_key, when


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without the key itself; it opens nothing after `revoked_at`. `per_minute` are requests."""

    id: int
    name: str
    per_minute: int
    made_at: datetime
    revoked_at: datetime | None = None


class ApiKeys:
    """The table of keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, sha256: str, per_minute: int, at: datetime) -> int:
        """Keep a key's hash under *name* and return its number.

        Raises:
            StoreError: there is or was a key of that name.
        """
        row = {"name": name, "sha256": sha256, "per_minute": per_minute, "made_at": epoch(at)}
        if self._connection.execute(select(_t.c.id).where(_t.c.name == name)).first() is not None:
            raise StoreError(f"there is or was a key called {name}; names are used once")
        return first_key(self._connection.execute(_t.insert(), row))

    def by_hash(self, sha256: str) -> ApiKey | None:
        """Return the key that hashes to *sha256* if it is in force."""
        row = self._connection.execute(_by_hash, {"sha256": sha256}).first()
        return None if row is None else _key(row)

    def all(self) -> list[ApiKey]:
        """Return every key that there is or was, the oldest first."""
        return [_key(row) for row in self._connection.execute(select(_t).order_by(_t.c.id))]

    def revoke(self, name: str, at: datetime) -> bool:
        """End the key called *name*; False where there is none in force."""
        here = (_t.c.name == name) & _t.c.revoked_at.is_(None)
        done = self._connection.execute(_t.update().where(here).values(revoked_at=epoch(at)))
        return bool(done.rowcount)


_t = schema.api_keys
_by_hash = select(_t).where(_t.c.sha256 == bindparam("sha256"), _t.c.revoked_at.is_(None))


def _key(r: Any) -> ApiKey:
    return ApiKey(r.id, r.name, r.per_minute, from_epoch(r.made_at), when(r.revoked_at))
