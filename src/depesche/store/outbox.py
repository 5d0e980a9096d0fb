"""The outbox: every letter decided on, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import (
    ALERT,
    CORRECTION_LETTER,
    DROPPED,
    EXPIRED,
    INTENT,
    LETTER_STATES,
    PENDING,
    SENT,
    UNCERTAIN,
    Balance,
    Decision,
    Outgoing,
    Subscriber,
)
from depesche.store import schema
from depesche.store.sql import insert, of_json, to_json, when

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the letter in row `key`: its new state, why, and when to try again if it is to wait.

    An uncertain letter with `due_at` None is not handed over again. `tried` tells whether a
    hand-over was begun; `sent_at` is the time of the mail server's answer, where that was not just now.
    """

    key: int
    state: str
    reason: str | None = None
    due_at: datetime | None = None
    tried: bool = False
    sent_at: datetime | None = None


class Outbox:
    """The table of letters; one decision is one row, however often it is decided."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decide(self, decisions: Iterable[Decision], at: datetime) -> None:
        """Enter *decisions*, leaving out those already taken.

        A letter that was dropped or expired before anybody tried to hand it over has
        told its reader nothing: deciding it again for another version revives it.
        """
        statement = insert(self._connection, _t)
        again = {name: statement.excluded[name] for name in _REVIVED}
        untold = and_(
            or_(_t.c.state == DROPPED, _t.c.state == EXPIRED),  # an IN cannot be repeated row by row
            _t.c.tries == 0,
            _t.c.version_id != statement.excluded.version_id,
            statement.excluded.expires_at > epoch(at),
        )
        statement = statement.on_conflict_do_update(index_elements=["decision"], set_=again, where=untold)
        waiting = iter(decisions)
        while rows := [_row(one, at) for one in islice(waiting, _AT_ONCE)]:
            self._connection.execute(statement, rows)

    def claim(self, now: datetime, limit: int = _AT_ONCE, *, resend: bool = True) -> list[Outgoing]:
        """Lock and return the letters to hand over now, oldest first.

        With *resend*, those in doubt are among them. Whoever claims says what becomes of each before the
        transaction ends: `intend` or `settle`.
        """
        states = [PENDING, UNCERTAIN] if resend else [PENDING]
        found = {"now": epoch(now), "limit": limit, "states": states}
        return [_outgoing(row) for row in self._connection.execute(_due, found)]

    def is_due(self, now: datetime, *, resend: bool = True) -> bool:
        """Tell whether any letter is to be handed over now."""
        states = [PENDING, UNCERTAIN] if resend else [PENDING]
        return self._connection.execute(_any_due, {"now": epoch(now), "states": states}).first() is not None

    def intend(self, keys: Sequence[int]) -> None:
        """Note that letters are about to be handed over: a crash from here on leaves it to the courier's journal."""
        if keys:
            self._connection.execute(_intend, [{"key": key} for key in keys])

    def intended(self) -> list[int]:
        """Return the letters that a courier claimed and, when no courier runs, never came to settle."""
        return list(self._connection.scalars(select(_t.c.id).where(_t.c.state == INTENT).order_by(_t.c.id)))

    def settle(self, fates: Iterable[Fate], at: datetime) -> None:
        """Say what became of letters."""
        rows = [
            {
                "key": one.key,
                "new_state": one.state,
                "new_reason": one.reason,
                "new_due": None if one.due_at is None else epoch(one.due_at),
                "new_sent": epoch(one.sent_at or at) if one.state == SENT else None,
                "tried": int(one.tried),
                "new_expiry": epoch(at) if one.state == UNCERTAIN and one.due_at is None else None,
            }
            for one in fates
        ]
        if rows:
            self._connection.execute(_settle, rows)

    def expire(self, now: datetime) -> int:
        """Give up the letters whose time has passed unsent; returns how many."""
        late = update(_t).where(_t.c.state == PENDING, _t.c.expires_at <= epoch(now))
        return self._connection.execute(late.values(state=EXPIRED, reason="not sent in time")).rowcount

    def drop_story(self, story: int, reason: str) -> int:
        """Stop the unsent letters on a story that stood on show; returns how many."""
        unsent = update(_t).where(
            _t.c.story_id == story, _t.c.state == PENDING, _t.c.kind.in_([ALERT, CORRECTION_LETTER])
        )
        return self._connection.execute(unsent.values(state=DROPPED, reason=reason)).rowcount

    def alerted(self, story: int) -> list[tuple[int, tuple[str, ...]]]:
        """Return the subscribers an alert on *story* has or may have reached, each with the reasons given.

        Waits for a courier that is about to hand one over, so that none is missed.
        """
        rows = self._connection.execute(_alerted, {"story": story}).all()
        return [
            (r.subscriber_id, of_json(r.reasons_json, tuple[str, ...]) or ())
            for r in rows
            if r.state in _MAY_HAVE
        ]

    def alerts(self, names: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
        """Return state and time of sending of the decisions called *names*."""
        found: dict[str, tuple[str, datetime | None]] = {}
        for start in range(0, len(names), _AT_ONCE):
            asked = {"names": list(names[start : start + _AT_ONCE])}
            found.update(
                {r.decision: (r.state, when(r.sent_at)) for r in self._connection.execute(_named, asked)}
            )
        return found

    def of_story(self, story: int) -> list[Outgoing]:
        """Return every letter on *story*, in order."""
        rows = self._connection.execute(_letters.where(_t.c.story_id == story).order_by(_t.c.id))
        return [_outgoing(r) for r in rows]

    def of_subscriber(self, subscriber: int) -> list[Outgoing]:
        """Return every letter to *subscriber*, in order."""
        rows = self._connection.execute(_letters.where(_t.c.subscriber_id == subscriber).order_by(_t.c.id))
        return [_outgoing(r) for r in rows]

    def balance(self, story: int) -> Balance:
        """Return what became of every letter decided on for *story*."""
        counts = [
            func.coalesce(func.sum(case((_t.c.state == state, 1), else_=0)), 0) for state in LETTER_STATES
        ]
        row = self._connection.execute(select(func.count(), *counts).where(_t.c.story_id == story)).one()
        matched, *each = (int(n) for n in row)
        return Balance(matched, **dict(zip(LETTER_STATES, each, strict=True)))

    def counts(self) -> dict[str, int]:
        """Return how many letters are in each state."""
        rows = self._connection.execute(select(_t.c.state, func.count()).group_by(_t.c.state))
        return {str(state): int(n) for state, n in rows}

    def next_due(self) -> float | None:
        """Return when the next letter is to be handed over, in seconds since 1970."""
        waiting = select(func.min(_t.c.due_at)).where(_t.c.state == PENDING)
        return self._connection.execute(waiting).scalar()


_t = schema.outbox
_p = schema.subscribers
_MAY_HAVE = (SENT, INTENT, UNCERTAIN)
_REVIVED = ("state", "reason", "story_id", "version_id", "reasons_json", "created_at", "due_at", "expires_at")
_letters = select(_t, _p.c.address, _p.c.identity, _p.c.language, _p.c.suppressed_at).join(
    _p, _p.c.id == _t.c.subscriber_id
)
_is_due = and_(
    _t.c.state.in_(bindparam("states", expanding=True)),
    _t.c.due_at <= bindparam("now"),
    or_(_t.c.state == PENDING, _t.c.expires_at > bindparam("now")),
)
_any_due = select(_t.c.id).where(_is_due).limit(1)
_due = (
    _letters.where(_is_due)
    .order_by(_t.c.due_at, _t.c.id)
    .limit(bindparam("limit"))
    .with_for_update(of=_t, skip_locked=True)
)
_intend = update(_t).where(_t.c.id == bindparam("key")).values(state=INTENT)
_settle = (
    update(_t)
    .where(_t.c.id == bindparam("key"))
    .values(
        state=bindparam("new_state"),
        tries=_t.c.tries + bindparam("tried"),
        reason=bindparam("new_reason"),
        due_at=func.coalesce(bindparam("new_due"), _t.c.due_at),
        sent_at=bindparam("new_sent"),
        expires_at=func.coalesce(bindparam("new_expiry"), _t.c.expires_at),
    )
)
_alerted = (
    select(_t.c.subscriber_id, _t.c.reasons_json, _t.c.state)
    .where(_t.c.story_id == bindparam("story"), _t.c.kind == ALERT)
    .order_by(_t.c.id)
    .with_for_update()
)
_named = select(_t.c.decision, _t.c.state, _t.c.sent_at).where(
    _t.c.decision.in_(bindparam("names", expanding=True))
)


def _row(one: Decision, at: datetime) -> Mapping[str, object]:
    return {
        "decision": one.name, "kind": one.kind, "subscriber_id": one.subscriber, "subscription_id": one.subscription,
        "story_id": one.story, "lineage_id": one.lineage, "version_id": one.version, "reasons_json": to_json(one.reasons),
        "message_id": one.message_id, "state": PENDING, "reason": None, "tries": 0, "created_at": epoch(at),
        "due_at": epoch(one.due_at), "expires_at": epoch(one.expires_at),
    }  # fmt: skip


def _outgoing(r: Any) -> Outgoing:
    decision = Decision(
        name=r.decision, kind=r.kind, subscriber=r.subscriber_id, message_id=r.message_id,
        due_at=from_epoch(r.due_at), expires_at=from_epoch(r.expires_at), story=r.story_id, lineage=r.lineage_id,
        version=r.version_id, subscription=r.subscription_id, reasons=of_json(r.reasons_json, tuple[str, ...]) or (),
    )  # fmt: skip
    subscriber = Subscriber(r.subscriber_id, r.address, r.identity, r.language, r.suppressed_at is not None)
    return Outgoing(
        r.id, decision, subscriber, r.state, r.tries, from_epoch(r.created_at), when(r.sent_at), r.reason
    )
