"""The outbox: every letter decided on, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import DROPPED, INTENT, PENDING, SENT, Decision, Outgoing, Subscriber
from depesche.store import schema
from depesche.store.sql import insert, of_json, to_json, when


class Outbox:
    """The table of letters; one decision is one row, however often it is decided."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decide(self, decisions: Iterable[Decision], at: datetime) -> int:
        """Enter *decisions*, leaving out those already taken; returns how many are new."""
        new = 0
        for one in decisions:
            row = {
                "decision": one.name, "kind": one.kind, "subscriber_id": one.subscriber, "subscription_id": one.subscription,
                "story_id": one.story, "lineage_id": one.lineage, "version_id": one.version, "reasons_json": to_json(one.reasons),
                "message_id": one.message_id, "state": PENDING, "tries": 0, "created_at": epoch(at), "due_at": epoch(one.due_at),
                "expires_at": epoch(one.expires_at),
            }  # fmt: skip
            new += self._connection.execute(
                insert(self._connection, _t).values(row).on_conflict_do_nothing()
            ).rowcount
        return new

    def due(self, now: datetime, limit: int = 500) -> list[Outgoing]:
        """Return the letters to hand over now, those left in doubt by a killed process among them, oldest first."""
        return [_outgoing(row) for row in self._connection.execute(_due, {"now": epoch(now), "limit": limit})]

    def intend(self, keys: Sequence[int]) -> None:
        """Note, before handing over, that letters are about to go: a crash from here on leaves them in doubt."""
        if keys:
            self._connection.execute(
                update(_t).where(_t.c.id.in_(keys)).values(state=INTENT, tries=_t.c.tries + 1)
            )

    def settle(self, key: int, state: str, at: datetime, reason: str | None = None) -> None:
        """Say what became of a letter: sent, dead, expired or dropped."""
        values = {"state": state, "reason": reason, "sent_at": epoch(at) if state == SENT else None}
        self._connection.execute(update(_t).where(_t.c.id == key).values(values))

    def postpone(self, key: int, due_at: datetime, reason: str) -> None:
        """Try a letter again at *due_at*."""
        values = {"state": PENDING, "due_at": epoch(due_at), "reason": reason}
        self._connection.execute(update(_t).where(_t.c.id == key).values(values))

    def drop_story(self, story: int, reason: str) -> int:
        """Stop the unsent alerts of a story; returns how many."""
        unsent = update(_t).where(_t.c.story_id == story, _t.c.state == PENDING, _t.c.kind == "alert")
        return self._connection.execute(unsent.values(state=DROPPED, reason=reason)).rowcount

    def alerted(self, story: int) -> list[tuple[int, tuple[str, ...]]]:
        """Return the subscribers who were sent a letter on *story*, each with the reasons given."""
        rows = self._connection.execute(_alerted, {"story": story})
        return [(r.subscriber_id, of_json(r.reasons_json, tuple[str, ...]) or ()) for r in rows]

    def of_story(self, story: int) -> list[Outgoing]:
        """Return every letter on *story*, in order."""
        return [
            _outgoing(r)
            for r in self._connection.execute(_letters.where(_t.c.story_id == story).order_by(_t.c.id))
        ]

    def of_subscriber(self, subscriber: int) -> list[Outgoing]:
        """Return every letter to *subscriber*, in order."""
        return [
            _outgoing(r)
            for r in self._connection.execute(
                _letters.where(_t.c.subscriber_id == subscriber).order_by(_t.c.id)
            )
        ]

    def counts(self) -> dict[str, int]:
        """Return how many letters are in each state."""
        rows = self._connection.execute(select(_t.c.state, func.count()).group_by(_t.c.state))
        return {str(state): int(n) for state, n in rows}


_t = schema.outbox
_p = schema.subscribers
_letters = select(_t, _p.c.address, _p.c.identity, _p.c.language, _p.c.suppressed_at).join(
    _p, _p.c.id == _t.c.subscriber_id
)
_due = (
    _letters.where(_t.c.state.in_([PENDING, INTENT]), _t.c.due_at <= bindparam("now"))
    .order_by(_t.c.due_at, _t.c.id)
    .limit(bindparam("limit"))
)
_alerted = select(_t.c.subscriber_id, _t.c.reasons_json).where(
    _t.c.story_id == bindparam("story"), _t.c.kind == "alert", _t.c.state.in_([SENT, INTENT])
)


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
