"""The ledger: what became of everybody whom the matcher decided for, by story and by reader, for as long as it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, Table, bindparam, delete, func, select

from depesche.lib.clock import epoch
from depesche.model.subscription import (
    INTENT,
    LETTER_STATES,
    PENDING,
    UNCERTAIN,
    Balance,
    Decision,
    Outgoing,
)
from depesche.store import schema
from depesche.store.letters.chunks import Chunks
from depesche.store.letters.dispatches import Dispatches
from depesche.store.letters.outbox import Outbox

_OPEN = (PENDING, INTENT, UNCERTAIN)


class Ledger:
    """Adds up dispatches, chunks and single letters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def balance(self, story: int) -> Balance:
        """Return what became of every letter decided on for *story*."""
        dispatches = [one.key for one in Dispatches(self._connection).of_story(story)]
        return _sum(self.balances(dispatches).values())

    def balances(self, dispatches: Iterable[int]) -> dict[int, Balance]:
        """Return what became of every letter of each of *dispatches*."""
        keys = list(dispatches)
        if not keys:
            return {}
        matched = {
            int(r.id): int(r.matched)
            for r in self._connection.execute(select(_d.c.id, _d.c.matched).where(_d.c.id.in_(keys)))
        }
        found: dict[int, Counter[str]] = {key: Counter() for key in matched}
        for counted in (
            select(_c.c.dispatch_id, _c.c.state, func.sum(_c.c.size)).where(_c.c.dispatch_id.in_(keys)),
            select(_x.c.dispatch_id, _x.c.state, func.count()).where(_x.c.dispatch_id.in_(keys)),
        ):
            for key, state, n in self._connection.execute(counted.group_by("dispatch_id", "state")):
                found.setdefault(int(key), Counter())[state] += int(n)
        return {
            key: Balance(matched.get(key, 0), **{state: states[state] for state in LETTER_STATES})
            for key, states in found.items()
        }

    def newest(self, limit: int, before: int | None = None) -> list[int]:
        """Return the stories of the newest dispatches, newest first, *before* a dispatch where one is named."""
        asked = select(_d.c.story_id, func.max(_d.c.id).label("newest")).group_by(_d.c.story_id)
        if before is not None:
            asked = asked.where(_d.c.id < before)
        rows = self._connection.execute(asked.order_by(func.max(_d.c.id).desc()).limit(limit))
        return [int(r.story_id) for r in rows]

    def uneven(self, since: datetime) -> list[int]:
        """Return the dispatches decided since then that are not fully accounted for; each is an alarm."""
        recent = select(_d.c.id, _d.c.matched).where(_d.c.decided_at >= epoch(since)).subquery()
        chunked = _summed(_c, func.sum(_c.c.size), recent).subquery()
        single = _summed(_x, func.count(), recent).subquery()
        accounted = func.coalesce(chunked.c.n, 0) + func.coalesce(single.c.n, 0)
        rows = self._connection.execute(
            select(recent.c.id)
            .outerjoin(chunked, chunked.c.dispatch_id == recent.c.id)
            .outerjoin(single, single.c.dispatch_id == recent.c.id)
            .where(accounted != recent.c.matched)
            .order_by(recent.c.id)
        )
        return [int(r.id) for r in rows]

    def counts(self) -> dict[str, int]:
        """Return how many letters are in each state, in chunks and by themselves."""
        both = Counter(Chunks(self._connection).counts())
        both.update(Outbox(self._connection).counts())
        return dict(both)

    def of_subscriber(self, subscriber: int) -> list[Outgoing]:
        """Return every letter to *subscriber* that is remembered, in order of decision; single ones last among equals.

        A letter of a chunk has no name and no Message-ID here: whoever has the key can make them.
        """
        reader = Chunks(self._connection).subscribers([subscriber]).get(subscriber)
        if reader is None:
            return []
        shared = [
            Outgoing(
                Outgoing.of_chunk(one.key, subscriber),
                Decision(
                    "", one.dispatch.kind, subscriber, "", one.due_at, one.expires_at, one.dispatch.story,
                    one.dispatch.lineage, one.dispatch.version, channel=one.channel, dispatch=one.dispatch.key,
                ),
                reader, one.state, int(one.done_at is not None and one.state not in ("expired", "dropped")),
                one.dispatch.decided_at, one.done_at if one.state == "sent" else None, one.reason,
            )
            for one in Chunks(self._connection).of_subscriber(subscriber)
        ]  # fmt: skip
        own = Outbox(self._connection).of_subscriber(subscriber)
        return sorted([*shared, *own], key=lambda one: (one.created_at, one.decision.dispatch or 0))

    def forget(self, before: datetime, limit: int = 200) -> int:
        """Forget dispatches decided before then, with their letters and who was told; returns how many dispatches and rows."""
        until = epoch(before)
        open_chunks = select(_c.c.dispatch_id).where(_c.c.state.in_(_OPEN))
        open_rows = select(_x.c.dispatch_id).where(_x.c.state.in_(_OPEN), _x.c.dispatch_id.is_not(None))
        old = (
            select(_d.c.id)
            .where(_d.c.decided_at < until, _d.c.id.not_in(open_chunks), _d.c.id.not_in(open_rows))
            .order_by(_d.c.decided_at)
            .limit(limit)
        )
        keys = [int(r.id) for r in self._connection.execute(old)]
        run = self._connection.execute
        if keys:
            run(delete(_c).where(_c.c.dispatch_id.in_(keys)))
            run(delete(_x).where(_x.c.dispatch_id.in_(keys)))
            run(delete(_d).where(_d.c.id.in_(keys)))
        own = select(_x.c.id).where(
            _x.c.dispatch_id.is_(None), _x.c.created_at < until, _x.c.state.not_in(_OPEN)
        )
        rows = run(delete(_x).where(_x.c.id.in_(own.limit(limit)))).rowcount
        stale = select(_o.c.lineage_id, _o.c.event).where(_o.c.at < until).limit(limit)
        told = run(stale).all()
        if told:
            run(
                delete(_o).where(_o.c.lineage_id == bindparam("lineage"), _o.c.event == bindparam("name")),
                [{"lineage": r.lineage_id, "name": r.event} for r in told],
            )
        return len(keys) + rows + len(told)

    def erase(self, subscriber: int) -> None:
        """Take a reader out of every chunk and out of who was told; the balance counts one matched reader less."""
        chunks = Chunks(self._connection)
        for one in chunks.of_subscriber(subscriber):
            chunks.take_out(one.key, BitMap([subscriber]))
            self._connection.execute(_one_less, {"key": one.dispatch.key})
        for r in self._connection.execute(
            select(_x.c.dispatch_id).where(_x.c.subscriber_id == subscriber, _x.c.dispatch_id.is_not(None))
        ).all():
            self._connection.execute(_one_less, {"key": r.dispatch_id})
        self._connection.execute(delete(_x).where(_x.c.subscriber_id == subscriber))
        for r in self._connection.execute(select(_o)).all():
            people = BitMap.deserialize(r.recipients)
            if subscriber in people:
                people.remove(subscriber)
                here = _o.update().where(_o.c.lineage_id == r.lineage_id, _o.c.event == r.event)
                self._connection.execute(here.values(recipients=people.serialize()))


_d = schema.dispatches
_c = schema.chunks
_x = schema.outbox
_o = schema.told
_one_less = _d.update().where(_d.c.id == bindparam("key")).values(matched=_d.c.matched - 1)


def _summed(table: Table, count: Any, recent: Any) -> Any:
    counted = select(table.c.dispatch_id, count.label("n")).join(recent, recent.c.id == table.c.dispatch_id)
    return counted.group_by(table.c.dispatch_id)


def _sum(balances: Iterable[Balance]) -> Balance:
    total: Counter[str] = Counter()
    for one in balances:
        for state in ("matched", *LETTER_STATES):
            total[state] += getattr(one, state)
    return Balance(**total)
