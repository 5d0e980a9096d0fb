"""Reports on letters, and the append-only list of addresses that are not mailed, both by keyed hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.bounce import SUPPRESSED_EVENT, Bounce, Suppression
from depesche.store import schema
from depesche.store.prepared import new_rows
from depesche.store.sql import first_key

_SHOWN = 1000


class Bounces:
    """The table of reports; one report is one row, by however many doors it comes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, one: Bounce) -> int | None:
        """Enter a report and return its row; None where it is known already."""
        row = {
            "fingerprint": one.fingerprint, "at": epoch(one.at), "source": one.source, "meaning": one.meaning, "said": one.said,
            "status": one.status, "remote": one.remote, "address_hash": one.address_hash, "letter": one.letter, "raw": one.raw,
        }  # fmt: skip
        found = _new.scalar(self._connection, row)
        return None if found is None else int(found)

    def get(self, key: int) -> Bounce | None:
        """Return the report in row *key*, with what was kept of it."""
        row = self._connection.execute(select(_b).where(_b.c.id == key)).first()
        return None if row is None else _bounce(row, row.raw)

    def of_address(self, address_hash: str, since: datetime | None = None) -> list[Bounce]:
        """Return the reports on letters to one address, oldest first."""
        statement = _bare.where(_b.c.address_hash == address_hash).order_by(_b.c.at, _b.c.id)
        if since is not None:
            statement = statement.where(_b.c.at >= epoch(since))
        return [_bounce(row) for row in self._connection.execute(statement)]

    def newest(self, meanings: Sequence[str] = (), limit: int = _SHOWN) -> list[Bounce]:
        """Return the newest reports, of certain meanings if any are named, the newest first."""
        statement = _bare.order_by(_b.c.id.desc()).limit(limit)
        if meanings:
            statement = statement.where(_b.c.meaning.in_(meanings))
        return [_bounce(row) for row in self._connection.execute(statement)]

    def counts(self, since: datetime) -> dict[str, int]:
        """Return how many reports of each meaning came since *since*."""
        counted = select(_b.c.meaning, func.count()).where(_b.c.at >= epoch(since)).group_by(_b.c.meaning)
        return {str(meaning): int(n) for meaning, n in self._connection.execute(counted)}

    def forget(self, *, raw_before: datetime, before: datetime) -> int:
        """Delete what was kept of letters received before *raw_before*, and the reports before *before*; returns how many."""
        kept = update(_b).where(_b.c.at < epoch(raw_before), _b.c.raw.is_not(None))
        self._connection.execute(kept.values(raw=None))
        return self._connection.execute(delete(_b).where(_b.c.at < epoch(before))).rowcount

    def forget_address(self, address_hash: str) -> int:
        """Delete the reports on letters to one address; returns how many."""
        return self._connection.execute(delete(_b).where(_b.c.address_hash == address_hash)).rowcount


class Suppressions:
    """The list of addresses that are not mailed; rows are added and never changed, the newest of an address counts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, address_hash: str, event: str, reason: str, detail: str, at: datetime, bounce: int | None = None
    ) -> int:
        """Append an entry."""
        row = {"address_hash": address_hash, "event": event, "reason": reason, "detail": detail, "at": epoch(at), "bounce_id": bounce}  # fmt: skip
        return first_key(self._connection.execute(_p.insert(), row))

    def current(self, address_hash: str) -> Suppression | None:
        """Return why an address is not mailed now, None where it is."""
        newest = select(_p).where(_p.c.address_hash == address_hash).order_by(_p.c.id.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return _suppression(row) if row is not None and row.event == SUPPRESSED_EVENT else None

    def history(self, address_hash: str) -> list[Suppression]:
        """Return every entry of an address, oldest first."""
        rows = self._connection.execute(select(_p).where(_p.c.address_hash == address_hash).order_by(_p.c.id))
        return [_suppression(row) for row in rows]

    def standing(self, after: int = 0, limit: int = _SHOWN) -> list[Suppression]:
        """Return the entries that are in force, in order, those after row *after*."""
        statement = _standing.where(_p.c.id > after).order_by(_p.c.id).limit(limit)
        return [_suppression(row) for row in self._connection.execute(statement)]

    def counts(self) -> dict[str, int]:
        """Return how many addresses are not mailed, by reason."""
        inner = _standing.subquery()
        rows = self._connection.execute(select(inner.c.reason, func.count()).group_by(inner.c.reason))
        return {str(reason): int(n) for reason, n in rows}


_b = schema.bounces
_new = new_rows(_b, _b.c.id)
_p = schema.suppressions
_bare = select(*(one for one in _b.c if one.name != "raw"))
_standing = select(_p).where(
    _p.c.event == SUPPRESSED_EVENT, _p.c.id.in_(select(func.max(_p.c.id)).group_by(_p.c.address_hash))
)


def _bounce(r: Any, raw: bytes | None = None) -> Bounce:
    return Bounce(
        r.fingerprint,
        from_epoch(r.at),
        r.source,
        r.meaning,
        r.said,
        r.status,
        r.remote,
        r.address_hash,
        r.letter,
        r.id,
        raw,
    )


def _suppression(r: Any) -> Suppression:
    return Suppression(r.id, r.address_hash, r.event, r.reason, r.detail, from_epoch(r.at), r.bounce_id)
