"""The outbox: letters that are one reader's own, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from depesche.lib.clock import epoch
from depesche.model.subscription import (
    ALERT,
    DIGEST_LETTER,
    DROPPED,
    EMAIL,
    EXPIRED,
    INTENT,
    PENDING,
    SENT,
    UNCERTAIN,
    Decision,
    Outgoing,
)
from depesche.store import schema
from depesche.store.letters.chunks import STOPPABLE
from depesche.store.letters.dispatches import Dispatches
from depesche.store.letters.letter_rows import Fate as Fate
from depesche.store.letters.letter_rows import expiry, outgoing, row_of
from depesche.store.prepared import new_rows
from depesche.store.sql import among, to_json, when

_AT_ONCE = 500


class Outbox:
    """The table of single letters; one decision is one row, however often it is decided."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decide(self, decisions: Iterable[Decision], at: datetime, fates: Iterable[Fate] = ()) -> None:
        """Enter *decisions*, leaving out those already taken; *fates*, in the same order, say what became of them already."""
        given = iter(fates)
        waiting = iter(decisions)
        while rows := [row_of(one, at, next(given, None)) for one in islice(waiting, _AT_ONCE)]:
            _new.run_all(self._connection, rows)

    def claim(
        self,
        now: datetime,
        limit: int = _AT_ONCE,
        *,
        resend: bool = True,
        channel: str = EMAIL,
    ) -> list[Outgoing]:
        """Lock and return the letters to hand over now, oldest first.

        With *resend*, those in doubt are among them. Whoever claims says what becomes of each before the
        transaction ends: `intend` or `settle`.
        """
        states = [PENDING, UNCERTAIN] if resend else [PENDING]
        found = {"now": epoch(now), "limit": limit, "states": states, "channel": channel}
        return [outgoing(row) for row in self._connection.execute(_due, found)]

    def is_due(self, now: datetime, *, resend: bool = True, channel: str = EMAIL) -> bool:
        """Tell whether any letter is to be handed over now."""
        states = [PENDING, UNCERTAIN] if resend else [PENDING]
        asked = {"now": epoch(now), "states": states, "channel": channel}
        return self._connection.execute(_any_due, asked).first() is not None

    def intend(self, keys: Sequence[int], courier: str = "", lease_until: datetime | None = None) -> None:
        """Note that letters are about to be handed over: a crash from here on leaves it to the journal of *courier*."""
        until = None if lease_until is None else epoch(lease_until)
        if keys:
            rows = [{"key": key, "by": courier, "until": until} for key in keys]
            self._connection.execute(_intend, rows)
            carriers = self._carriers(keys)
            if items := [row for row in rows if row["key"] in carriers]:
                self._connection.execute(_intend_items, items)

    def prolong(self, keys: Sequence[int], lease_until: datetime) -> None:
        """Note that the courier of those letters is still at it."""
        for start in range(0, len(keys), _AT_ONCE):
            here = update(_t).where(_t.c.id.in_(keys[start : start + _AT_ONCE]), _t.c.state == INTENT)
            self._connection.execute(here.values(lease_until=epoch(lease_until)))

    def intended(self, courier: str, now: datetime) -> tuple[list[int], list[int]]:
        """Return the letters that *courier* claimed and never came to settle, and those of couriers whose lease ran out.

        Letters without a name on them were claimed when there was one courier only: they count as anybody's.
        """
        mine = or_(_t.c.leased_by == courier, _t.c.leased_by.is_(None), _t.c.leased_by == "")
        asked = select(_t.c.id, mine.label("is_mine")).where(
            _t.c.state == INTENT, _t.c.carrier_id.is_(None), or_(mine, _t.c.lease_until <= epoch(now))
        )
        held = asked.order_by(_t.c.id).with_for_update(
            skip_locked=True
        )  # another may be about to take them on
        rows = self._connection.execute(held).all()
        return [int(r.id) for r in rows if r.is_mine], [int(r.id) for r in rows if not r.is_mine]

    def settle(self, fates: Sequence[Fate], at: datetime) -> None:
        """Say what became of letters; the letters that a digest carries share its fate.

        An alert that is dropped or expires before anybody tried to hand it over has told its reader nothing.
        """
        rows = [
            {
                "key": one.key,
                "new_state": one.state,
                "new_reason": one.reason,
                "new_due": None if one.due_at is None else epoch(one.due_at),
                "new_sent": epoch(one.sent_at or at) if one.state == SENT else None,
                "tried": int(one.tried),
                "new_expiry": expiry(one, at),
            }
            for one in fates
        ]
        if not rows:
            return
        self._connection.execute(_settle, rows)
        carriers = self._carriers([one.key for one in fates])
        if items := [row for row in rows if row["key"] in carriers]:
            self._connection.execute(_settle_items, items)
        if stopped := [row["key"] for row in rows if row["new_state"] in (DROPPED, EXPIRED)]:
            self._untell(or_(_t.c.id.in_(stopped), _t.c.carrier_id.in_(stopped)))

    def _carriers(self, keys: Sequence[int]) -> set[int]:
        """Return those of the letters in rows *keys* that carry others."""
        found = self._connection.scalars(_carriers, {"keys": to_json(list(keys))})
        return {int(key) for key in found}

    def expire(self, now: datetime) -> int:
        """Give up the letters whose time has passed unsent; returns how many."""
        late = and_(_t.c.state == PENDING, _t.c.expires_at <= epoch(now), _t.c.carrier_id.is_(None))
        return self._stop(late, EXPIRED, "not sent in time")

    def drop_story(self, story: int, reason: str) -> int:
        """Stop the unsent letters on a story that stood on show; returns how many."""
        unsent = and_(_t.c.story_id == story, _t.c.state == PENDING, _t.c.kind.in_(STOPPABLE))
        return self._stop(unsent, DROPPED, reason)

    def _stop(self, which: Any, state: str, reason: str) -> int:
        keys = [int(key) for key in self._connection.scalars(select(_t.c.id).where(which).with_for_update())]
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            these = or_(_t.c.id.in_(some), and_(_t.c.carrier_id.in_(some), _t.c.state == PENDING))
            self._untell(these)
            self._connection.execute(update(_t).where(these).values(state=state, reason=reason))
        return len(keys)

    def _untell(self, which: Any) -> None:
        untried = select(_t.c.subscriber_id, _t.c.lineage_id).where(
            which, _t.c.kind == ALERT, _t.c.tries == 0, _t.c.lineage_id.is_not(None)
        )
        untold: dict[int, BitMap] = {}
        for r in self._connection.execute(untried):
            untold.setdefault(r.lineage_id, BitMap()).add(r.subscriber_id)
        Dispatches(self._connection).untell(untold)

    # -- digests -------------------------------------------------------------------------------

    def ripe(self, now: datetime, limit: int = _AT_ONCE) -> dict[int, tuple[str, list[int]]]:
        """Return the letters that wait for a digest whose hour has come, by subscriber, with the channel."""
        readers = (
            select(_t.c.subscriber_id)
            .where(_IN_NO_DIGEST, _t.c.digest_at <= epoch(now), _t.c.state == PENDING)
            .distinct()
            .limit(limit)
        )
        rows = self._connection.execute(
            select(_t.c.id, _t.c.subscriber_id, _t.c.channel)
            .where(
                _IN_NO_DIGEST,
                _t.c.digest_at <= epoch(now),
                _t.c.state == PENDING,
                _t.c.subscriber_id.in_(readers),
            )
            .order_by(_t.c.id)
            .with_for_update()
        )
        found: dict[int, tuple[str, list[int]]] = {}
        for r in rows:
            found.setdefault(r.subscriber_id, (r.channel, []))[1].append(int(r.id))
        return found

    def carry(self, name: str, items: Sequence[int]) -> None:
        """Let the digest called *name* carry the letters in rows *items*."""
        carrier = self._connection.execute(select(_t.c.id).where(_t.c.decision == name)).scalar_one()
        rows = [{"key": key, "carrier": carrier} for key in items]
        self._connection.execute(_carry, rows)

    def carried(self, carriers: Sequence[int]) -> dict[int, list[Outgoing]]:
        """Return the letters that each of *carriers* carries and that are not settled, in order."""
        found: dict[int, list[Outgoing]] = {}
        if carriers:
            for r in self._connection.execute(_carried, {"carriers": list(carriers)}):
                found.setdefault(r.carrier_id, []).append(outgoing(r))
        return found

    # -- looking -------------------------------------------------------------------------------

    def of_dispatches(
        self, dispatches: Sequence[int], first: int, last: int
    ) -> dict[int, list[tuple[str, datetime | None]]]:
        """Return state and time of sending of the letters of *dispatches* to the subscribers from *first* to *last*."""
        found: dict[int, list[tuple[str, datetime | None]]] = {}
        if dispatches:
            asked = {"dispatches": list(dispatches), "first": first, "last": last}
            for r in self._connection.execute(_of_dispatches, asked):
                found.setdefault(r.subscriber_id, []).append((r.state, when(r.sent_at)))
        return found

    def of_subscriber(self, subscriber: int) -> list[Outgoing]:
        """Return every letter of *subscriber's* own, in order."""
        rows = self._connection.execute(_letters.where(_t.c.subscriber_id == subscriber).order_by(_t.c.id))
        return [outgoing(r) for r in rows]

    def counts(self) -> dict[str, int]:
        """Return how many letters are in each state; those in a digest count, the digest does not."""
        rows = self._connection.execute(
            select(_t.c.state, func.count()).where(_t.c.kind != DIGEST_LETTER).group_by(_t.c.state)
        )
        return {str(state): int(n) for state, n in rows}


_t = schema.outbox
_new = new_rows(_t)
_p = schema.subscribers
_d = schema.dispatches
_IN_NO_DIGEST = and_(_t.c.digest_at.is_not(None), _t.c.carrier_id.is_(None))
_letters = (
    select(
        _t, _p.c.address, _p.c.identity, _p.c.language, _p.c.suppressed_at, _p.c.paused_until,
        _p.c.keys_json, _p.c.quiet_from, _p.c.quiet_to, _p.c.zone, _p.c.owner_id, _p.c.failures,
    )
    .join(_p, _p.c.id == _t.c.subscriber_id)
)  # fmt: skip
_is_due = and_(
    _t.c.state.in_(bindparam("states", expanding=True)),
    _t.c.due_at <= bindparam("now"),
    or_(_t.c.state == PENDING, _t.c.expires_at > bindparam("now")),
    _t.c.channel == bindparam("channel"),
    _t.c.digest_at.is_(None),
)
_any_due = select(_t.c.id).where(_is_due).limit(1)
_due = (
    _letters.where(_is_due)
    .order_by(_t.c.due_at, _t.c.id)
    .limit(bindparam("limit"))
    .with_for_update(of=_t, skip_locked=True)
)
_intend = (
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(state=INTENT, leased_by=bindparam("by"), lease_until=bindparam("until"))
)
_OPEN = (PENDING, INTENT, UNCERTAIN)
_is_open = or_(*(_t.c.state == state for state in _OPEN))  # an IN cannot be repeated row by row
_carriers = select(_t.c.carrier_id).where(among(_t.c.carrier_id, bindparam("keys"))).distinct()
_intend_items = update(_t).where(_t.c.carrier_id == bindparam("key"), _is_open).values(state=INTENT)
_fate = {
    "state": bindparam("new_state"),
    "tries": _t.c.tries + bindparam("tried"),
    "reason": bindparam("new_reason"),
    "sent_at": bindparam("new_sent"),
    "leased_by": None,
    "lease_until": None,
}
_settle = (
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(
        **_fate,
        due_at=func.coalesce(bindparam("new_due"), _t.c.due_at),
        expires_at=func.coalesce(bindparam("new_expiry"), _t.c.expires_at),
    )
)
_settle_items = (
    update(_t)
    .where(_t.c.carrier_id == bindparam("key"), _is_open)
    .values(**_fate, expires_at=func.coalesce(bindparam("new_expiry"), _t.c.expires_at))
)
_carry = update(_t).where(_t.c.id == bindparam("key")).values(carrier_id=bindparam("carrier"))
_carried = _letters.where(
    _t.c.carrier_id.in_(bindparam("carriers", expanding=True)), _t.c.state.in_(_OPEN)
).order_by(_t.c.id)
_of_dispatches = (
    select(_t.c.subscriber_id, _t.c.state, _t.c.sent_at)
    .where(
        _t.c.dispatch_id.in_(bindparam("dispatches", expanding=True)),
        _t.c.subscriber_id.between(bindparam("first"), bindparam("last")),
    )
    .order_by(_t.c.id)
)
