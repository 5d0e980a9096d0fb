"""Tables of stories: their versions, pictures and topics, what ties them together, and the journal of what became of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from depesche.store.schema.columns import KEY, at, key, metadata, to

lineages = Table(
    "lineages",
    metadata,
    key(),
    at("latest_at"),  # when it was begun, or last became another
    Column("merged_into", KEY, index=True),  # the lineage it turned out to be a part of
)

stories = Table(
    "stories",
    metadata,
    key(),
    to("lineages.id", "lineage_id", index=True),
    Column("wire", String(100), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("slug", String(120), nullable=False),
    Column("headline_key", Text, nullable=False),  # the newest headline, folded: finds what a WDH repeats
    Column("state", String(10), nullable=False),  # public, held, killed, expired
    Column("was_public", Boolean, nullable=False, default=False),
    Column("current_id", KEY),  # the version readers see; null while held or killed
    Column("latest", Integer, nullable=False),  # the number of the newest version, public or not
    Column("order_number", BigInteger, nullable=False),  # the provider's order of the newest version
    at("order_at"),
    at("at"),
    Column("sponsored", Boolean, nullable=False, default=False),
    to("stories.id", "duplicate_of", null=True, index=True),  # the first that brought the same text
    Index("ix_stories_state_at", "state", "at", "id"),
    Index("ix_stories_provider_at", "provider", "state", "at", "id"),
    Index("ix_stories_wire_at", "wire", "at"),
    Index("ix_stories_headline_key", "headline_key"),
)

series_marks = Table(
    "series_marks",
    metadata,
    Column("series_key", Text, primary_key=True),
    Column("at", Double, primary_key=True, autoincrement=False),
    to("stories.id", "story_id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

lineage_decisions = Table(
    "lineage_decisions",
    metadata,
    to("stories.id", "story_a", primary_key=True),
    to("stories.id", "story_b", primary_key=True, index=True),
    Column("kind", String(10), nullable=False),  # apart, together
    at("at"),
)

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),  # a piece of a MinHash signature
    to("stories.id", "story_id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

recent_shingles = Table(
    "recent_shingles",
    metadata,
    Column("shingle", BigInteger, primary_key=True, autoincrement=False),
    to("stories.id", "story_id", primary_key=True, index=True),
    Column("size", Integer, nullable=False),  # how many the story has
    sqlite_with_rowid=False,
)

guids = Table(
    "guids",
    metadata,
    Column("provider", String(200), primary_key=True),
    Column("guid", Text, primary_key=True),
    to("stories.id", "story_id", index=True),
)

story_links = Table(
    "story_links",
    metadata,
    key(),
    to("stories.id", "story_id", index=True),
    Column("provider", String(200), nullable=False),
    Column("rel", String(40), nullable=False),
    Column("guid", Text, nullable=False),
    Index("ix_story_links_provider_guid", "provider", "guid"),
)

versions = Table(
    "versions",
    metadata,
    key(),
    to("stories.id", "story_id"),
    to("takes.id", "take_id", null=True, index=True),
    Column("number", Integer, nullable=False),
    Column("action", String(12), nullable=False),
    Column("status", String(10), nullable=False),
    at("at"),
    at("filed_at"),
    at("first_created"),
    at("embargoed", null=True),
    Column("released", Boolean, nullable=False),
    Column("urgency", Integer),
    Column("language", String(20), nullable=False),
    Column("series_kind", Text),
    Column("series_number", Integer),
    Column("series_topic", Text),
    Column("headline", Text, nullable=False),
    Column("dateline_json", Text),
    Column("byline", Text),
    Column("teaser", Text),
    Column("body_html", Text, nullable=False),
    Column("body_text", Text, nullable=False),
    Column("credit", Text),
    Column("copyright", Text),
    Column("usage_terms", Text),
    Column("correction", Text),
    Column("genre", Text),
    Column("subjects_json", Text, nullable=False, default="[]"),
    Column("links_json", Text, nullable=False, default="[]"),
    Column("canonical_url", Text),
    UniqueConstraint("story_id", "number"),
    Index("ix_versions_released_embargoed", "released", "embargoed"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(40), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
)

renditions = Table(
    "renditions",
    metadata,
    Column("sha256", String(64), ForeignKey("pictures.sha256"), primary_key=True),
    Column("width", Integer, primary_key=True),
    Column("format", String(8), primary_key=True),  # webp, avif, jpg, png
    Column("bytes", LargeBinary, nullable=False),
)

version_pictures = Table(
    "version_pictures",
    metadata,
    to("versions.id", "version_id", primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("href", Text, nullable=False),
    Column("caption", Text),
    Column("credit", Text),
    Column("sha256", String(64), ForeignKey("pictures.sha256")),
    Column("state", String(10), nullable=False),  # waiting, stored, refused
    Column("reason", Text),
    Index("ix_version_pictures_state", "state"),
    Index("ix_version_pictures_sha256", "sha256"),
)

topics = Table(
    "topics",
    metadata,
    Column("code", String(20), primary_key=True),  # as in IPTC media topics: 20000170
    Column("name_de", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("broader", String(20)),
    Column("source", Text, nullable=False),
)

version_topics = Table(
    "version_topics",
    metadata,
    to("versions.id", "version_id", primary_key=True),
    Column("code", String(20), primary_key=True),
    at("at"),
    Index("ix_version_topics_code_at", "code", "at"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", KEY, primary_key=True, autoincrement=True),
    at("at"),
    Column("kind", String(12), nullable=False),
    to("stories.id", "story_id", index=True),
    Column("lineage_id", KEY, nullable=False),
    Column("version_id", KEY, nullable=False),
    Column("action", String(12), nullable=False),
    Column("withdrawn", Text, nullable=False, server_default=""),  # ISINs, parted by spaces
    sqlite_autoincrement=True,
)

cursors = Table(
    "cursors",
    metadata,
    Column("follower", String(100), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    at("moved_at"),
)

chores = Table(
    "chores",
    metadata,
    Column("name", String(200), primary_key=True),  # a long run that can be gone on with
    Column("position", BigInteger, nullable=False),
)

vocabularies = Table(
    "vocabularies",
    metadata,
    key(),  # the greatest is in force
    at("made_at"),
    Column("stories", BigInteger, nullable=False),  # public ones when it was made
    Column("nouns", Text, nullable=False),  # folded, a line each
)
