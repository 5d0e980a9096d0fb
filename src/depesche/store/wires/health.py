"""The rhythm of each wire: when it last brought something, how often it does, and how late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.store import schema
from depesche.store.prepared import Prepared
from depesche.store.sql import insert, of_json, to_json

REMEMBERED = 14  # days: two weekends
_WEIGHT = 0.1  # of the newest gap and lag in their averages
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a wire has been doing.

    `pace` is the seconds between two items and `lag` those from the provider's time to receipt, both averages
    that follow what is newest. `longest` is the longest gap of the last two weeks, in seconds. `alarm`
    is what was last said to be wrong.
    """

    wire: str
    first_at: datetime
    last_at: datetime
    items: int
    pace: float | None = None
    lag: float | None = None
    gaps: tuple[tuple[int, float], ...] = ()
    alarm: str | None = None

    @property
    def longest(self) -> float:
        """The longest gap of the days remembered, in seconds."""
        return max((gap for _, gap in self.gaps), default=0.0)


class Health:
    """The table of pulses, one row a wire that ever brought something."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wire: str) -> Pulse | None:
        """Return the pulse of *wire*."""
        row = _of_wire.first(self._connection, {"wire": wire})
        return None if row is None else _pulse(row)

    def all(self) -> dict[str, Pulse]:
        """Return every pulse, by wire."""
        return {row.wire: _pulse(row) for row in self._connection.execute(select(_t))}

    def begin(self, wire: str, at: datetime) -> None:
        """Look after *wire* from *at* on; one that is looked after already is left alone."""
        row = {"wire": wire, "first_at": epoch(at), "last_at": epoch(at), "items": 0, "gaps_json": "[]"}
        self._connection.execute(insert(self._connection, _t).values(row).on_conflict_do_nothing())

    def beat(self, wire: str, at: datetime, items: int, lag: float | None) -> None:
        """Note that *wire* brought *items* at *at*, the provider's time *lag* seconds earlier."""
        old = self.get(wire)
        now = epoch(at)
        if old is None or not old.items:
            self.begin(wire, at)
            first = {"first_at": now, "last_at": now, "items": items, "lag": lag}
            _of_wire_set.run(self._connection, {"key": wire, **first})
            return
        gap = now - epoch(old.last_at)
        gaps = dict(old.gaps)
        today = int(now // _DAY)
        if gap > 0:
            gaps[today] = max(gaps.get(today, 0.0), round(gap, 1))
        kept = sorted((day, long) for day, long in gaps.items() if day > today - REMEMBERED)
        values = {
            "last_at": max(now, epoch(old.last_at)),
            "items": old.items + items,
            "pace": _average(old.pace, max(gap, 0.0) / items) if gap > 0 else old.pace,
            "lag": old.lag if lag is None else _average(old.lag, lag),
            "gaps_json": to_json(kept),
        }
        _of_wire_set.run(self._connection, {"key": wire, **values})

    def alarm(self, wire: str, said: str | None) -> bool:
        """Note what is wrong with *wire*, None where nothing is; tells whether that is news."""
        changed = update(_t).where(_t.c.wire == wire, func.coalesce(_t.c.alarm, "") != (said or ""))
        return bool(self._connection.execute(changed.values(alarm=said)).rowcount)

    def waiting(self) -> dict[tuple[str, str], int]:
        """Return how many items of each wire wait or were refused, by wire and state."""
        counted = (
            select(_s.c.wire, _s.c.state, func.count().label("n"))
            .where(_s.c.state.in_(("waiting", "refused")))
            .group_by(_s.c.wire, _s.c.state)
        )
        return {(r.wire, r.state): int(r.n) for r in self._connection.execute(counted)}

    def refused_since(self) -> dict[str, int]:
        """Return how many items of each wire were refused since it last brought something."""
        counted = (
            select(_s.c.wire, func.count().label("n"))
            .join(_t, _t.c.wire == _s.c.wire)
            .where(_s.c.state == "refused", _s.c.received_at > _t.c.last_at)
            .group_by(_s.c.wire)
        )
        return {r.wire: int(r.n) for r in self._connection.execute(counted)}


_t = schema.wire_health
_s = schema.spool
_of_wire = Prepared(select(_t).where(_t.c.wire == bindparam("wire")))
_of_wire_set = Prepared(update(_t).where(_t.c.wire == bindparam("key")))


def _average(old: float | None, new: float) -> float:
    return new if old is None else old + _WEIGHT * (new - old)


def _pulse(row: Any) -> Pulse:
    gaps = of_json(row.gaps_json, tuple[tuple[int, float], ...]) or ()
    return Pulse(
        row.wire,
        from_epoch(row.first_at),
        from_epoch(row.last_at),
        row.items,
        row.pace,
        row.lag,
        gaps,
        row.alarm,
    )
