"""Takes: every item as it was read, private notes included; never shown."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from depesche.lib.clock import epoch, from_epoch
from depesche.model.take import Take
from depesche.store import schema
from depesche.store.prepared import Prepared


def fingerprint(take: Take) -> str:
    """Return a hash of everything *take* says: the same item through another door is the same take."""
    return hashlib.sha256(msgspec.json.encode(take, order="deterministic")).hexdigest()


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a take when its item was read: its story, the number of the version it made, and why it made none."""

    key: int
    guid: str
    story: int | None
    number: int | None
    reason: str | None


class Takes:
    """The table of takes, append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, provider: str, print_: str) -> tuple[int | None, int | None] | None:
        """Return story and version number of a take already here, or None."""
        row = _known.first(self._connection, {"provider": provider, "print": print_})
        return None if row is None else (row.story_id, row.number)

    def add(
        self,
        take: Take,
        print_: str,
        at: datetime,
        *,
        spool: int | None,
        story: int | None,
        number: int | None,
        action: str,
        reason: str | None = None,
    ) -> int:
        """Append *take* with what the desk did with it; returns its key."""
        row = {
            "spool_id": spool, "provider": take.provider, "guid": take.guid, "version": take.version, "fingerprint": print_,
            "received_at": epoch(at), "story_id": story, "number": number, "action": action, "reason": reason,
            "fields_json": msgspec.json.encode(take).decode(),
        }  # fmt: skip
        return _new.insert(self._connection, row)

    def of_story(self, story: int) -> Sequence[Any]:
        """Return (id, received_at, guid, version, action, reason, spool_id, number) of a story's takes, in order of receipt."""
        return self._connection.execute(_of_story, {"story": story}).all()

    def read(self, key: int) -> Take | None:
        """Return the take with *key*, None where there is none or its text was purged."""
        raw = _fields.scalar(self._connection, {"key": key})
        return msgspec.json.decode(raw, type=Take) if raw else None

    def key(self, provider: str, print_: str) -> int | None:
        """Return the key of a take already here, or None."""
        row = _known.first(self._connection, {"provider": provider, "print": print_})
        return None if row is None else int(row.id)

    def received_at(self, key: int) -> datetime:
        """Return when the take with *key* came in."""
        return from_epoch(
            self._connection.execute(select(_t.c.received_at).where(_t.c.id == key)).scalar_one()
        )

    def of_item(self, spool: int) -> list[Read]:
        """Return the takes read from an item of the spool, whenever that was, in order."""
        rows = self._connection.execute(_of_item, {"spool": spool})
        return [Read(r.id, r.guid, r.story_id, r.number, r.reason) for r in rows]


_t = schema.takes
_new = Prepared(_t.insert())
_fields = Prepared(select(_t.c.fields_json).where(_t.c.id == bindparam("key")))
_known = Prepared(
    select(_t.c.id, _t.c.story_id, _t.c.number).where(
        _t.c.provider == bindparam("provider"), _t.c.fingerprint == bindparam("print")
    )
)
_of_item = (
    select(_t.c.id, _t.c.guid, _t.c.story_id, _t.c.number, _t.c.reason)
    .where(_t.c.spool_id == bindparam("spool"))
    .order_by(_t.c.id)
)
_of_story = (
    select(
        _t.c.id,
        _t.c.received_at,
        _t.c.guid,
        _t.c.version,
        _t.c.action,
        _t.c.reason,
        _t.c.spool_id,
        _t.c.number,
    )
    .where(_t.c.story_id == bindparam("story"))
    .order_by(_t.c.id)
)
