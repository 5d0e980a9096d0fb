"""Tables of the register of instruments, and where stories mention them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, String, Table, Text, UniqueConstraint

from depesche.store.schema.columns import ORDERED_TEXT, at, key, metadata, to

issuers = Table(
    "issuers",
    metadata,
    key(),
    Column("issuer_key", Text, nullable=False, unique=True),  # what its instruments call it
    Column("name", Text, nullable=False),
    Column("lei", String(20), index=True),
)

instruments = Table(
    "instruments",
    metadata,
    key(),
    Column("isin", String(12), nullable=False, unique=True),
    Column("wkn", String(6), index=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("country", String(2)),
    Column("issuer", Text),
    Column("source", Text, nullable=False),
    to("issuers.id", "issuer_id", null=True, index=True),
    Column("share_class", String(12), nullable=False, default=""),  # ordinary, preference, receipt
    Column("is_primary", Boolean, nullable=False, default=False),  # the one its issuer's name leads to
    Column("lei", String(20)),
    Column("sources_json", Text, nullable=False, default="{}"),  # field: who asserted it
)

listings = Table(
    "listings",
    metadata,
    key(),
    to("instruments.id", "instrument_id", index=True),
    Column("mic", String(4), nullable=False),
    Column("ticker", String(30), nullable=False),
    Column("currency", String(3)),
    Column("source", Text, nullable=False, default=""),
    at("valid_to", null=True),  # when it was taken off this market
    UniqueConstraint("instrument_id", "mic", "ticker"),
    Index("ix_listings_ticker", "ticker"),
)

names = Table(
    "names",
    metadata,
    key(),
    to("instruments.id", "instrument_id", index=True),
    Column("text", Text, nullable=False),
    Column("text_key", Text, nullable=False, index=True),
    Column("tier", String(10), nullable=False),
    Column("source", Text, nullable=False),
    at("valid_to", null=True),  # when it became a former name
    UniqueConstraint("instrument_id", "text"),
)

quarantine = Table(
    "quarantine",
    metadata,
    key(),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("kind", String(12), nullable=False),  # name, listing, wkn, owner, market, lei, row
    Column("isin", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kept", Text, nullable=False),
    Column("kept_source", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("other_source", Text, nullable=False),
    Column("row_json", Text),  # the instrument that was set aside
    Column("state", String(10), nullable=False, index=True),  # open, kept, taken, renamed
    at("seen_at"),
    at("decided_at", null=True),
)

register_events = Table(
    "register_events",
    metadata,
    key(),
    at("at"),
    Column("kind", String(12), nullable=False),  # imported, renamed, delisted, name, corrected
    to("instruments.id", "instrument_id", null=True, index=True),
    Column("field", String(20), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("source", Text, nullable=False),
    sqlite_autoincrement=True,
)

mentions = Table(
    "mentions",
    metadata,
    to("versions.id", "version_id", primary_key=True),
    to("instruments.id", "instrument_id", primary_key=True),
    to("stories.id", "story_id", index=True),
    at("at"),
    Column("identity", Double, nullable=False),
    Column("relevance", Double, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("mic", String(4)),
    Column("ticker", String(30)),
    Column("evidence_json", Text, nullable=False),
    Index("ix_mentions_instrument", "instrument_id", "published", "at"),
)

name_tails = Table(
    "name_tails",
    metadata,
    Column(
        "tail", ORDERED_TEXT, primary_key=True
    ),  # a name, folded, from the beginning of one of its words on
    to("instruments.id", "instrument_id", primary_key=True, index=True),
    Column("is_whole", Boolean, nullable=False),
    Column("is_blocked", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
