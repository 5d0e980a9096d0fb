"""Subscribers, subscriptions, consent and letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

REQUESTED = "requested"
CONFIRMED = "confirmed"
LEFT = "left"

CONFIRMATION = "confirmation"
ALERT = "alert"
CORRECTION_LETTER = "correction"
KILL_LETTER = "kill"
MANAGE_LETTER = "manage"  # answers a request for what is followed already

PENDING = "pending"
INTENT = "intent"  # claimed by a courier, who is handing it over
UNCERTAIN = "uncertain"  # handed over without an answer: the mail server may have it
SENT = "sent"
DEAD = "dead"
EXPIRED = "expired"
DROPPED = "dropped"
LETTER_STATES = (PENDING, INTENT, UNCERTAIN, SENT, DEAD, EXPIRED, DROPPED)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader who gave an address: `address` as given, `identity` normalised."""

    key: int
    address: str
    identity: str
    language: str
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """One followed share of one subscriber; it counts once confirmed and until it ended."""

    key: int
    subscriber: int
    kind: str
    instrument: int
    isin: str
    name: str
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether letters may be sent for it."""
        return self.confirmed_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class Consent:
    """One act of consent or withdrawal, as proof: who, what, when, from where, under which words."""

    event: str
    at: datetime
    address: str
    isin: str | None
    ip: str | None
    form_text: str | None
    privacy_version: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """That one subscriber is to get one letter; `name` is unique per subscriber, lineage and event.

    `reasons` are the ISINs of the followed shares that brought it about.
    """

    name: str
    kind: str
    subscriber: int
    message_id: str
    due_at: datetime
    expires_at: datetime
    story: int | None = None
    lineage: int | None = None
    version: int | None = None
    subscription: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A decision on its way; `tries` counts hand-overs begun."""

    key: int
    decision: Decision
    subscriber: Subscriber
    state: str
    tries: int
    created_at: datetime
    sent_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of every letter decided on: `matched` counts decisions, the others their states."""

    matched: int
    pending: int
    intent: int
    uncertain: int
    sent: int
    dead: int
    expired: int
    dropped: int

    @property
    def is_even(self) -> bool:
        """Tell whether every decision is accounted for; an imbalance is an alarm."""
        return self.matched == (
            self.pending + self.intent + self.uncertain + self.sent + self.dead + self.expired + self.dropped
        )
