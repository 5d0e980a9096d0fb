"""Tables of what is read, in sums."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Table, Text

from depesche.store.schema.columns import at, key, metadata, to

views = Table(
    "views",
    metadata,
    to("stories.id", "story_id", primary_key=True),
    Column("hour", Integer, primary_key=True),  # hours since 1970
    Column("n", BigInteger, nullable=False),
    Index("ix_views_hour", "hour"),
)

view_totals = Table(
    "view_totals",
    metadata,
    to("stories.id", "story_id", primary_key=True),
    Column("n", BigInteger, nullable=False),
)

rejections = Table(
    "rejections",
    metadata,
    Column("day", Integer, primary_key=True),  # days since 1970
    Column("reason", String(20), primary_key=True),
    Column("n", BigInteger, nullable=False),
)

coreads = Table(
    "coreads",
    metadata,
    Column("day", Integer, primary_key=True),
    to("stories.id", "i", primary_key=True),
    to("stories.id", "j", primary_key=True),
    Column("n", Integer, nullable=False),  # readers who went on from i to j
    Column("w", Double, nullable=False),
    Index("ix_coreads_i", "i"),
)

coread_news = Table(
    "coread_news",
    metadata,
    key(),
    Column("source", String(40), nullable=False),  # the web process that counted them
    at("at"),
    Column("rows_json", Text, nullable=False),
    sqlite_autoincrement=True,
)

spikes = Table(
    "spikes",
    metadata,
    to("stories.id", "story_id", primary_key=True),
    Column("hour", Integer, primary_key=True),  # hours since 1970
    Column("n", BigInteger, nullable=False),
    Column("usual", Double, nullable=False),
    Index("ix_spikes_hour", "hour"),
)
