"""Tables of who reads: followers, what they follow and agreed to, and the keys of partners."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from depesche.store.schema.columns import at, key, metadata, to

subscribers = Table(
    "subscribers",
    metadata,
    key(),
    Column("address", Text, nullable=False),  # as given: letters go here; an endpoint on other channels
    Column("identity", Text, nullable=False, unique=True),  # normalised: one person, one row
    Column("language", String(20), nullable=False),
    at("created_at"),
    at("suppressed_at", null=True),
    Column("suppressed_reason", Text),
    Column("channel", String(10), nullable=False, server_default="email"),  # email, webpush, webhook
    Column("keys_json", Text),  # what the channel needs besides the address
    Column("digest_hours", String(80), nullable=False, server_default="7,18"),  # hours of the day in `zone`
    Column("quiet_from", Integer),  # minutes of the day in `zone`
    Column("quiet_to", Integer),
    Column("zone", String(64)),  # null: the portal's
    at("paused_until", null=True),
    to("subscribers.id", "owner_id", null=True),  # of a webhook: the reader on whose page it was entered
    at("failing_since", null=True),  # since when every post to such a webhook has failed
    Column("failures", Integer, nullable=False, server_default="0"),  # posts that failed since then
    Index(
        "ix_subscribers_owner_id",
        "owner_id",
        postgresql_where=text("owner_id IS NOT NULL"),
        sqlite_where=text("owner_id IS NOT NULL"),
    ),
)

targets = Table(
    "targets",
    metadata,
    key(),
    Column("kind", String(12), nullable=False),  # instrument, provider, search, lineage
    Column("value", Text, nullable=False),  # ISIN, provider's name, normal form of the query, lineage's key
    to("instruments.id", "instrument_id", null=True, index=True),
    Column("label", Text),  # what to show, where the value is not for people
    Column(
        "roused", BigInteger, index=True, unique=True
    ),  # of a search that is followed: when that began, as an ever rising number
    UniqueConstraint("kind", "value"),
)

_IS_ACTIVE = text("confirmed_at IS NOT NULL AND ended_at IS NULL")

subscriptions = Table(
    "subscriptions",
    metadata,
    key(),
    to("subscribers.id", "subscriber_id"),
    to("targets.id", "target_id"),
    at("created_at"),
    at("confirmed_at", null=True),
    at("ended_at", null=True),
    Column("cadence", String(10), nullable=False, server_default="instant"),  # instant, digest
    Column("updates", Boolean, nullable=False, server_default=false()),  # also later parts and versions
    Column("care", Boolean, nullable=False, server_default=false()),  # cannot be one of a chunk
    Column("channel", String(10), nullable=False, server_default="email"),  # the subscriber's
    UniqueConstraint("subscriber_id", "target_id"),
    Index(
        "ix_subscriptions_active", "target_id", "channel", "care", "updates", "confirmed_at", "subscriber_id", "ended_at",
        sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE,
    ),  # all that the matcher asks for; SQLite takes no index for whole without `ended_at`
)  # fmt: skip

consents = Table(
    "consents",
    metadata,
    key(),
    to("subscribers.id", "subscriber_id", index=True),
    to("subscriptions.id", "subscription_id", null=True),
    Column("event", String(20), nullable=False),  # requested, confirmed, left, changed, exported, ignored
    at("at"),
    Column("ip", String(64)),
    Column("form_text", Text),  # exactly the sentence the reader agreed to
    Column("privacy_version", String(40)),
    Column("source", Text),  # the page or link that carried the act
    Index("ix_consents_event_at", "event", "at"),  # how much is asked for just now
)

api_keys = Table(
    "api_keys",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),  # whose it is, for people
    Column("sha256", String(64), nullable=False, unique=True),  # of the key, which is kept nowhere
    Column("per_minute", Integer, nullable=False),  # requests
    at("made_at"),
    at("revoked_at", null=True),
)
