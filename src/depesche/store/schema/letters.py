"""Tables of what readers are sent, and what came back."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from depesche.store.schema.columns import KEY, at, key, metadata, to

_IN_NO_DIGEST = text("digest_at IS NOT NULL AND carrier_id IS NULL")

outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("decision", Text, nullable=False, unique=True),  # one per subscriber, lineage and event
    Column(
        "kind", String(20), nullable=False
    ),  # confirmation, manage, alert, update, correction, kill, retraction, digest
    to("subscribers.id", "subscriber_id", index=True),
    to("subscriptions.id", "subscription_id", null=True),
    to("stories.id", "story_id", null=True, index=True),
    Column("lineage_id", KEY, index=True),
    Column("version_id", KEY),
    Column("reasons_json", Text, nullable=False, default="[]"),
    Column("message_id", Text, nullable=False),
    Column(
        "state", String(10), nullable=False
    ),  # pending, intent, uncertain, sent, dead, suppressed, bounced, expired, dropped
    Column("reason", Text),
    Column("tries", Integer, nullable=False, default=0),
    at("created_at"),
    at("due_at"),
    at("expires_at"),
    at("sent_at", null=True),
    Column("dispatch_id", KEY, index=True),
    Column("channel", String(10), nullable=False, server_default="email"),
    at("digest_at", null=True),  # waits for the reader's digest of that hour
    Column("carrier_id", KEY, index=True),  # the digest that carries it
    Column("leased_by", String(80)),  # the courier who has it
    at("lease_until", null=True),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_message_id", "message_id"),
    Index("ix_outbox_digest_at", "digest_at", sqlite_where=_IN_NO_DIGEST, postgresql_where=_IN_NO_DIGEST),
)

dispatches = Table(
    "dispatches",
    metadata,
    key(),
    Column("kind", String(12), nullable=False),  # alert, update, correction, kill, retraction
    to("stories.id", "story_id", index=True),
    Column("lineage_id", KEY, nullable=False),
    Column("version_id", KEY, nullable=False),
    Column("targets_json", Text, nullable=False),  # what the story matched
    Column("matched", Integer, nullable=False),
    at("decided_at"),
    at("due_at"),
    at("expires_at"),
    Index("ix_dispatches_decided_at", "decided_at"),
)

chunks = Table(
    "chunks",
    metadata,
    key(),
    to("dispatches.id", "dispatch_id", index=True),
    Column("channel", String(10), nullable=False),
    Column("first", KEY, nullable=False),
    Column("last", KEY, nullable=False),
    Column("recipients", LargeBinary, nullable=False),  # roaring bitmap, portable format
    Column("size", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # pending, intent, sent, expired, dropped
    Column("reason", Text),
    Column("leased_by", String(80)),
    at("lease_until", null=True),
    at("due_at"),
    at("expires_at"),
    at("started_at", null=True),
    at("done_at", null=True),
    Index("ix_chunks_state_due_at", "state", "channel", "due_at"),
    Index("ix_chunks_last_first", "last", "first"),
)

told = Table(
    "told",
    metadata,
    Column("lineage_id", KEY, primary_key=True, autoincrement=False),
    Column("event", String(40), primary_key=True),  # alert, or the kind and key of what came after
    Column("recipients", LargeBinary, nullable=False),  # roaring bitmap of everybody who was or will be told
    at("at"),
    Index("ix_told_at", "at"),
)

bounces = Table(
    "bounces",
    metadata,
    key(),
    Column("fingerprint", String(120), nullable=False, unique=True),  # the same for reports that say the same
    at("at"),
    Column("source", String(20), nullable=False),  # maildir, imap, lmtp, smtp, file
    Column("meaning", String(12), nullable=False),
    Column("said", Text, nullable=False),  # without addresses
    Column("status", String(12)),
    Column("remote", Text),
    Column("address_hash", String(40)),
    Column("letter", KEY),  # the number in its envelope sender
    Column("raw", LargeBinary),  # what nobody could make out
    Index("ix_bounces_address_hash_at", "address_hash", "at"),
    Index("ix_bounces_at", "at"),
)

suppressions = Table(
    "suppressions",
    metadata,
    key(),
    Column("address_hash", String(40), nullable=False, index=True),
    Column("event", String(12), nullable=False),  # suppressed, lifted
    Column("reason", String(12), nullable=False),  # gone, soft, complaint, by hand
    Column("detail", Text, nullable=False),
    at("at"),
    Column("bounce_id", KEY),
    sqlite_autoincrement=True,
)
