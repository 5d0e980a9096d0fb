"""What readers follow: one row a target, however many follow it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, text, tuple_, union_all, update

from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, Target
from depesche.store import schema
from depesche.store.chores import Chores
from depesche.store.prepared import Prepared
from depesche.store.sql import among, among_texts, insert, to_json

_TARGETS_LOCK = 0x0DE9E5C7
_ROUSED = "searches roused"


class Targets:
    """The table of targets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, target: Target) -> Target:
        """Return *target* as it is stored, entering a new one; a known one keeps its name."""
        found = self.find([target])
        if found:
            return found[0]
        row = {
            "kind": target.kind,
            "value": target.value,
            "instrument_id": target.instrument,
            "label": None if target.kind == INSTRUMENT else target.name or None,
        }
        self._connection.execute(insert(self._connection, _t).values(row).on_conflict_do_nothing())
        return self.find([target])[0]

    def of_instrument(self, instrument: int) -> Target:
        """Return the target that is the share in row *instrument* of the register."""
        isin = self._connection.execute(select(_i.c.isin).where(_i.c.id == instrument)).scalar_one()
        return self.enter(Target(INSTRUMENT, isin, instrument=instrument))

    def find(self, wanted: Iterable[Target]) -> list[Target]:
        """Return those of *wanted* that are entered, in order of entry."""
        pairs = [(one.kind, one.value) for one in wanted]
        if not pairs:
            return []
        return [target(r) for r in self._connection.execute(_named, {"pairs": pairs})]

    def met(self, version: int, provider: str, lineages: Sequence[int]) -> list[int]:
        """Return the rows of the shares that *version* is about, of *provider* and of *lineages*, as far as they are targets."""
        values = to_json([str(one) for one in lineages])
        asked = {"version": version, "provider": provider, "lineages": values}
        return [int(r.id) for r in _met.all(self._connection, asked)]

    def get(self, keys: Sequence[int]) -> list[Target]:
        """Return the targets in rows *keys*, in order of entry."""
        if not keys:
            return []
        return [target(r) for r in _keyed.all(self._connection, {"keys": to_json(list(keys))})]

    def rouse(self, key: int) -> None:
        """Note that somebody follows the target in row *key* from now on; a search is given the next number.

        On PostgreSQL those who follow searches take turns until their commit, so that nobody who reads on from
        the last number passes one over, and nobody lays down what is about to be followed.
        """
        if self._connection.execute(_kind, {"key": key}).scalar() != SEARCH:
            return
        self._take_turns()
        if self._connection.execute(_sleeping, {"key": key}).scalar() is not None:
            chores = Chores(self._connection)
            number = chores.position(_ROUSED) + 1
            chores.reach(_ROUSED, number)
            self._connection.execute(update(_t).where(_t.c.id == key).values(roused=number))

    def searches(self, after: int, limit: int = 10_000) -> list[tuple[int, Target]]:
        """Return the searches that somebody began to follow after the number *after*, each with its own, in order."""
        rows = _searches.all(self._connection, {"after": after, "limit": limit})
        return [(int(r.roused), target(r)) for r in rows]

    def forsaken(self, after: int, limit: int = 10_000) -> tuple[list[int], int | None]:
        """Return the numbered searches that nobody follows, of the *limit* after the number *after*, and the last one looked at.

        The latter is None where there are no more.
        """
        rows = self._connection.execute(_numbered, {"after": after, "limit": limit}).all()
        return [int(r.id) for r in rows if not r.is_followed], int(rows[-1].roused) if len(
            rows
        ) == limit else None

    def lay_down(self, keys: Sequence[int]) -> list[Target]:
        """Take the number from those of the searches in rows *keys* that nobody follows; returns them.

        Whoever follows one from the end of this transaction on rouses it anew.
        """
        self._take_turns()
        rows = self._connection.execute(_unfollowed, {"keys": to_json(list(keys))}).all()
        if rows:
            here = among(_t.c.id, bindparam("keys"))
            asked = {"keys": to_json([r.target_id for r in rows])}
            self._connection.execute(update(_t).where(here).values(roused=None), asked)
        return [target(r) for r in rows]

    def _take_turns(self) -> None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_lock, {"k": _TARGETS_LOCK})

    def counts(self) -> dict[str, int]:
        """Return how many targets of each kind there are."""
        rows = self._connection.execute(select(_t.c.kind, func.count()).group_by(_t.c.kind))
        return {str(kind): int(n) for kind, n in rows}


_t = schema.targets
_i = schema.instruments
_m = schema.mentions
columns = (
    _t.c.id.label("target_id"),
    _t.c.kind,
    _t.c.value,
    _t.c.instrument_id,
    _t.c.label,
    _i.c.name.label("instrument_name"),
)
_targets = select(*columns).outerjoin(_i, _i.c.id == _t.c.instrument_id)
_named = _targets.where(tuple_(_t.c.kind, _t.c.value).in_(bindparam("pairs", expanding=True))).order_by(
    _t.c.id
)
_keyed = Prepared(_targets.where(among(_t.c.id, bindparam("keys"))).order_by(_t.c.id))
_met = Prepared(
    union_all(
        select(_t.c.id)
        .join(_m, _m.c.instrument_id == _t.c.instrument_id)
        .where(_m.c.version_id == bindparam("version"), _m.c.published),
        select(_t.c.id).where(_t.c.kind == PROVIDER, _t.c.value == bindparam("provider")),
        select(_t.c.id).where(_t.c.kind == LINEAGE, among_texts(_t.c.value, bindparam("lineages"))),
    )
)
_s = schema.subscriptions
_is_followed = exists().where(
    _s.c.target_id == _t.c.id, _s.c.confirmed_at.is_not(None), _s.c.ended_at.is_(None)
)
_kind = select(_t.c.kind).where(_t.c.id == bindparam("key"))
_sleeping = select(_t.c.id).where(_t.c.id == bindparam("key"), _t.c.roused.is_(None))
_searches = Prepared(
    _targets.add_columns(_t.c.roused)
    .where(_t.c.roused > bindparam("after"))
    .order_by(_t.c.roused)
    .limit(bindparam("limit"))
)
_numbered = (
    select(_t.c.id, _t.c.roused, _is_followed.label("is_followed"))
    .where(_t.c.roused > bindparam("after"))
    .order_by(_t.c.roused)
    .limit(bindparam("limit"))
)
_unfollowed = _targets.where(among(_t.c.id, bindparam("keys")), ~_is_followed).order_by(_t.c.id)
_lock = text("SELECT pg_advisory_xact_lock(:k)")


def target(r: Any) -> Target:
    """Return the target of a row that holds `columns`."""
    return Target(r.kind, r.value, r.instrument_name or r.label or r.value, r.target_id, r.instrument_id)
