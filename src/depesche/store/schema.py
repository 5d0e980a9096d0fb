"""Every table of the newsroom.

Times are seconds since 1970 as double precision, so that both databases compare and return them
alike. Columns that end in `_json` hold JSON text. The history of this schema lives in `migrations/`.
"""

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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself only in a column declared INTEGER.
KEY: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")


def _key() -> Column[int]:
    return Column("id", KEY, primary_key=True, autoincrement=True)


def _to(
    target: str, name: str, *, null: bool = False, index: bool = False, primary_key: bool = False
) -> Column[int]:
    return Column(name, KEY, ForeignKey(target), nullable=null, index=index, primary_key=primary_key)


def _at(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null)


spool = Table(
    "spool",
    metadata,
    _key(),
    Column("wire", String(100), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("format", String(40)),
    Column("name", Text, nullable=False),  # the file or address it came from, for people
    Column("base", Text),  # the folder or URL against which relative picture addresses are read
    Column("sha256", String(64), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    _at("received_at"),
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
    _key(),
    _to("spool.id", "spool_id", null=True, index=True),
    Column("provider", String(200), nullable=False),
    Column("guid", Text, nullable=False),
    Column("version", Text),
    Column("fingerprint", String(64), nullable=False),
    _at("received_at"),
    _to("stories.id", "story_id", null=True, index=True),
    Column("number", Integer),
    Column("action", String(12), nullable=False),
    Column("reason", Text),
    Column("fields_json", Text, nullable=False),
    UniqueConstraint("provider", "fingerprint"),
)

lineages = Table(
    "lineages",
    metadata,
    _key(),
    _at("latest_at"),  # when it was begun, or last became another
    Column("merged_into", KEY, index=True),  # the lineage it turned out to be a part of
)

stories = Table(
    "stories",
    metadata,
    _key(),
    _to("lineages.id", "lineage_id", index=True),
    Column("wire", String(100), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("slug", String(120), nullable=False),
    Column("headline_key", Text, nullable=False),  # the newest headline, folded: finds what a WDH repeats
    Column("state", String(10), nullable=False),  # public, held, killed, expired
    Column("was_public", Boolean, nullable=False, default=False),
    Column("current_id", KEY),  # the version readers see; null while held or killed
    Column("latest", Integer, nullable=False),  # the number of the newest version, public or not
    Column("order_number", BigInteger, nullable=False),  # the provider's order of the newest version
    _at("order_at"),
    _at("at"),
    Column("sponsored", Boolean, nullable=False, default=False),
    _to("stories.id", "duplicate_of", null=True, index=True),  # the first that brought the same text
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
    _to("stories.id", "story_id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

lineage_decisions = Table(
    "lineage_decisions",
    metadata,
    _to("stories.id", "story_a", primary_key=True),
    _to("stories.id", "story_b", primary_key=True, index=True),
    Column("kind", String(10), nullable=False),  # apart, together
    _at("at"),
)

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),  # a piece of a MinHash signature
    _to("stories.id", "story_id", primary_key=True, index=True),
    sqlite_with_rowid=False,
)

recent_shingles = Table(
    "recent_shingles",
    metadata,
    Column("shingle", BigInteger, primary_key=True, autoincrement=False),
    _to("stories.id", "story_id", primary_key=True, index=True),
    Column("size", Integer, nullable=False),  # how many the story has
    sqlite_with_rowid=False,
)

guids = Table(
    "guids",
    metadata,
    Column("provider", String(200), primary_key=True),
    Column("guid", Text, primary_key=True),
    _to("stories.id", "story_id", index=True),
)

story_links = Table(
    "story_links",
    metadata,
    _key(),
    _to("stories.id", "story_id", index=True),
    Column("provider", String(200), nullable=False),
    Column("rel", String(40), nullable=False),
    Column("guid", Text, nullable=False),
    Index("ix_story_links_provider_guid", "provider", "guid"),
)

versions = Table(
    "versions",
    metadata,
    _key(),
    _to("stories.id", "story_id"),
    _to("takes.id", "take_id", null=True, index=True),
    Column("number", Integer, nullable=False),
    Column("action", String(12), nullable=False),
    Column("status", String(10), nullable=False),
    _at("at"),
    _at("filed_at"),
    _at("first_created"),
    _at("embargoed", null=True),
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
    _to("versions.id", "version_id", primary_key=True),
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
    _to("versions.id", "version_id", primary_key=True),
    Column("code", String(20), primary_key=True),
    _at("at"),
    Index("ix_version_topics_code_at", "code", "at"),
)

issuers = Table(
    "issuers",
    metadata,
    _key(),
    Column("issuer_key", Text, nullable=False, unique=True),  # what its instruments call it
    Column("name", Text, nullable=False),
    Column("lei", String(20), index=True),
)

instruments = Table(
    "instruments",
    metadata,
    _key(),
    Column("isin", String(12), nullable=False, unique=True),
    Column("wkn", String(6), index=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("country", String(2)),
    Column("issuer", Text),
    Column("source", Text, nullable=False),
    _to("issuers.id", "issuer_id", null=True, index=True),
    Column("share_class", String(12), nullable=False, default=""),  # ordinary, preference, receipt
    Column("is_primary", Boolean, nullable=False, default=False),  # the one its issuer's name leads to
    Column("lei", String(20)),
    Column("sources_json", Text, nullable=False, default="{}"),  # field: who asserted it
)

listings = Table(
    "listings",
    metadata,
    _key(),
    _to("instruments.id", "instrument_id", index=True),
    Column("mic", String(4), nullable=False),
    Column("ticker", String(30), nullable=False),
    Column("currency", String(3)),
    Column("source", Text, nullable=False, default=""),
    _at("valid_to", null=True),  # when it was taken off this market
    UniqueConstraint("instrument_id", "mic", "ticker"),
    Index("ix_listings_ticker", "ticker"),
)

names = Table(
    "names",
    metadata,
    _key(),
    _to("instruments.id", "instrument_id", index=True),
    Column("text", Text, nullable=False),
    Column("text_key", Text, nullable=False, index=True),
    Column("tier", String(10), nullable=False),
    Column("source", Text, nullable=False),
    _at("valid_to", null=True),  # when it became a former name
    UniqueConstraint("instrument_id", "text"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _key(),
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
    _at("seen_at"),
    _at("decided_at", null=True),
)

register_events = Table(
    "register_events",
    metadata,
    _key(),
    _at("at"),
    Column("kind", String(12), nullable=False),  # imported, renamed, delisted, name, corrected
    _to("instruments.id", "instrument_id", null=True, index=True),
    Column("field", String(20), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("source", Text, nullable=False),
    sqlite_autoincrement=True,
)

mentions = Table(
    "mentions",
    metadata,
    _to("versions.id", "version_id", primary_key=True),
    _to("instruments.id", "instrument_id", primary_key=True),
    _to("stories.id", "story_id", index=True),
    _at("at"),
    Column("identity", Double, nullable=False),
    Column("relevance", Double, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("mic", String(4)),
    Column("ticker", String(30)),
    Column("evidence_json", Text, nullable=False),
    Index("ix_mentions_instrument", "instrument_id", "published", "at"),
)

subscribers = Table(
    "subscribers",
    metadata,
    _key(),
    Column("address", Text, nullable=False),  # as given: letters go here; an endpoint on other channels
    Column("identity", Text, nullable=False, unique=True),  # normalised: one person, one row
    Column("language", String(20), nullable=False),
    _at("created_at"),
    _at("suppressed_at", null=True),
    Column("suppressed_reason", Text),
    Column("channel", String(10), nullable=False, server_default="email"),  # email, webpush, webhook
    Column("keys_json", Text),  # what the channel needs besides the address
    Column("digest_hours", String(80), nullable=False, server_default="7,18"),  # hours of the day in `zone`
    Column("quiet_from", Integer),  # minutes of the day in `zone`
    Column("quiet_to", Integer),
    Column("zone", String(64)),  # null: the portal's
    _at("paused_until", null=True),
    _to("subscribers.id", "owner_id", null=True),  # of a webhook: the reader on whose page it was entered
    _at("failing_since", null=True),  # since when every post to such a webhook has failed
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
    _key(),
    Column("kind", String(12), nullable=False),  # instrument, provider, search, lineage
    Column("value", Text, nullable=False),  # ISIN, provider's name, normal form of the query, lineage's key
    _to("instruments.id", "instrument_id", null=True, index=True),
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
    _key(),
    _to("subscribers.id", "subscriber_id"),
    _to("targets.id", "target_id"),
    _at("created_at"),
    _at("confirmed_at", null=True),
    _at("ended_at", null=True),
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
    _key(),
    _to("subscribers.id", "subscriber_id", index=True),
    _to("subscriptions.id", "subscription_id", null=True),
    Column("event", String(20), nullable=False),  # requested, confirmed, left, changed, exported, ignored
    _at("at"),
    Column("ip", String(64)),
    Column("form_text", Text),  # exactly the sentence the reader agreed to
    Column("privacy_version", String(40)),
    Column("source", Text),  # the page or link that carried the act
    Index("ix_consents_event_at", "event", "at"),  # how much is asked for just now
)

_IN_NO_DIGEST = text("digest_at IS NOT NULL AND carrier_id IS NULL")

outbox = Table(
    "outbox",
    metadata,
    _key(),
    Column("decision", Text, nullable=False, unique=True),  # one per subscriber, lineage and event
    Column(
        "kind", String(20), nullable=False
    ),  # confirmation, manage, alert, update, correction, kill, retraction, digest
    _to("subscribers.id", "subscriber_id", index=True),
    _to("subscriptions.id", "subscription_id", null=True),
    _to("stories.id", "story_id", null=True, index=True),
    Column("lineage_id", KEY, index=True),
    Column("version_id", KEY),
    Column("reasons_json", Text, nullable=False, default="[]"),
    Column("message_id", Text, nullable=False),
    Column(
        "state", String(10), nullable=False
    ),  # pending, intent, uncertain, sent, dead, suppressed, bounced, expired, dropped
    Column("reason", Text),
    Column("tries", Integer, nullable=False, default=0),
    _at("created_at"),
    _at("due_at"),
    _at("expires_at"),
    _at("sent_at", null=True),
    Column("dispatch_id", KEY, index=True),
    Column("channel", String(10), nullable=False, server_default="email"),
    _at("digest_at", null=True),  # waits for the reader's digest of that hour
    Column("carrier_id", KEY, index=True),  # the digest that carries it
    Column("leased_by", String(80)),  # the courier who has it
    _at("lease_until", null=True),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_message_id", "message_id"),
    Index("ix_outbox_digest_at", "digest_at", sqlite_where=_IN_NO_DIGEST, postgresql_where=_IN_NO_DIGEST),
)

dispatches = Table(
    "dispatches",
    metadata,
    _key(),
    Column("kind", String(12), nullable=False),  # alert, update, correction, kill, retraction
    _to("stories.id", "story_id", index=True),
    Column("lineage_id", KEY, nullable=False),
    Column("version_id", KEY, nullable=False),
    Column("targets_json", Text, nullable=False),  # what the story matched
    Column("matched", Integer, nullable=False),
    _at("decided_at"),
    _at("due_at"),
    _at("expires_at"),
    Index("ix_dispatches_decided_at", "decided_at"),
)

chunks = Table(
    "chunks",
    metadata,
    _key(),
    _to("dispatches.id", "dispatch_id", index=True),
    Column("channel", String(10), nullable=False),
    Column("first", KEY, nullable=False),
    Column("last", KEY, nullable=False),
    Column("recipients", LargeBinary, nullable=False),  # roaring bitmap, portable format
    Column("size", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # pending, intent, sent, expired, dropped
    Column("reason", Text),
    Column("leased_by", String(80)),
    _at("lease_until", null=True),
    _at("due_at"),
    _at("expires_at"),
    _at("started_at", null=True),
    _at("done_at", null=True),
    Index("ix_chunks_state_due_at", "state", "channel", "due_at"),
    Index("ix_chunks_last_first", "last", "first"),
)

told = Table(
    "told",
    metadata,
    Column("lineage_id", KEY, primary_key=True, autoincrement=False),
    Column("event", String(40), primary_key=True),  # alert, or the kind and key of what came after
    Column("recipients", LargeBinary, nullable=False),  # roaring bitmap of everybody who was or will be told
    _at("at"),
    Index("ix_told_at", "at"),
)

bounces = Table(
    "bounces",
    metadata,
    _key(),
    Column("fingerprint", String(120), nullable=False, unique=True),  # the same for reports that say the same
    _at("at"),
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
    _key(),
    Column("address_hash", String(40), nullable=False, index=True),
    Column("event", String(12), nullable=False),  # suppressed, lifted
    Column("reason", String(12), nullable=False),  # gone, soft, complaint, by hand
    Column("detail", Text, nullable=False),
    _at("at"),
    Column("bounce_id", KEY),
    sqlite_autoincrement=True,
)

views = Table(
    "views",
    metadata,
    _to("stories.id", "story_id", primary_key=True),
    Column("hour", Integer, primary_key=True),  # hours since 1970
    Column("n", BigInteger, nullable=False),
    Index("ix_views_hour", "hour"),
)

view_totals = Table(
    "view_totals",
    metadata,
    _to("stories.id", "story_id", primary_key=True),
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
    _to("stories.id", "i", primary_key=True),
    _to("stories.id", "j", primary_key=True),
    Column("n", Integer, nullable=False),  # readers who went on from i to j
    Column("w", Double, nullable=False),
    Index("ix_coreads_i", "i"),
)

coread_news = Table(
    "coread_news",
    metadata,
    _key(),
    Column("source", String(40), nullable=False),  # the web process that counted them
    _at("at"),
    Column("rows_json", Text, nullable=False),
    sqlite_autoincrement=True,
)

spikes = Table(
    "spikes",
    metadata,
    _to("stories.id", "story_id", primary_key=True),
    Column("hour", Integer, primary_key=True),  # hours since 1970
    Column("n", BigInteger, nullable=False),
    Column("usual", Double, nullable=False),
    Index("ix_spikes_hour", "hour"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", KEY, primary_key=True, autoincrement=True),
    _at("at"),
    Column("kind", String(12), nullable=False),
    _to("stories.id", "story_id", index=True),
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
    _at("moved_at"),
)

polls = Table(
    "polls",
    metadata,
    Column("wire", String(100), primary_key=True),
    Column("etag", Text),
    Column("modified", Text),
    _at("next_at"),
    _at("last_item_at", null=True),
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
    _at("first_at"),
    _at("last_at"),
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
    _at("next_at"),  # when to ask the hub again
    _at("lease_until", null=True),
    _at("pushed_at", null=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
)

chores = Table(
    "chores",
    metadata,
    Column("name", String(200), primary_key=True),  # a long run that can be gone on with
    Column("position", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    _key(),
    Column("name", String(100), nullable=False, unique=True),  # whose it is, for people
    Column("sha256", String(64), nullable=False, unique=True),  # of the key, which is kept nowhere
    Column("per_minute", Integer, nullable=False),  # requests
    _at("made_at"),
    _at("revoked_at", null=True),
)
