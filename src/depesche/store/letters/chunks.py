"""Chunks: up to 500 recipients of a dispatch who share what becomes of them; who does not has a row in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, and_, bindparam, func, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import (
    ALERT,
    CORRECTION_LETTER,
    DROPPED,
    EXPIRED,
    INTENT,
    PENDING,
    RETRACTION_LETTER,
    SENT,
    UPDATE_LETTER,
    Dispatch,
    Subscriber,
)
from depesche.store import schema
from depesche.store.letters.dispatches import chunk_row, dispatch
from depesche.store.prepared import Prepared
from depesche.store.readers.people import subscriber
from depesche.store.sql import among, to_json, when

_ANY_SIZE = (1 << 31) - 1
STOPPABLE = (ALERT, UPDATE_LETTER, CORRECTION_LETTER, RETRACTION_LETTER)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk with the dispatch it belongs to."""

    key: int
    dispatch: Dispatch
    channel: str
    recipients: BitMap
    state: str
    due_at: datetime
    expires_at: datetime
    done_at: datetime | None = None
    reason: str | None = None


class Chunks:
    """The table of chunks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self, channel: str, courier: str, now: datetime, lease_until: datetime, most: int = _ANY_SIZE
    ) -> Chunk | None:
        """Lock the oldest chunk that is due on *channel*, note *courier* as who has it, and return it, None where there is none.

        One of more than *most* letters is left alone.
        """
        row = _due.first(self._connection, {"channel": channel, "now": epoch(now), "most": most})
        if row is None:
            return None
        values = {"key": row.id, "by": courier, "until": epoch(lease_until), "at": epoch(now)}
        _intend.run(self._connection, values)
        return _chunk(_one.first(self._connection, {"key": row.id}))

    def is_due(self, channel: str, now: datetime) -> bool:
        """Tell whether any chunk on *channel* is to be handed over now."""
        return _any_due.first(self._connection, {"channel": channel, "now": epoch(now)}) is not None

    def prolong(self, key: int, lease_until: datetime) -> None:
        """Note that the courier of chunk *key* is still at it."""
        self._connection.execute(update(_t).where(_t.c.id == key).values(lease_until=epoch(lease_until)))

    def leased(self, courier: str, now: datetime) -> tuple[list[Chunk], list[Chunk]]:
        """Return the chunks that *courier* has, and those whose couriers have let their lease run out."""
        ours = self._connection.execute(_claimed.where(_t.c.leased_by == courier))
        theirs = self._connection.execute(
            _claimed.where(_t.c.leased_by != courier, _t.c.lease_until <= epoch(now))
        )
        return [_chunk(r) for r in ours], [_chunk(r) for r in theirs]

    def hold(self, key: int) -> BitMap:
        """Lock chunk *key* and return its recipients: an erased reader is not among them any more."""
        row = _held.first(self._connection, {"key": key})
        return BitMap() if row is None else BitMap.deserialize(row.recipients)

    def finish(self, chunk: Chunk, sent: BitMap, at: datetime, left: Mapping[datetime, BitMap]) -> None:
        """Say that *sent* of a chunk have their letter since *at*; those *left* wait in chunks of their own from those times on.

        Whoever is in neither has a row of their own.
        """
        waiting = dict(left)
        if sent:
            values = _members(sent) | {"state": SENT, "done_at": epoch(at)}
        elif waiting:
            # Nobody has had it: the chunk itself goes on waiting.
            due = min(waiting)
            values = _members(waiting.pop(due)) | {"state": PENDING, "due_at": epoch(due), "started_at": None}
        else:
            self._connection.execute(_t.delete().where(_t.c.id == chunk.key))
            return
        freed = {"leased_by": None, "lease_until": None}
        self._connection.execute(update(_t).where(_t.c.id == chunk.key).values(**values, **freed))
        rows = [
            chunk_row(chunk.dispatch.key, chunk.channel, people, due, chunk.expires_at)
            for due, people in waiting.items()
        ]
        if rows:
            self._connection.execute(_t.insert(), rows)

    def take_out(self, key: int, people: BitMap) -> None:
        """Take *people* out of chunk *key*: they have rows of their own from now on."""
        if left := self.hold(key) - people:
            self._connection.execute(update(_t).where(_t.c.id == key).values(**_members(left)))
        else:
            self._connection.execute(_t.delete().where(_t.c.id == key))

    def expire(self, now: datetime) -> tuple[int, dict[int, BitMap]]:
        """Give up the chunks whose time has passed; returns how many letters, and whom alerts told nothing, by lineage."""
        late = and_(_t.c.state == PENDING, _t.c.expires_at <= epoch(now))
        return self._stop(late, EXPIRED, "not sent in time", now)

    def drop_story(self, story: int, reason: str, now: datetime) -> dict[int, BitMap]:
        """Stop the waiting chunks on a story that stood on show; returns whom alerts told nothing, by lineage."""
        mine = select(_d.c.id).where(_d.c.story_id == story, _d.c.kind.in_(STOPPABLE))
        return self._stop(and_(_t.c.state == PENDING, _t.c.dispatch_id.in_(mine)), DROPPED, reason, now)[1]

    def drop(self, chunk: Chunk, state: str, reason: str, now: datetime) -> dict[int, BitMap]:
        """Stop one chunk; returns whom an alert told nothing, by lineage."""
        return self._stop(_t.c.id == chunk.key, state, reason, now)[1]

    def _stop(self, which: Any, state: str, reason: str, now: datetime) -> tuple[int, dict[int, BitMap]]:
        rows = self._connection.execute(_stopping.where(which)).all()
        untold: dict[int, BitMap] = {}
        for r in rows:
            if r.kind == ALERT:
                untold[r.lineage_id] = untold.get(r.lineage_id, BitMap()) | BitMap.deserialize(r.recipients)
        if rows:
            values = {"new": state, "reason": reason, "at": epoch(now)}
            self._connection.execute(_end, [{"key": r.id, **values} for r in rows])
        return sum(r.size for r in rows), untold

    def between(self, dispatches: Sequence[int], first: int, last: int) -> list[Chunk]:
        """Return the chunks of *dispatches* that may hold anybody from *first* to *last*."""
        if not dispatches:
            return []
        here = _chunks.where(_t.c.dispatch_id.in_(list(dispatches)), _t.c.first <= last, _t.c.last >= first)
        return [_chunk(r) for r in self._connection.execute(here.order_by(_t.c.id))]

    def of_subscriber(self, key: int) -> list[Chunk]:
        """Return the chunks that hold subscriber *key*, in order."""
        rows = self._connection.execute(
            _chunks.where(_t.c.last >= key, _t.c.first <= key).order_by(_t.c.dispatch_id, _t.c.id)
        )
        return [chunk for r in rows if key in (chunk := _chunk(r)).recipients]

    def subscribers(self, keys: Sequence[int]) -> dict[int, Subscriber]:
        """Return the subscribers in rows *keys*, at most 500."""
        rows = _people.all(self._connection, {"keys": to_json(list(keys))})
        return {r.id: subscriber(r) for r in rows}

    def counts(self) -> dict[str, int]:
        """Return how many letters are in chunks of each state."""
        rows = self._connection.execute(select(_t.c.state, func.sum(_t.c.size)).group_by(_t.c.state))
        return {str(state): int(n) for state, n in rows}


_t = schema.chunks
_d = schema.dispatches
_p = schema.subscribers
_chunks = select(
    _d, _t.c.id.label("chunk_id"), _t.c.channel, _t.c.recipients, _t.c.state, _t.c.due_at.label("chunk_due"),
    _t.c.expires_at.label("chunk_expiry"), _t.c.done_at, _t.c.reason,
).join(_d, _d.c.id == _t.c.dispatch_id)  # fmt: skip
# Another courier may be about to take them on.
_claimed = _chunks.where(_t.c.state == INTENT).order_by(_t.c.id).with_for_update(of=_t, skip_locked=True)
_one = Prepared(_chunks.where(_t.c.id == bindparam("key")))
_held = Prepared(select(_t.c.recipients).where(_t.c.id == bindparam("key")).with_for_update())
_is_due = and_(_t.c.state == PENDING, _t.c.channel == bindparam("channel"), _t.c.due_at <= bindparam("now"))
_any_due = Prepared(select(_t.c.id).where(_is_due).limit(1))
_due = Prepared(
    select(_t.c.id)
    .where(_is_due, _t.c.size <= bindparam("most"))
    .order_by(_t.c.due_at, _t.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_intend = Prepared(
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(
        state=INTENT, leased_by=bindparam("by"), lease_until=bindparam("until"), started_at=bindparam("at")
    )
)
_stopping = (
    select(_t.c.id, _t.c.size, _t.c.recipients, _d.c.kind, _d.c.lineage_id)
    .join(_d, _d.c.id == _t.c.dispatch_id)
    .order_by(_t.c.id)
    .with_for_update(of=_t)
)
_end = (
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(
        state=bindparam("new"),
        reason=bindparam("reason"),
        done_at=bindparam("at"),
        leased_by=None,
        lease_until=None,
    )
)
_people = Prepared(select(_p).where(among(_p.c.id, bindparam("keys"))))


def _members(people: BitMap) -> dict[str, Any]:
    return {
        "recipients": people.serialize(),
        "size": len(people),
        "first": people.min(),
        "last": people.max(),
    }


def _chunk(r: Any) -> Chunk:
    return Chunk(
        int(r.chunk_id), dispatch(r), r.channel, BitMap.deserialize(r.recipients), r.state, from_epoch(r.chunk_due),
        from_epoch(r.chunk_expiry), when(r.done_at), r.reason,
    )  # fmt: skip
