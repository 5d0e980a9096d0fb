"""What readers follow: one row a target, however many follow it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, tuple_, union_all

from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, Target
from depesche.store import schema
from depesche.store.sql import among, among_texts, insert, to_json

_TARGETS_LOCK = 0x0DE9E5C7


class Targets:
    """The table of targets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, target: Target) -> Target:
        """Return *target* as it is stored, entering a new one; a known one keeps its name.

        On PostgreSQL those who enter take turns until their commit, so that nobody who reads on from the last
        key passes one over.
        """
        found = self.find([target])
        if found:
            return found[0]
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_lock, {"k": _TARGETS_LOCK})
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
        return [int(key) for key in self._connection.scalars(_met, asked)]

    def get(self, keys: Sequence[int]) -> list[Target]:
        """Return the targets in rows *keys*, in order of entry."""
        if not keys:
            return []
        return [target(r) for r in self._connection.execute(_keyed, {"keys": to_json(list(keys))})]

    def searches(self, after: int, limit: int = 10_000) -> list[Target]:
        """Return the searches entered after the row *after*, in order of entry."""
        rows = self._connection.execute(_searches, {"after": after, "limit": limit})
        return [target(r) for r in rows]

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
_keyed = _targets.where(among(_t.c.id, bindparam("keys"))).order_by(_t.c.id)
_met = union_all(
    select(_t.c.id)
    .join(_m, _m.c.instrument_id == _t.c.instrument_id)
    .where(_m.c.version_id == bindparam("version"), _m.c.published),
    select(_t.c.id).where(_t.c.kind == PROVIDER, _t.c.value == bindparam("provider")),
    select(_t.c.id).where(_t.c.kind == LINEAGE, among_texts(_t.c.value, bindparam("lineages"))),
)
_searches = (
    _targets.where(_t.c.kind == SEARCH, _t.c.id > bindparam("after"))
    .order_by(_t.c.id)
    .limit(bindparam("limit"))
)
_lock = text("SELECT pg_advisory_xact_lock(:k)")


def target(r: Any) -> Target:
    """Return the target of a row that holds `columns`."""
    return Target(r.kind, r.value, r.instrument_name or r.label or r.value, r.target_id, r.instrument_id)
