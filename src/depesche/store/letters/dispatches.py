"""Decisions of the matcher: who follows what a story met, who was told of its lineage before, and who is to be told now."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import Connection, Executable, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import (
    ALERT,
    CHANNELS,
    DIGEST,
    INTENT,
    PENDING,
    SENT,
    UNCERTAIN,
    UPDATE_LETTER,
    Dispatch,
    Subscriber,
)
from depesche.store import schema
from depesche.store.prepared import Prepared
from depesche.store.readers.people import subscriber
from depesche.store.sql import among, of_json, to_json

CHUNK = 500
_AT_ONCE = 500
_FETCHED = 50_000
_CARE = 4  # as bits of what the query for followers returns: the channel's place, and this
_BITS = 3
_REACHED = (SENT, INTENT, UNCERTAIN)


@dataclass(slots=True)
class Followers:
    """Who follows any of some targets: by channel those who can share a chunk, and those who need care."""

    plain: dict[str, BitMap] = field(default_factory=dict)
    care: BitMap = field(default_factory=BitMap)

    def all(self) -> BitMap:
        """Return every one of them."""
        return BitMap.union(self.care, *self.plain.values()) if self.plain else self.care

    def only(self, these: BitMap) -> Followers:
        """Return those who are among *these*."""
        return Followers({name: found & these for name, found in self.plain.items()}, self.care & these)

    def without(self, these: BitMap) -> Followers:
        """Return those who are not among *these*."""
        return Followers({name: found - these for name, found in self.plain.items()}, self.care - these)

    def __bool__(self) -> bool:
        return bool(self.care) or any(self.plain.values())


@dataclass(frozen=True, slots=True)
class Cared:
    """A follower who needs care: by digest where nothing they follow here is told at once."""

    subscriber: Subscriber
    by_digest: bool


class Dispatches:
    """The tables of dispatches, and of who was told of which lineage."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- who follows ---------------------------------------------------------------------------

    def followers(self, targets: Sequence[int], at: datetime, *, updates: bool = False) -> Followers:
        """Return who, at *at*, follows any of *targets*; with *updates* only those who want later parts and versions."""
        if not targets:
            return Followers()
        asked = {"targets": to_json(list(targets)), "at": epoch(at)}
        found = Followers()
        # A million at once would take 100 MB.
        for rows in (_updates if updates else _followers).parts(self._connection, asked, _FETCHED):
            codes = np.fromiter((row[0] for row in rows), np.int64, len(rows))
            keys, marks = (codes >> _BITS).astype(np.uint32), codes & ((1 << _BITS) - 1)
            found.care |= _bitmap(keys[marks >= _CARE])
            for place, channel in enumerate(CHANNELS):
                if (plain := keys[marks == place]).size:
                    found.plain[channel] = found.plain.get(channel, BitMap()) | _bitmap(plain)
        if found.care:
            found.plain = {name: people - found.care for name, people in found.plain.items()}
        return found

    def cared(self, followers: BitMap, targets: Sequence[int]) -> list[Cared]:
        """Return those *followers* of *targets* as they want to be told."""
        found: dict[int, Cared] = {}
        keys = list(followers)
        for start in range(0, len(keys), _AT_ONCE):
            asked = {
                "subscribers": to_json(keys[start : start + _AT_ONCE]),
                "targets": to_json(list(targets)),
            }
            for r in self._connection.execute(_cared, asked):
                by_digest = r.cadence == DIGEST and (r.id not in found or found[r.id].by_digest)
                found[r.id] = Cared(subscriber(r), by_digest)
        return list(found.values())

    # -- who was told --------------------------------------------------------------------------

    def told(self, lineages: Sequence[int], event: str = ALERT) -> BitMap:
        """Return who was or will be told of *event* on any of *lineages*; holds the rows until the transaction ends."""
        return self.told_if_any(lineages, event) or BitMap()

    def told_if_any(self, lineages: Sequence[int], event: str = ALERT) -> BitMap | None:
        """Return the same, None where nothing was ever decided."""
        rows = _told.all(self._connection, {"lineages": to_json(list(lineages)), "event": event})
        found = [_read(r.recipients) for r in rows]
        return BitMap.union(*found) if found else None

    def tell(
        self, lineage: int, event: str, recipients: BitMap, at: datetime, known: BitMap | None = None
    ) -> None:
        """Note that *recipients* will be told; *known* are those who were before, where that has been read already."""
        if known is None:
            known = self.told([lineage], event)
        row = {
            "lineage_id": lineage, "event": event, "recipients": (known | recipients).serialize(), "at": epoch(at),
        }  # fmt: skip
        _tell.run(self._connection, row)

    def untell(self, lineages: Mapping[int, BitMap]) -> None:
        """Note that alerts of those lineages have told these people nothing: they may hear of a continuation."""
        for lineage, people in sorted(lineages.items()):
            for r in _told.all(self._connection, {"lineages": to_json([lineage]), "event": ALERT}):
                left = (_read(r.recipients) - people).serialize()
                here = update(_o).where(_o.c.lineage_id == r.lineage_id, _o.c.event == ALERT)
                self._connection.execute(here.values(recipients=left))

    # -- decisions -----------------------------------------------------------------------------

    def decide(self, new: Dispatch, followers: Mapping[str, BitMap]) -> int:
        """Enter a dispatch with chunks of its *followers*, by channel; returns its key."""
        row = {
            "kind": new.kind, "story_id": new.story, "lineage_id": new.lineage, "version_id": new.version,
            "targets_json": to_json(new.targets), "matched": new.matched, "decided_at": epoch(new.decided_at),
            "due_at": epoch(new.due_at), "expires_at": epoch(new.expires_at),
        }  # fmt: skip
        key = _new_dispatch.insert(self._connection, row)
        rows = [
            chunk_row(key, channel, part, new.due_at, new.expires_at)
            for channel, people in followers.items()
            for part in _parts(people)
        ]
        _new_chunks.run_all(self._connection, rows)
        return key

    def of_version(self, story: int, version: int) -> BitMap:
        """Return everybody whom alerts and updates on a *version* of *story* were decided for, whatever became of them."""
        keys = [
            int(r.id)
            for r in _of_version.all(self._connection, {"story": story, "version": version})
            if r.kind in (ALERT, UPDATE_LETTER)
        ]
        return self._people(keys, None)

    def alerted(self, story: int) -> BitMap:
        """Return whom alerts on *story* told or will tell, in whatever lineage it stood then."""
        rows = _of_story.all(self._connection, {"story": story})
        return self._people([int(r.id) for r in rows if r.kind == ALERT], (PENDING, *_REACHED))

    def reached(self, story: int) -> tuple[BitMap, tuple[int, ...]]:
        """Return whom alerts and updates on *story* have or may have reached, and the targets these met.

        Waits for a courier that is about to hand one over, so that none is missed.
        """
        rows = _of_story.all(self._connection, {"story": story})
        told = [r for r in rows if r.kind in (ALERT, UPDATE_LETTER)]
        targets = {one for r in told for one in of_json(r.targets_json, tuple[int, ...]) or ()}
        return self._people([int(r.id) for r in told], _REACHED), tuple(sorted(targets))

    def _people(self, dispatches: Sequence[int], states: Iterable[str] | None) -> BitMap:
        if not dispatches:
            return BitMap()
        asked = {"dispatches": to_json(list(dispatches))}
        chunks = (_chunks_of if states is None else _chunks_held).all(self._connection, asked)
        rows = (_rows_of if states is None else _rows_held).all(self._connection, asked)
        wanted = None if states is None else set(states)
        parts = [_read(r.recipients) for r in chunks if wanted is None or r.state in wanted]
        single = BitMap(r.subscriber_id for r in rows if wanted is None or r.state in wanted)
        return BitMap.union(single, *parts) if parts else single

    def get(self, keys: Sequence[int]) -> dict[int, Dispatch]:
        """Return the dispatches in rows *keys*."""
        if not keys:
            return {}
        rows = self._connection.execute(_keyed, {"keys": sorted(set(keys))})
        return {int(r.id): dispatch(r) for r in rows}

    def of_story(self, story: int) -> list[Dispatch]:
        """Return every dispatch on *story*, in order."""
        return [dispatch(r) for r in _of_story.all(self._connection, {"story": story})]


_d = schema.dispatches
_c = schema.chunks
_o = schema.told
_s = schema.subscriptions
_p = schema.subscribers
_x = schema.outbox
_new_dispatch, _new_chunks = Prepared(_d.insert()), Prepared(_c.insert())
_code = (
    _s.c.subscriber_id * (1 << _BITS)
    + case((_s.c.care, _CARE), else_=0)
    + case(*((_s.c.channel == name, place) for place, name in enumerate(CHANNELS)), else_=0)
)
_following = select(_code).where(
    among(_s.c.target_id, bindparam("targets")),
    _s.c.confirmed_at <= bindparam("at"),
    _s.c.confirmed_at.is_not(None),
    _s.c.ended_at.is_(None),
)
_followers, _updates = Prepared(_following), Prepared(_following.where(_s.c.updates))
_cared = (
    select(_p, _s.c.cadence)
    .join(_p, _p.c.id == _s.c.subscriber_id)
    .where(
        among(_s.c.subscriber_id, bindparam("subscribers")),
        among(_s.c.target_id + 0, bindparam("targets")),
        _s.c.confirmed_at.is_not(None),
        _s.c.ended_at.is_(None),
    )
    .order_by(_p.c.id)
)
_told = Prepared(
    select(_o.c.lineage_id, _o.c.recipients)
    .where(among(_o.c.lineage_id, bindparam("lineages")), _o.c.event == bindparam("event"))
    .order_by(_o.c.lineage_id)
    .with_for_update()
)
_of_version = Prepared(
    select(_d.c.id, _d.c.kind).where(
        _d.c.story_id == bindparam("story"), _d.c.version_id == bindparam("version")
    )
)
_of_story = Prepared(select(_d).where(_d.c.story_id == bindparam("story")).order_by(_d.c.id))
_keyed = select(_d).where(_d.c.id.in_(bindparam("keys", expanding=True)))
_chunks = (
    select(_c.c.recipients, _c.c.state)
    .where(among(_c.c.dispatch_id, bindparam("dispatches")))
    .order_by(_c.c.id)
)
_rows = (
    select(_x.c.subscriber_id, _x.c.state)
    .where(among(_x.c.dispatch_id, bindparam("dispatches")))
    .order_by(_x.c.id)
)
_chunks_held, _rows_held = Prepared(_chunks.with_for_update()), Prepared(_rows.with_for_update())
_chunks_of, _rows_of = Prepared(_chunks), Prepared(_rows)


def _telling(dialect: str) -> Executable:
    """Return the statement that enters or renews a row of `told`."""
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_o)
    again = {name: statement.excluded[name] for name in ("recipients", "at")}
    return statement.on_conflict_do_update(index_elements=["lineage_id", "event"], set_=again)


_tell = Prepared(_telling)


def _bitmap(keys: np.ndarray[Any, np.dtype[np.uint32]]) -> BitMap:
    return BitMap(array("I", keys.tobytes())) if keys.size else BitMap()


def _read(raw: bytes) -> BitMap:
    return BitMap.deserialize(raw)


def _parts(people: BitMap) -> Iterable[BitMap]:
    keys = people.to_array()
    for start in range(0, len(keys), CHUNK):
        yield BitMap(keys[start : start + CHUNK])


def chunk_row(
    dispatch: int, channel: str, people: BitMap, due_at: datetime, expires_at: datetime
) -> dict[str, object]:
    """Return a new chunk of *people* as a row."""
    return {
        "dispatch_id": dispatch, "channel": channel, "first": people.min(), "last": people.max(), "size": len(people),
        "recipients": people.serialize(), "state": PENDING, "due_at": epoch(due_at), "expires_at": epoch(expires_at),
    }  # fmt: skip


def dispatch(r: Any) -> Dispatch:
    """Return the dispatch of a row."""
    return Dispatch(
        int(r.id), r.kind, int(r.story_id), int(r.lineage_id), int(r.version_id),
        of_json(r.targets_json, tuple[int, ...]) or (), int(r.matched), from_epoch(r.decided_at), from_epoch(r.due_at),
        from_epoch(r.expires_at),
    )  # fmt: skip
