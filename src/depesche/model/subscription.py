"""Subscribers, subscriptions, consent and letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from depesche.lib.quick import quickly_made

REQUESTED = "requested"
CONFIRMED = "confirmed"
LEFT = "left"
CHANGED = "changed"  # on the reader's own page: hours, pause, language, cadence
EXPORTED = "exported"
IGNORED = "ignored"  # asked for, and no letter went: a limit was reached, or the address takes none

INSTRUMENT, PROVIDER, SEARCH, LINEAGE = "instrument", "provider", "search", "lineage"
TARGET_KINDS = (INSTRUMENT, PROVIDER, SEARCH, LINEAGE)
TOPIC = "topic"  # a kind of its own to people, underneath a search

EMAIL, WEBPUSH, WEBHOOK = "email", "webpush", "webhook"
CHANNELS = (EMAIL, WEBPUSH, WEBHOOK)

INSTANT, DIGEST = "instant", "digest"

CONFIRMATION = "confirmation"
ALERT = "alert"
UPDATE_LETTER = "update"  # a later part or version, for those who asked for them
CORRECTION_LETTER = "correction"
KILL_LETTER = "kill"
RETRACTION_LETTER = "retraction"  # the story is not about what brought the alert about
MANAGE_LETTER = "manage"  # answers a request for what is followed already
DIGEST_LETTER = "digest"  # carries several alerts
HOOK_LETTER = "webhook"  # tells a reader that a webhook of theirs was stopped

PENDING = "pending"
INTENT = "intent"  # claimed by a courier, who is handing it over
UNCERTAIN = "uncertain"  # handed over without an answer: the mail server may have it
SENT = "sent"
DEAD = "dead"
SUPPRESSED = "suppressed"  # the address takes no letters
BOUNCED = "bounced"  # sent, and came back
EXPIRED = "expired"
DROPPED = "dropped"
LETTER_STATES = (PENDING, INTENT, UNCERTAIN, SENT, DEAD, SUPPRESSED, BOUNCED, EXPIRED, DROPPED)

DIGEST_HOURS = (7, 18)

# How a search asks for one topic, by its code with its name behind it for people.
_TOPIC = re.compile(r'(?i:thema|topic):"?(?P<code>\d{8})(?: (?P<name>[^"]+))?"?')


@quickly_made
@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader who gave an address: `address` as given, `identity` normalised.

    On other channels than e-mail the address is an endpoint, the identity has the channel's name before it, and `keys` holds
    what the channel needs besides. `digest_hours` are hours, `quiet_from` and `quiet_to` minutes of the day in `zone`,
    None for the portal's. While `paused_until` lies ahead, nothing is matched.

    A webhook that a reader entered has that reader for its `owner`; `failures` of its posts have failed since `failing_since`.
    """

    key: int
    address: str
    identity: str
    language: str
    suppressed: bool = False
    channel: str = EMAIL
    digest_hours: tuple[int, ...] = DIGEST_HOURS
    quiet_from: int | None = None
    quiet_to: int | None = None
    zone: str | None = None
    paused_until: datetime | None = None
    keys: Mapping[str, str] | None = None
    owner: int | None = None
    failing_since: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Something one can follow, one row however many follow it.

    `value` is an ISIN, a provider's name, the normal form of a query or the key of a lineage; `name` is what people
    call it. `key` is 0 for one that is not entered yet, `instrument` the register's row.
    """

    kind: str
    value: str
    name: str = ""
    key: int = 0
    instrument: int | None = None

    @property
    def topic(self) -> tuple[str, str] | None:
        """Code and name of the media topic that is followed, where this is a search for that and nothing else."""
        found = _TOPIC.fullmatch(self.name) if self.kind == SEARCH else None
        return (found["code"], found["name"] or found["code"]) if found else None

    @property
    def known_as(self) -> tuple[str, str]:
        """What kind of thing this is to people, and its name."""
        return (TOPIC, self.topic[1]) if self.topic else (self.kind, self.name)

    @classmethod
    def share(cls, isin: str, name: str = "") -> Target:
        """Return the target that is the share with *isin*."""
        return cls(INSTRUMENT, isin.strip().upper(), name)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscriber follows; it counts once confirmed and until it ended.

    `cadence` is instant or digest; with `updates`, later parts and versions of a story are told too.
    """

    key: int
    subscriber: int
    target: Target
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    cadence: str = INSTANT
    updates: bool = False

    @property
    def is_active(self) -> bool:
        """Tell whether letters may be sent for it."""
        return self.confirmed_at is not None and self.ended_at is None

    @property
    def kind(self) -> str:
        """What kind of thing is followed."""
        return self.target.kind

    @property
    def name(self) -> str:
        """What people call it."""
        return self.target.name

    @property
    def isin(self) -> str:
        """The followed share, empty where something else is followed."""
        return self.target.value if self.target.kind == INSTRUMENT else ""


class Reason(NamedTuple):
    """Why a reader hears of something: the subscription's key, and what it follows."""

    key: int
    target: Target


@dataclass(frozen=True, slots=True)
class Consent:
    """One act of consent or withdrawal, as proof: who, what, when, from where, under which words.

    `isin` is None where `target` is no share.
    """

    event: str
    at: datetime
    address: str
    isin: str | None
    ip: str | None
    form_text: str | None
    privacy_version: str | None
    source: str | None
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One decision of the matcher: that the followers of `targets` are to be told; `matched` counts them."""

    key: int
    kind: str
    story: int
    lineage: int
    version: int
    targets: tuple[int, ...]
    matched: int
    decided_at: datetime
    due_at: datetime
    expires_at: datetime


@quickly_made
@dataclass(frozen=True, slots=True)
class Decision:
    """That one subscriber is to get one letter; `name` is unique per subscriber, lineage and event.

    `reasons` are the values of the followed targets that brought it about, where they are not those of a dispatch; a letter about a
    webhook has the row of that. Whoever
    is told by digest waits for the hour `digest_at`.
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
    channel: str = EMAIL
    dispatch: int | None = None
    digest_at: datetime | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Outgoing:
    """A decision on its way; `tries` counts hand-overs begun.

    `key` is its row in the outbox or, where it is one of a chunk, both in one: see `Outgoing.of_chunk`.
    """

    key: int
    decision: Decision
    subscriber: Subscriber
    state: str
    tries: int
    created_at: datetime
    sent_at: datetime | None = None
    reason: str | None = None

    @staticmethod
    def of_chunk(chunk: int, subscriber: int) -> int:
        """Return the key of the letter to *subscriber* in *chunk*; it is larger than any row's."""
        return chunk << _SUBSCRIBER_BITS | subscriber

    @staticmethod
    def place(key: int) -> tuple[int, int]:
        """Return the chunk, 0 for none, and the subscriber or row of a letter's key."""
        return key >> _SUBSCRIBER_BITS, key & ((1 << _SUBSCRIBER_BITS) - 1)


_SUBSCRIBER_BITS = 32


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of every letter decided on: `matched` counts decisions, the others their states."""

    matched: int = 0
    pending: int = 0
    intent: int = 0
    uncertain: int = 0
    sent: int = 0
    dead: int = 0
    suppressed: int = 0
    bounced: int = 0
    expired: int = 0
    dropped: int = 0

    @property
    def is_even(self) -> bool:
        """Tell whether every decision is accounted for; an imbalance is an alarm."""
        return self.matched == self.accounted

    def states(self) -> dict[str, int]:
        """Return how many letters are in each state that has any."""
        return {state: n for state in LETTER_STATES if (n := int(getattr(self, state)))}

    @property
    def accounted(self) -> int:
        """How many letters are in any state."""
        return (
            self.pending + self.intent + self.uncertain + self.sent + self.dead + self.suppressed + self.bounced
            + self.expired + self.dropped
        )  # fmt: skip
