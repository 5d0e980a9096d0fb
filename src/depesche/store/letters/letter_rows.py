"""Single letters as rows, and what becomes of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from depesche.lib.clock import epoch, from_epoch
from depesche.lib.quick import quickly_made
from depesche.model.subscription import PENDING, SENT, UNCERTAIN, Decision, Outgoing, Subscriber
from depesche.store.sql import of_json, to_json, when


@quickly_made
@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the letter in row `key`: its new state, why, and when to try again if it is to wait.

    An uncertain letter with `due_at` None is not handed over again. `tried` tells whether a
    hand-over was begun; `sent_at` is the time of the mail server's answer, where that was not just now; `expires_at`
    a new time at which it is too late.
    """

    key: int
    state: str
    reason: str | None = None
    due_at: datetime | None = None
    tried: bool = False
    sent_at: datetime | None = None
    expires_at: datetime | None = None


def expiry(fate: Fate, at: datetime) -> float | None:
    """Return when a letter will have become too late, None for as before; one that is parked in doubt is at once."""
    if fate.state == UNCERTAIN and fate.due_at is None:
        return epoch(at)
    return None if fate.expires_at is None else epoch(fate.expires_at)


def row_of(one: Decision, at: datetime, fate: Fate | None) -> Mapping[str, object]:
    """Return a decision as a new row; *fate* says what became of it already."""
    state = PENDING if fate is None else fate.state
    due_at = one.due_at if fate is None or fate.due_at is None else fate.due_at
    expires_at = None if fate is None else expiry(fate, at)
    return {
        "decision": one.name, "kind": one.kind, "subscriber_id": one.subscriber, "subscription_id": one.subscription,
        "story_id": one.story, "lineage_id": one.lineage, "version_id": one.version, "reasons_json": to_json(one.reasons),
        "message_id": one.message_id, "state": state, "reason": fate.reason if fate else None,
        "tries": int(fate.tried) if fate else 0, "created_at": epoch(at), "due_at": epoch(due_at),
        "expires_at": epoch(one.expires_at) if expires_at is None else expires_at, "channel": one.channel, "dispatch_id": one.dispatch,
        "digest_at": None if one.digest_at is None else epoch(one.digest_at),
        "sent_at": epoch(fate.sent_at or at) if fate is not None and state == SENT else None,
    }  # fmt: skip


def outgoing(r: Any) -> Outgoing:
    """Return the letter of a row."""
    decision = Decision(
        name=r.decision, kind=r.kind, subscriber=r.subscriber_id, message_id=r.message_id,
        due_at=from_epoch(r.due_at), expires_at=from_epoch(r.expires_at), story=r.story_id, lineage=r.lineage_id,
        version=r.version_id, subscription=r.subscription_id, reasons=of_json(r.reasons_json, tuple[str, ...]) or (),
        channel=r.channel, dispatch=r.dispatch_id, digest_at=when(r.digest_at),
    )  # fmt: skip
    reader = Subscriber(
        r.subscriber_id, r.address, r.identity, r.language, r.suppressed_at is not None, r.channel,
        quiet_from=r.quiet_from, quiet_to=r.quiet_to, zone=r.zone, paused_until=when(r.paused_until),
        keys=of_json(r.keys_json, dict[str, str]), owner=r.owner_id, failures=r.failures,
    )  # fmt: skip
    return Outgoing(
        r.id, decision, reader, r.state, r.tries, from_epoch(r.created_at), when(r.sent_at), r.reason
    )
