"""Tables of what comes in: items as received and as read, and how the doors are doing."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from depesche.store.schema.columns import at, key, metadata, to

spool = Table(
    "spool",
    metadata,
    key(),
    Column("wire", String(100), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("format", String(40)),
    Column("name", Text, nullable=False),  # the file or address it came from, for people
    Column("base", Text),  # the folder or URL against which relative picture addresses are read
    Column("sha256", String(64), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    at("received_at"),
    Column("state", String(10), nullable=False),  # waiting, filed, refused, purged
    Column("reason", Text),
    Column("tries", Integer, nullable=False, default=0),
    UniqueConstraint("wire", "sha256"),
    Index("ix_spool_state_id", "state", "id"),
    Index("ix_spool_wire_received_at", "wire", "received_at"),
)

takes = Table(
    "takes",
    metadata,
    key(),
    to("spool.id", "spool_id", null=True, index=True),
    Column("provider", String(200), nullable=False),
    Column("guid", Text, nullable=False),
    Column("version", Text),
    Column("fingerprint", String(64), nullable=False),
    at("received_at"),
    to("stories.id", "story_id", null=True, index=True),
    Column("number", Integer),
    Column("action", String(12), nullable=False),
    Column("reason", Text),
    Column("fields_json", Text, nullable=False),
    UniqueConstraint("provider", "fingerprint"),
)

polls = Table(
    "polls",
    metadata,
    Column("wire", String(100), primary_key=True),
    Column("etag", Text),
    Column("modified", Text),
    at("next_at"),
    at("last_item_at", null=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("asked_url", Text),  # the address these answers belong to, as it is set
    Column("moved_to", Text),  # where the site wants to be asked instead
    Column("gone", Boolean, nullable=False, default=False),  # the site said so: it is not asked any more
)

wire_health = Table(
    "wire_health",
    metadata,
    Column("wire", String(100), primary_key=True),
    at("first_at"),
    at("last_at"),
    Column("items", BigInteger, nullable=False),
    Column("pace", Double),  # seconds between two items, on average of late
    Column("lag", Double),  # seconds from the provider's time to receipt, on average of late
    Column("gaps_json", Text, nullable=False, default="[]"),  # the longest gap of each of the last days
    Column("alarm", Text),  # what was last said to be wrong
)

websub = Table(
    "websub",
    metadata,
    Column("wire", String(100), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),  # the end of the callback's address
    Column("secret", String(64), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", String(10), nullable=False),  # asked, active, leaving, denied
    at("next_at"),  # when to ask the hub again
    at("lease_until", null=True),
    at("pushed_at", null=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
)
